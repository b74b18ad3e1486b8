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

const SHAPE: Shape = Shape::Message;

fn fixtures() -> impl Iterator<Item = Fixture> {
    [
        include_str!("../../../fixtures/message/begun.json"),
        include_str!("../../../fixtures/message/context.json"),
        include_str!("../../../fixtures/message/refusal.json"),
        include_str!("../../../fixtures/message/server_tools.json"),
        include_str!("../../../fixtures/message/thinking.json"),
        include_str!("../../../fixtures/message/tools.json"),
    ]
    .into_iter()
    .map(Fixture::read)
}

fn thinking() -> Fixture {
    Fixture::read(include_str!("../../../fixtures/message/thinking.json"))
}

/// A message with one block, and the events between its start and its end.
fn streamed(block: Value, deltas: &[Value]) -> Vec<Event> {
    let start = json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1},
    }});
    let mut events = vec![start, json!({"type": "content_block_start", "index": 0, "content_block": block})];
    events.extend(deltas.iter().map(|delta| json!({"type": "content_block_delta", "index": 0, "delta": delta})));
    events.push(json!({"type": "content_block_stop", "index": 0}));
    events.push(json!({
        "type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
        "usage": {"output_tokens": 9},
    }));
    events.push(json!({"type": "message_stop"}));
    events.iter().map(event).collect()
}

fn block_of(block: Value, deltas: &[Value]) -> Option<Value> {
    recorded(SHAPE, &streamed(block, deltas)).map(|mut message| message["content"][0].take())
}

#[test]
fn streams_are_the_plain_messages() {
    for Fixture { plain, events } in fixtures() {
        assert_eq!(recorded(SHAPE, &events), Some(plain));
    }
}

#[test]
fn no_cut_changes_what_is_recorded() {
    for Fixture { plain, events } in fixtures() {
        assert_eq!(for_every_split(written(&events), |pieces| recorded_of(SHAPE, pieces)), Some(plain));
    }
}

#[test]
fn what_is_cut_off_is_none() {
    for Fixture { events, .. } in fixtures() {
        for end in 0..events.len() {
            assert_eq!(recorded(SHAPE, &events[..end]), None, "{end} events");
        }
    }
}

#[test]
fn what_comes_between_and_behind_changes_nothing() {
    let Fixture { plain, events } = thinking();
    for extra in [event(&json!({"type": "ping"})), Event::new("[DONE]"), Event::new("")] {
        for at in 0..=events.len() {
            let mut events = events.clone();
            events.insert(at, extra.clone());
            // Nobody reads on behind `[DONE]`.
            if !extra.is_done() || at == events.len() - 1 {
                assert_eq!(recorded(SHAPE, &events).as_ref(), Some(&plain), "{at}");
            }
        }
    }
}

#[test]
fn blocks_grow_by_their_deltas() {
    let text = json!({"type": "text", "text": ""});
    let tool = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    let cited = json!({"type": "text", "text": "", "citations": [{"n": 1}]});
    for (block, deltas, expected) in [
        (text.clone(), vec![], text.clone()),
        (
            text.clone(),
            vec![json!({"type": "text_delta", "text": "a\n"}), json!({"type": "text_delta", "text": "\"b"})],
            json!({"type": "text", "text": "a\n\"b"}),
        ),
        (
            cited,
            vec![json!({"type": "citations_delta", "citation": {"n": 2.50}})],
            json!({"type": "text", "text": "", "citations": [{"n": 1}, {"n": 2.5}]}),
        ),
        (
            json!({"type": "text", "text": "", "citations": null}),
            vec![json!({"type": "citations_delta", "citation": {"n": 2}})],
            json!({"type": "text", "text": "", "citations": [{"n": 2}]}),
        ),
        (
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            vec![json!({"type": "signature_delta", "signature": "c2ln"})],
            json!({"type": "thinking", "thinking": "", "signature": "c2ln"}),
        ),
        (tool.clone(), vec![], tool.clone()),
        (tool.clone(), vec![json!({"type": "input_json_delta", "partial_json": ""})], tool.clone()),
        (
            tool.clone(),
            vec![
                json!({"type": "input_json_delta", "partial_json": "{\"a\":\"\\ud8"}),
                json!({"type": "input_json_delta", "partial_json": "3d\\ude00\"} "}),
            ],
            json!({"type": "tool_use", "id": "t", "name": "f", "input": {"a": "😀"}}),
        ),
    ] {
        assert_eq!(block_of(block, &deltas), Some(expected), "{deltas:?}");
    }
}

