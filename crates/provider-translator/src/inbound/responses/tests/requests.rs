//! What becomes of single members, and which are refused.

use serde_json::{Value, json};

use super::{input, refused, sent, whole, with};

/// Members that name a place, and the code that refuses them.
fn all_refused(cases: &[(Value, &str, &str)]) {
    for (request, param, code) in cases {
        assert_eq!(refused(request), ((*param).to_owned(), (*code).to_owned()), "{request}");
    }
}

#[test]
fn what_would_need_a_memory_is_refused() {
    let code = "unsupported_parameter";
    all_refused(&[
        (with(&json!({"previous_response_id": "resp_1"})), "previous_response_id", code),
        (with(&json!({"conversation": "conv_1"})), "conversation", code),
        (with(&json!({"conversation": {"id": "conv_1"}})), "conversation", code),
        (with(&json!({"prompt": {"id": "pmpt_1"}})), "prompt", code),
        (with(&json!({"background": true})), "background", code),
        (input(&json!([{"type": "item_reference", "id": "msg_1"}])), "input[0]", code),
        (input(&json!([{"id": "msg_1"}])), "input[0]", code),
    ]);
}

#[test]
fn what_openai_would_run_itself_is_refused() {
    let code = "unsupported_parameter";
    for kind in ["web_search", "file_search", "computer", "code_interpreter", "mcp", "image_generation", "namespace"] {
        let request = with(&json!({"tools": [{"type": kind}]}));
        assert_eq!(refused(&request), ("tools[0].type".into(), code.into()));
        let failure = super::run(&request).map(|_| ()).expect_err("refused");
        assert!(failure.error().message.contains(kind));
    }
    for kind in ["web_search_call", "computer_call_output", "mcp_approval_response", "compaction", "nonsense"] {
        let request = input(&json!(["x", {"type": kind}]).as_array().expect("items")[1..].into());
        assert_eq!(refused(&request), ("input[0].type".into(), code.into()));
    }
    all_refused(&[
        (with(&json!({"tool_choice": {"type": "mcp", "server_label": "s"}})), "tool_choice.type", code),
        (
            with(&json!({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}})),
            "tool_choice.tools[0].type",
            code,
        ),
        (
            input(&json!([{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}])),
            "input[0].content[0].file_id",
            code,
        ),
        (
            input(&json!([{"role": "user", "content": [{"type": "input_file", "file_url": "https://a"}]}])),
            "input[0].content[0].file_url",
            code,
        ),
        (with(&json!({"text": {"format": {"type": "grammar"}}})), "text.format.type", code),
    ]);
}

