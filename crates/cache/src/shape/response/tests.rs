use bytes::Bytes;
use llm_layers_testkit::split::for_every_split;
use llm_layers_wire::{json::Object, sse::Event};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{
    Shape, Unfit,
    testing::{
        Fixture, data, event, object, objects, recorded, recorded_of, recorded_within, replayed, texts, torn, values,
        with_unknown, written,
    },
};

const SHAPE: Shape = Shape::Response;

fn agent() -> Fixture {
    Fixture::read(include_str!("../../../fixtures/response/agent.json"))
}

fn completed(output: Value) -> Value {
    json!({"id": "resp_1", "object": "response", "status": "completed", "output": output, "usage": null})
}

#[test]
fn a_stream_is_the_plain_response() {
    let Fixture { plain, events } = agent();
    assert_eq!(recorded(SHAPE, &events).as_ref(), Some(&plain));
    assert_eq!(for_every_split(written(&events), |pieces| recorded_of(SHAPE, pieces)), Some(plain));
}

#[test]
fn what_is_cut_off_is_none() {
    let events = agent().events;
    for end in 0..events.len() {
        assert_eq!(recorded(SHAPE, &events[..end]), None, "{end} events");
    }
}

/// As some servers have it: the last event leaves out what each item's own has told.
#[test]
fn items_that_the_end_leaves_out_are_there() {
    let Fixture { plain, events } = agent();
    for output in [json!([]), json!(null), plain["output"].as_array().unwrap()[..2].into()] {
        let mut events = events.clone();
        let mut end = data(&events).pop().unwrap();
        end["response"]["output"] = output;
        *events.last_mut().unwrap() = event(&end);
        assert_eq!(recorded(SHAPE, &events).as_ref(), Some(&plain));
        // Where not all of them were told to be done, nobody knows the rest.
        events.retain(|event| !event.data().unwrap().windows(25).any(|text| text == br#""response.output_item.don"#));
        assert_eq!(recorded(SHAPE, &events), None);
    }
}

#[test]
fn what_is_no_proper_stream_is_void() {
    let events = agent().events;
    let end = data(&events).pop().unwrap();
    for (at, extra) in [
        (1, json!({"type": "error", "code": "server_error", "message": "", "param": null, "sequence_number": 1})),
        (1, json!({"type": "response.failed", "response": {"status": "failed"}})),
        (1, json!({"type": "response.output_item.done", "output_index": 0})),
        (1, json!({"type": "response.output_item.done", "output_index": u64::MAX, "item": {}})),
        (1, json!({"type": "response.output_item.done", "output_index": -1, "item": {}})),
        (1, json!({"type": "response.output_text.delta", "output_index": 9, "delta": "a"})),
        (1, json!({"type": "response.completed"})),
        (1, json!({"type": "response.completed", "response": []})),
        (events.len(), json!({"type": "response.in_progress"})),
        (events.len(), json!({"type": "error"})),
        (events.len(), end),
    ] {
        let mut events = events.clone();
        events.insert(at, event(&extra));
        assert_eq!(recorded(SHAPE, &events), None, "{at} {extra}");
    }
    for garbage in ["{", "[]", "7", "{}", "{\"type\":null}"] {
        let mut events = events.clone();
        events.insert(1, Event::new(garbage));
        assert_eq!(recorded(SHAPE, &events), None, "{garbage}");
    }
    let mut renamed = events;
    renamed[1] = Event::new(renamed[1].data_bytes().unwrap()).with_name("error");
    assert_eq!(recorded(SHAPE, &renamed), None);
}

#[test]
fn what_comes_between_and_behind_changes_nothing() {
    let Fixture { plain, events } = agent();
    for at in 0..=events.len() {
        let mut events = events.clone();
        events.insert(at, event(&json!({"type": "keepalive", "sequence_number": at})));
        events.push(Event::done());
        assert_eq!(recorded(SHAPE, &events).as_ref(), Some(&plain), "{at}");
    }
    let unnamed: Vec<_> = events.iter().map(|event| Event::new(event.data_bytes().unwrap())).collect();
    assert_eq!(recorded(SHAPE, &unnamed), Some(plain));
}

#[test]
fn what_is_too_long_is_void() {
    let Fixture { plain, events } = agent();
    let length = plain.to_string().len();
    assert_eq!(recorded_within(SHAPE, length, &events), Some(plain));
    assert_eq!(recorded_within(SHAPE, length - 1, &events), None);
    let item = json!({"type": "response.output_item.done", "output_index": 0, "item": {}});
    let done: Vec<_> = std::iter::repeat_n(event(&item), 1_000).collect();
    assert_eq!(recorded_within(SHAPE, length, done.iter().chain(&events)), None);
}

#[test]
fn numbers_keep_their_spelling() {
    let spelled = r#"{"object":"response","status":"completed","output":[{"type":"x","n":1.10e+2}],"created_at":12345678901234567890123.0}"#;
    let events = replayed(SHAPE, &Object::parse(spelled).unwrap(), 3);
    let mut recorder = super::Recorder::new(1 << 20);
    assert!(events.iter().all(|event| recorder.push(event)));
    assert_eq!(recorder.finish().unwrap().to_bytes(), spelled);
}

/// The members that the types of OpenAI's Python SDK 3.52.0 require of each event, beside `type` and `sequence_number`.
fn required(kind: &str) -> &'static [&'static str] {
    match kind.strip_prefix("response.").unwrap() {
        "created" | "in_progress" | "completed" => &["response"],
        "output_item.added" | "output_item.done" => &["output_index", "item"],
        "content_part.added" | "content_part.done" => &["item_id", "output_index", "content_index", "part"],
        "output_text.delta" => &["item_id", "output_index", "content_index", "delta", "logprobs"],
        "output_text.done" => &["item_id", "output_index", "content_index", "text", "logprobs"],
        "output_text.annotation.added" => {
            &["item_id", "output_index", "content_index", "annotation_index", "annotation"]
        }
        "refusal.delta" | "reasoning_text.delta" => &["item_id", "output_index", "content_index", "delta"],
        "refusal.done" => &["item_id", "output_index", "content_index", "refusal"],
        "reasoning_text.done" => &["item_id", "output_index", "content_index", "text"],
        "function_call_arguments.delta" | "custom_tool_call_input.delta" => &["item_id", "output_index", "delta"],
        "function_call_arguments.done" => &["item_id", "output_index", "arguments"],
        "custom_tool_call_input.done" => &["item_id", "output_index", "input"],
        "reasoning_summary_part.added" | "reasoning_summary_part.done" => {
            &["item_id", "output_index", "summary_index", "part"]
        }
        "reasoning_summary_text.delta" => &["item_id", "output_index", "summary_index", "delta"],
        "reasoning_summary_text.done" => &["item_id", "output_index", "summary_index", "text"],
        other => panic!("no such event: {other}"),
    }
}

/// Goes by a stream as a client does that reads pieces, and gives the items that they make.
fn followed(events: &[Event]) -> Vec<Value> {
    let mut items: Vec<Value> = Vec::new();
    let events = data(events);
    for (number, event) in events.iter().enumerate() {
        let kind = event["type"].as_str().unwrap();
        assert_eq!(event["sequence_number"], json!(number));
        for member in required(kind) {
            assert!(event.get(member).is_some(), "{member} of {kind}");
        }
        let place = |name: &str| event[name].as_u64().unwrap_or_default() as usize;
        let at = place("output_index");
        if kind == "response.output_item.added" {
            assert_eq!(at, items.len());
            items.push(event["item"].clone());
            continue;
        }
        if kind == "response.output_item.done" {
            for member in ["id", "type", "call_id", "name"] {
                assert_eq!(items[at][member], event["item"][member]);
            }
            let status = event["item"]["status"].clone();
            if items[at].get("status").is_some() {
                items[at]["status"] = status;
            }
            assert_eq!(items[at], event["item"], "what the pieces make");
            continue;
        }
        let list = if event.get("summary_index").is_some() { "summary" } else { "content" };
        let part = place(if list == "summary" { "summary_index" } else { "content_index" });
        let append =
            |text: &mut Value| *text = json!(format!("{}{}", text.as_str().unwrap(), event["delta"].as_str().unwrap()));
        match kind.strip_prefix("response.").unwrap() {
            "content_part.added" | "reasoning_summary_part.added" => {
                let parts = items[at][list].as_array_mut().unwrap();
                assert_eq!(parts.len(), part);
                parts.push(event["part"].clone());
            }
            "content_part.done" | "reasoning_summary_part.done" => assert_eq!(items[at][list][part], event["part"]),
            "output_text.delta" | "reasoning_text.delta" | "reasoning_summary_text.delta" => {
                append(&mut items[at][list][part]["text"]);
            }
            "refusal.delta" => append(&mut items[at][list][part]["refusal"]),
            "function_call_arguments.delta" => append(&mut items[at]["arguments"]),
            "custom_tool_call_input.delta" => append(&mut items[at]["input"]),
            "output_text.annotation.added" => {
                let annotations = items[at][list][part]["annotations"].as_array_mut().unwrap();
                assert_eq!(annotations.len(), place("annotation_index"));
                annotations.push(event["annotation"].clone());
            }
            "output_text.done" => {
                assert_eq!(items[at][list][part]["text"], event["text"]);
                if items[at][list][part].get("logprobs").is_some() {
                    items[at][list][part]["logprobs"] = event["logprobs"].clone();
                }
            }
            "reasoning_text.done" | "reasoning_summary_text.done" => {
                assert_eq!(items[at][list][part]["text"], event["text"]);
            }
            "refusal.done" => assert_eq!(items[at][list][part]["refusal"], event["refusal"]),
            "function_call_arguments.done" => assert_eq!(items[at]["arguments"], event["arguments"]),
            "custom_tool_call_input.done" => assert_eq!(items[at]["input"], event["input"]),
            _ => {}
        }
    }
    items
}

#[test]
fn a_stream_is_told_as_openai_does() {
    let answer = agent().plain;
    let events = replayed(SHAPE, &object(&answer), 8);
    let told = data(&events);
    let names: Vec<_> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.annotation.added",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.custom_tool_call_input.delta",
            "response.custom_tool_call_input.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    for (event, name) in events.iter().zip(names) {
        assert_eq!(event.name(), Some(name.as_bytes()));
    }
    for begun in &told[..2] {
        let mut expected = answer.clone();
        (expected["status"], expected["output"], expected["usage"]) = (json!("in_progress"), json!([]), json!(null));
        expected["completed_at"] = json!(null);
        assert_eq!(begun["response"], expected);
    }
    assert_eq!(told.last().unwrap()["response"], answer);
    assert_eq!(json!(followed(&events)), answer["output"]);
}

