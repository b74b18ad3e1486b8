use serde_json::{Value, json};

use super::*;

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}})
}

fn call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn result(id: &str, content: &Value) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": content})
}

/// A user's question, this turn of the assistant's, and what follows.
fn after(assistant: Value, follows: &[Value]) -> Value {
    let mut list = vec![json!({"role": "user", "content": "q"}), assistant];
    list.extend_from_slice(follows);
    let mut request = messages(&json!(list));
    request["tools"] = json!([function("f"), function("g")]);
    request
}

fn calls(calls: &[Value]) -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

#[test]
fn tools_keep_their_whole_schema() {
    let parameters = json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 3}}, "required": ["a"], "additionalProperties": true, "description": "root", "$defs": {}});
    let tools = json!([
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": parameters, "strict": false}},
        {"type": "function", "function": {"name": "g"}},
        {"type": "function", "function": {"name": "h", "strict": true, "parameters": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}}, "cache_control": {"type": "ephemeral"}},
        {"type": "function", "function": {"name": "i", "parameters": {"properties": {"a": {}}}}},
    ]);
    let (body, warnings) = sent(&with(&json!({"tools": tools})));
    assert_eq!(
        body["tools"],
        json!([
            {"name": "f", "description": "d", "input_schema": parameters},
            {"name": "g", "input_schema": {"type": "object", "properties": {}}},
            {"name": "h", "input_schema": {"type": "object", "properties": {"n": {"type": "integer", "description": "(minimum: 1)"}}, "additionalProperties": false}, "strict": true, "cache_control": {"type": "ephemeral"}},
            {"name": "i", "input_schema": {"properties": {"a": {}}, "type": "object"}},
        ])
    );
    assert_eq!((body.get("tool_choice"), warnings.as_str()), (None, ""));
}

#[test]
fn every_choice_is_mapped() {
    let table = [
        (json!({"tool_choice": "auto"}), json!({"type": "auto"})),
        (json!({"tool_choice": "none"}), json!({"type": "none"})),
        (json!({"tool_choice": "required"}), json!({"type": "any"})),
        (json!({"tool_choice": {"type": "function", "function": {"name": "g"}}}), json!({"type": "tool", "name": "g"})),
        (json!({"parallel_tool_calls": true}), json!(null)),
        (json!({"parallel_tool_calls": false}), json!({"type": "auto", "disable_parallel_tool_use": true})),
        (
            json!({"tool_choice": "required", "parallel_tool_calls": false}),
            json!({"type": "any", "disable_parallel_tool_use": true}),
        ),
        (json!({"tool_choice": "none", "parallel_tool_calls": false}), json!({"type": "none"})),
    ];
    for (members, choice) in table {
        let mut request = with(&members);
        request["tools"] = json!([function("f"), function("g")]);
        assert_eq!(sent(&request).0.get("tool_choice").unwrap_or(&Value::Null), &choice, "{members}");
    }
}

#[test]
fn allowed_tools_are_the_only_ones_offered() {
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "g"}}]}});
    let (body, warnings) = sent(&with(&json!({"tools": [function("f"), function("g")], "tool_choice": allowed})));
    assert_eq!(body["tools"].as_array().map(Vec::len), Some(1));
    assert_eq!((&body["tools"][0]["name"], &body["tool_choice"]), (&json!("g"), &json!({"type": "any"})));
    assert_eq!(warnings, "emulated;param=tool_choice;reason=tools_left_out");
}

#[test]
fn choices_that_cannot_be_made_are_refused() {
    let tools = json!([function("f")]);
    let table = [
        (json!({"tool_choice": {"type": "function", "function": {"name": "x"}}}), "tool_choice"),
        (json!({"tool_choice": "maybe"}), "tool_choice"),
        (
            json!({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": []}}}),
            "tool_choice.allowed_tools.tools",
        ),
        (json!({"tools": [{"type": "function"}]}), "tools[0].function"),
        (json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
        (
            json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]}),
            "tools[0].function.parameters",
        ),
        (
            json!({"tools": [{"type": "custom", "custom": {"name": "c", "format": {"type": "grammar"}}}]}),
            "tools[0].custom.format",
        ),
    ];
    for (mut members, param) in table {
        if members.get("tools").is_none() {
            members["tools"] = tools.clone();
        }
        assert_eq!(refused(&with(&members)).0, param, "{members}");
    }
}