#[test]
fn what_is_not_of_its_shape_is_refused_by_its_place() {
    let (kind, missing, value) = ("invalid_type", "missing_required_parameter", "invalid_value");
    all_refused(&[
        (json!({"model": "m"}), "input", missing),
        (input(&json!(5)), "input", kind),
        (input(&json!([])), "input", value),
        (input(&json!(["text"])), "input[0]", kind),
        (input(&json!([[]])), "input[0]", kind),
        (input(&json!([{"role": "user"}])), "input[0].content", missing),
        (input(&json!([{"role": "tool", "content": "x"}])), "input[0].role", value),
        (input(&json!([{"type": "message", "content": "x"}])), "input[0].role", missing),
        (input(&json!([{"role": "user", "content": [{}]}])), "input[0].content[0].type", missing),
        (input(&json!([{"role": "user", "content": [{"type": "input_text"}]}])), "input[0].content[0].text", missing),
        (
            input(&json!([{"role": "user", "content": [{"type": "input_text", "text": 1}]}])),
            "input[0].content[0].text",
            kind,
        ),
        (
            input(&json!([{"role": "user", "content": [{"type": "input_file"}]}])),
            "input[0].content[0].file_data",
            missing,
        ),
        (input(&json!([{"type": "function_call", "name": "f", "arguments": "{}"}])), "input[0].call_id", missing),
        (
            input(&json!([{"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}])),
            "input[0].arguments",
            kind,
        ),
        (input(&json!([{"type": "function_call_output", "output": "x"}])), "input[0].call_id", missing),
        (input(&json!([{"type": "reasoning", "summary": "x"}])), "input[0].summary", kind),
        (input(&json!([{"type": "reasoning", "summary": [{}]}])), "input[0].summary[0].text", missing),
        (with(&json!({"instructions": ["x"]})), "instructions", kind),
        (with(&json!({"tools": {}})), "tools", kind),
        (with(&json!({"tools": [{"name": "f"}]})), "tools[0].type", missing),
        (with(&json!({"tools": [{"type": "function"}]})), "tools[0].name", missing),
        (with(&json!({"tool_choice": "any"})), "tool_choice", value),
        (with(&json!({"tool_choice": {"type": "allowed_tools", "tools": []}})), "tool_choice.mode", missing),
        (with(&json!({"text": "x"})), "text", kind),
        (with(&json!({"text": {"format": {"type": "json_schema"}}})), "text.format.name", missing),
        (with(&json!({"reasoning": "high"})), "reasoning", kind),
        (with(&json!({"metadata": {"a": 1}})), "metadata", kind),
        (with(&json!({"temperature": "hot"})), "temperature", kind),
        (with(&json!({"max_output_tokens": -1})), "max_output_tokens", kind),
        (with(&json!({"stream": "yes"})), "stream", kind),
        (with(&json!({"include": "x"})), "include", kind),
        (with(&json!({"truncation": "middle"})), "truncation", value),
    ]);
}

#[test]
fn what_is_left_out_is_told() {
    for (members, warning) in [
        (json!({"store": true}), "dropped;param=store;reason=not_stored"),
        (json!({"store": false, "background": false, "prompt": null, "truncation": "disabled"}), ""),
        (json!({"truncation": "auto"}), "dropped;param=truncation;reason=unsupported"),
        (json!({"context_management": []}), "dropped;param=context_management;reason=unsupported"),
        (json!({"top_k": 5}), "dropped;param=top_k;reason=unknown"),
        (json!({"include": ["web_search_call.results", "reasoning.encrypted_content"]}), ""),
        (json!({"include": ["everything"]}), "dropped;param=include;reason=unknown"),
        (json!({"reasoning": {"effort": "low", "summary": "auto"}}), ""),
        (json!({"reasoning": {"summary": "concise"}}), "dropped;param=reasoning.summary;reason=unsupported"),
        (json!({"reasoning": {"mode": "pro", "context": null}}), "dropped;param=reasoning.mode;reason=unsupported"),
        (
            json!({"tools": [{"type": "function", "name": "f", "defer_loading": true}]}),
            "dropped;param=tools.defer_loading;reason=unsupported",
        ),
    ] {
        assert_eq!(sent(&with(&members)).1, warning, "{members}");
    }
    let foreign = json!([{"type": "reasoning", "summary": [], "encrypted_content": "gAAAAABo"},
                         {"role": "assistant", "content": "Hi"}]);
    let (chat, warnings) = sent(&input(&foreign));
    assert_eq!(chat["messages"], json!([{"role": "assistant", "content": "Hi"}]));
    assert_eq!(warnings, "dropped;param=input.encrypted_content;reason=foreign");
}

#[test]
fn the_choice_of_a_tool_is_nested() {
    let tools = json!([{"type": "function", "name": "f"}]);
    for (choice, expected) in [
        (json!("none"), json!("none")),
        (json!("required"), json!("required")),
        (json!({"type": "function", "name": "f"}), json!({"type": "function", "function": {"name": "f"}})),
        (json!({"type": "custom", "name": "f"}), json!({"type": "custom", "custom": {"name": "f"}})),
    ] {
        assert_eq!(sent(&with(&json!({"tools": tools, "tool_choice": choice}))).0["tool_choice"], expected);
    }
}

#[test]
fn without_tools_nothing_is_said_of_their_choice() {
    let chat = sent(&with(&json!({"tools": [], "tool_choice": "auto", "parallel_tool_calls": true}))).0;
    assert_eq!(chat, json!({"model": "m-1", "messages": [{"role": "user", "content": "Hi"}]}));
    // A demand is for whoever is asked to refuse.
    assert_eq!(sent(&with(&json!({"tool_choice": "required"}))).0["tool_choice"], "required");
}

#[test]
fn log_probabilities_are_asked_for_where_they_are_wanted() {
    let asks = |members: Value| {
        let chat = sent(&with(&members)).0;
        (chat["logprobs"].clone(), chat["top_logprobs"].clone())
    };
    assert_eq!(asks(json!({})), (Value::Null, Value::Null));
    assert_eq!(asks(json!({"top_logprobs": 0})), (Value::Null, Value::Null));
    assert_eq!(asks(json!({"top_logprobs": 3})), (json!(true), json!(3)));
    assert_eq!(asks(json!({"include": ["message.output_text.logprobs"]})), (json!(true), Value::Null));
}

#[test]
fn one_turn_of_the_assistant_is_one_message() {
    let call = |id: &str| json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"});
    let result = |id: &str| json!({"type": "function_call_output", "call_id": id, "output": "ok"});
    let items = json!([
        {"role": "user", "content": "Hi"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "One."}]},
        call("a"),
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Two."}]},
        {"role": "assistant", "content": "Said."},
        call("b"),
        result("a"),
        result("b"),
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Three."}]},
        {"role": "user", "content": "Go on"},
    ]);
    let messages = sent(&input(&items)).0["messages"].clone();
    let roles: Vec<_> = messages.as_array().expect("messages").iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "assistant", "user"]);
    assert_eq!(messages[1]["reasoning_content"], "One.\n\nTwo.");
    assert_eq!(messages[1]["content"], "Said.");
    assert_eq!(messages[1]["tool_calls"].as_array().map(Vec::len), Some(2));
    assert_eq!(messages[4], json!({"role": "assistant", "content": "", "reasoning_content": "Three."}));
}