#[test]
fn what_cannot_be_told_in_pieces_is_told_whole() {
    let wide: serde_json::Map<_, _> = (0..300).map(|n| (format!("m{n}"), json!(n))).collect();
    let many: Vec<_> = (0..300).map(|n| json!({"n": n})).collect();
    for item in [
        json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}),
        json!({"type": "function_call", "id": "fc_1", "name": "f", "arguments": {}}),
        json!({"type": "message", "id": "msg_1", "content": "Hi"}),
        json!({"type": "message", "id": "msg_1", "content": [{"type": "new", "text": "Hi"}, "a", wide]}),
        json!({"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "a", "annotations": many}]}),
        json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "a"}], "content": "b"}),
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "ab"}]}),
        json!({"type": "new_call", "id": "n_1", "arguments": "{}"}),
        json!({}),
    ] {
        let answer = completed(json!([item]));
        let events = replayed(SHAPE, &object(&answer), 1);
        assert_eq!(followed(&events), [item]);
        assert_eq!(recorded(SHAPE, &events), Some(answer));
    }
}

#[test]
fn answers_are_kept_if_they_are_whole_and_right() {
    let request = json!({"tools": [
        {"type": "function", "name": "f"}, {"type": "custom", "name": "sql"}, {"type": "web_search"},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "g"}]},
    ]});
    let message = |part: Value| json!([{"type": "message", "status": "completed", "content": [part]}]);
    let text = message(json!({"type": "output_text", "text": "Hi"}));
    let call = |name: &str, arguments: Value| {
        completed(json!([{"type": "function_call", "name": name, "arguments": arguments}]))
    };
    let custom = |name: &str| completed(json!([{"type": "custom_tool_call", "name": name, "input": "any"}]));
    let ended = |status: &str, reason: &str| json!({"object": "response", "status": status, "incomplete_details": {"reason": reason}, "output": text});
    for (answer, expected) in [
        (completed(text.clone()), Ok(())),
        (completed(message(json!({"type": "refusal", "refusal": "No."}))), Err(Unfit::Refused)),
        (completed(json!([])), Err(Unfit::Unfinished)),
        (completed(json!(null)), Err(Unfit::Malformed)),
        (completed(json!(["a"])), Err(Unfit::Malformed)),
        (completed(json!([{"type": "message", "content": "a"}])), Err(Unfit::Malformed)),
        (completed(json!([{"type": "message", "status": "incomplete", "content": []}])), Err(Unfit::Unfinished)),
        (completed(json!([{"type": "web_search_call", "status": "completed"}])), Ok(())),
        (completed(json!([{"type": "web_search_call", "status": "failed"}])), Err(Unfit::Malformed)),
        (completed(json!([{"type": "mcp_call", "error": "away"}])), Err(Unfit::Malformed)),
        (completed(json!([{"type": "mcp_call", "error": null}])), Ok(())),
        (ended("incomplete", "max_output_tokens"), Err(Unfit::Unfinished)),
        (ended("incomplete", "content_filter"), Err(Unfit::Refused)),
        (ended("failed", ""), Err(Unfit::Unfinished)),
        (ended("in_progress", ""), Err(Unfit::Unfinished)),
        (
            json!({"object": "response", "status": "failed", "output": [], "error": {"code": "x"}}),
            Err(Unfit::Malformed),
        ),
        (json!({"error": {"message": "m"}}), Err(Unfit::Malformed)),
        (json!({"object": "response", "output": text}), Err(Unfit::Unfinished)),
        (call("f", json!("{\"a\":1}")), Ok(())),
        (call("g", json!(" {}\n")), Ok(())),
        (call("h", json!("{}")), Err(Unfit::InvalidCall)),
        (call("sql", json!("{}")), Err(Unfit::InvalidCall)),
        (call("f", json!("{")), Err(Unfit::InvalidCall)),
        (call("f", json!("[]")), Err(Unfit::InvalidCall)),
        (call("f", json!("")), Err(Unfit::InvalidCall)),
        (call("f", json!({})), Err(Unfit::InvalidCall)),
        (custom("sql"), Ok(())),
        (custom("f"), Err(Unfit::InvalidCall)),
    ] {
        assert_eq!(SHAPE.check(&object(&answer), &object(&request)), expected, "{answer}");
    }
    for (request, expected) in [
        (json!({}), Err(Unfit::InvalidCall)),
        (json!({"tools": [{"type": "web_search"}], "input": "f"}), Err(Unfit::InvalidCall)),
        (json!({"tools": [{"type": "tool_search"}]}), Ok(())),
        (json!({"tools": ["f"]}), Ok(())),
        (json!({"prompt": {"id": "p"}}), Ok(())),
        (json!({"prompt": null}), Err(Unfit::InvalidCall)),
        (json!({"previous_response_id": "resp_0"}), Ok(())),
        (json!({"input": [{"type": "additional_tools", "tools": []}]}), Ok(())),
    ] {
        let expected: Result<(), Unfit> = expected;
        assert_eq!(SHAPE.check(&object(&call("f", json!("{}"))), &object(&request)), expected, "{request}");
    }
}

