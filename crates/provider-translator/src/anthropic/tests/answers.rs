use serde_json::{Value, json};

use super::*;

fn message(content: &Value, stop_reason: &str) -> Value {
    json!({
        "id": "msg_01Ab", "type": "message", "role": "assistant", "model": "claude-x", "content": content,
        "stop_reason": stop_reason, "stop_sequence": null, "stop_details": null,
        "usage": {
            "input_tokens": 12, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 2048,
            "output_tokens": 34, "output_tokens_details": {"thinking_tokens": 10}, "service_tier": "standard",
        },
    })
}

fn asked() -> Value {
    with(&json!({}))
}

#[test]
fn a_whole_answer_has_all_that_openais_has() {
    let content = json!([
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "d1"},
        {"type": "text", "text": "Let me "}, {"type": "text", "text": "check."},
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
    ]);
    let mut answer = whole(&asked(), &message(&content, "tool_use"));
    assert!(answer["created"].as_u64().expect("seconds") > 1_700_000_000);
    answer["created"] = json!(1);
    assert_eq!(
        answer,
        json!({
            "id": "chatcmpl-01Ab", "object": "chat.completion", "created": 1, "model": "claude-x",
            "choices": [{
                "index": 0,
                "message": {
                    "role": "assistant", "content": "Let me check.", "refusal": null, "reasoning_content": "hm",
                    "reasoning_details": [
                        {"type": "reasoning.text", "index": 0, "text": "hm", "signature": "s1", "format": "anthropic-v1"},
                        {"type": "reasoning.encrypted", "index": 1, "data": "d1", "format": "anthropic-v1"},
                    ],
                    "tool_calls": [
                        {"id": "toolu_1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}},
                        {"id": "toolu_2", "type": "function", "function": {"name": "now", "arguments": "{}"}},
                    ],
                },
                "logprobs": null, "finish_reason": "tool_calls",
            }],
            "usage": {
                "prompt_tokens": 2065, "completion_tokens": 34, "total_tokens": 2099,
                "prompt_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 5},
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
            "native": {"usage": {"service_tier": "standard"}},
        })
    );
}

#[test]
fn every_reason_to_stop_is_one_of_openais() {
    let text = json!([{"type": "text", "text": "x"}]);
    let call = json!([{"type": "tool_use", "id": "t", "name": "f", "input": {}}]);
    let table = [
        ("end_turn", &text, "stop"),
        ("stop_sequence", &text, "stop"),
        ("max_tokens", &text, "length"),
        ("max_tokens", &call, "length"),
        ("tool_use", &call, "tool_calls"),
        ("end_turn", &call, "tool_calls"),
        ("tool_use", &text, "stop"),
        ("pause_turn", &text, "stop"),
        ("refusal", &text, "content_filter"),
        ("model_context_window_exceeded", &text, "length"),
        ("compaction", &text, "length"),
        ("something_new", &text, "stop"),
        ("something_new", &call, "tool_calls"),
    ];
    for (reason, content, finish) in table {
        assert_eq!(whole(&asked(), &message(content, reason))["choices"][0]["finish_reason"], finish, "{reason}");
    }
}

#[test]
fn a_refusal_says_why() {
    let mut answer = message(&json!([]), "refusal");
    answer["stop_details"] = json!({"type": "refusal", "category": "cyber", "explanation": "I cannot help."});
    let answer = whole(&asked(), &answer);
    let message = &answer["choices"][0]["message"];
    assert_eq!(*message, json!({"role": "assistant", "content": null, "refusal": "I cannot help."}));
    assert_eq!(answer["native"]["stop_details"]["category"], "cyber");
}

#[test]
fn what_no_client_can_answer_stands_apart() {
    let content = json!([
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        {"type": "text", "text": "ä", "citations": null},
        {"type": "text", "text": "Héllo", "citations": [
            {"type": "web_search_result_location", "url": "https://a.example", "title": "A", "cited_text": "…"},
            {"type": "char_location", "document_index": 0},
        ]},
        {"type": "made_up_later", "x": [1]},
    ]);
    let answer = whole(&asked(), &message(&content, "end_turn"));
    let cited = json!({"start_index": 1, "end_index": 6, "title": "A", "url": "https://a.example"});
    let blocks = json!([
        content[0], content[1],
        {"type": "text", "length": 1}, {"type": "text", "length": 5, "citations": content[3]["citations"]},
        content[4],
    ]);
    assert_eq!(
        answer["choices"][0]["message"],
        json!({
            "role": "assistant", "content": "äHéllo", "refusal": null,
            "annotations": [{"type": "url_citation", "url_citation": cited}], "native": {"content": blocks},
        })
    );
    assert_eq!(answer["native"], json!({"usage": {"service_tier": "standard"}}), "of the answer nothing else is said");
}

#[test]
fn no_block_that_is_not_known_and_no_odd_source_fails_an_answer() {
    let content = json!([
        {"type": "made_up_later", "text": {"a": 1}, "citations": {"enabled": true}, "data": [1], "id": 7},
        {"type": "text", "text": "a", "citations": [{"type": "new_location", "url": ["u"], "title": 1}, 5]},
    ]);
    let answer = whole(&asked(), &message(&content, "end_turn"));
    let cited = json!({"type": "text", "length": 1, "citations": [content[1]["citations"][0]]});
    assert_eq!(
        answer["choices"][0]["message"],
        json!({"role": "assistant", "content": "a", "refusal": null, "native": {"content": [content[0], cited]}})
    );
}

#[test]
fn of_what_usage_says_beside_tokens_the_last_word_counts() {
    let mut answer = message(&json!([]), "end_turn");
    let written = json!({"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3});
    answer["usage"] = json!({
        "input_tokens": 1, "output_tokens": 2, "service_tier": "priority", "cache_creation": written,
        "server_tool_use": {"web_search_requests": 0}, "inference_geo": "eu",
    });
    let mut expected = answer["usage"].clone();
    for tokens in ["input_tokens", "output_tokens"] {
        expected.as_object_mut().expect("an object").remove(tokens);
    }
    assert_eq!(whole(&asked(), &answer)["native"], json!({"usage": expected}));

    let start = json!({"type": "message_start", "message": answer});
    let used = json!({"output_tokens": 2, "service_tier": null, "server_tool_use": {"web_search_requests": 4}});
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": used});
    let stream = sse(&[start, end, json!({"type": "message_stop"})]);
    let (data, _) = streamed(&with(&json!({"stream": true})), &[stream.as_bytes()]);
    let last: Value = serde_json::from_str(data.iter().rev().nth(1).expect("a chunk")).expect("JSON");
    expected["server_tool_use"] = json!({"web_search_requests": 4});
    assert_eq!(last["native"], json!({"usage": expected}));
    answer["usage"] = json!({"output_tokens": 2});
    assert_eq!(whole(&asked(), &answer).get("native"), None);
}

#[test]
fn content_is_null_only_where_something_else_was_said() {
    let content =
        |content: &Value| whole(&asked(), &message(content, "end_turn"))["choices"][0]["message"]["content"].clone();
    assert_eq!(content(&json!([])), "");
    assert_eq!(content(&json!([{"type": "tool_use", "id": "t", "name": "f", "input": {}}])), json!(null));
}

#[test]
fn arguments_keep_their_digits() {
    let text = r#"{"id":"msg_1","content":[{"type":"tool_use","id":"t","name":"f","input":{ "n": 12345678901234567890.10 }}],"stop_reason":"tool_use"}"#;
    let answer = Box::new(answer_to(&asked())).whole(Bytes::from_static(text.as_bytes())).expect("an answer");
    assert!(std::str::from_utf8(&answer).expect("UTF-8").contains(r#""{\"n\":12345678901234567890.10}""#));
}

#[test]
fn what_is_no_answer_is_a_failure() {
    let failed = |body: &str| {
        Box::new(answer_to(&asked())).whole(Bytes::copy_from_slice(body.as_bytes())).expect_err("no answer")
    };
    for body in ["", "<html>", "[]", "{}", "null", r#"{"content":[7]}"#, r#"{"content":[{}]}"#] {
        let failure = failed(body);
        assert_eq!(
            (failure.status().as_u16(), failure.error().code.as_deref()),
            (502, Some("upstream_protocol_error")),
            "{body}"
        );
    }
    let failure = failed(r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#);
    assert_eq!((failure.status().as_u16(), failure.error().message.as_str()), (503, "busy"));
}