#[test]
fn what_cannot_be_joined_makes_it_void() {
    let text = json!({"type": "text", "text": ""});
    let tool = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
    for (block, delta) in [
        (text.clone(), json!({"type": "new_delta", "text": "a"})),
        (text.clone(), json!({"type": "text_delta"})),
        (text.clone(), json!({"type": "text_delta", "text": null})),
        (text.clone(), json!({"type": "text_delta", "text": 7})),
        (text.clone(), json!({"text": "a"})),
        (text.clone(), json!([])),
        (text.clone(), json!({"type": "thinking_delta", "thinking": "a"})),
        (text.clone(), json!({"type": "input_json_delta", "partial_json": "{}"})),
        (text, json!({"type": "citations_delta", "citation": "a"})),
        (json!({"type": "text"}), json!({"type": "text_delta", "text": "a"})),
        (json!({"type": "thinking", "thinking": ""}), json!({"type": "signature_delta", "signature": 1})),
        (tool.clone(), json!({"type": "input_json_delta", "partial_json": "{\"a\":"})),
        (tool.clone(), json!({"type": "input_json_delta", "partial_json": "\u{feff}{}"})),
        (tool, json!({"type": "text_delta", "text": "a"})),
        (json!({"text": ""}), json!({"type": "text_delta", "text": "a"})),
        (json!("text"), json!({"type": "text_delta", "text": "a"})),
    ] {
        assert_eq!(block_of(block, std::slice::from_ref(&delta)), None, "{delta}");
    }
}

#[test]
fn events_out_of_order_make_it_void() {
    let events = thinking().events;
    for (at, data) in [
        (0, json!({"type": "content_block_stop", "index": 0})),
        (1, json!({"type": "message_start", "message": {"content": []}})),
        (1, json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}})),
        (1, json!({"type": "content_block_start", "index": "0", "content_block": {"type": "text", "text": ""}})),
        (1, json!({"type": "content_block_start", "content_block": {"type": "text", "text": ""}})),
        (2, json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        (2, json!({"type": "content_block_stop", "index": 1})),
        (2, json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": ""}})),
        (2, json!({"type": "message_delta", "delta": {}, "usage": {}})),
        (2, json!({"type": "message_stop"})),
        (2, json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})),
        (2, json!({"type": "new_event"})),
        (events.len() - 2, json!({"type": "message_delta", "delta": {"content": []}, "content": []})),
        (events.len() - 2, json!({"type": "message_delta", "delta": null, "usage": {}})),
        (events.len(), json!({"type": "message_stop"})),
        (events.len(), json!({"type": "error", "error": {"type": "api_error", "message": ""}})),
    ] {
        let mut events = events.clone();
        events.insert(at, event(&data));
        assert_eq!(recorded(SHAPE, &events), None, "{at} {data}");
    }
    for garbage in ["{", "[]", "7", "{}", "{\"type\":7}", "\u{7f}"] {
        let mut events = events.clone();
        events.insert(1, Event::new(garbage));
        assert_eq!(recorded(SHAPE, &events), None, "{garbage}");
    }
    let mut renamed = events;
    renamed[1] = Event::new(renamed[1].data_bytes().unwrap()).with_name("error");
    assert_eq!(recorded(SHAPE, &renamed), None);
}

#[test]
fn names_of_events_may_be_absent() {
    let Fixture { plain, events } = thinking();
    let unnamed: Vec<_> = events.iter().map(|event| Event::new(event.data_bytes().unwrap())).collect();
    assert_eq!(recorded(SHAPE, &unnamed), Some(plain));
}