fn items() -> impl Strategy<Value = Value> {
    let annotations = || proptest::collection::vec(objects(values()).prop_map(Value::from), 0..3);
    let part = prop_oneof![
        (texts(), annotations(), annotations()).prop_map(|(text, annotations, logprobs)| json!({
            "type": "output_text", "text": text, "annotations": annotations, "logprobs": logprobs
        })),
        texts().prop_map(|text| json!({"type": "refusal", "refusal": text})),
        texts().prop_map(|text| json!({"type": "reasoning_text", "text": text})),
        (texts(), values()).prop_map(|(kind, value)| json!({"type": kind, "x": value})),
    ];
    let parts = proptest::collection::vec(with_unknown(part), 0..3).boxed();
    let summary = texts().prop_map(|text| json!({"type": "summary_text", "text": text}));
    let summaries = proptest::collection::vec(summary, 0..3);
    with_unknown(prop_oneof![
        parts.clone().prop_map(|parts| json!({
            "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": parts
        })),
        (summaries, parts).prop_map(|(summary, content)| json!({
            "type": "reasoning", "id": "rs_1", "summary": summary, "content": content, "encrypted_content": "gA"
        })),
        (texts(), texts()).prop_map(|(name, arguments)| json!({
            "type": "function_call", "id": "fc_1", "call_id": "c", "name": name, "arguments": arguments
        })),
        (texts(), texts()).prop_map(|(name, input)| json!({
            "type": "custom_tool_call", "id": "ct_1", "call_id": "c", "name": name, "input": input
        })),
        (texts(), values()).prop_map(|(kind, value)| json!({"type": kind, "id": "x_1", "result": value})),
    ])
}