#[test]
fn results_are_one_turn_in_the_order_of_the_calls() {
    let (body, warnings) = sent(&after(
        calls(&[call("a", "f", r#"{"x": 1.0}"#), call("b", "g", "")]),
        &[
            result("b", &json!("B")),
            json!({"role": "user", "content": "and?"}),
            result("a", &json!([{"type": "text", "text": "A"}])),
        ],
    ));
    assert_eq!(
        body["messages"][1]["content"],
        json!([{"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1.0}}, {"type": "tool_use", "id": "b", "name": "g", "input": {}}])
    );
    assert_eq!(
        body["messages"][2],
        json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "A"}]},
            {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "B"}]},
            {"type": "text", "text": "and?"},
        ]})
    );
    assert_eq!((body["messages"].as_array().map(Vec::len), warnings.as_str()), (Some(3), ""));
}

#[test]
fn a_call_without_a_result_gets_one_and_no_other_does() {
    let (body, warnings) =
        sent(&after(calls(&[call("a", "f", "{}"), call("b", "f", "{}")]), &[result("a", &json!("A"))]));
    let results = body["messages"][2]["content"].as_array().expect("blocks");
    assert_eq!(results.len(), 2);
    assert_eq!((results[0].get("is_error"), &results[1]["is_error"]), (None, &json!(true)));
    assert_eq!(warnings, "emulated;param=messages;reason=missing_tool_result");
}

#[test]
fn results_may_be_empty_doubled_or_pictures() {
    let (body, _) = sent(&after(calls(&[call("a", "f", "{}")]), &[result("a", &json!(""))]));
    assert_eq!(body["messages"][2]["content"], json!([{"type": "tool_result", "tool_use_id": "a"}]));
    let (body, _) = sent(&after(calls(&[call("a", "f", "{}")]), &[result("a", &json!("1")), result("a", &json!("2"))]));
    assert_eq!(body["messages"][2]["content"][0]["content"].as_array().map(Vec::len), Some(2));
    let picture = json!([{"type": "image_url", "image_url": {"url": "https://a.example/x"}, "cache_control": {"type": "ephemeral"}}]);
    let (body, _) = sent(&after(calls(&[call("a", "f", "{}")]), &[result("a", &picture)]));
    assert_eq!(body["messages"][2]["content"][0]["cache_control"], json!({"type": "ephemeral"}));
}

#[test]
fn calls_that_come_as_several_messages_are_one_turn() {
    let (body, warnings) = sent(&after(
        calls(&[call("a", "f", "{}")]),
        &[calls(&[call("b", "f", "{}")]), result("a", &json!("A")), result("b", &json!("B"))],
    ));
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(body["messages"][2]["content"].as_array().map(Vec::len), Some(2));
    assert_eq!(warnings, "");
}

