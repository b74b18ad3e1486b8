use serde_json::{Value, json};

use super::*;

/// Members in, members out, and the warning.
#[test]
fn members_are_mapped() {
    let table: &[(Value, &str, Value, &str)] = &[
        (json!({"max_tokens": 7}), "/max_tokens", json!(7), ""),
        (json!({"max_tokens": 7, "max_completion_tokens": 9}), "/max_tokens", json!(9), ""),
        (json!({}), "/max_tokens", json!(4096), ""),
        (json!({"stream": true}), "/stream", json!(true), ""),
        (json!({"stream": false}), "/stream", json!(null), ""),
        (json!({"stop": "END"}), "/stop_sequences", json!(["END"]), ""),
        (json!({"stop": ["A", " ", "B"]}), "/stop_sequences", json!(["A", "B"]), "dropped;param=stop;reason=blank"),
        (json!({"temperature": 0.25}), "/temperature", json!(0.25), ""),
        (json!({"temperature": 1.7}), "/temperature", json!(1), "clamped;param=temperature;from=1.7;to=1"),
        (json!({"top_p": 0.5}), "/top_p", json!(0.5), ""),
        (json!({"temperature": 0.5, "top_p": 1}), "/top_p", json!(null), ""),
        (
            json!({"temperature": 0.5, "top_p": 0.5}),
            "/top_p",
            json!(null),
            "dropped;param=top_p;reason=not_with_temperature",
        ),
        (json!({"top_k": 5}), "/top_k", json!(5), ""),
        (json!({"user": "u-1"}), "/metadata/user_id", json!("u-1"), ""),
        (json!({"user": "u-1", "safety_identifier": "s-1"}), "/metadata/user_id", json!("s-1"), ""),
        (json!({"service_tier": "default"}), "/service_tier", json!("standard_only"), ""),
        (
            json!({"service_tier": "flex"}),
            "/service_tier",
            json!(null),
            "dropped;param=service_tier;reason=unsupported",
        ),
        (json!({"seed": 1}), "/seed", json!(null), "dropped;param=seed;reason=unsupported"),
        (json!({"frequency_penalty": 0.0}), "/frequency_penalty", json!(null), ""),
        (
            json!({"frequency_penalty": 0.5}),
            "/frequency_penalty",
            json!(null),
            "dropped;param=frequency_penalty;reason=unsupported",
        ),
        (json!({"metadata": {"a": "b"}, "store": true, "prompt_cache_key": "k"}), "/metadata", json!(null), ""),
        (json!({"min_p": 0.1}), "/min_p", json!(null), "dropped;param=min_p;reason=unknown"),
        (json!({"n": 1, "logprobs": false, "modalities": ["text"], "seed": null}), "/n", json!(null), ""),
        (json!({"cache_control": {"type": "ephemeral"}}), "/cache_control/type", json!("ephemeral"), ""),
        (json!({"response_format": {"type": "text"}}), "/output_config", json!(null), ""),
    ];
    for (members, path, value, warning) in table {
        let (body, warnings) = sent(&with(members));
        assert_eq!(body.pointer(path).unwrap_or(&Value::Null), value, "{members}");
        assert_eq!(&warnings, warning, "{members}");
        assert_eq!(body["model"], MODEL);
    }
}

#[test]
fn what_would_change_the_shape_of_the_answer_is_refused_by_name() {
    let table = [
        (json!({"logprobs": true}), "logprobs"),
        (json!({"modalities": ["text", "audio"]}), "modalities"),
        (json!({"audio": {"format": "mp3"}}), "audio"),
        (json!({"web_search_options": {}}), "web_search_options"),
        (json!({"max_tokens": 0}), "max_tokens"),
        (json!({"max_tokens": "x"}), "max_tokens"),
        (json!({"temperature": 3}), "temperature"),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"stop": [1]}), "stop"),
        (json!({"stream": "yes"}), "stream"),
        (json!({"reasoning_effort": "very"}), "reasoning_effort"),
        (json!({"response_format": {"type": "xml"}}), "response_format.type"),
        (json!({"tool_choice": "required"}), "tool_choice"),
    ];
    for (members, param) in table {
        assert_eq!(refused(&with(&members)).0, param, "{members}");
    }
}

#[test]
fn strict_refuses_what_lenient_leaves_out_or_bends() {
    let strict = Options { strict: true, ..options(MODEL) };
    for members in [json!({"seed": 1}), json!({"temperature": 1.5}), json!({"made_up": 1}), json!({"stop": " "})] {
        let failure = run(&with(&members), &strict).map(|_| ()).expect_err("strict");
        let name = members.as_object().and_then(|members| members.keys().next().cloned());
        assert_eq!(
            (failure.error().param.clone(), failure.error().code.as_deref()),
            (name, Some("unsupported_parameter"))
        );
    }
    assert!(run(&with(&json!({"store": true, "temperature": 1})), &strict).is_ok());
}