proptest! {
    #[test]
    fn what_is_told_is_recorded_as_it_was(
        output in proptest::collection::vec(items(), 0..5), more in objects(values()), chars in 0..9_usize
    ) {
        let mut response = completed(output.clone().into());
        response["metadata"] = more.into();
        let events = replayed(SHAPE, &object(&response), chars);
        prop_assert_eq!(followed(&events), output);
        prop_assert_eq!(recorded(SHAPE, &events), Some(response.clone()));
        prop_assert_eq!(recorded_of(SHAPE, &[written(&events)]), Some(response));
    }

    #[test]
    fn what_is_torn_is_recorded_rightly_or_not_at_all(events in torn(agent().events)) {
        if let Some(response) = recorded(SHAPE, &events) {
            prop_assert_eq!(response, agent().plain);
        }
    }

    #[test]
    fn any_object_is_told_and_checked(answer in objects(values()), item in values()) {
        let mut answer = Value::from(answer);
        for output in [json!([item]), item] {
            answer["output"] = output;
            let told = replayed(SHAPE, &object(&answer), 3);
            prop_assert!(told.iter().all(|event| Object::parse(event.data_bytes().unwrap_or_else(Bytes::new)).is_ok()));
            let _ = SHAPE.check(&object(&answer), &object(&answer));
        }
    }
}