#[test]
fn what_is_too_long_is_void() {
    let text = json!({"type": "text_delta", "text": "x".repeat(100)});
    let events = streamed(json!({"type": "text", "text": ""}), &vec![text; 50]);
    assert!(recorded_within(SHAPE, 7_000, &events).is_some());
    assert!(recorded_within(SHAPE, 5_000, &events).is_none());
    // What holds no text takes memory, too.
    let events: Vec<_> = std::iter::repeat_n(json!({"type": "message_delta", "delta": {"a": 1}}), 100)
        .map(|delta| event(&delta))
        .collect();
    let start = &streamed(json!({"type": "text", "text": ""}), &[])[..1];
    assert!(recorded_within(SHAPE, 5_000, start.iter().chain(&events)).is_none());
}

#[test]
fn numbers_keep_their_spelling() {
    let spelled = r#"{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1.10e+2,"b":12345678901234567890123}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":4},"x":1.0}"#;
    let events = replayed(SHAPE, &Object::parse(spelled).unwrap(), 3);
    let mut recorder = super::Recorder::new(1 << 20);
    assert!(events.iter().all(|event| recorder.push(event)));
    let again = String::from_utf8(recorder.finish().unwrap().to_bytes().into()).unwrap();
    for number in ["1.10e+2", "12345678901234567890123", "\"x\":1.0"] {
        assert!(again.contains(number), "{again}");
    }
}

#[test]
fn a_stream_is_told_as_anthropic_does() {
    let answer = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "text", "text": "Hällo", "citations": [{"type": "char_location"}]},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": "b"}},
            {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        ],
        "stop_reason": "tool_use", "stop_sequence": null, "container": {"id": "c"},
        "usage": {
            "input_tokens": 12, "output_tokens": 34, "service_tier": "standard",
            "output_tokens_details": {"thinking_tokens": 2},
        },
    });
    let events = replayed(SHAPE, &object(&answer), 4);
    let delta = |index: usize, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let start =
        |index: usize, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let stop = |index: usize| json!({"type": "content_block_stop", "index": index});
    let expected = vec![
        json!({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": null, "stop_sequence": null, "container": null,
            "usage": {"input_tokens": 12, "output_tokens": 1, "service_tier": "standard"},
        }}),
        start(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, json!({"type": "thinking_delta", "thinking": "Hm."})),
        delta(0, json!({"type": "signature_delta", "signature": "c2ln"})),
        stop(0),
        start(1, json!({"type": "text", "text": "", "citations": []})),
        delta(1, json!({"type": "citations_delta", "citation": {"type": "char_location"}})),
        delta(1, json!({"type": "text_delta", "text": "Häll"})),
        delta(1, json!({"type": "text_delta", "text": "o"})),
        stop(1),
        start(2, json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}})),
        delta(2, json!({"type": "input_json_delta", "partial_json": ""})),
        delta(2, json!({"type": "input_json_delta", "partial_json": "{\"a\""})),
        delta(2, json!({"type": "input_json_delta", "partial_json": ":\"b\""})),
        delta(2, json!({"type": "input_json_delta", "partial_json": "}"})),
        stop(2),
        start(3, json!({"type": "redacted_thinking", "data": "ZGF0YQ=="})),
        stop(3),
        json!({
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": null, "container": {"id": "c"}},
            "usage": {"input_tokens": 12, "output_tokens": 34, "output_tokens_details": {"thinking_tokens": 2}},
        }),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(data(&events), expected);
    for (event, data) in events.iter().zip(&expected) {
        assert_eq!(event.name(), data["type"].as_str().map(str::as_bytes));
    }
}

#[test]
fn the_fixtures_are_told_again() {
    for Fixture { plain, .. } in fixtures() {
        for chars in [0, 1, 7, usize::MAX] {
            assert_eq!(recorded(SHAPE, &replayed(SHAPE, &object(&plain), chars)).as_ref(), Some(&plain), "{chars}");
        }
    }
}

