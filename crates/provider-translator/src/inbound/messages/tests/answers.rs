use http::StatusCode;
use llm_layers_wire::openai;

use super::*;

#[test]
fn a_whole_answer_is_a_whole_message() {
    assert_eq!(
        whole(&json!({"role": "assistant", "content": "Hi", "refusal": null}), "stop"),
        json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 7}})
    );
}

#[test]
fn every_block_finds_its_place() {
    let message = json!({"role": "assistant", "content": "Let me see.", "reasoning_content": "hmso",
        "reasoning_details": [
            {"type": "reasoning.text", "index": 0, "text": "hm", "signature": "c2ln", "format": "anthropic-v1"},
            {"type": "reasoning.encrypted", "index": 1, "data": "ZGF0YQ", "format": "anthropic-v1"},
            {"type": "reasoning.text", "index": 2, "text": "so", "signature": "Z25p"}],
        "tool_calls": [
            {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1.0}"}},
            {"id": "toolu_2", "type": "function", "function": {"name": "g", "arguments": ""}}]});
    let answer = whole(&message, "tool_calls");
    assert_eq!(
        answer["content"],
        json!([
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZGF0YQ"},
            {"type": "thinking", "thinking": "so", "signature": "Z25p"},
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1.0}},
            {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}}])
    );
    assert_eq!(answer["stop_reason"], "tool_use");
}

#[test]
fn reasons_to_stop() {
    let text = json!({"content": "Hi"});
    let calls = json!({"content": null, "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": "{}"}}]});
    for (message, finish, reason) in [
        (&text, "stop", "end_turn"),
        (&text, "length", "max_tokens"),
        (&text, "content_filter", "refusal"),
        (&text, "something_new", "end_turn"),
        (&calls, "tool_calls", "tool_use"),
        (&calls, "stop", "tool_use"),
        (&calls, "length", "max_tokens"),
        (&json!({"content": null, "refusal": "No."}), "stop", "refusal"),
    ] {
        assert_eq!(whole(message, finish)["stop_reason"], reason, "{message} {finish}");
    }
    for (told, reason, sequence) in [("END", "stop_sequence", json!("END")), ("other", "end_turn", Value::Null)] {
        let completion = json!({"choices": [{"message": text, "finish_reason": "stop", "stop_reason": told}]});
        let message = answer().whole(Bytes::from(completion.to_string())).expect("an answer");
        let message: Value = serde_json::from_slice(&message).expect("JSON");
        assert_eq!((&message["stop_reason"], &message["stop_sequence"]), (&json!(reason), &sequence));
        assert!(message["id"].as_str().expect("an id").starts_with("msg_"));
    }
}

#[test]
fn the_cached_is_counted_apart() {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
        "completion_tokens_details": {"reasoning_tokens": 4}});
    let completion = json!({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}], "usage": usage});
    let message = answer().whole(Bytes::from(completion.to_string())).expect("an answer");
    assert_eq!(
        serde_json::from_slice::<Value>(&message).expect("JSON")["usage"],
        json!({"input_tokens": 10, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 60,
            "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}})
    );
}

/// Seals of others, and what Google hangs on calls, come back as they went out.
#[test]
fn what_others_seal_survives_the_blocks_of_anthropic() {
    let extra = json!({"google": {"thought_signature": "c2ln\"\\"}});
    let message = json!({"content": null,
        "reasoning_details": [
            {"type": "reasoning.text", "index": 0, "text": "hm", "signature": "c2ln", "format": "bedrock-v1"},
            {"type": "reasoning.encrypted", "index": 1, "data": "ZGF0YQ", "format": "gemini-v1"}],
        "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}, "extra_content": extra}]});
    let content = whole(&message, "tool_calls")["content"].clone();
    assert_eq!(content.as_array().expect("blocks").len(), 4);
    let request = messages(&json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}]));
    let mut back = sent(&request).0["messages"][1].clone();
    back.as_object_mut().expect("a message").remove("role");
    assert_eq!(back, message);
}

#[test]
fn arguments_that_are_no_object_are_handed_on_under_a_name() {
    let called = |arguments: &str| {
        let call = json!({"id": "t", "function": {"name": "f", "arguments": arguments}});
        whole(&json!({"tool_calls": [call]}), "length")["content"][0]["input"].clone()
    };
    assert_eq!(called("{\"a\":"), json!({"_raw": "{\"a\":"}));
    assert_eq!(called("[1]"), json!({"_raw": "[1]"}));
    assert_eq!(called(" \n"), json!({}));
}

#[test]
fn errors_get_anthropics_types_and_statuses() {
    let told = |status: u16, error: &openai::Error| {
        let (status, body) = super::super::failure(StatusCode::from_u16(status).expect("a status"), error);
        (status.as_u16(), serde_json::from_slice::<Value>(&body).expect("JSON"))
    };
    for (status, code, expected, kind) in [
        (400, "context_length_exceeded", 400, "invalid_request_error"),
        (401, "invalid_api_key", 401, "authentication_error"),
        (403, "", 403, "permission_error"),
        (404, "model_not_found", 404, "not_found_error"),
        (409, "", 409, "conflict_error"),
        (413, "request_too_large", 413, "request_too_large"),
        (415, "", 415, "invalid_request_error"),
        (429, "rate_limit_exceeded", 429, "rate_limit_error"),
        (429, "insufficient_quota", 402, "billing_error"),
        (500, "", 500, "api_error"),
        (502, "upstream_error", 502, "api_error"),
        (503, "server_is_overloaded", 529, "overloaded_error"),
        (503, "", 503, "api_error"),
        (504, "upstream_timeout", 504, "timeout_error"),
    ] {
        let error = openai::Error::new("t", "why").with_code(code);
        let (status, body) = told(status, &error);
        assert_eq!((status, body["error"]["type"].as_str()), (expected, Some(kind)), "{code}");
        assert_eq!(body["error"]["message"], "why");
    }
    let error = openai::Error::new("t", "why").with_param("messages[0]").with("provider", "p").with("request_id", "r");
    assert_eq!(
        told(400, &error).1,
        json!({"type": "error", "request_id": "r", "error": {"type": "invalid_request_error", "message": "why",
            "details": {"provider": "p", "param": "messages[0]"}}})
    );
    assert_eq!(
        told(500, &openai::Error::new("t", "why")).1,
        json!({"type": "error", "request_id": null, "error": {"type": "api_error", "message": "why"}})
    );
}

#[test]
fn what_only_a_provider_says_of_a_message_breaks_nothing() {
    let native = json!({"content": [{"type": "server_tool_use", "id": "a"}, {"type": "text", "length": 1}]});
    let said = |more: Value| {
        let mut message = json!({"role": "assistant", "content": "a", "refusal": null});
        message.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        whole(&message, "stop")
    };
    assert_eq!(said(json!({"native": native}))["content"], said(json!({}))["content"]);
    let chunks = [delta(&json!({"content": "a"})), delta(&json!({"native": native}))];
    assert_eq!(blocks(&format!("{}{}", data(&chunks), ends("stop"))), ["+text", "text:a", "-"]);
}
