use llm_layers_testkit::split::for_every_split;
use serde_json::{Value, json};

use super::*;
use crate::testing::{chunks, recorded, with};

const TOOLS: &str = include_str!("../../../fixtures/cohere/tools.sse");
const CITED: &str = include_str!("../../../fixtures/cohere/cited.sse");

fn asked() -> Value {
    with(&json!({"stream": true, "stream_options": {"include_usage": true}}))
}

fn fixture(text: &str) -> (Value, Value) {
    let fixture: Value = serde_json::from_str(text).expect("JSON");
    (fixture["native"].clone(), fixture["openai"].clone())
}

fn recordings() -> [(&'static str, Value, Value); 2] {
    let (tools, tools_said) = fixture(include_str!("../../../fixtures/cohere/tools.json"));
    let (cited, cited_said) = fixture(include_str!("../../../fixtures/cohere/cited.json"));
    [(recorded(TOOLS), tools, tools_said), (recorded(CITED), cited, cited_said)]
}

#[test]
fn streamed_or_not_it_is_the_same_answer() {
    for (stream, native, openai) in recordings() {
        assert_eq!(BENCH.whole(&asked(), &native).expect("an answer"), openai);
        assert_eq!(BENCH.assembled(&asked(), stream), openai);
    }
}

#[test]
fn cut_anywhere_it_stays_the_same() {
    for (stream, ..) in recordings() {
        for_every_split(stream, |pieces| {
            let (data, end) = BENCH.streamed(&asked(), pieces);
            assert!(end.is_ok());
            chunks(&data)
        });
    }
}

#[test]
fn calls_are_streamed_as_openai_would() {
    let deltas: Vec<Value> = BENCH
        .chunks(&asked(), recorded(TOOLS))
        .iter()
        .filter_map(|chunk| chunk["choices"].get(0))
        .map(|choice| json!([choice["delta"], choice["finish_reason"]]))
        .collect();
    let call = |call: Value| json!([{"tool_calls": [call]}, null]);
    assert_eq!(
        deltas,
        [
            json!([{"role": "assistant", "content": null}, null]),
            json!([{"reasoning_content": "I will"}, null]),
            json!([{"reasoning_content": " add \u{fc} \u{1f600}."}, null]),
            call(json!({"index": 0, "id": "add_x1", "type": "function", "function": {"name": "add", "arguments": ""}})),
            call(json!({"index": 0, "function": {"arguments": "{\"a\""}})),
            call(json!({"index": 0, "function": {"arguments": ": 1}"}})),
            call(json!({"index": 1, "id": "now_x2", "type": "function", "function": {"name": "now", "arguments": ""}})),
            call(json!({"index": 1, "function": {"arguments": "{}"}})),
            json!([{}, "tool_calls"]),
        ]
    );
}

#[test]
fn one_call_only_if_no_more_are_wanted() {
    let request = with(&json!({
        "stream": true, "parallel_tool_calls": false, "tools": [{"type": "function", "function": {"name": "add"}}],
    }));
    let answer = BENCH.assembled(&request, recorded(TOOLS));
    let calls = answer["choices"][0]["message"]["tool_calls"].as_array().expect("calls").clone();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["function"]["arguments"], "{\"a\": 1}");
}

#[test]
fn every_reason_to_stop_is_one_of_openais() {
    let answer = |reason: &str| json!({"id": "a", "finish_reason": reason, "message": {"content": [{"type": "text", "text": "x"}]}});
    for (reason, finish) in [
        ("COMPLETE", "stop"),
        ("STOP_SEQUENCE", "stop"),
        ("MAX_TOKENS", "length"),
        ("TOOL_CALL", "stop"),
        ("ERROR_TOXIC", "content_filter"),
        ("MADE_UP_LATER", "stop"),
    ] {
        let whole = BENCH.whole(&asked(), &answer(reason)).expect("an answer");
        assert_eq!(whole["choices"][0]["finish_reason"], finish, "{reason}");
        let is_told = !matches!(reason, "COMPLETE" | "MAX_TOKENS" | "TOOL_CALL");
        assert_eq!(whole["native"]["finish_reason"], if is_told { json!(reason) } else { json!(null) });
    }
    for (reason, status) in [("ERROR", 502), ("TIMEOUT", 504)] {
        let failure = BENCH.whole(&asked(), &answer(reason)).expect_err("it failed");
        assert_eq!(failure.status(), status, "{reason}");
    }
}

#[test]
fn a_stream_that_ends_in_an_error_fails_with_its_status() {
    let start = "data: {\"type\":\"message-start\",\"id\":\"a\"}\n\n";
    let end = "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"boom\"}}\n\n";
    let (data, failed) = BENCH.streamed(&asked(), &[[start, end].concat().into()]);
    assert!(data.is_empty(), "nothing was said, so that the call can be tried again");
    let failure = failed.expect_err("it failed");
    assert_eq!((failure.status().as_u16(), failure.error().message.as_str()), (502, "boom"));
}

#[test]
fn a_stream_that_ends_early_says_so() {
    let stream = recorded(CITED);
    let events: Vec<&str> = stream.split_inclusive("\n\n").collect();
    for kept in 0..events.len() {
        let (data, end) = BENCH.streamed(&asked(), &[events[..kept].concat().into()]);
        let failure = end.expect_err("it ended early");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_incomplete_stream"), "{kept}");
        assert!(data.iter().all(|data| data != "[DONE]"));
    }
    let cut = stream.len() - 40;
    let (_, end) = BENCH.streamed(&asked(), &[stream[..cut].to_owned().into()]);
    assert_eq!(end.expect_err("it was cut").error().code.as_deref(), Some("upstream_incomplete_stream"));
}

#[test]
fn garbage_is_a_failure_and_not_silence() {
    for garbage in [
        "{oops",
        "[1]",
        "{\"type\":\"content-delta\",\"index\":0,\"delta\":{}}",
        "{\"type\":\"message-end\",\"delta\":{}}",
        "{\"type\":\"message-end\"}",
    ] {
        let failure = BENCH.streamed(&asked(), &[format!("data: {garbage}\n\n").into()]).1.expect_err("it failed");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{garbage}");
    }
    for body in [json!({}), json!({"message": {"content": [7]}}), json!([]), json!({"message": 7})] {
        let failure = BENCH.whole(&asked(), &body).expect_err("no answer");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{body}");
    }
}

#[test]
fn calls_without_ids_get_some_and_all_differ() {
    let call = json!({"type": "function", "function": {"name": "f", "arguments": "{}"}});
    let answer = json!({"id": "a", "finish_reason": "TOOL_CALL", "message": {"tool_calls": [call, call]}});
    let whole = BENCH.whole(&asked(), &answer).expect("an answer");
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    assert!(calls[0]["id"].as_str().expect("an id").starts_with("call_"));
    assert_ne!(calls[0]["id"], calls[1]["id"]);
}
