use super::*;

/// The chat messages of these turns.
fn chat(turns: &Value) -> Value {
    sent(&messages(turns)).0["messages"].clone()
}

#[test]
fn a_plain_request_is_a_plain_one() {
    let (body, warnings) = sent(&with(&json!({"system": "Be brief."})));
    assert_eq!(
        body,
        json!({"model": "m", "max_completion_tokens": 100,
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]})
    );
    assert_eq!(warnings, "");
}

#[test]
fn every_member_finds_its_place() {
    let schema = json!({"type": "object", "properties": {}});
    let (body, warnings) = sent(&with(&json!({
        "stream": true, "temperature": 0.5, "top_p": 0.9, "top_k": 40, "stop_sequences": ["a", "b"],
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "xhigh", "format": {"type": "json_schema", "schema": schema}},
        "metadata": {"user_id": "u"}, "service_tier": "standard_only", "cache_control": {"type": "ephemeral"},
        "inference_geo": "eu", "tools": [], "tool_choice": {"type": "auto"},
    })));
    assert_eq!(
        body,
        json!({"model": "m", "max_completion_tokens": 100, "messages": [{"role": "user", "content": "Hi"}],
            "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.5, "top_p": 0.9, "top_k": 40,
            "stop": ["a", "b"], "thinking": {"type": "adaptive", "display": "omitted"}, "reasoning_effort": "xhigh",
            "response_format": {"type": "json_schema", "json_schema": {"name": "response", "schema": schema}},
            "user": "u", "service_tier": "default", "cache_control": {"type": "ephemeral"}, "inference_geo": "eu"})
    );
    assert_eq!(warnings, "");
}

#[test]
fn numbers_and_texts_keep_their_spelling() {
    let request = r#"{"model":"m","max_tokens":9,"temperature":1.0e0,"messages":[{"role":"user","content":"\u00e4\/"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"n":1.0,"big":12345678901234567890123}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"\u00e4"}]}]}"#;
    let mut body = run(request).expect("a request").body;
    let bytes = futures_util::FutureExt::now_or_never(body.bytes(1 << 12)).expect("it is there").expect("bytes");
    let text = std::str::from_utf8(&bytes).expect("UTF-8");
    for spelled in [
        r#""temperature":1.0e0"#,
        r#""content":"\u00e4\/""#,
        r#""arguments":"{\"n\":1.0,\"big\":12345678901234567890123}""#,
    ] {
        assert!(text.contains(spelled), "{spelled} in {text}");
    }
}

#[test]
fn budgets_become_efforts() {
    for (thinking, effort) in [
        (json!({"type": "enabled", "budget_tokens": 1024}), json!("low")),
        (json!({"type": "enabled", "budget_tokens": 2000}), json!("medium")),
        (json!({"type": "enabled", "budget_tokens": 31999}), json!("high")),
        (json!({"type": "disabled"}), Value::Null),
        (json!({"type": "adaptive"}), Value::Null),
    ] {
        let (body, _) = sent(&with(&json!({"thinking": thinking})));
        assert_eq!((&body["thinking"], &body["reasoning_effort"]), (&thinking, &effort));
    }
}

#[test]
fn blocks_become_parts() {
    let mark = json!({"type": "ephemeral", "ttl": "5m"});
    let user = json!([{"role": "user", "content": [
        {"type": "text", "text": "Look", "cache_control": mark},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0K"}, "cache_control": mark},
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"}, "title": "report.pdf"},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a\u{e4}"}},
        {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "inner"}]}},
    ]}]);
    assert_eq!(
        chat(&user)[0]["content"],
        json!([
            {"type": "text", "text": "Look", "cache_control": mark},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}, "cache_control": mark},
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
            {"type": "file", "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,JVBERi0x"}},
            {"type": "file", "file": {"filename": "document.txt", "file_data": "data:text/plain;base64,YcOk"}},
            {"type": "file", "file": {"file_id": "file_1"}},
            {"type": "text", "text": "inner"},
        ])
    );
}

