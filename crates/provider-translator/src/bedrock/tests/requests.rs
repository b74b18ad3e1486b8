use super::*;

const FIXTURE: &str = include_str!("../../../fixtures/bedrock/converse_requests.json");

/// What a fixture sends for a request without a member that changes it.
#[test]
fn golden_requests() {
    let fixture: Value = serde_json::from_str(FIXTURE).expect("JSON");
    assert!(fixture["source"].is_string(), "a fixture says where its facts come from");
    for case in fixture["cases"].as_array().expect("cases") {
        let setup = converse(case["model"].as_str().expect("a model"));
        let (sent, warnings) = setup.sent(&with(&case["request"]));
        assert_eq!(sent, case["sent"], "{}", case["name"]);
        assert_eq!(warnings, case["warnings"].as_str().unwrap_or_default(), "{}", case["name"]);
    }
}

#[test]
fn what_would_change_the_answers_shape_is_refused() {
    let schema = json!({"type": "json_schema", "json_schema": {"schema": {"type": "object"}}});
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let part = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    for (model, members, param, code) in [
        (NOVA, json!({"logprobs": true}), "logprobs", "unsupported_parameter"),
        (NOVA, json!({"n": 9}), "n", "unsupported_parameter"),
        (NOVA, json!({"modalities": ["text", "audio"]}), "modalities", "unsupported_parameter"),
        (NOVA, json!({"web_search_options": {}}), "web_search_options", "unsupported_parameter"),
        (NOVA, json!({"max_tokens": 0}), "max_tokens", "invalid_value"),
        (NOVA, json!({"temperature": 2.5}), "temperature", "invalid_value"),
        (NOVA, json!({"response_format": schema, "tools": tools}), "response_format", "unsupported_parameter"),
        ("deepseek.r1-v1:0", json!({"response_format": schema}), "response_format", "unsupported_parameter"),
        (NOVA, json!({"additionalModelRequestFields": []}), "additionalModelRequestFields", "invalid_type"),
        (
            NOVA,
            json!({"tools": tools, "tool_choice": {"type": "function", "function": {"name": "g"}}}),
            "tool_choice",
            "invalid_value",
        ),
        (
            NOVA,
            part(json!({"type": "file", "file": {"file_id": "x"}})),
            "messages[0].content[0].file.file_id",
            "unsupported_parameter",
        ),
        (
            NOVA,
            part(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}})),
            "messages[0].content[0].image_url.url",
            "invalid_image_url",
        ),
        (
            CLAUDE,
            part(json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}})),
            "messages[0].content[0].input_audio",
            "unsupported_parameter",
        ),
    ] {
        assert_eq!(converse(model).refused(&with(&members)), (param.into(), code.into()), "{members}");
    }
    let strict = Setup { strict: true, ..converse(NOVA) };
    for (members, param) in [(json!({"seed": 1}), "seed"), (json!({"temperature": 1.5}), "temperature")] {
        assert_eq!(strict.refused(&with(&members)), (param.into(), "unsupported_parameter".into()));
    }
}

#[test]
fn several_choices_are_several_calls() {
    for setup in [converse(NOVA), Setup { invokes_claude: true, ..converse(CLAUDE) }] {
        assert_eq!(setup.outgoing(&with(&json!({"n": 3}))).copies, 3);
    }
}

#[test]
fn numbers_and_arguments_keep_their_spelling() {
    let call = json!({"id": "t", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 12345678901234567890123}"}});
    let messages = json!([{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}]);
    let body = converse(NOVA).outgoing(&json!({"messages": messages})).body;
    let body = std::str::from_utf8(&body).expect("UTF-8");
    assert!(body.contains("\"input\":{\"a\": 12345678901234567890123}"), "{body}");
}

#[test]
fn a_choice_that_a_model_cannot_be_told_is_refused_by_a_strict_provider() {
    let function = |name: &str| json!({"type": "function", "function": {"name": name}});
    let named = json!({"type": "function", "function": {"name": "f"}});
    let (llama, mistral) = ("meta.llama3-1-70b-instruct-v1:0", "mistral.mistral-large-2402-v1:0");
    let two = json!([function("f"), function("g")]);
    let one = json!([function("f")]);
    for (model, tools, choice, is_told) in [
        (llama, &one, json!("required"), false),
        (llama, &one, named.clone(), false),
        (llama, &one, json!("auto"), true),
        (mistral, &two, named.clone(), false),
        (mistral, &two, json!("required"), true),
        // Of one tool, any is this one.
        (mistral, &one, named, true),
    ] {
        let request = with(&json!({"tools": tools, "tool_choice": choice}));
        let (_, warnings) = converse(model).sent(&request);
        assert_eq!(warnings.is_empty(), is_told, "{model} {choice}: {warnings}");
        let strict = Setup { strict: true, ..converse(model) };
        if is_told {
            strict.outgoing(&request);
        } else {
            assert_eq!(strict.refused(&request), ("tool_choice".into(), "unsupported_parameter".into()));
        }
    }
}

#[test]
fn marks_and_errors_of_calls_are_told_as_the_model_knows_them() {
    let request = with(&json!({"messages": [
        {"role": "user", "content": "q"},
        {"role": "assistant", "cache_control": {"type": "ephemeral"}, "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "a", "content": "no", "is_error": true},
        {"role": "tool", "tool_call_id": "b", "content": "fine"},
    ]}));
    let (body, _) = converse(CLAUDE).sent(&request);
    let call = &body["messages"][1]["content"];
    assert_eq!(call.as_array().map(Vec::len), Some(3));
    assert_eq!(call[2], json!({"cachePoint": {"type": "default"}}));
    let result = |body: &Value| body["messages"][2]["content"][0]["toolResult"].clone();
    assert_eq!((&result(&body)["status"], &result(&body)["content"]), (&json!("error"), &json!([{"text": "no"}])));

    let (body, _) = converse("meta.llama3-1-70b-instruct-v1:0").sent(&request);
    assert_eq!(body["messages"][1]["content"].as_array().map(Vec::len), Some(2));
    assert_eq!(result(&body).get("status"), None);
    assert_eq!(result(&body)["content"], json!([{"text": "Error: no"}]));
}
