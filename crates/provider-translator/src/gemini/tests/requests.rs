use serde_json::json;

use super::*;

/// `generationConfig` and the warnings.
fn config(model: &str, members: &Value) -> (Value, String) {
    let (body, warnings) = sent_to(model, &with(members));
    (body["generationConfig"].clone(), warnings)
}

#[test]
fn the_model_is_in_the_path_and_a_stream_is_one_of_events() {
    let path = |request: &Value| chat("a/b", request).expect("it is translated").path;
    assert_eq!(path(&with(&json!({}))), "/v1beta/models/a%2Fb:generateContent");
    assert_eq!(path(&with(&json!({"stream": true}))), "/v1beta/models/a%2Fb:streamGenerateContent?alt=sse");
}

#[test]
fn efforts_are_levels_or_budgets() {
    let level = |level: &str| json!({"includeThoughts": true, "thinkingLevel": level});
    let budget = |budget: u32| json!({"includeThoughts": true, "thinkingBudget": budget});
    for (model, members, expected) in [
        (NEW, json!({"reasoning_effort": "minimal"}), level("MINIMAL")),
        (NEW, json!({"reasoning_effort": "max"}), level("HIGH")),
        (NEW, json!({"reasoning": {"max_tokens": 5000}}), level("MEDIUM")),
        (NEW, json!({"reasoning_effort": "none"}), json!({"includeThoughts": false, "thinkingLevel": "MINIMAL"})),
        ("gemini-3-pro-preview", json!({"reasoning_effort": "minimal"}), level("LOW")),
        ("gemini-3-pro-preview", json!({"reasoning_effort": "medium"}), level("HIGH")),
        ("gemini-3.1-pro-preview", json!({"reasoning_effort": "medium"}), level("MEDIUM")),
        (OLD, json!({"reasoning_effort": "none"}), json!({"includeThoughts": false, "thinkingBudget": 0})),
        (OLD, json!({"reasoning_effort": "medium"}), budget(8192)),
        (OLD, json!({"reasoning_effort": "max"}), budget(24_576)),
        (OLD, json!({"thinking": {"type": "enabled", "budget_tokens": 99_999}}), budget(24_576)),
        (OLD, json!({"thinking": {"type": "disabled"}}), json!({"includeThoughts": false, "thinkingBudget": 0})),
        ("gemini-2.5-flash-lite", json!({"reasoning_effort": "minimal"}), budget(512)),
        ("gemini-2.5-pro", json!({"reasoning": {"effort": "high"}}), budget(24_576)),
        // Half of what the client allows is left for the answer.
        (OLD, json!({"reasoning_effort": "high", "max_tokens": 2000}), budget(1000)),
        (
            OLD,
            json!({"reasoning_effort": "high", "thinking_config": {"thinking_budget": 5}}),
            json!({"thinking_budget": 5}),
        ),
    ] {
        let (config, _) = config(model, &members);
        assert_eq!(config["thinkingConfig"], expected, "{model} {members}");
    }
    let (config, warnings) = config("gemini-2.0-flash", &json!({"reasoning_effort": "low"}));
    assert_eq!((config, &*warnings), (Value::Null, "dropped;param=reasoning_effort;reason=unsupported_by_model"));
}

#[test]
fn what_a_model_does_not_heed_is_told() {
    let sampled = json!({"temperature": 0.5, "top_p": 1, "frequency_penalty": 1, "presence_penalty": 0});
    let dropped = |name: &str| format!("dropped;param={name};reason=unsupported_by_model");
    let all = ["temperature", "top_p", "frequency_penalty"].map(dropped).join(", ");
    assert_eq!(config("gemini-3.6-flash", &sampled), (Value::Null, all));
    assert_eq!(config(NEW, &sampled), (json!({"temperature": 0.5, "topP": 1}), dropped("frequency_penalty")));
    assert_eq!(config(OLD, &sampled), (json!({"temperature": 0.5, "topP": 1, "frequencyPenalty": 1}), String::new()));
}

#[test]
fn a_seed_is_cut_to_32_bits() {
    assert_eq!(config(NEW, &json!({"seed": -5})), (json!({"seed": -5}), String::new()));
    let (config, warnings) = config(NEW, &json!({"seed": 4_294_967_303_u64}));
    assert_eq!((config, &*warnings), (json!({"seed": 7}), "emulated;param=seed;reason=of_32_bits"));
}

#[test]
fn several_choices_are_given_at_once_or_streamed_one_by_one() {
    let outgoing = |members: &Value| chat(NEW, &with(members)).expect("it is translated");
    let whole = outgoing(&json!({"n": 3}));
    assert_eq!(
        (whole.copies, sent(&with(&json!({"n": 3}))).0["generationConfig"]["candidateCount"].as_u64()),
        (1, Some(3))
    );
    let streamed = outgoing(&json!({"n": 3, "stream": true}));
    assert_eq!(streamed.copies, 3);
    let body: Value = serde_json::from_slice(&streamed.body).expect("JSON");
    assert_eq!(body["generationConfig"], Value::Null);
}

#[test]
fn probabilities() {
    let asked = json!({"logprobs": true, "top_logprobs": 2});
    assert_eq!(config(NEW, &asked).0, json!({"responseLogprobs": true, "logprobs": 2}));
    assert_eq!(config(NEW, &json!({"logprobs": true})).0, json!({"responseLogprobs": true}));
    assert_eq!(config(NEW, &json!({"logprobs": false, "top_logprobs": 0})).0, Value::Null);
}