#[test]
fn a_loop_of_calls_is_told_in_openais_order() {
    let mark = json!({"type": "ephemeral"});
    let turns = json!([
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZGF0YQ"},
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}, "cache_control": mark}]},
        {"role": "user", "content": [
            {"type": "text", "text": "and now"},
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "one", "is_error": false},
            {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true, "cache_control": mark, "content": [
                {"type": "text", "text": "two"},
                {"type": "image", "source": {"type": "url", "url": "https://a.example"}}]}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_3", "name": "g", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_3"}]},
    ]);
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    assert_eq!(
        chat(&turns),
        json!([
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Let me see.",
                "reasoning_details": [
                    {"type": "reasoning.text", "index": 0, "text": "hm", "signature": "c2ln", "format": "anthropic-v1"},
                    {"type": "reasoning.encrypted", "index": 1, "data": "ZGF0YQ", "format": "anthropic-v1"}],
                "tool_calls": [call("toolu_1", "f", r#"{"a":1}"#), call("toolu_2", "g", "{}")], "cache_control": mark},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "one"},
            {"role": "tool", "tool_call_id": "toolu_2", "is_error": true, "cache_control": mark, "content": [
                {"type": "text", "text": "two"}, {"type": "image_url", "image_url": {"url": "https://a.example"}}]},
            {"role": "user", "content": "and now"},
            {"role": "assistant", "content": null, "tool_calls": [call("toolu_3", "g", "{}")]},
            {"role": "tool", "tool_call_id": "toolu_3", "content": ""},
        ])
    );
}

#[test]
fn reasoning_without_a_seal_goes_back_as_text() {
    let turns = json!([{"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": ""}, {"type": "text", "text": "b"}]}]);
    assert_eq!(chat(&turns)[1], json!({"role": "assistant", "content": "b", "reasoning_content": "hm"}));
}

#[test]
fn instructions_keep_their_place_and_their_marks() {
    let mut request = messages(&json!([{"role": "user", "content": "a"}, {"role": "system", "content": "now"}]));
    let blocks =
        json!([{"type": "text", "text": "x"}, {"type": "text", "text": "y", "cache_control": {"type": "ephemeral"}}]);
    request["system"] = blocks.clone();
    let (body, _) = sent(&request);
    assert_eq!(
        body["messages"],
        json!([{"role": "system", "content": blocks}, {"role": "user", "content": "a"}, {"role": "system", "content": "now"}])
    );
}

#[test]
fn tools_and_choices() {
    let schema = json!({"type": "object", "properties": {"z": {}, "a": {}}, "additionalProperties": false});
    let tools = json!([
        {"name": "f", "description": "d", "input_schema": schema, "cache_control": {"type": "ephemeral"}},
        {"type": "custom", "name": "g", "input_schema": {}, "strict": true, "eager_input_streaming": true}]);
    let (body, warnings) = sent(&with(&json!({"tools": tools})));
    assert_eq!(
        body["tools"],
        json!([
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}, "cache_control": {"type": "ephemeral"}},
            {"type": "function", "function": {"name": "g", "parameters": {}, "strict": true}}])
    );
    assert_eq!(warnings, "");
    for (choice, expected, parallel) in [
        (json!({"type": "auto"}), json!("auto"), Value::Null),
        (json!({"type": "none"}), json!("none"), Value::Null),
        (json!({"type": "any", "disable_parallel_tool_use": true}), json!("required"), json!(false)),
        (
            json!({"type": "tool", "name": "f", "disable_parallel_tool_use": false}),
            json!({"type": "function", "function": {"name": "f"}}),
            Value::Null,
        ),
    ] {
        let (body, _) = sent(&with(&json!({"tools": tools, "tool_choice": choice})));
        assert_eq!((&body["tool_choice"], &body["parallel_tool_calls"]), (&expected, &parallel));
    }
}