#[test]
fn ids_are_legal_and_unique() {
    let turn = || calls(&[call("call:0", "f", "{}")]);
    let (body, _) = sent(&after(turn(), &[result("call:0", &json!("1")), turn(), result("call:0", &json!("2"))]));
    let id = |at: usize, member: &str| body["messages"][at]["content"][0][member].as_str().expect("an id").to_owned();
    let (first, second) = (id(1, "id"), id(3, "id"));
    assert_ne!(first, second);
    assert_eq!((id(2, "tool_use_id"), id(4, "tool_use_id")), (first.clone(), second));
    assert!(first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{first}");
}

#[test]
fn calls_that_make_no_sense_are_refused_by_their_path() {
    let arguments = "messages[1].tool_calls[0].function.arguments";
    let one = |arguments: &str| after(calls(&[call("a", "f", arguments)]), &[result("a", &json!("A"))]);
    assert_eq!(refused(&one("{oops")).0, arguments);
    assert_eq!(refused(&one("[1]")).0, arguments);
    let stray = after(calls(&[call("a", "f", "{}")]), &[result("b", &json!("B"))]);
    assert_eq!(refused(&stray).0, "messages[2].tool_call_id");
    assert_eq!(
        refused(&messages(&json!([{"role": "user", "content": "x"}, {"role": "tool", "content": "y"}]))).0,
        "messages[1].tool_call_id"
    );
    let nameless = after(calls(&[json!({"id": "a", "type": "function", "function": {"arguments": "{}"}})]), &[]);
    assert_eq!(refused(&nameless).0, "messages[1].tool_calls[0].function.name");
}

#[test]
fn a_history_with_calls_brings_its_tools() {
    let mut request = after(
        calls(&[call("a", "f", "{}"), call("b", "f", "{}")]),
        &[result("a", &json!("A")), result("b", &json!("B"))],
    );
    request.as_object_mut().expect("an object").remove("tools");
    let (body, _) = sent(&request);
    assert_eq!(body["tools"], json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}]));
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

#[test]
fn names_are_rewritten_and_restored() {
    let long = "n".repeat(130);
    let request = with(
        &json!({"tools": [function("a.b/c"), function(&long)], "tool_choice": {"type": "function", "function": {"name": "a.b/c"}}}),
    );
    let (body, _) = sent(&request);
    let name = body["tools"][0]["name"].as_str().expect("a name");
    assert!(name.starts_with("a_b_c_"), "{name}");
    assert_eq!(body["tool_choice"]["name"], name);
    assert!(body["tools"][1]["name"].as_str().expect("a name").len() <= 128);

    let answer = json!({"id": "msg_1", "content": [{"type": "tool_use", "id": "t", "name": name, "input": {}}], "stop_reason": "tool_use"});
    assert_eq!(whole(&request, &answer)["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "a.b/c");
}

#[test]
fn custom_tools_and_odd_roots_are_wrapped_and_unwrapped() {
    let odd = json!({"anyOf": [{"$ref": "#/$defs/x"}], "$defs": {"x": {"type": "string"}}});
    let mut request = after(
        json!({"role": "assistant", "tool_calls": [
            {"id": "a", "type": "custom", "custom": {"name": "c", "input": "say \"hi\""}},
            call("b", "odd", r#"{"k": 1.50}"#),
        ]}),
        &[result("a", &json!("A")), result("b", &json!("B"))],
    );
    request["tools"] = json!([{"type": "custom", "custom": {"name": "c"}}, {"type": "function", "function": {"name": "odd", "parameters": odd}}]);
    let (body, warnings) = sent(&request);
    assert_eq!(warnings, "emulated;param=tools;reason=custom_tool");
    assert_eq!(body["tools"][1]["input_schema"]["properties"]["value"], odd);
    assert_eq!(body["tools"][1]["input_schema"]["$defs"], odd["$defs"]);
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"input": "say \"hi\""}));
    assert_eq!(body["messages"][1]["content"][1]["input"], json!({"value": {"k": 1.5}}));

    let answer = json!({"id": "msg_1", "stop_reason": "tool_use", "content": [
        {"type": "tool_use", "id": "t", "name": "c", "input": {"input": "go"}},
        {"type": "tool_use", "id": "u", "name": "odd", "input": {"value": "x"}},
    ]});
    assert_eq!(
        whole(&request, &answer)["choices"][0]["message"]["tool_calls"],
        json!([{"id": "t", "type": "custom", "custom": {"name": "c", "input": "go"}}, call("u", "odd", "\"x\"")])
    );
}