#[test]
fn no_sampling_goes_where_it_is_refused() {
    let all = with(&json!({"temperature": 1, "top_p": 1, "top_k": 1}));
    let newest = Options { api_version: ApiVersion::V2026_10_21, ..options(MODEL) };
    for options in [newest, options("claude-opus-5")] {
        let (body, warnings) = sent_with(&all, &options);
        for name in ["temperature", "top_p", "top_k"] {
            assert!(body.get(name).is_none());
            assert!(warnings.contains(&format!("dropped;param={name};reason=unsupported")));
        }
    }
    let (body, _) = sent_with(&all, &options("claude-3-5-sonnet-20241022"));
    assert_eq!((&body["temperature"], &body["top_p"]), (&json!(1), &json!(1)));
}

#[test]
fn numbers_keep_their_digits() {
    let text = r#"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"n\":12345678901234567890.10,\"b\":1}"}}]},{"role":"tool","tool_call_id":"a","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","x":1.50,"properties":{}}}}],"temperature":0.70}"#;
    let object = Object::parse(text).expect("an object");
    let body = translate(&object, &options(MODEL)).expect("translated").body;
    let body = std::str::from_utf8(&body).expect("UTF-8");
    for kept in [
        r#"{"n":12345678901234567890.10,"b":1}"#,
        r#"{"type":"object","x":1.50,"properties":{}}"#,
        r#""temperature":0.70"#,
    ] {
        assert!(body.contains(kept), "{kept} in {body}");
    }
}

#[test]
fn a_user_is_not_named() {
    for user in ["jane@example.com", "+1 (555) 123-4567"] {
        let (body, _) = sent(&with(&json!({"user": user})));
        let id = body["metadata"]["user_id"].as_str().expect("an id");
        assert!(id.starts_with("user_") && id.len() == 37, "{id}");
    }
}

#[test]
fn reasoning_is_asked_for_as_the_model_knows_it() {
    let effort = |model: &str, members: &Value| sent_with(&with(members), &options(model));
    let high = json!({"reasoning_effort": "high"});

    let (body, warnings) = effort("claude-sonnet-4-5", &high);
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 4096}));
    assert_eq!((&body["max_tokens"], warnings.as_str()), (&json!(8192), ""));

    let (body, _) = effort("claude-opus-5", &json!({"reasoning_effort": "minimal"}));
    assert_eq!(body["thinking"], json!({"type": "adaptive", "display": "summarized"}));
    assert_eq!((&body["output_config"], &body["max_tokens"]), (&json!({"effort": "low"}), &json!(5120)));
    // What is thought and what is said share the bound.
    for (members, bound) in [
        (json!({"reasoning_effort": "max"}), 20_480),
        (json!({"reasoning": {"max_tokens": 3000}}), 7096),
        (json!({"thinking": {"type": "adaptive"}, "reasoning_effort": "xhigh"}), 12_288),
        (json!({"thinking": {"type": "adaptive"}}), 8192),
        (json!({"thinking": {"type": "disabled"}}), 4096),
        (json!({"reasoning_effort": "none"}), 4096),
        (json!({"reasoning_effort": "max", "max_tokens": 500}), 500),
    ] {
        assert_eq!(effort("claude-opus-5", &members).0["max_tokens"], bound, "{members}");
    }

    let (body, warnings) = effort("claude-3-5-haiku-20241022", &high);
    assert_eq!(body.get("thinking"), None);
    assert_eq!(warnings, "dropped;param=reasoning_effort;reason=unsupported_by_model");

    let (body, _) = effort("claude-sonnet-4-5", &json!({"reasoning_effort": "none"}));
    assert_eq!(body.get("thinking"), None);
    let (body, _) = effort("claude-opus-5", &json!({"reasoning_effort": "none"}));
    assert_eq!(body["thinking"]["type"], "disabled");

    // Gateways' mistakes: a budget over the bound, and a bound that was raised in silence.
    let (body, _) = effort("claude-sonnet-4-5", &json!({"reasoning_effort": "max", "max_tokens": 2000}));
    assert_eq!((&body["thinking"]["budget_tokens"], &body["max_tokens"]), (&json!(1999), &json!(2000)));
    let (body, warnings) = effort("claude-sonnet-4-5", &json!({"reasoning_effort": "low", "max_tokens": 1024}));
    assert_eq!(body.get("thinking"), None);
    assert_eq!(warnings, "dropped;param=reasoning_effort;reason=max_tokens_too_small");

    let (body, _) = effort("claude-sonnet-4-5", &json!({"reasoning": {"max_tokens": 3000}}));
    assert_eq!(body["thinking"]["budget_tokens"], 3000);
    let (body, _) =
        effort("claude-sonnet-4-5", &json!({"thinking": {"type": "enabled", "budget_tokens": 5000, "x": 1}}));
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 5000, "x": 1}));
    assert_eq!(body["max_tokens"], 9096);
}