/// What is no message is told as far as it goes, and never breaks.
#[test]
fn what_cannot_be_told_in_pieces_is_told_whole() {
    let many: Vec<_> = (0..300).map(|n| json!({"n": n})).collect();
    let wide: serde_json::Map<_, _> = (0..300).map(|n| (format!("m{n}"), json!(n))).collect();
    for content in [
        json!([{"type": "text", "text": 7}]),
        json!([{"type": "text", "text": "a", "citations": ["b"]}]),
        json!([{"type": "text", "text": "a", "citations": many}]),
        json!([{"type": "thinking", "thinking": null, "signature": 1}]),
        json!([{"type": "tool_use", "input": "a"}]),
        json!([{"type": "server_tool_use", "input": {"a": []}}]),
    ] {
        let answer = json!({"type": "message", "content": content, "usage": {"input_tokens": 0, "output_tokens": 0},
            "stop_reason": "end_turn", "stop_sequence": null});
        assert_eq!(recorded(SHAPE, &replayed(SHAPE, &object(&answer), 2)), Some(answer));
    }
    for odd in [
        json!({}),
        json!({"content": null, "usage": 7}),
        json!({"content": [7, "a", null, [], {}, wide]}),
        json!({"content": {"type": "text"}}),
    ] {
        let names: Vec<_> =
            data(&replayed(SHAPE, &object(&odd), 2)).into_iter().map(|data| data["type"].clone()).collect();
        assert_eq!((&names[0], &names[names.len() - 1]), (&json!("message_start"), &json!("message_stop")));
    }
}

#[test]
fn answers_are_kept_if_they_are_whole_and_right() {
    let request = json!({"tools": [
        {"name": "f", "input_schema": {}},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "web_search_20250305", "name": "web_search"},
    ]});
    let text = json!([{"type": "text", "text": "Hi"}]);
    let call = |name: &str, input: Value| json!([{"type": "tool_use", "id": "t", "name": name, "input": input}]);
    let result = |content: Value| json!([{"type": "web_search_tool_result", "tool_use_id": "s", "content": content}]);
    let set = |reason: Value, content: &Value| json!({"type": "message", "content": content, "stop_reason": reason});
    for (answer, expected) in [
        (set(json!("end_turn"), &text), Ok(())),
        (set(json!("max_tokens"), &text), Ok(())),
        (set(json!("stop_sequence"), &text), Ok(())),
        (set(json!("refusal"), &text), Err(Unfit::Refused)),
        (set(json!("refusal"), &json!([])), Err(Unfit::Refused)),
        (set(json!("pause_turn"), &text), Err(Unfit::Unfinished)),
        (set(json!("model_context_window_exceeded"), &text), Err(Unfit::Unfinished)),
        (set(json!("compaction"), &text), Err(Unfit::Unfinished)),
        (set(json!(null), &text), Err(Unfit::Unfinished)),
        (set(json!(7), &text), Err(Unfit::Unfinished)),
        (set(json!("end_turn"), &json!([])), Err(Unfit::Unfinished)),
        (set(json!("max_tokens"), &json!([])), Err(Unfit::Unfinished)),
        (set(json!("end_turn"), &json!(null)), Err(Unfit::Malformed)),
        (set(json!("end_turn"), &json!(["a"])), Err(Unfit::Malformed)),
        (set(json!("end_turn"), &json!([{"text": "a"}])), Err(Unfit::Malformed)),
        (json!({"type": "error", "error": {}}), Err(Unfit::Malformed)),
        (json!({"content": text, "stop_reason": "end_turn"}), Err(Unfit::Malformed)),
        (set(json!("tool_use"), &call("f", json!({"a": 1}))), Ok(())),
        (set(json!("tool_use"), &call("bash", json!({}))), Ok(())),
        (set(json!("tool_use"), &call("g", json!({}))), Err(Unfit::InvalidCall)),
        (set(json!("tool_use"), &call("web_search", json!({}))), Err(Unfit::InvalidCall)),
        (set(json!("tool_use"), &call("f", json!("{}"))), Err(Unfit::InvalidCall)),
        (set(json!("tool_use"), &call("f", json!(null))), Err(Unfit::InvalidCall)),
        (set(json!("tool_use"), &json!([{"type": "tool_use", "input": {}}])), Err(Unfit::InvalidCall)),
        (set(json!("max_tokens"), &call("f", json!({}))), Err(Unfit::Unfinished)),
        (set(json!("end_turn"), &result(json!([]))), Ok(())),
        (set(json!("end_turn"), &result(json!({"type": "code_execution_result"}))), Ok(())),
        (set(json!("end_turn"), &result(json!({"type": "web_search_tool_result_error"}))), Err(Unfit::Malformed)),
    ] {
        assert_eq!(SHAPE.check(&object(&answer), &object(&request)), expected, "{answer}");
    }
    let called = set(json!("tool_use"), &call("f", json!({})));
    for (request, expected) in [
        (json!({}), Err(Unfit::InvalidCall)),
        (json!({"tools": []}), Err(Unfit::InvalidCall)),
        (json!({"tools": [{"type": "browser_toolset_20260801"}]}), Ok(())),
        (json!({"tools": ["f"]}), Ok(())),
        (json!({"messages": [{"role": "user", "content": [{"type": "tool_addition"}]}]}), Ok(())),
    ] {
        assert_eq!(SHAPE.check(&object(&called), &object(&request)), expected, "{request}");
    }
}

