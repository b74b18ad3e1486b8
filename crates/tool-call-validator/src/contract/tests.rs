use serde_json::json;

use super::*;

use Operation::{ChatCompletion as Chat, Message, Response};

fn read(operation: Operation, body: &str) -> Result<Option<Contract>, Box<Failure>> {
    let object = Object::parse(body.to_owned()).expect("an object");
    let read = Contract::read(operation, &object, &Reader { schemas: &Schemas::default(), strict: true });
    // Whatever is checked must have been seen to be asked for.
    let is_nothing = matches!(read, Ok(None));
    assert!(is_nothing || Contract::is_asked(operation, &object), "{body}");
    assert!(is_nothing || Contract::may_be_asked(operation, body.as_bytes()), "{body}");
    read
}

fn contract(operation: Operation, body: &str) -> Contract {
    read(operation, body).expect(body).expect(body)
}

/// The names of its tools, with `*` behind those of free text, and `...` if there may be more.
fn tools(contract: &Contract) -> String {
    let star = |tool: &Tool| if tool.schema.is_none() { "*" } else { "" };
    let mut names: Vec<_> = contract.tools.iter().map(|(name, tool)| format!("{name}{}", star(tool))).collect();
    names.sort_unstable();
    names.extend(contract.is_open.then(|| "...".to_owned()));
    names.join(" ")
}

