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
            "native": {"metrics": {"latencyMs": 310}},
        })
    );
}

#[test]
fn what_only_bedrock_says_is_not_lost() {
    let trace =
        json!({"guardrail": {"inputAssessment": {"gr1": {"topicPolicy": {"topics": [{"action": "BLOCKED"}]}}}}});
    let mut theirs = answer(json!([{"text": "no"}]), "guardrail_intervened");
    theirs["trace"] = trace.clone();
    theirs["performanceConfig"] = json!({"latency": "optimized"});
    theirs["serviceTier"] = json!({"type": "flex"});
    theirs["additionalModelResponseFields"] = json!({"stop_sequence": "END"});
    theirs["metrics"] = Value::Null;
    let whole = converse(NOVA).whole(&with(&json!({})), &theirs).expect("an answer");
    let native = json!({
        "additionalModelResponseFields": {"stop_sequence": "END"}, "trace": trace,
        "performanceConfig": {"latency": "optimized"}, "serviceTier": {"type": "flex"}, "stopReason": "guardrail_intervened",
    });
    assert_eq!(whole["native"], native);
}

#[test]
fn sources_without_a_url_are_told_where_they_stand() {
    let page = json!({"title": "Report", "location": {"documentPage": {"documentIndex": 0, "start": 2, "end": 2}}});
    let web = json!({"title": "A", "location": {"web": {"url": "https://a.example", "domain": "a.example"}}});
    let content = json!([
        {"text": "Ü: "},
        {"citationsContent": {"content": [{"text": "crabs"}], "citations": [page, web, 7, "x"]}},
    ]);
    let whole = converse(NOVA).whole(&with(&json!({})), &answer(content, "end_turn")).expect("an answer");
    let message = &whole["choices"][0]["message"];
    assert_eq!(message["annotations"].as_array().map(Vec::len), Some(1));
    let told = |citation: &Value| json!({"start_index": 3, "end_index": 8, "citation": citation});
    assert_eq!(whole["native"]["citations"], json!([told(&page), told(&json!(7)), told(&json!("x"))]));
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