#[test]
fn json_beside_tools_is_asked_for_in_words_where_it_must() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let schema = json!({"type": "object"});
    let format = json!({"type": "json_schema", "json_schema": {"schema": schema}});
    let (body, warnings) = sent_to(OLD, &with(&json!({"tools": tools, "response_format": format})));
    let said = body["systemInstruction"]["parts"][0]["text"].as_str().expect("text");
    assert!(said.ends_with(r#"JSON Schema: {"type":"object"}"#), "{said}");
    assert_eq!(
        (&body["generationConfig"], &*warnings),
        (&Value::Null, "emulated;param=response_format;reason=instruction")
    );
    let (body, warnings) = sent(&with(&json!({"tools": tools, "response_format": format})));
    let config = json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
    assert_eq!((&body["generationConfig"], &*warnings), (&config, ""));
    assert_eq!(config_of(&json!({"type": "json_object"})), json!({"responseMimeType": "application/json"}));
    assert_eq!(config_of(&json!({"type": "text"})), Value::Null);
}

fn config_of(format: &Value) -> Value {
    config(OLD, &json!({"response_format": format})).0
}

#[test]
fn googles_own_members_go_through() {
    let safety = json!([{"category": "C", "threshold": "OFF"}]);
    for members in [
        json!({"safety_settings": safety, "cached_content": "cachedContents/1"}),
        json!({"safetySettings": safety, "cachedContent": "cachedContents/1"}),
        json!({"google": {"safety_settings": safety, "cached_content": "cachedContents/1"}}),
        json!({"extra_body": {"google": {"safetySettings": safety, "cachedContent": "cachedContents/1"}}}),
        json!({"extra_body": {"safety_settings": safety, "cached_content": "cachedContents/1"}}),
    ] {
        let (body, warnings) = sent(&with(&members));
        assert_eq!(
            (&body["safetySettings"], &body["cachedContent"]),
            (&safety, &json!("cachedContents/1")),
            "{members}"
        );
        assert_eq!(warnings, "");
    }
    let (_, warnings) = sent(&with(&json!({"google": {"x": 1}, "labels": {"a": "b"}})));
    assert_eq!(warnings, "dropped;param=x;reason=unknown, dropped;param=labels;reason=unsupported");
}

#[test]
fn tiers() {
    let tier = |tier: &str| sent(&with(&json!({"service_tier": tier})));
    assert_eq!(tier("default").0["serviceTier"], "standard");
    assert_eq!(tier("priority").0["serviceTier"], "priority");
    assert_eq!(tier("auto").0["serviceTier"], Value::Null);
    assert_eq!(tier("scale").1, "dropped;param=service_tier;reason=unsupported");
}

#[test]
fn what_cannot_be_expressed_is_refused_or_told() {
    let unsupported = "unsupported_parameter";
    for (members, param, code) in [
        (json!({"n": 9}), "n", unsupported),
        (json!({"n": 0}), "n", "invalid_value"),
        (json!({"logprobs": true, "stream": true}), "logprobs", unsupported),
        (json!({"top_logprobs": 2}), "top_logprobs", "invalid_value"),
        (json!({"top_logprobs": 21}), "top_logprobs", "invalid_value"),
        (json!({"stop": ["a", "b", "c", "d", "e", "f"]}), "stop", unsupported),
        (json!({"temperature": 2.1}), "temperature", "invalid_value"),
        (json!({"presence_penalty": -2.5}), "presence_penalty", "invalid_value"),
        (json!({"max_tokens": 0}), "max_tokens", "invalid_value"),
        (json!({"audio": {}}), "audio", unsupported),
        (json!({"modalities": ["text", "audio"]}), "modalities", unsupported),
        (json!({"reasoning_effort": "lots"}), "reasoning_effort", "invalid_value"),
        (json!({"response_format": {"type": "xml"}}), "response_format.type", "invalid_value"),
        (
            json!({"web_search_options": {}, "tools": [{"type": "function", "function": {"name": "f"}}]}),
            "web_search_options",
            unsupported,
        ),
    ] {
        assert_eq!(refused(&with(&members)), (param.to_owned(), code.to_owned()), "{members}");
    }
    let (_, warnings) =
        sent(&with(&json!({"logit_bias": {"1": 2}, "verbosity": "low", "x": 1, "modalities": ["text"]})));
    assert_eq!(
        warnings,
        "dropped;param=logit_bias;reason=unsupported, dropped;param=verbosity;reason=unsupported, dropped;param=x;reason=unknown"
    );
}

#[test]
fn strict_refuses_what_would_be_left_out() {
    for (members, param) in
        [(json!({"logit_bias": {"1": 2}}), "logit_bias"), (json!({"reasoning_effort": "none"}), "reasoning_effort")]
    {
        let object = Object::parse(with(&members).to_string()).expect("an object");
        let refused = call(developer(), Operation::ChatCompletion, NEW, &object, true).map(|_| ());
        assert_eq!(refused.expect_err("strict").error().param.as_deref(), Some(param));
    }
}

#[test]
fn the_web_is_searched() {
    let (body, warnings) =
        sent(&with(&json!({"web_search_options": {"search_context_size": "low", "user_location": {}}})));
    assert_eq!(body["tools"], json!([{"googleSearch": {}}]));
    assert_eq!(warnings, "dropped;param=user_location;reason=unsupported");
}
