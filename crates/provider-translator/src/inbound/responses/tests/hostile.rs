//! Requests and answers that mean harm, or are just broken.

use bytes::Bytes;
use llm_layers_wire::{assemble::Assembler, sse::Event};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DONE, answer_to, chunk, input, refused, run, sse, streamed};
use crate::translate::Flow;

fn hi() -> Value {
    input(&json!("Hi"))
}

#[test]
fn an_answer_of_any_length_is_not_kept() {
    let mut answer = answer_to(&hi());
    let piece = chunk(&json!({"content": "x".repeat(1 << 20)}), &Value::Null).to_string();
    let mut out = Vec::new();
    for pieces in 1.. {
        assert!(pieces < 40, "it is stopped");
        out.clear();
        if matches!(answer.event(Event::new(piece.clone()), &mut out), Flow::Over) {
            assert!(pieces << 20 >= Assembler::MAX_BYTES);
            break;
        }
    }
    let last = out.last().expect("events");
    assert_eq!(last.name(), Some(&b"response.failed"[..]));
}

#[test]
fn any_number_of_calls_is_not_kept() {
    let mut answer = answer_to(&hi());
    let mut out = Vec::new();
    let over = (0_u32..1000).any(|round| {
        let call =
            |index: u32| json!({"index": round * 1000 + index, "id": "c", "function": {"name": "f", "arguments": ""}});
        let delta = json!({"tool_calls": (0..1000).map(call).collect::<Vec<_>>()});
        out.clear();
        matches!(answer.event(Event::new(chunk(&delta, &Value::Null).to_string()), &mut out), Flow::Over)
    });
    assert!(over);
}

#[test]
fn broken_deltas_say_nothing() {
    for delta in [
        json!(null),
        json!({"content": 5}),
        json!({"content": {"a": 1}}),
        json!({"tool_calls": {}}),
        json!({"tool_calls": [null, 1, "x", [], {}, {"index": -1}, {"index": 0, "function": null}]}),
        json!({"tool_calls": [{"index": "0", "function": {"name": "f"}}]}),
        json!({"annotations": [{"url_citation": {"url": "https://a"}}]}),
        json!({"annotations": [null, {"type": "file_citation"}, {"url_citation": 1}]}),
        json!({"reasoning_content": null, "reasoning": ["x"], "refusal": false}),
    ] {
        let stream = sse(&[chunk(&delta, &Value::Null), chunk(&json!({}), &"stop".into())]) + DONE;
        let events = streamed(&hi(), &[stream]);
        assert_eq!(events.last().expect("events")["response"]["output"], json!([]), "{delta}");
    }
}

#[test]
fn broken_logprobs_and_usage_are_left_out() {
    let mut first = chunk(&json!({"content": "Hi"}), &"stop".into());
    first["choices"][0]["logprobs"] = json!({"content": [{"token": 5}]});
    first["usage"] = json!("many");
    let events = streamed(&hi(), &[sse(&[first]) + DONE]);
    let response = &events.last().expect("events")["response"];
    assert_eq!(response["output"][0]["content"][0]["logprobs"], json!([]));
    assert_eq!(response["usage"], Value::Null);
}

#[test]
fn details_that_contradict_themselves_are_not_handed_back() {
    let piece = |data: Value| chunk(&json!({"reasoning_details": [{"index": 0, "data": data}]}), &Value::Null);
    let chunks = [piece(json!("x")), piece(json!({"a": 1})), chunk(&json!({"content": "Hi"}), &"stop".into())];
    let events = streamed(&hi(), &[sse(&chunks) + DONE]);
    let response = &events.last().expect("events")["response"];
    assert_eq!(response["status"], "completed");
    assert_eq!(response["output"][0]["encrypted_content"], Value::Null);
}

#[test]
fn what_is_no_completion_is_a_failure() {
    for body in
        ["", "[]", "null", "{}", r#"{"choices":[]}"#, r#"{"choices":[5]}"#, r#"{"choices":[{"index":3}]}"#, "<html>"]
    {
        let failure = answer_to(&hi()).whole(Bytes::from(body)).expect_err(body);
        assert_eq!(failure.status(), 502);
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"));
    }
}

#[test]
fn seals_that_others_made_are_no_messages() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    for text in ["", "{}", "[1]", "[[]]", "[{}", "\u{0}\u{1}", r#"[{"a":1},"x"]"#] {
        let item = json!({"type": "reasoning", "summary": [], "encrypted_content": STANDARD.encode(text)});
        let (chat, warnings) = super::sent(&input(&json!([item, {"role": "assistant", "content": "x"}])));
        assert_eq!(chat["messages"], json!([{"role": "assistant", "content": "x"}]));
        assert!(warnings.contains("foreign"), "{text}");
    }
}

#[test]
fn a_refusal_repeats_no_more_than_a_word() {
    let secret = "s".repeat(10_000);
    for request in [
        input(&json!([{"type": secret}])),
        super::with(&json!({"tools": [{"type": secret}]})),
        super::with(&json!({"tool_choice": {"type": secret}})),
    ] {
        assert_eq!(refused(&request).1, "unsupported_parameter");
        let failure = run(&request).map(|_| ()).expect_err("refused");
        assert!(failure.error().message.len() < 300);
    }
}

#[test]
fn debug_shows_nothing_that_was_said() {
    let request = super::with(&json!({"instructions": "s3cret"}));
    let inbound = run(&request).expect("translated");
    assert!(!format!("{:?}", inbound.warnings).contains("s3cret"));
}

/// Members that mean something.
const NAMES: &str = "type role content input tools name text call_id output arguments summary encrypted_content format \
                     reasoning tool_choice include model stream index delta choices tool_calls function message \
                     annotations logprobs reasoning_details usage";

/// And their values.
const WORDS: &str = "user assistant message function_call reasoning input_text output_text function custom \
                     allowed_tools reasoning.text stop";

/// Any JSON of a few levels, with names that mean something often.
fn any_json() -> impl Strategy<Value = Value> {
    let name =
        prop_oneof![prop::sample::select(NAMES.split(' ').collect::<Vec<_>>()).prop_map(str::to_owned), "[a-z]{0,3}",];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(WORDS.split(' ').collect::<Vec<_>>()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever is asked is translated or refused with a 400.
    #[test]
    fn any_request_is_translated_or_refused(members in any_json(), items in any_json()) {
        let mut request = json!({"model": "m", "input": items});
        if let Value::Object(members) = members {
            request.as_object_mut().expect("an object").extend(members);
        }
        if let Err(failure) = run(&request) {
            prop_assert_eq!(failure.status().as_u16(), 400);
        }
    }

    /// Whatever is answered, events are JSON, numbered, and have one end.
    #[test]
    fn any_chunks_make_a_stream(deltas in prop::collection::vec(any_json(), 0..6), done in any::<bool>()) {
        let chunks: Vec<_> = deltas.iter().map(|delta| chunk(delta, &Value::Null)).collect();
        let events = streamed(&hi(), &[sse(&chunks) + if done { DONE } else { "" }]);
        let ends = ["response.completed", "response.failed", "response.incomplete"];
        let count = events.iter().filter(|event| ends.contains(&event["type"].as_str().unwrap_or_default())).count();
        prop_assert_eq!(count, 1);
    }
}
