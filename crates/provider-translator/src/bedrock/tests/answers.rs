use super::*;

fn answer(content: Value, reason: &str) -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": reason,
        "metrics": {"latencyMs": 310},
        "usage": {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12},
    })
}

#[test]
fn an_answer_is_a_completion() {
    let whole = converse(NOVA).whole(&with(&json!({})), &answer(json!([{"text": "Hi"}]), "end_turn"));
    let whole = whole.expect("an answer");
    let id = &whole["id"];
    assert_eq!(
        whole,
        json!({
            "id": id, "object": "chat.completion", "created": 1, "model": NOVA,
            "choices": [{
                "index": 0, "finish_reason": "stop", "logprobs": null,
                "message": {"role": "assistant", "content": "Hi", "refusal": null},
            }],
            "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
        })
    );
}

#[test]
fn every_reason_to_end_has_a_name() {
    let call = json!({"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": 12345678901234567890_u64}}});
    for (reason, content, finish) in [
        ("end_turn", json!([{"text": "a"}]), "stop"),
        ("stop_sequence", json!([{"text": "a"}]), "stop"),
        ("tool_use", json!([call]), "tool_calls"),
        ("max_tokens", json!([{"text": "a"}]), "length"),
        ("max_tokens", json!([call]), "length"),
        ("model_context_window_exceeded", json!([]), "length"),
        ("guardrail_intervened", json!([{"text": "no"}]), "content_filter"),
        ("content_filtered", json!([]), "content_filter"),
        ("made_up_later", json!([{"text": "a"}]), "stop"),
        ("made_up_later", json!([call]), "tool_calls"),
    ] {
        let whole = converse(NOVA).whole(&with(&json!({})), &answer(content, reason)).expect("an answer");
        assert_eq!(whole["choices"][0]["finish_reason"], finish, "{reason}");
    }
    for reason in ["malformed_model_output", "malformed_tool_use"] {
        let failure = converse(NOVA).whole(&with(&json!({})), &answer(json!([]), reason)).expect_err("no answer");
        assert_eq!(
            (failure.status().as_u16(), failure.error().code.as_deref()),
            (502, Some("upstream_malformed_output"))
        );
    }
}

#[test]
fn names_find_their_way_back() {
    let tools = json!([{"type": "function", "function": {"name": "a.b", "parameters": {"type": "object"}}}]);
    let request = with(&json!({"tools": tools}));
    let setup = converse(NOVA);
    let name = setup.sent(&request).0["toolConfig"]["tools"][0]["toolSpec"]["name"].clone();
    assert_ne!(name, "a.b");
    let call = json!([{"toolUse": {"toolUseId": "t", "name": name, "input": {"x": 1}}}]);
    let whole = setup.whole(&request, &answer(call, "tool_use")).expect("an answer");
    let called = &whole["choices"][0]["message"]["tool_calls"][0];
    assert_eq!((&called["function"]["name"], &called["id"]), (&json!("a.b"), &json!("t")));
    assert_eq!(called["function"]["arguments"], "{\"x\":1}");
}

#[test]
fn an_answer_without_output_is_none() {
    for body in [
        json!({}),
        json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}}),
        json!({"output": {}}),
    ] {
        let failure = converse(NOVA).whole(&with(&json!({})), &body).expect_err("no answer");
        assert_eq!(
            (failure.status().as_u16(), failure.error().code.as_deref()),
            (502, Some("upstream_protocol_error"))
        );
    }
}