#[test]
fn thinking_rules_out_sampling_and_forced_calls() {
    let (body, warnings) =
        sent(&with(&json!({"reasoning_effort": "low", "temperature": 0.5, "top_p": 0.99, "top_k": 3})));
    assert_eq!((body.get("temperature"), body.get("top_k")), (None, None));
    assert_eq!(body["top_p"], 0.99);
    assert_eq!(warnings, "dropped;param=temperature;reason=reasoning, dropped;param=top_k;reason=reasoning");

    let tool = json!([{"type": "function", "function": {"name": "f"}}]);
    let (body, warnings) =
        sent(&with(&json!({"reasoning_effort": "low", "tools": tool, "tool_choice": "required", "temperature": 0.5})));
    assert_eq!((body.get("thinking"), &body["tool_choice"]["type"]), (None, &json!("any")));
    assert_eq!(body["temperature"], 0.5);
    assert_eq!(warnings, "dropped;param=reasoning_effort;reason=forced_tool_choice");
}

#[test]
fn a_schema_binds_the_answer() {
    let schema = json!({
        "$defs": {"age": {"type": "integer", "minimum": 0, "maximum": 150, "description": "Years."}},
        "type": "object", "title": "Person",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "age": {"$ref": "#/$defs/age"},
            "kind": {"oneOf": [{"type": "string", "enum": ["a", 1]}, {"type": "null"}]},
            "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "object", "properties": {"a": {}}, "additionalProperties": true}},
        },
        "required": ["name"],
    });
    let format = json!({"type": "json_schema", "json_schema": {"name": "p", "schema": schema, "strict": true}});
    let (body, _) = sent(&with(&json!({"response_format": format})));
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(
        body["output_config"]["format"]["schema"],
        json!({
            "$defs": {"age": {"type": "integer", "description": "Years. (maximum: 150, minimum: 0)"}},
            "type": "object", "title": "Person",
            "properties": {
                "name": {"type": "string", "description": "(minLength: 1)"},
                "age": {"$ref": "#/$defs/age"},
                "kind": {"anyOf": [{"enum": ["a", 1]}, {"type": "null"}]},
                "tags": {
                    "type": "array", "minItems": 1, "description": "(maxItems: 3)",
                    "items": {"type": "object", "properties": {"a": {}}, "additionalProperties": false},
                },
            },
            "required": ["name"], "additionalProperties": false,
        })
    );
    for (schema, place) in [
        (json!({"$ref": "#"}), ".$ref"),
        (json!({"items": {"$ref": "http://x/y"}}), ".items.$ref"),
        (json!({"properties": {"m": {"type": "object", "additionalProperties": {}}}}), ".properties.m"),
        (json!({"properties": 7}), ""),
        (json!({"anyOf": [[]]}), ""),
        (json!(true), ""),
    ] {
        let format = json!({"type": "json_schema", "json_schema": {"name": "p", "schema": schema}});
        let (param, _) = refused(&with(&json!({"response_format": format})));
        assert_eq!(param, format!("response_format.json_schema.schema{place}"), "{schema}");
    }
}

#[test]
fn a_schemas_order_stays() {
    let text = r#"{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"z":{"const":1.0},"a":{"default":1e2}},"required":["z","a"]}}}}"#;
    let object = Object::parse(text).expect("an object");
    let body = translate(&object, &options(MODEL)).expect("translated").body;
    let expected = r#""schema":{"type":"object","properties":{"z":{"const":1.0},"a":{"default":1e2}},"required":["z","a"],"additionalProperties":false}"#;
    assert!(std::str::from_utf8(&body).expect("UTF-8").contains(expected));
}

#[test]
fn json_without_a_schema_is_asked_for_in_words() {
    let (body, warnings) = sent(&with(&json!({"response_format": {"type": "json_object"}})));
    assert!(body["system"][0]["text"].as_str().expect("text").contains("JSON"));
    assert_eq!(warnings, "emulated;param=response_format;reason=instruction");
}