fn blocks() -> impl Strategy<Value = Value> {
    let citations = proptest::option::of(proptest::collection::vec(objects(values()).prop_map(Value::from), 0..3));
    let block = prop_oneof![
        (texts(), citations).prop_map(|(text, citations)| match citations {
            Some(citations) => json!({"type": "text", "text": text, "citations": citations}),
            None => json!({"type": "text", "text": text}),
        }),
        (texts(), texts()).prop_map(|(thinking, seal)| json!({
            "type": "thinking", "thinking": thinking, "signature": seal
        })),
        (prop::sample::select(vec!["tool_use", "server_tool_use", "mcp_tool_use"]), texts(), objects(values()))
            .prop_map(|(kind, name, input)| json!({"type": kind, "id": "t", "name": name, "input": input})),
        (texts(), values()).prop_map(|(kind, content)| json!({"type": kind, "content": content})),
    ];
    with_unknown(block)
}

fn messages() -> impl Strategy<Value = Value> {
    let usage = (any::<u32>(), any::<u32>(), objects(any::<u16>().prop_map(Value::from)));
    let end = (prop::sample::select(vec!["end_turn", "max_tokens", "tool_use"]), proptest::option::of(texts()));
    let more = (proptest::option::of(values()), proptest::option::of(values()), proptest::option::of(values()));
    let message = (proptest::collection::vec(blocks(), 0..5), usage, end, more);
    with_unknown(message.prop_map(|(content, (input, output, mut usage), (reason, sequence), (a, b, c))| {
        usage.insert("input_tokens".into(), input.into());
        usage.insert("output_tokens".into(), output.into());
        let mut message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
            "stop_reason": reason, "stop_sequence": sequence, "usage": usage,
        });
        for (name, value) in [("container", a), ("context_management", b), ("stop_details", c)] {
            if let Some(value) = value {
                message[name] = value;
            }
        }
        message
    }))
}

proptest! {
    #[test]
    fn what_is_told_is_recorded_as_it_was(message in messages(), chars in 0..9_usize) {
        let events = replayed(SHAPE, &object(&message), chars);
        prop_assert_eq!(recorded(SHAPE, &events), Some(message.clone()));
        prop_assert_eq!(recorded_of(SHAPE, &[written(&events)]), Some(message));
    }

    #[test]
    fn what_is_torn_is_recorded_rightly_or_not_at_all(
        events in prop::sample::select(fixtures().map(|fixture| fixture.events).collect::<Vec<_>>()).prop_flat_map(torn)
    ) {
        if let Some(message) = recorded(SHAPE, &events) {
            let _ = SHAPE.check(&object(&message), &object(&json!({})));
            let again = replayed(SHAPE, &object(&message), 5);
            prop_assert_eq!(recorded(SHAPE, &again).map(|message| message["content"].clone()), Some(message["content"].clone()));
        }
    }

    #[test]
    fn any_object_is_told_and_checked(answer in objects(values()), block in values()) {
        let mut answer = Value::from(answer);
        for content in [json!([block]), block] {
            answer["content"] = content;
            let told = replayed(SHAPE, &object(&answer), 3);
            prop_assert!(told.iter().all(|event| Object::parse(event.data_bytes().unwrap_or_else(Bytes::new)).is_ok()));
            let _ = SHAPE.check(&object(&answer), &object(&answer));
        }
    }
}
