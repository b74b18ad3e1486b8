use serde_json::json;

use super::*;

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}})
}

fn strict(name: &str) -> Value {
    let mut function = function(name);
    function["function"]["strict"] = json!(true);
    function
}

fn calling(members: &Value) -> (Value, String) {
    let (body, warnings) = sent(&with(members));
    (body["toolConfig"]["functionCallingConfig"].clone(), warnings)
}

#[test]
fn choices_are_modes() {
    for (choice, expected) in [
        (json!("auto"), Value::Null),
        (json!("none"), json!({"mode": "NONE"})),
        (json!("required"), json!({"mode": "ANY"})),
        (json!({"type": "function", "function": {"name": "b"}}), json!({"mode": "ANY", "allowedFunctionNames": ["b"]})),
    ] {
        let members = json!({"tools": [function("a"), function("b")], "tool_choice": choice});
        assert_eq!(calling(&members).0, expected, "{choice}");
    }
    assert_eq!(calling(&json!({"tools": [strict("a"), strict("b")]})).0, json!({"mode": "VALIDATED"}));
    assert_eq!(calling(&json!({"tools": [strict("a"), function("b")]})).0, Value::Null);
}

#[test]
fn only_what_is_allowed_is_offered() {
    let allowed = json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "b"}}]}});
    let (body, warnings) = sent(&with(&json!({"tools": [function("a"), function("b")], "tool_choice": allowed})));
    assert_eq!(body["tools"][0]["functionDeclarations"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["toolConfig"]["functionCallingConfig"], json!({"mode": "ANY"}));
    assert_eq!(warnings, "emulated;param=tool_choice;reason=tools_left_out");
}

#[test]
fn names_and_inputs_find_their_way_back() {
    let request = with(&json!({"tools": [
        {"type": "custom", "custom": {"name": "1 shell"}},
        {"type": "function", "function": {"name": "list", "parameters": {"type": "array", "items": {}}}},
    ]}));
    let (body, warnings) = sent(&request);
    let declared = body["tools"][0]["functionDeclarations"].clone();
    assert_eq!(warnings, "emulated;param=tools;reason=custom_tool");
    assert_eq!(declared[1]["parametersJsonSchema"]["properties"]["value"], json!({"type": "array", "items": {}}));
    let answer = answered(
        &json!([
            {"functionCall": {"id": "1", "name": declared[0]["name"], "args": {"input": "ls\n"}}},
            {"functionCall": {"id": "2", "name": "list", "args": {"value": [1.50]}}},
        ]),
        "STOP",
    );
    let message = whole(&request, &answer)["choices"][0]["message"].clone();
    assert_eq!(
        message["tool_calls"],
        json!([
            {"id": "1", "type": "custom", "custom": {"name": "1 shell", "input": "ls\n"}},
            {"id": "2", "type": "function", "function": {"name": "list", "arguments": "[1.5]"}},
        ])
    );
}

#[test]
fn one_call_at_a_time_is_the_first_one() {
    let parts = json!([
        {"functionCall": {"name": "a"}, "thoughtSignature": "YQ=="},
        {"functionCall": {"name": "b", "args": {}}},
    ]);
    let single = with(&json!({"tools": [function("a"), function("b")], "parallel_tool_calls": false}));
    assert_eq!(sent(&single).1, "emulated;param=parallel_tool_calls;reason=first_call_kept");
    let choice = whole(&single, &answered(&parts, "STOP"))["choices"][0].clone();
    let calls = choice["message"]["tool_calls"].as_array().expect("calls");
    assert_eq!((calls.len(), &calls[0]["function"]), (1, &json!({"name": "a", "arguments": "{}"})));
    assert_eq!(choice["finish_reason"], "tool_calls");

    let legacy = with(&json!({"functions": [{"name": "a"}, {"name": "b"}]}));
    let choice = whole(&legacy, &answered(&parts, "STOP"))["choices"][0].clone();
    assert_eq!(choice["message"]["function_call"], json!({"name": "a", "arguments": "{}"}));
    assert_eq!(choice["finish_reason"], "function_call");
}

#[test]
fn a_call_without_an_id_gets_one() {
    let parts = json!([{"functionCall": {"name": "a"}}, {"functionCall": {"id": "", "name": "b"}}]);
    let message = whole(&with(&json!({})), &answered(&parts, "STOP"))["choices"][0]["message"].clone();
    let id = |at: usize| message["tool_calls"][at]["id"].as_str().expect("an id").to_owned();
    assert!(id(0).starts_with("call_") && id(0) != id(1), "{message}");
}
