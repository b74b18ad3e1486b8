use serde_json::json;

use super::*;

const CLAUDE: &str = "claude-sonnet-4-5@20250929";

fn sent_to_vertex(model: &str, request: &Value) -> (String, Value) {
    let outgoing = run(vertex(), Operation::ChatCompletion, model, request).expect("it is translated");
    (outgoing.path, serde_json::from_slice(&outgoing.body).expect("JSON"))
}

#[test]
fn gemini_is_googles() {
    let (path, body) = sent_to_vertex("gemini-x", &with(&json!({"labels": {"a": "b"}, "stream": true})));
    assert_eq!(path, "/v1/projects/p/locations/global/publishers/google/models/gemini-x:streamGenerateContent?alt=sse");
    assert_eq!(body, json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "labels": {"a": "b"}}));
}

/// Source: `anthropic.lib.vertex` of Anthropic's Python SDK: the model moves to the path, the version to the body.
#[test]
fn claude_speaks_as_at_anthropic() {
    let path = "/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929";
    let (whole, body) = sent_to_vertex(CLAUDE, &with(&json!({"max_tokens": 5})));
    assert_eq!(whole, format!("{path}:rawPredict"));
    let message = json!({"role": "user", "content": [{"type": "text", "text": "Hi"}]});
    assert_eq!(body, json!({"anthropic_version": "vertex-2023-10-16", "max_tokens": 5, "messages": [message]}));
    let (streamed, body) = sent_to_vertex(CLAUDE, &with(&json!({"stream": true})));
    assert_eq!(streamed, format!("{path}:streamRawPredict"));
    assert_eq!(body["stream"], true);

    let outgoing = run(vertex(), Operation::ChatCompletion, CLAUDE, &with(&json!({}))).expect("it is translated");
    let answer = json!({"id": "msg_1", "type": "message", "model": "claude-x", "content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn"});
    let answer = outgoing.answer.whole(Bytes::from(answer.to_string())).expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["choices"][0]["message"]["content"], "Hello");
}

#[test]
fn what_only_anthropic_itself_has_is_left_out_of_claudes_calls() {
    let request = with(&json!({"service_tier": "flex", "container": "c", "inference_geo": "eu", "made_up": 1}));
    let outgoing = run(vertex(), Operation::ChatCompletion, CLAUDE, &request).expect("it is translated");
    let warnings = outgoing.warnings.into_header().expect("warnings");
    let mut warnings: Vec<_> = warnings.to_str().expect("text").split(',').map(str::trim).collect();
    warnings.sort_unstable();
    let left_out = |(name, reason)| format!("dropped;param={name};reason={reason}");
    let names = [
        ("container", "unsupported"),
        ("inference_geo", "unsupported"),
        ("made_up", "unknown"),
        ("service_tier", "unsupported"),
    ];
    assert_eq!(warnings, names.map(left_out));
}

#[test]
fn other_operations_are_refused() {
    for operation in [Operation::Completion, Operation::Response, Operation::Message] {
        let failure = run(vertex(), operation, "gemini-x", &json!({})).map(|_| ()).expect_err("refused");
        assert_eq!(failure.error().code.as_deref(), Some("unsupported_operation"));
    }
}