#[test]
fn nothing_is_lost_in_silence() {
    for (members, warnings) in [
        (json!({"x_unknown": 1}), "dropped;param=x_unknown;reason=unknown"),
        (json!({"context_management": {}}), "dropped;param=context_management;reason=unsupported"),
        (json!({"speed": "fast"}), "dropped;param=speed;reason=unsupported"),
        (json!({"speed": "standard", "mcp_servers": []}), ""),
        (json!({"metadata": {"user_id": null, "x": 1}}), "dropped;param=metadata.x;reason=unknown"),
        (
            json!({"tools": [{"name": "f", "input_schema": {}, "defer_loading": true}]}),
            "dropped;param=tools.defer_loading;reason=unsupported",
        ),
    ] {
        assert_eq!(sent(&with(&members)).1, warnings, "{members}");
    }
    let cited = json!([{"role": "user", "content": [{"type": "document", "context": "c", "citations": {"enabled": true},
        "source": {"type": "text", "media_type": "text/plain", "data": "a"}}]}]);
    assert_eq!(
        sent(&messages(&cited)).1,
        "dropped;param=messages.context;reason=unsupported, dropped;param=messages.citations;reason=unsupported"
    );
    let found = json!([{"role": "user", "content": [{"type": "search_result", "source": "s", "title": "t",
        "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]}]}]);
    let (body, warnings) = sent(&messages(&found));
    assert_eq!(body["messages"][0]["content"], json!([{"type": "text", "text": "t\ns\nx\ny"}]));
    assert_eq!(warnings, "emulated;param=messages;reason=search_result");
}

#[test]
fn what_chat_completions_cannot_give_is_refused_by_name() {
    let user = |block: Value| messages(&json!([{"role": "user", "content": [block]}]));
    for (request, param, code) in [
        (json!({"max_tokens": 1, "messages": []}), "model", "missing_required_parameter"),
        (
            json!({"model": "m", "messages": [{"role": "user", "content": "a"}]}),
            "max_tokens",
            "missing_required_parameter",
        ),
        (with(&json!({"max_tokens": 0})), "max_tokens", "invalid_value"),
        (with(&json!({"max_tokens": "9"})), "max_tokens", "invalid_type"),
        (json!({"model": "m", "max_tokens": 1}), "messages", "missing_required_parameter"),
        (messages(&json!([])), "messages", "invalid_value"),
        (messages(&json!([{"role": "user", "content": []}])), "messages[0].content", "invalid_value"),
        (messages(&json!([{"role": "tool", "content": "a"}])), "messages[0].role", "invalid_value"),
        (user(json!({"type": "video"})), "messages[0].content[0].type", "unsupported_parameter"),
        (
            user(json!({"type": "image", "source": {"type": "file", "file_id": "f"}})),
            "messages[0].content[0].source.type",
            "unsupported_parameter",
        ),
        (
            user(json!({"type": "document", "source": {"type": "url", "url": "https://a"}})),
            "messages[0].content[0].source.type",
            "unsupported_parameter",
        ),
        (
            user(json!({"type": "tool_result", "content": "x"})),
            "messages[0].content[0].tool_use_id",
            "missing_required_parameter",
        ),
        (
            with(&json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]})),
            "tools[0]",
            "unsupported_parameter",
        ),
        (with(&json!({"tools": [{"name": "f"}]})), "tools[0].input_schema", "missing_required_parameter"),
        (with(&json!({"tool_choice": {"type": "any"}})), "tool_choice", "invalid_value"),
        (with(&json!({"thinking": {"type": "enabled"}})), "thinking.budget_tokens", "missing_required_parameter"),
        (with(&json!({"output_config": {"effort": "most"}})), "output_config.effort", "invalid_value"),
        (with(&json!({"mcp_servers": [{}]})), "mcp_servers", "unsupported_parameter"),
        (with(&json!({"stop_sequences": "x"})), "stop_sequences", "invalid_type"),
        (with(&json!({"temperature": "hot"})), "temperature", "invalid_type"),
    ] {
        assert_eq!(refused(&request), (param.into(), code.into()), "{request}");
    }
    let failure = run(&with(&json!({"tools": [{"type": "web_search_20250305", "name": "w"}]})).to_string()).map(|_| ());
    assert!(failure.expect_err("refused").error().message.contains("`web_search_20250305`"));
}
