use llm_layers_testkit::split::for_every_split;
use serde_json::{Value, json};

use super::*;
use crate::testing::{MODEL, chunks, recorded, with};

const TOOLS: &str = include_str!("../../../fixtures/ollama/tools.ndjson");
const LIKELY: &str = include_str!("../../../fixtures/ollama/likely.ndjson");

fn asked() -> Value {
    with(&json!({"stream": true, "stream_options": {"include_usage": true}}))
}

fn fixture(text: &str) -> (Value, Value) {
    let fixture: Value = serde_json::from_str(text).expect("JSON");
    (fixture["native"].clone(), fixture["openai"].clone())
}

fn recordings() -> [(&'static str, Value, Value); 2] {
    let (tools, tools_said) = fixture(include_str!("../../../fixtures/ollama/tools.json"));
    let (likely, likely_said) = fixture(include_str!("../../../fixtures/ollama/likely.json"));
    [(recorded(TOOLS), tools, tools_said), (recorded(LIKELY), likely, likely_said)]
}

/// Without the id, which is ours and made by chance.
fn without_id(mut answer: Value) -> Value {
    let id = answer.as_object_mut().expect("an object").remove("id").expect("an id");
    assert!(id.as_str().expect("text").starts_with("chatcmpl-"));
    answer
}

#[test]
fn streamed_or_not_it_is_the_same_answer() {
    for (stream, native, openai) in recordings() {
        assert_eq!(without_id(BENCH.whole(&asked(), &native).expect("an answer")), openai);
        assert_eq!(without_id(BENCH.assembled(&asked(), stream)), openai);
        // The last line counts without its end too.
        assert_eq!(without_id(BENCH.assembled(&asked(), stream.trim_end())), openai);
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
    let chunks = BENCH.chunks(&asked(), recorded(TOOLS));
    let deltas: Vec<Value> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"].get(0))
        .map(|choice| json!([choice["delta"], choice["finish_reason"]]))
        .collect();
    let call = |call: Value| json!([{"tool_calls": [call]}, null]);
    let opened = |index: u32, id: &str, name: &str| json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}});
    assert_eq!(
        deltas,
        [
            json!([{"role": "assistant", "content": null}, null]),
            json!([{"reasoning_content": "I will"}, null]),
            json!([{"reasoning_content": " add \u{fc} \u{1f600}."}, null]),
            json!([{"content": "Let me add."}, null]),
            call(opened(0, "call_a", "add")),
            call(json!({"index": 0, "function": {"arguments": "{\"a\":12345678901234567890,\"b\":\" x \"}"}})),
            call(opened(1, "call_b", "now")),
            call(json!({"index": 1, "function": {"arguments": "{}"}})),
            call(opened(2, "call_c", "late")),
            call(json!({"index": 2, "function": {"arguments": "{}"}})),
            json!([{}, "tool_calls"]),
        ]
    );
    let ids: std::collections::HashSet<String> = chunks.iter().map(|chunk| chunk["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn probabilities_come_with_the_text_they_are_of() {
    let chunks = BENCH.chunks(&asked(), recorded(LIKELY));
    let told: Vec<Value> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"].get(0))
        .map(|choice| json!([choice["delta"]["content"], choice["logprobs"]["content"][0]["token"]]))
        .collect();
    assert_eq!(told, [json!(["", null]), json!(["H\u{e9}", "H\u{e9}"]), json!(["!", "!"]), json!([null, null])]);
}

#[test]
fn one_call_only_if_no_more_are_wanted() {
    let request = with(&json!({
        "stream": true, "parallel_tool_calls": false, "tools": [{"type": "function", "function": {"name": "add"}}],
    }));
    let answer = BENCH.assembled(&request, recorded(TOOLS));
    assert_eq!(answer["choices"][0]["message"]["tool_calls"].as_array().map(Vec::len), Some(1));
}

#[test]
fn every_reason_to_stop_is_one_of_openais() {
    for (reason, finish) in [
        (json!("stop"), "stop"),
        (json!("length"), "length"),
        (json!("load"), "stop"),
        (json!("unload"), "stop"),
        (json!(null), "stop"),
        (json!("made_up_later"), "stop"),
    ] {
        let answer = json!({"message": {"role": "assistant", "content": ""}, "done": true, "done_reason": reason});
        let whole = BENCH.whole(&asked(), &answer).expect("an answer");
        assert_eq!(whole["choices"][0]["finish_reason"], finish, "{reason}");
        assert_eq!(whole["choices"][0]["message"]["content"], "");
        let is_told = reason.is_string() && reason != "stop" && reason != "length";
        assert_eq!(whole["native"]["done_reason"], if is_told { reason } else { json!(null) });
        assert_eq!((&whole["model"], whole.get("usage")), (&json!(MODEL), None));
    }
}

#[test]
fn the_time_is_the_servers_own() {
    let answer = r#"{"created_at":"2026-11-21T01:43:24.276Z","message":{"content":"x"},"done":true}"#;
    let whole = BENCH.chat(&asked()).answer.whole(Bytes::from_static(answer.as_bytes())).expect("an answer");
    let whole: Value = serde_json::from_slice(&whole).expect("JSON");
    assert_eq!(whole["created"], 1_795_225_404);
}

#[test]
fn an_error_under_a_status_of_200_is_a_failure() {
    let error = "{\"error\":\"llama runner process has terminated\"}\n";
    let (data, end) = BENCH.streamed(&asked(), &[error.into()]);
    assert!(data.is_empty());
    let failure = end.expect_err("it failed");
    assert_eq!((failure.status().as_u16(), failure.error().code.as_deref()), (502, Some("upstream_error")));
    assert_eq!(failure.error().message, "llama runner process has terminated");

    let begun = format!("{{\"message\":{{\"content\":\"x\"}},\"done\":false}}\n{error}");
    let (data, end) = BENCH.streamed(&asked(), &[begun.into()]);
    assert_eq!(data.len(), 2);
    assert!(end.is_err(), "and no finish, no `[DONE]`");

    let failure = BENCH.whole(&asked(), &json!({"error": "boom"})).expect_err("it failed");
    assert_eq!((failure.status().as_u16(), failure.error().message.as_str()), (502, "boom"));
}

#[test]
fn a_stream_that_ends_early_says_so() {
    let stream = recorded(TOOLS);
    let last = stream.trim_end().rfind('\n').expect("lines") + 1;
    for kept in 0..stream.trim_end().len() {
        let Some(head) = stream.get(..kept) else { continue };
        let (data, end) = BENCH.streamed(&asked(), &[head.to_owned().into()]);
        let failure = end.expect_err("it ended early");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_incomplete_stream"), "{kept} of {last}");
        assert!(data.iter().all(|data| data != "[DONE]"));
    }
}

#[test]
fn garbage_is_a_failure_and_not_silence() {
    for garbage in ["{oops", "[1]", "{}", "{\"done\":false}", "{\"message\":7}", "data: {\"done\":true}"] {
        let failure = BENCH.streamed(&asked(), &[format!("{garbage}\n").into()]).1.expect_err("it failed");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{garbage}");
    }
    for body in [json!({}), json!([]), json!({"message": {"content": "x"}, "done": false})] {
        let failure = BENCH.whole(&asked(), &body).expect_err("no answer");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{body}");
    }
}

#[test]
fn calls_without_ids_get_some_and_their_arguments_are_text() {
    let call = |arguments: Value| json!({"function": {"name": "f", "arguments": arguments}});
    let calls = [call(json!({"a": [1, 2]})), call(json!("{\"b\": 1}")), call(json!("")), call(json!(null))];
    let answer = json!({"message": {"content": "", "tool_calls": calls}, "done": true, "done_reason": "stop"});
    let whole = BENCH.whole(&asked(), &answer).expect("an answer");
    let calls = whole["choices"][0]["message"]["tool_calls"].as_array().expect("calls").clone();
    let arguments: Vec<&str> = calls.iter().map(|call| call["function"]["arguments"].as_str().expect("text")).collect();
    assert_eq!(arguments, ["{\"a\":[1,2]}", "{\"b\": 1}", "{}", "{}"]);
    let ids: std::collections::HashSet<&str> = calls.iter().map(|call| call["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.starts_with("call_")));
    assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn what_was_wrapped_is_unwrapped() {
    let request = with(&json!({"tools": [
        {"type": "custom", "custom": {"name": "run"}},
        {"type": "function", "function": {"name": "list", "parameters": {"type": "array"}}},
    ]}));
    let calls = json!([
        {"function": {"name": "run", "arguments": {"input": "ls"}}}, {"function": {"name": "list", "arguments": {"value": [1]}}},
    ]);
    let answer = json!({"message": {"tool_calls": calls}, "done": true});
    let whole = BENCH.whole(&request, &answer).expect("an answer");
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[0]["custom"], json!({"name": "run", "input": "ls"}));
    assert_eq!(calls[1]["function"], json!({"name": "list", "arguments": "[1]"}));
}

#[test]
fn it_goes_only_when_something_was_said() {
    use crate::translate::Flow;
    let mut answer = BENCH.chat(&asked()).answer;
    let mut out = Vec::new();
    let mut flow = |line: &'static str| answer.event(Event::new(line), &mut out);
    assert!(matches!(flow("{\"message\":{\"content\":\"\"},\"done\":false}"), Flow::Opening));
    assert!(matches!(flow("{\"message\":{\"content\":\"x\"},\"done\":false}"), Flow::Going));
    assert!(matches!(flow("{\"message\":{\"content\":\"\"},\"done\":true}"), Flow::Over));
}
