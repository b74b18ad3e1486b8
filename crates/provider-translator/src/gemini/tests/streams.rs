use serde_json::json;

use super::*;

fn part(part: Value) -> Value {
    json!({"candidates": [{"index": 0, "content": {"parts": [part]}}], "responseId": "r1"})
}

fn end(reason: &str) -> Value {
    json!({"candidates": [{"index": 0, "content": {"parts": [{"text": ""}]}, "finishReason": reason}], "responseId": "r1"})
}

fn run_stream(chunks: &[Value]) -> (Vec<Value>, Result<(), Failure>) {
    streamed(&streaming(), &[sse(chunks)])
}

fn deltas(chunks: &[Value]) -> Vec<Value> {
    chunks.iter().filter(|chunk| chunk.is_object()).map(|chunk| chunk["choices"][0]["delta"].clone()).collect()
}

#[test]
fn a_call_is_one_opening_and_one_fragment() {
    let call = json!({"functionCall": {"id": "fc1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "YQ=="});
    let (chunks, ended) = run_stream(&[part(call), end("STOP")]);
    ended.expect("a whole answer");
    let opening = json!({"index": 0, "id": "fc1", "type": "function", "function": {"name": "f", "arguments": ""}, "extra_content": {"google": {"thought_signature": "YQ=="}}});
    assert_eq!(
        deltas(&chunks)[..3],
        [
            json!({"role": "assistant", "content": null}),
            json!({"tool_calls": [opening]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"a\":1}"}}]}),
        ]
    );
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn a_stream_without_its_reason_is_incomplete() {
    for chunks in [vec![], vec![part(json!({"text": "x"}))], vec![json!({"usageMetadata": {}})]] {
        let (data, ended) = run_stream(&chunks);
        assert_eq!(ended.expect_err("it broke off").error().code.as_deref(), Some("upstream_incomplete_stream"));
        assert!(!data.contains(&json!("[DONE]")));
    }
}

#[test]
fn an_error_before_anything_was_said_leaves_the_call_to_be_tried_again() {
    let error = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
    for error in [error.clone(), json!([error])] {
        let (data, ended) = run_stream(&[json!({"usageMetadata": {"promptTokenCount": 1}}), error.clone()]);
        assert!(data.is_empty());
        assert_eq!(ended.expect_err("it failed").status(), 503);
        let (data, ended) = run_stream(&[part(json!({"text": "x"})), error]);
        assert_eq!(
            (data.len(), ended.expect_err("it failed").error().code.as_deref()),
            (2, Some("server_is_overloaded"))
        );
    }
}

#[test]
fn what_is_malformed_is_a_failure_wherever_it_comes() {
    let (data, ended) = run_stream(&[part(json!({"text": "x"})), end("MALFORMED_FUNCTION_CALL")]);
    assert_eq!(data.len(), 2);
    assert_eq!(ended.expect_err("it failed").error().code.as_deref(), Some("upstream_malformed_output"));
}

#[test]
fn a_blocked_prompt_is_a_refusal() {
    let (chunks, ended) = run_stream(&[
        json!({"promptFeedback": {"blockReason": "JAILBREAK"}, "usageMetadata": {"promptTokenCount": 2}}),
    ]);
    ended.expect("an answer");
    assert_eq!(deltas(&chunks)[1], json!({"refusal": "The prompt was blocked: JAILBREAK."}));
    assert_eq!(chunks[2]["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(chunks.last(), Some(&json!("[DONE]")));
}

#[test]
fn an_answer_that_is_blocked_midway_ends() {
    let blocked =
        json!({"candidates": [{"finishReason": "SAFETY", "index": 0, "finishMessage": "Not on."}], "responseId": "r1"});
    let (chunks, ended) = run_stream(&[part(json!({"text": "x"})), blocked]);
    ended.expect("an answer");
    assert_eq!(deltas(&chunks)[1..3], [json!({"content": "x"}), json!({"refusal": "Not on."})]);
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn what_comes_after_the_reason_still_counts() {
    let late = json!({"candidates": [{"content": {"parts": [{"functionCall": {"id": "1", "name": "f"}}]}}], "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1}});
    let (chunks, ended) = run_stream(&[part(json!({"text": "x"})), end("STOP"), late]);
    ended.expect("an answer");
    let said = |chunk: &&Value| chunk["choices"][0]["finish_reason"].is_string();
    assert_eq!(chunks.iter().find(said).expect("an end")["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(chunks[chunks.len() - 2]["usage"]["total_tokens"], 8);
}

#[test]
fn what_google_says_last_counts() {
    let said = |ratings: &str, grounding: Value| {
        let candidate =
            json!({"content": {"parts": [{"text": "x"}]}, "safetyRatings": [ratings], "groundingMetadata": grounding});
        json!({"candidates": [candidate], "responseId": "r1"})
    };
    let full = json!({"groundingSupports": [], "webSearchQueries": ["a"]});
    let (chunks, ended) = run_stream(&[
        said("a", json!(null)),
        said("b", full.clone()),
        said("c", json!({"webSearchQueries": ["b"]})),
        end("STOP"),
    ]);
    ended.expect("an answer");
    let last = chunks.iter().find(|chunk| chunk["choices"][0]["finish_reason"] == "stop").expect("an end");
    assert_eq!(
        last["native"],
        json!({"candidates": [{"index": 0, "safetyRatings": ["c"], "groundingMetadata": full}]})
    );
}

#[test]
fn usage_is_told_only_if_it_was_asked_for() {
    let with_usage = json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 7}});
    let (chunks, _) = streamed(&with(&json!({"stream": true})), &[sse(&[with_usage])]);
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn an_event_that_is_cut_off_is_an_incomplete_stream() {
    let text = sse(&[part(json!({"text": "x"})), end("STOP")]);
    let (_, ended) = streamed(&streaming(), &[text.slice(..text.len() - 20)]);
    assert_eq!(ended.expect_err("cut off").error().code.as_deref(), Some("upstream_incomplete_stream"));
    let (_, ended) = streamed(&streaming(), &[Bytes::from_static(b"data: nonsense\n\n")]);
    assert_eq!(ended.expect_err("nonsense").error().code.as_deref(), Some("upstream_protocol_error"));
}