#[test]
fn old_functions_work_as_they_did() {
    let request = json!({
        "functions": [{"name": "f", "parameters": {"type": "object", "properties": {}}}], "function_call": {"name": "f"},
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "r"},
        ],
    });
    let (body, warnings) = sent(&request);
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "f", "disable_parallel_tool_use": true}));
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], body["messages"][1]["content"][0]["id"]);
    assert_eq!(warnings, "");
    let answer = json!({"id": "msg_1", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}], "stop_reason": "tool_use"});
    let choice = &whole(&request, &answer)["choices"][0];
    assert_eq!(choice["message"]["function_call"], json!({"name": "f", "arguments": r#"{"a":1}"#}));
    assert_eq!((choice["message"].get("tool_calls"), &choice["finish_reason"]), (None, &json!("function_call")));
}

#[test]
fn a_loop_that_has_lost_its_reasoning_goes_on_without() {
    let mut request = after(calls(&[call("a", "f", "{}")]), &[result("a", &json!("A"))]);
    request["reasoning_effort"] = json!("low");
    let (body, warnings) = sent(&request);
    assert_eq!(body.get("thinking"), None);
    assert_eq!(warnings, "dropped;param=reasoning_effort;reason=reasoning_not_in_messages");

    request["messages"][1]["thinking_blocks"] = json!([{"type": "thinking", "thinking": "", "signature": "s"}]);
    let (body, warnings) = sent(&request);
    assert_eq!((&body["thinking"]["type"], warnings.as_str()), (&json!("enabled"), ""));
    assert_eq!(body["messages"][1]["content"][0]["type"], "thinking");
}

#[test]
fn what_anthropic_runs_itself_goes_along_and_comes_back() {
    let search = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 3});
    let (body, _) = sent(&with(&json!({"tools": [search, function("add")]})));
    assert_eq!(body["tools"][1], search);
    assert_eq!(body["tools"][0]["name"], "add");
    let (body, _) = sent(&with(&json!({"tools": [search], "tool_choice": "auto"})));
    assert_eq!(body["tools"], json!([search]));
    assert_eq!(refused(&with(&json!({"tools": [{"type": "web_search"}]}))).0, "tools[0].type");

    let used =
        json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "crabs"}});
    let found = json!({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "web_search_result", "url": "u"}]});
    let text = json!({"type": "text", "text": "Crabs."});
    let request = with(&json!({"tools": [search], "stream": true}));
    let whole = whole(&request, &json!({"id": "msg_1", "content": [used, found, text], "stop_reason": "end_turn"}));
    assert_eq!(whole["choices"][0]["message"]["content"], "Crabs.");
    let native = &whole["choices"][0]["message"]["native"];
    assert_eq!(*native, json!({"content": [used, found, {"type": "text", "length": 6}]}));

    let begun = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}});
    let delta = |json: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": json}});
    let block =
        |index: u32, block: &Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let stop = |index: u32| json!({"type": "content_block_stop", "index": index});
    let stream = sse(&[
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "m"}}),
        block(0, &begun),
        delta("{\"query\":"),
        delta("\"crabs\"}"),
        stop(0),
        block(1, &found),
        stop(1),
        block(2, &text),
        stop(2),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
        json!({"type": "message_stop"}),
    ]);
    let (chunks, end) = streamed(&request, &[stream.as_bytes()]);
    end.expect("it is whole");
    let choice = |chunk: &str| serde_json::from_str::<Value>(chunk).expect("JSON")["choices"][0].clone();
    let [before, last, _] = chunks.last_chunk().expect("chunks");
    assert_eq!((&choice(before)["delta"]["native"], &choice(last)["finish_reason"]), (native, &json!("stop")));
}

#[test]
fn a_mark_of_a_message_of_calls_stands_at_the_last_of_them() {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    for content in [json!(null), json!("So")] {
        let mut assistant = calls(&[call("a", "f", "{}"), call("b", "g", "{}")]);
        assistant["content"] = content;
        assistant["cache_control"] = mark.clone();
        let (body, _) = sent(&after(assistant, &[result("a", &json!("1")), result("b", &json!("2"))]));
        let blocks = body["messages"][1]["content"].as_array().expect("blocks");
        let marks: Vec<&Value> = blocks.iter().filter_map(|block| block.get("cache_control")).collect();
        assert_eq!(marks, [&mark]);
        assert_eq!(blocks.last().expect("a call")["cache_control"], mark);
    }
}