#[test]
fn reasoning_comes_back_unharmed() {
    let details = json!([
        {"type": "reasoning.text", "index": 0, "text": "Ünï \"quoted\"\n", "signature": "c2ln/+==", "format": "anthropic-v1"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x", "score": 1.10},
        // Not every provider counts.
        {"type": "reasoning.encrypted", "index": 1, "data": "y"},
    ]);
    let message = json!({"role": "assistant", "content": null, "reasoning_content": "Ünï \"quoted\"\n",
        "reasoning_details": details,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]});
    let completion = json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]});
    let response = whole(&with(&json!({})), &completion);
    let mut items = response["output"].as_array().expect("items").clone();
    items.push(json!({"type": "function_call_output", "call_id": "c", "output": "ok"}));
    let (chat, warnings) = sent(&input(&items.into()));
    assert_eq!(warnings, "");
    assert_eq!(chat["messages"][0], message);
}

/// Google's models demand it, and no item of a call has a place for it that clients keep.
#[test]
fn what_hangs_on_a_call_comes_back_with_it() {
    let call = |index: u32, extra: Value| {
        let mut call =
            json!({"id": format!("c{index}"), "type": "function", "function": {"name": "f", "arguments": "{}"}});
        if !extra.is_null() {
            call["extra_content"] = extra;
        }
        call
    };
    let extra = json!({"google": {"thought_signature": "c2ln"}});
    for thoughts in [Value::Null, json!([{"type": "reasoning.encrypted", "index": 0, "data": "x"}])] {
        let mut message = json!({"role": "assistant", "content": "Hi",
                                 "tool_calls": [call(0, extra.clone()), call(1, Value::Null), call(2, extra.clone())]});
        if thoughts.is_array() {
            message["reasoning_details"] = thoughts;
        }
        let completion = json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]});
        let mut delta = message.clone();
        for (index, call) in delta["tool_calls"].as_array_mut().expect("calls").iter_mut().enumerate() {
            call["index"] = index.into();
        }
        let stream = super::sse(&[super::chunk(&delta, &"tool_calls".into())]) + super::DONE;
        let streamed = super::streamed(&with(&json!({})), &[stream]);
        for response in [&whole(&with(&json!({})), &completion), &streamed.last().expect("events")["response"]] {
            let (chat, warnings) = sent(&input(&response["output"]));
            assert_eq!((chat["messages"].clone(), warnings.as_str()), (json!([message]), ""));
        }
    }
}

#[test]
fn what_is_passed_on_keeps_its_spelling() {
    let body = r#"{"model":"m\u002d1","input":"caf\u00e9 \ud83d\ude00","temperature":0.10,"top_p":1E0}"#;
    let object = llm_layers_wire::json::Object::parse(body).expect("an object");
    let options =
        crate::inbound::Options { clock: llm_layers_core::Clock::system(), rng: &llm_layers_core::Rng::seeded(1) };
    let mut inbound = super::super::request(&object, &options).expect("translated");
    let bytes = futures_util::FutureExt::now_or_never(inbound.body.bytes(1 << 20)).expect("at once").expect("bytes");
    let expected = r#"{"model":"m\u002d1","messages":[{"role":"user","content":"caf\u00e9 \ud83d\ude00"}],"temperature":0.10,"top_p":1E0}"#;
    assert_eq!(bytes, expected);
}