#[test]
fn tools_are_those_that_the_client_runs() {
    let cases = [
        (Chat, r#"{"tools":[{"type":"function","function":{"name":"a","parameters":{"type":"object"}}}]}"#, "a"),
        (
            Chat,
            r#"{"tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}]}"#,
            "a b*",
        ),
        (Chat, r#"{"functions":[{"name":"a","parameters":{}},{"name":"b"}]}"#, "a b"),
        (Chat, r#"{"tools":[{"type":"builtin_function","function":{"name":"$web_search"}}]}"#, "$web_search"),
        (Chat, r#"{"tools":[{"type":"function","function":{"name":"a"}},{"type":"server:search"}]}"#, "a ..."),
        (Chat, r#"{"tools":[{"type":"function","function":{"name":"\u0061"}}]}"#, "a"),
        (Message, r#"{"tools":[{"name":"a","input_schema":{"type":"object"}},{"type":"custom","name":"b"}]}"#, "a b"),
        (
            Message,
            r#"{"tools":[{"type":"bash_20250124","name":"bash"},{"type":"web_search_20250305","name":"web_search"}]}"#,
            "bash",
        ),
        (Message, r#"{"tools":[{"name":"a"},{"type":"browser_toolset_20260801"}]}"#, "a ..."),
        (Message, r#"{"tools":[{"name":"a"},{"type":"mcp_toolset","mcp_server_name":"m"}]}"#, "a"),
        (
            Message,
            r#"{"tools":[{"name":"a"}],"messages":[{"role":"system","content":[{"type":"tool_addition"}]}]}"#,
            "a ...",
        ),
        (
            Response,
            r#"{"tools":[{"type":"function","name":"a","parameters":null},{"type":"custom","name":"b"}]}"#,
            "a b*",
        ),
        (Response, r#"{"tools":[{"type":"function","name":"a"},{"type":"web_search"},{"type":"tool_search"}]}"#, "a"),
        (
            Response,
            r#"{"tools":[{"type":"function","name":"a"},{"type":"tool_search","execution":"client"}]}"#,
            "a ...",
        ),
        (Response, r#"{"tools":[{"type":"function","name":"a"}],"prompt":{"id":"p"}}"#, "a ..."),
        (Response, r#"{"tools":[{"type":"function","name":"a"}],"input":[{"type":"tool_search_output"}]}"#, "a ..."),
        (
            Response,
            r#"{"tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"a"},{"type":"custom","name":"b"}]}]}"#,
            "a b*",
        ),
    ];
    for (operation, body, expected) in cases {
        assert_eq!(tools(&contract(operation, body)), expected, "{body}");
    }
}

#[test]
fn nothing_to_check_is_no_contract() {
    let cases = [
        (Chat, r#"{"tools":[],"response_format":{"type":"text"}}"#),
        (Chat, r#"{"tools":7,"response_format":"json"}"#),
        (Chat, r#"{"response_format":{"type":"grammar","value":"a"}}"#),
        (Message, r#"{"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#),
        (Message, r#"{"output_config":{"effort":"low"}}"#),
        (Response, r#"{"tools":[{"type":"web_search"}],"text":{"verbosity":"low"}}"#),
        (Operation::Embedding, r#"{"tools":[{"type":"function","function":{"name":"a"}}]}"#),
    ];
    for (operation, body) in cases {
        assert!(read(operation, body).expect(body).is_none(), "{body}");
    }
}

#[test]
fn namesakes_of_namespaces_take_any_object() {
    let function = |of: &str| format!(r#"{{"type":"function","name":"a","parameters":{{"required":["{of}"]}}}}"#);
    let (one, other) = (function("x"), function("y"));
    let body = format!(r#"{{"tools":[{{"type":"namespace","name":"n","tools":[{one}]}},{other}]}}"#);
    let schema = |body: &str| contract(Response, body).tools["a"].schema.clone().expect("a schema");
    assert!(schema(&body).is_valid(&json!({})));
    let alone = format!(r#"{{"tools":[{one}]}}"#);
    assert!(!schema(&alone).is_valid(&json!({})));
}

#[test]
fn a_choice_is_what_the_client_can_hold_the_model_to() {
    let none = ToolChoice::None;
    let only = |names: &[&str]| ToolChoice::Only(names.iter().map(|name| (*name).into()).collect());
    let among = |names: &[&str]| ToolChoice::Among(names.iter().map(|name| (*name).into()).collect());
    let chat = r#""tools":[{"type":"function","function":{"name":"a"}}]"#;
    let old = r#""functions":[{"name":"a"}]"#;
    let flat = r#""tools":[{"type":"function","name":"a"}]"#;
    let claude = r#""tools":[{"name":"a"}]"#;
    let searching = r#""tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"a"}]"#;
    let hosting = r#""tools":[{"type":"web_search"},{"type":"function","name":"a"}]"#;
    let cases = [
        (Chat, chat, "null", ToolChoice::Auto),
        (Chat, chat, r#""auto""#, ToolChoice::Auto),
        (Chat, chat, r#""none""#, none.clone()),
        (Chat, chat, r#""required""#, ToolChoice::Required),
        (Chat, chat, r#""any""#, ToolChoice::Required),
        (Chat, chat, "7", ToolChoice::Auto),
        (Chat, chat, r#"{"type":"function","function":{"name":"a"}}"#, only(&["a"])),
        (Chat, chat, r#"{"type":"custom","custom":{"name":"b"}}"#, only(&["b"])),
        (
            Chat,
            chat,
            r#"{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"a"}}]}}"#,
            only(&["a"]),
        ),
        (
            Chat,
            chat,
            r#"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"a"}}]}}"#,
            among(&["a"]),
        ),
        (Chat, old, r#"{"name":"a"}"#, only(&["a"])),
        (Message, claude, r#"{"type":"auto"}"#, ToolChoice::Auto),
        (Message, claude, r#"{"type":"any"}"#, ToolChoice::Required),
        (Message, claude, r#"{"type":"none"}"#, none.clone()),
        (Message, claude, r#"{"type":"tool","name":"a"}"#, only(&["a"])),
        (Message, searching, r#"{"type":"any"}"#, ToolChoice::Auto),
        (Message, searching, r#"{"type":"tool","name":"web_search"}"#, among(&["web_search"])),
        (Message, searching, r#"{"type":"tool","name":"a"}"#, only(&["a"])),
        (Response, flat, r#""required""#, ToolChoice::Required),
        (Response, flat, r#"{"type":"function","name":"a"}"#, only(&["a"])),
        (
            Response,
            flat,
            r#"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"a"}]}"#,
            only(&["a"]),
        ),
        (
            Response,
            flat,
            r#"{"type":"allowed_tools","mode":"required","tools":[{"type":"mcp"},{"type":"function","name":"a"}]}"#,
            among(&["a"]),
        ),
        (Response, hosting, r#""required""#, ToolChoice::Auto),
        (Response, hosting, r#"{"type":"web_search"}"#, ToolChoice::Auto),
        (Response, hosting, r#""none""#, none),
    ];
    for (operation, tools, choice, expected) in cases {
        let body = format!(r#"{{{tools},"tool_choice":{choice}}}"#);
        assert_eq!(contract(operation, &body).choice, expected, "{body}");
    }
    let of_old = contract(Chat, &format!(r#"{{{old},"function_call":"none"}}"#));
    assert_eq!(of_old.choice, ToolChoice::None);
}

#[test]
fn how_many_calls_and_choices_there_may_be() {
    let of = |operation, body: &str| {
        let Contract { parallel, choices, .. } = contract(operation, body);
        (parallel, choices)
    };
    let chat = |more: &str| of(Chat, &format!(r#"{{"functions":[{{"name":"a"}}]{more}}}"#));
    assert_eq!(chat(""), (true, 1));
    assert_eq!(chat(r#","parallel_tool_calls":false,"n":3"#), (false, 3));
    assert_eq!(chat(r#","parallel_tool_calls":null,"n":null"#), (true, 1));
    let message = |choice: &str| of(Message, &format!(r#"{{"tools":[{{"name":"a"}}],"tool_choice":{choice}}}"#));
    assert_eq!(message(r#"{"type":"auto","disable_parallel_tool_use":true}"#), (false, 1));
    assert_eq!(message(r#"{"type":"auto"}"#), (true, 1));
}

#[test]
fn text_is_what_the_format_says() {
    let kind = |operation, body: &str| match contract(operation, body).text {
        Text::Any => "any",
        Text::JsonObject => "object",
        Text::Json(_) => "schema",
    };
    let cases = [
        (Chat, r#"{"response_format":{"type":"json_object"}}"#, "object"),
        (Chat, r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n"}}}"#, "object"),
        (Chat, r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}"#, "schema"),
        (Response, r#"{"text":{"format":{"type":"json_object"}}}"#, "object"),
        (Response, r#"{"text":{"format":{"type":"json_schema","name":"n","schema":{}}}}"#, "schema"),
        (Message, r#"{"output_config":{"format":{"type":"json_schema","schema":{}}}}"#, "schema"),
        (Message, r#"{"output_format":{"type":"json_schema","schema":{}}}"#, "schema"),
        (Message, r#"{"tools":[{"name":"a"}]}"#, "any"),
    ];
    for (operation, body, expected) in cases {
        assert_eq!(kind(operation, body), expected, "{body}");
    }
}

#[test]
fn schemas_that_cannot_be_used_are_a_400_that_says_where() {
    let cases = [
        (
            Chat,
            r#"{"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b","parameters":{"type":7}}}]}"#,
            "tools[1].function.parameters",
            "invalid_function_parameters",
        ),
        (
            Chat,
            r#"{"functions":[{"name":"a","parameters":7}]}"#,
            "functions[0].parameters",
            "invalid_function_parameters",
        ),
        (
            Chat,
            r#"{"tools":[{"type":"function","function":{"name":"a","strict":true,"parameters":{"type":"object","properties":{"x":{}}}}}]}"#,
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            Response,
            r#"{"tools":[{"type":"function","name":"a","parameters":{"type":7}}]}"#,
            "tools[0].parameters",
            "invalid_function_parameters",
        ),
        (
            Response,
            r#"{"tools":[{"type":"namespace","tools":[{"type":"function","name":"a","parameters":{"type":7}}]}]}"#,
            "tools[0].tools[0].parameters",
            "invalid_function_parameters",
        ),
        (
            Message,
            r#"{"tools":[{"name":"a","input_schema":{"type":7}}]}"#,
            "tools.0.input_schema",
            "invalid_function_parameters",
        ),
        (
            Chat,
            r#"{"response_format":{"type":"json_schema","json_schema":{"schema":{"type":7}}}}"#,
            "response_format.json_schema.schema",
            "invalid_json_schema",
        ),
        (
            Chat,
            r#"{"response_format":{"type":"json_schema","json_schema":{"strict":true,"schema":{"type":"object","properties":{"x":{}}}}}}"#,
            "response_format.json_schema.schema",
            "invalid_json_schema",
        ),
        (
            Response,
            r#"{"text":{"format":{"type":"json_schema","schema":{"type":7}}}}"#,
            "text.format.schema",
            "invalid_json_schema",
        ),
        (
            Message,
            r#"{"output_config":{"format":{"type":"json_schema","schema":{"type":7}}}}"#,
            "output_config.format.schema",
            "invalid_json_schema",
        ),
        (
            Chat,
            r#"{"tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"a"}}]}"#,
            "tools[1].custom.name",
            "duplicate_tool_name",
        ),
        (
            Message,
            r#"{"tools":[{"name":"a"},{"name":"a","input_schema":{"required":["x"]}}]}"#,
            "tools.1.name",
            "duplicate_tool_name",
        ),
    ];
    for (operation, body, param, code) in cases {
        let failure = read(operation, body).expect_err(body);
        let error = failure.error();
        assert_eq!(
            (failure.status().as_u16(), error.param.as_deref(), error.code.as_deref()),
            (400, Some(param), Some(code))
        );
    }
}

#[test]
fn a_tool_that_is_offered_twice_is_one() {
    let tool = r#"{"name":"a","input_schema":{"required":["x"]}}"#;
    let spelled = r#"{"name":"a","input_schema":{ "required": [ "x" ] }}"#;
    let contract = contract(Message, &format!(r#"{{"tools":[{tool},{spelled}]}}"#));
    assert_eq!(contract.tools.len(), 1);
}

#[test]
fn strict_mode_is_held_to_where_it_is_asked_for() {
    let loose = r#"{"type":"object","properties":{"x":{}}}"#;
    let strict =
        r#"{"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false}"#;
    let chat = |schema: &str, strict: &str| {
        format!(
            r#"{{"tools":[{{"type":"function","function":{{"name":"a","parameters":{schema},"strict":{strict}}}}}]}}"#
        )
    };
    for (schema, is_strict, is_fine) in
        [(loose, "true", false), (loose, "null", true), (loose, "false", true), (strict, "true", true)]
    {
        assert_eq!(read(Chat, &chat(schema, is_strict)).is_ok(), is_fine, "{schema} {is_strict}");
    }
    let object = Object::parse(chat(loose, "true")).expect("an object");
    let lenient = Contract::read(Chat, &object, &Reader { schemas: &Schemas::default(), strict: false });
    assert!(lenient.is_ok());
    let claude = format!(r#"{{"tools":[{{"name":"a","strict":true,"input_schema":{loose}}}]}}"#);
    assert!(read(Message, &claude).is_ok(), "Anthropic has rules of its own");
}
