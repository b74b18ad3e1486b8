mod hostile;

use llm_layers_core::Operation;
use serde_json::{Value, json};

use super::super::items::testing::{Case, Checked, stream};
use crate::{OnInvalid, Policy, Reason, Repair, judge::End};

fn case() -> Case {
    let city = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"], "additionalProperties": false});
    Case::new(
        Operation::Message,
        &json!({"model": "m", "max_tokens": 9, "messages": [], "stream": true, "tools": [
            {"name": "get_weather", "input_schema": city},
            {"name": "now", "input_schema": {"type": "object", "properties": {}}},
            {"type": "bash_20250124", "name": "bash"}]}),
    )
}

fn structured() -> Case {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false});
    Case::new(
        Operation::Message,
        &json!({"model": "m", "max_tokens": 9, "messages": [], "stream": true,
            "output_config": {"format": {"type": "json_schema", "schema": schema}}}),
    )
}

/// A message of these blocks.
fn message(blocks: &[&[Value]], stop_reason: &str) -> String {
    let mut events =
        vec![json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": [], "stop_reason": null, "usage": {"input_tokens": 10, "output_tokens": 1}}})];
    for (index, block) in blocks.iter().enumerate() {
        for event in *block {
            let mut event = event.clone();
            event["index"] = json!(index);
            events.push(event);
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": stop_reason, "stop_sequence": null},
        "usage": {"output_tokens": 34}}));
    events.push(json!({"type": "message_stop"}));
    stream(&events)
}

fn text(pieces: &[&str]) -> Vec<Value> {
    let delta = |text: &&str| json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}});
    let start = json!({"type": "content_block_start", "content_block": {"type": "text", "text": ""}});
    [start].into_iter().chain(pieces.iter().map(delta)).collect()
}

fn call(id: &str, name: &str, pieces: &[&str]) -> Vec<Value> {
    let delta = |piece: &&str| json!({"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": piece}});
    let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
    let start = json!({"type": "content_block_start", "content_block": block});
    [start].into_iter().chain(pieces.iter().map(delta)).collect()
}

fn weather(pieces: &[&str]) -> Vec<Value> {
    call("toolu_1", "get_weather", pieces)
}

/// The blocks that a client puts together.
fn blocks(checked: &Checked) -> Vec<Value> {
    let mut blocks: Vec<(Value, String)> = Vec::new();
    for event in checked.data() {
        let index = usize::try_from(event["index"].as_u64().unwrap_or_default()).unwrap();
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(index, blocks.len(), "out of order");
                blocks.push((event["content_block"].clone(), String::new()));
            }
            "content_block_delta" => {
                let delta = &event["delta"];
                let piece = delta["partial_json"].as_str().or(delta["text"].as_str()).unwrap_or_default();
                blocks[index].1.push_str(piece);
            }
            _ => {}
        }
    }
    let join = |(mut block, text): (Value, String)| {
        match block["type"].as_str() {
            Some("tool_use") if !text.is_empty() => block["input"] = serde_json::from_str(&text).unwrap(),
            Some("text") => block["text"] = json!(text),
            _ => {}
        }
        block
    };
    blocks.into_iter().map(join).collect()
}

#[test]
fn what_is_right_goes_on_as_it_came() {
    let paris = weather(&["", "{\"city\":", " \"Par", "is\"}"]);
    let rome = call("toolu_2", "get_weather", &["{\"city\":\"Rome\",\"days\":2}"]);
    let thought = [
        json!({"type": "content_block_start", "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Well."}}),
        json!({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "c2ln"}}),
    ];
    let search = [
        json!({"type": "content_block_start", "content_block": {"type": "server_tool_use", "id": "srvtoolu_1",
            "name": "web_search", "input": {}}}),
        json!({"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "{\"query\""}}),
    ];
    let unknown = [json!({"type": "content_block_start", "content_block": {"type": "what_comes_next"}})];
    for blocks in [
        &[&text(&["Let me ", "see."])[..], &paris][..],
        &[&paris, &rome],
        &[&paris, &text(&["and"]), &rome],
        &[&thought, &search, &unknown, &paris],
        &[&call("toolu_3", "now", &[])],
        &[&call("toolu_3", "now", &[""]), &paris],
        &[&call("toolu_4", "bash", &["{\"command\":\"ls\"}"])],
        &[&text(&["No calls."])],
        &[],
    ] {
        case().assert_same(&message(blocks, "tool_use"));
    }
    case().assert_same(&message(&[&paris], "max_tokens"));
    case().assert_same(&message(&[&thought], "pause_turn"));
    structured().assert_same(&message(&[&thought, &text(&["{\"n\"", ": 1 }\n"])], "end_turn"));
    structured().assert_same(&message(&[&text(&["I'd rather not."])], "refusal"));
    structured().assert_same(&message(&[&search, &text(&["{\"n\""])], "pause_turn"));
}

#[test]
fn text_flows_and_calls_wait_until_they_are_complete() {
    let paris = weather(&["{\"city\"", ":\"Paris\"}"]);
    let rome = call("toolu_2", "get_weather", &["{\"city\":\"Rome\"}"]);
    let stream = message(&[&text(&["Hm"]), &paris, &rome], "tool_use");
    // Start; block, text, stop; block, two pieces, stop; block, piece, stop; delta, stop.
    assert_eq!(case().steps(&stream), [1, 2, 3, 4, 4, 4, 4, 8, 8, 8, 11, 11, 13]);
    // With a call that may need mending all wait for the end.
    let wrong = weather(&["{'city'", ":'Paris'}"]);
    let stream = message(&[&text(&["Hm"]), &wrong, &rome], "tool_use");
    assert_eq!(case().steps(&stream)[..12], [1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    // Where the model may still be asked, even the greeting waits until it says something.
    let asking = case().policy(Policy::new().max_reasks(1));
    assert_eq!(asking.steps(&message(&[&paris], "tool_use")), [0, 0, 0, 0, 0, 0, 7]);
    assert_eq!(asking.steps(&message(&[&text(&["Hm"])], "end_turn")), [0, 0, 3, 4, 4, 6]);
    // Where nothing is done about it, nothing waits but the end.
    let report = case().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
    assert_eq!(report.steps(&message(&[&wrong], "tool_use"))[..6], [1, 2, 3, 4, 5, 5]);
}

#[test]
fn what_is_no_part_of_the_answer_goes_on_at_once() {
    let stream = message(&[&weather(&["{\"city\":\"Paris\"}"])], "tool_use");
    let stream = stream.replace(
        "event: content_block_delta",
        ": note\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: content_block_delta",
    );
    assert_eq!(case().policy(Policy::new().max_reasks(1)).steps(&stream), [0, 0, 1, 2, 2, 2, 2, 8]);
}

#[test]
fn a_mended_call_comes_in_one_piece() {
    let wrong = call("toolu_1", "getWeather", &["", "{'city': ", "'Paris', 'days':", " '3',}"]);
    let right = call("toolu_2", "get_weather", &["{\"city\":", "\"Rome\"}"]);
    let checked = case().check_all(&message(&[&text(&["Hm"]), &wrong, &right], "tool_use"));
    let input = json!({"city": "Paris", "days": 3});
    assert_eq!(
        blocks(&checked),
        [
            json!({"type": "text", "text": "Hm"}),
            json!({"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": input}),
            json!({"type": "tool_use", "id": "toolu_2", "name": "get_weather", "input": {"city": "Rome"}}),
        ]
    );
    let kinds: Vec<_> = checked.data().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    let of = |kind| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((of("content_block_delta"), of("content_block_start")), (4, 3));
    assert_eq!(kinds.len(), checked.text.matches("event: ").count());
    assert_eq!((checked.outcome.calls, checked.outcome.repaired.len()), (2, 1));
    assert!(checked.outcome.repaired[0].repairs.contains(&Repair::ToolName));
}

#[test]
fn a_call_without_pieces_is_mended_too() {
    // Servers other than Anthropic's put the whole input into the block.
    let mut whole = weather(&[]);
    whole[0]["content_block"]["input"] = json!({"city": "Paris", "days": "3"});
    let checked = case().check(&message(&[&whole], "tool_use"));
    assert_eq!(blocks(&checked)[0]["input"], json!({"city": "Paris", "days": 3}));
    let checked = case().once(&message(&[&call("", "now", &[])], "tool_use"));
    assert!(blocks(&checked)[0]["id"].as_str().unwrap().starts_with("toolu_"), "{}", checked.text);
}

#[test]
fn nothing_of_a_wrong_call_is_seen() {
    let wrong = weather(&["{\"days\":", "3}"]);
    for (case, blocks) in [
        (case(), [&wrong[..], &text(&["and"])]),
        (case().policy(Policy::new().repair(false)), [&call("toolu_1", "get_wether", &["{}"]), &text(&["and"])]),
        (case().policy(Policy::new().max_reasks(1)), [&text(&["Hm"]), &wrong]),
    ] {
        let checked = case.check(&message(&blocks, "tool_use"));
        assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"), "{}", checked.text);
        assert!(!checked.text.contains("tool_use") && !checked.text.contains("message_stop"), "{}", checked.text);
        assert!(checked.text.ends_with("\n\n") && checked.text.contains("event: error\n"));
        assert_eq!((checked.outcome.calls, checked.outcome.invalid), (1, 1));
    }
}

#[test]
fn what_is_only_reported_goes_on_with_a_mark() {
    let wrong = weather(&["{\"days\":", "3}"]);
    let stream = message(&[&wrong], "tool_use");
    for repair in [true, false] {
        let checked = case().policy(Policy::new().repair(repair).on_invalid(OnInvalid::Report)).check(&stream);
        let marked = stream.replace("event: message_stop", ": x-llm-tool-calls: invalid=1\n\nevent: message_stop");
        assert_eq!(checked.text, marked);
        assert_eq!(checked.outcome.faults[0].reason, Reason::Required);
    }
}

#[test]
fn what_was_cut_off_is_never_mended() {
    for (blocks, stop_reason) in [
        ([&weather(&["{'city':'Paris'}"])[..]], "max_tokens"),
        ([&weather(&["{\"city\":\"Paris\""])], "model_context_window_exceeded"),
        // It may have been cut off before its arguments.
        ([&call("toolu_1", "now", &[])], "max_tokens"),
        ([&weather(&["{'city':'Paris'}"])], "something_new"),
    ] {
        let checked = case().check(&message(&blocks, stop_reason));
        assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"), "{stop_reason}: {}", checked.text);
        assert_eq!(checked.outcome.faults[0].reason, Reason::CutOff);
    }
}

#[test]
fn a_stream_that_breaks_off_keeps_what_has_no_verdict() {
    let whole = message(&[&text(&["Hm"]), &weather(&["{\"city\":\"Paris\"}"]), &weather(&["{\"city\":"])], "tool_use");
    let cut = &whole[..whole.rfind("event: content_block_stop").unwrap()];
    let right = &whole[..whole.rfind("event: content_block_start").unwrap()];
    let checked = case().broken(cut);
    assert_eq!((&*checked.text, checked.outcome.calls, checked.outcome.invalid), (right, 1, 0));
    // As does an error that the provider tells.
    let error =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n";
    assert_eq!(case().check(&format!("{cut}{error}")).text, format!("{right}{error}"));
    let asking = case().policy(Policy::new().max_reasks(1));
    let greeting = &whole[..whole.find("event: content_block_start").unwrap()];
    assert_eq!(asking.check(&format!("{greeting}{error}")).text, format!("{greeting}{error}"));
    // One that just ends has been cut off.
    let checked = case().check(cut);
    assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"));
    assert!(checked.text.starts_with(right));
}

#[test]
fn the_model_is_asked_again_if_it_has_said_nothing_yet() {
    let asking = case().policy(Policy::new().max_reasks(1));
    let stream = message(&[&weather(&["{\"days\":3}"])], "tool_use");
    let checked = asking.check(&stream);
    let again = checked.asks.expect("to be asked");
    assert_eq!((&*checked.text, &*again.turn.calls[0].arguments), ("", "{\"days\":3}"));
    assert_eq!(again.judgement.invalid(), 1);
    assert_eq!(again.turn.end, End::Complete);
    assert_eq!(again.usage.unwrap(), r#"{"input_tokens":10,"output_tokens":34}"#);
    let thought = [
        json!({"type": "content_block_start", "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "c2ln"}}),
    ];
    assert!(asking.check(&message(&[&thought, &weather(&["{}"])], "tool_use")).asks.is_some());
    // Nobody has answered.
    let checked = asking.otherwise(&stream);
    assert_eq!((checked.error.as_deref(), checked.outcome.invalid), (Some("invalid_tool_call"), 1));
    let checked = case().policy(Policy::new().max_reasks(1).on_invalid(OnInvalid::Report)).otherwise(&stream);
    assert_eq!(
        checked.text,
        stream.replace("event: message_stop", ": x-llm-tool-calls: invalid=1\n\nevent: message_stop")
    );
}

#[test]
fn usage_is_summed_into_the_answer() {
    let stream = message(&[&weather(&["{\"city\":\"Paris\"}"])], "tool_use");
    let stream = stream.replace("{\"output_tokens\":34}", "{\"input_tokens\":null,\"output_tokens\":34}");
    let spent = r#"{"input_tokens":5,"output_tokens":7,"cache_read_input_tokens":3}"#;
    let checked = case().policy(Policy::new().max_reasks(1)).after(1, spent).check(&stream);
    let data = checked.data();
    assert_eq!(
        data[0]["message"]["usage"],
        json!({"input_tokens": 15, "output_tokens": 8, "cache_read_input_tokens": 3})
    );
    assert_eq!(data[data.len() - 2]["usage"], json!({"input_tokens": null, "output_tokens": 41}));
}

#[test]
fn structured_output_flows_and_is_judged() {
    let wrong = message(&[&text(&["{\"n\":", "\"x\"}"])], "end_turn");
    let checked = structured().check(&wrong);
    assert_eq!(checked.error.as_deref(), Some("invalid_structured_output"), "{}", checked.text);
    assert!(checked.text.contains("text_delta") && !checked.text.contains("end_turn"));
    let checked = structured().policy(Policy::new().on_invalid(OnInvalid::Report)).check(&wrong);
    assert!(checked.error.is_none() && checked.text.contains("invalid=1"));
    // It ends at the first fault.
    let early = message(&[&text(&["{\"m\"", ":1,\"n\":2}"])], "end_turn");
    let checked = structured().check(&early);
    assert_eq!(checked.error.as_deref(), Some("invalid_structured_output"));
    assert!(!checked.text.contains("text_delta"), "{}", checked.text);
    // So does one beside tools that may not be called.
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": false});
    let beside = |choice: &str| {
        Case::new(
            Operation::Message,
            &json!({"model": "m", "max_tokens": 9, "messages": [], "stream": true, "tool_choice": {"type": choice},
                "tools": [{"name": "now", "input_schema": {"type": "object"}}],
                "output_config": {"format": {"type": "json_schema", "schema": schema}}}),
        )
    };
    assert!(!beside("none").check(&early).text.contains("text_delta"));
    assert!(beside("auto").check(&early).text.contains("text_delta"));
    // What has gone out cannot be mended.
    let mendable = message(&[&text(&["```json\n", "{\"n\":1,}", "\n```"])], "end_turn");
    assert_eq!(structured().check(&mendable).error.as_deref(), Some("invalid_structured_output"));
}

#[test]
fn structured_output_that_is_held_is_mended_and_asked_for_again() {
    let held = structured().set(|settings| settings.hold_text = true);
    let mendable = message(&[&text(&["```json\n", "{\"n\":1,}", "\n```"])], "end_turn");
    assert_eq!(held.steps(&mendable), [1, 1, 1, 1, 1, 1, 1, 6]);
    let checked = held.check(&mendable);
    assert_eq!(blocks(&checked), [json!({"type": "text", "text": "{\"n\":1}"})]);
    let wrong = message(&[&text(&["{}"])], "end_turn");
    let checked = held.check(&wrong);
    assert!(checked.error.is_some() && !checked.text.contains("content_block"));
    let asking = held.set(|settings| settings.default_policy = Policy::new().max_reasks(1));
    assert!(asking.check(&wrong).asks.is_some());
}

#[test]
fn what_is_held_is_bounded() {
    let bounded = case().set(|settings| settings.max_held = 4 << 10);
    let long = format!("{{\"city\":\"{}\"}}", "x".repeat(8 << 10));
    for calls in [vec![weather(&[&long])], vec![weather(&["{'city':'Paris'}"]); 9]] {
        let calls: Vec<_> = calls.iter().map(Vec::as_slice).collect();
        let stream = message(&calls, "tool_use");
        let checked = bounded.check(&stream);
        assert_eq!(checked.error.as_deref(), Some("invalid_tool_call"));
        assert_eq!((checked.outcome.faults[0].reason, checked.outcome.invalid), (Reason::TooLong, 1));
        let report = bounded.policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
        let checked = report.check(&stream);
        assert_eq!(checked.text.replacen(": x-llm-tool-calls: invalid=1\n\n", "", 1), stream);
        assert_eq!(checked.outcome.faults[0].reason, Reason::TooLong);
    }
}

#[test]
fn what_cannot_be_read_ends_the_stream() {
    let stream = message(&[&weather(&["{\"city\":\"Paris\"}"])], "tool_use");
    for (from, to) in [
        ("\"delta\":{\"partial_json\"", "\"n\":NaN,\"delta\":{\"partial_json\""),
        ("\"partial_json\":\"{\\\"city\\\":\\\"Paris\\\"}\"", "\"partial_json\":{}"),
        ("\"content\":[]", "\"content\":[{\"type\":\"tool_use\"}]"),
    ] {
        let broken = stream.replace(from, to);
        assert_ne!(broken, stream, "{from}");
        assert_eq!(case().check(&broken).error.as_deref(), Some("unreadable_answer"), "{to}");
        let report = case().policy(Policy::new().repair(false).on_invalid(OnInvalid::Report));
        assert!(report.check(&broken).error.is_none());
    }
    // A word of the server's own, and what is left of an event.
    for other in ["data: [DONE]\n\n", "data: \n\n", "data: OK\n\n"] {
        case().assert_same(&format!("{stream}{other}"));
    }
    assert_eq!(case().check(&format!("{stream}data: {{\"type\"")).text, stream);
}

#[test]
fn nothing_is_said_after_the_end() {
    let stream = message(&[&text(&["Hm"])], "end_turn");
    let behind = message(&[&weather(&["{\"days\":3}"])], "tool_use");
    let checked = case().check(&format!("{stream}{behind}"));
    assert!(!checked.text.contains("tool_use\"") && !checked.text.contains("partial_json"), "{}", checked.text);
    // Nor is a call longer than it was when it went on.
    let paris = weather(&["{\"city\":\"Paris\"}"]);
    let stream = message(&[&paris], "tool_use");
    let more = format!(
        "event: x\ndata: {}\n\n",
        json!({"type": "content_block_delta", "index": 0,
        "delta": {"type": "input_json_delta", "partial_json": "x"}})
    );
    let longer = stream.replace("event: message_delta", &format!("{more}event: message_delta"));
    assert_eq!(case().check(&longer).text, stream);
}
