use super::*;

fn leaves_nothing(operation: Operation, body: &str) -> Replacer {
    assert_no_leak(operation, body, Body::Request)
}

/// One place a row: what stands before the value and after it, in the body that the operation takes.
fn each_place(operation: Operation, rows: &[&str]) {
    // As it is, and as JSON may spell it.
    let spellings = [CANARY, "c4477001199\\u0040leak.example", "\\u006344\\u00377001199@le\\u0061k.example"];
    for row in rows {
        for canary in spellings {
            leaves_nothing(operation, &row.replace('§', canary));
        }
    }
}

#[test]
fn chat_completions() {
    each_place(
        Operation::ChatCompletion,
        &[
            r#"{"model":"m","messages":[{"role":"system","content":"write to § now"}]}"#,
            r#"{"messages":[{"role":"developer","content":"§"}]}"#,
            r#"{"messages":[{"role":"user","content":"a\nb §\t"}]}"#,
            r#"{"messages":[{"role":"assistant","content":"§"}]}"#,
            r#"{"messages":[{"role":"tool","tool_call_id":"call_1","content":"§"}]}"#,
            r#"{"messages":[{"role":"function","name":"f","content":"§"}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"§"}]}]}"#,
            r#"{"messages":[{"role":"tool","content":[{"type":"text","text":"§"}]}]}"#,
            r#"{"messages":[{"role":"user","name":"§","content":"x"}]}"#,
            r#"{"messages":[{"role":"assistant","content":null,"refusal":"§"}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"refusal","refusal":"§"}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":"x","reasoning_content":"§"}]}"#,
            r#"{"messages":[{"role":"assistant","content":"x","reasoning":"§"}]}"#,
            r#"{"messages":[{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"§"}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"to\":\"§\"}"}}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"§\":1}"}}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"to\": §"}}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":{"to":"§"}}}]}]}"#,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"custom","custom":{"name":"f","input":"to §"}}]}]}"#,
            r#"{"messages":[{"role":"assistant","function_call":{"name":"f","arguments":"[\"§\"]"}}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/i.png?to=§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"https://§/i.png"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"§.pdf","file_id":"f1"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"no base64: §"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain,§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"invented","of":{"tomorrow":["§"]}}]}]}"#,
            r#"{"messages":[{"role":"user","content":"x","invented":{"§":true}}]}"#,
            r#"{"messages":[{"role":"§","content":"x"}]}"#,
            r#"{"messages":["§"]}"#,
            r#"{"messages":"§"}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","description":"§"}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","description":"§"}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","title":"§"}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"a":{"enum":["§"]}}}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"a":{"const":"§"}}}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"a":{"default":{"b":"§"}}}}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"items":{"examples":["§"]}}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"anyOf":[{"pattern":"§"}]}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"§":{}},"required":["§"]}}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"type":{"description":"§"}}}}}]}"#,
            r#"{"tools":[{"type":"custom","custom":{"name":"f","description":"§"}}]}"#,
            r#"{"tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"§"}}}}]}"#,
            r#"{"functions":[{"name":"f","description":"§"}]}"#,
            r#"{"functions":[{"name":"f","parameters":{"description":"§"}}]}"#,
            r#"{"tool_choice":{"type":"function","function":{"name":"§"}}}"#,
            r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"§"}}}"#,
            r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"properties":{"a":{"description":"§"}}}}}}"#,
            r#"{"stop":"§"}"#,
            r#"{"stop":["a","§"]}"#,
            r#"{"prediction":{"type":"content","content":"§"}}"#,
            r#"{"prediction":{"type":"content","content":[{"type":"text","text":"§"}]}}"#,
            r#"{"metadata":{"a":"§"}}"#,
            r#"{"metadata":{"§":"a"}}"#,
            r#"{"metadata":{"a":{"b":[[{"c":"§"}]]}}}"#,
            r#"{"user":"§"}"#,
            r#"{"safety_identifier":"§"}"#,
            r#"{"prompt_cache_key":"§"}"#,
            r#"{"web_search_options":{"user_location":{"type":"approximate","approximate":{"city":"§"}}}}"#,
            r#"{"stream_options":{"invented by §":true}}"#,
            r#"{"invented":"§"}"#,
            r#"{"invented":{"by":["§"]}}"#,
            r#"{"§":1}"#,
        ],
    );
}

#[test]
fn completions_and_embeddings() {
    each_place(
        Operation::Completion,
        &[
            r#"{"prompt":"§"}"#,
            r#"{"prompt":["a","§"]}"#,
            r#"{"prompt":"a","suffix":"§"}"#,
            r#"{"prompt":"a","stop":["§"]}"#,
            r#"{"prompt":"a","user":"§"}"#,
        ],
    );
    each_place(
        Operation::Embedding,
        &[r#"{"model":"m","input":"§"}"#, r#"{"input":["a","§"]}"#, r#"{"input":"a","user":"§"}"#],
    );
}

#[test]
fn responses() {
    each_place(
        Operation::Response,
        &[
            r#"{"model":"m","input":"§"}"#,
            r#"{"instructions":"§"}"#,
            r#"{"input":[{"role":"user","content":"§"}]}"#,
            r#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"§"}]}]}"#,
            r#"{"input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"§","annotations":[]}]}]}"#,
            r#"{"input":[{"role":"assistant","content":[{"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"https://a.example/?q=§","title":"t"}]}]}]}"#,
            r#"{"input":[{"role":"assistant","content":[{"type":"refusal","refusal":"§"}]}]}"#,
            r#"{"input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":\"§\"}"}]}"#,
            r#"{"input":[{"type":"function_call_output","call_id":"c","output":"§"}]}"#,
            r#"{"input":[{"type":"function_call_output","call_id":"c","output":"{\"a\":\"§\"}"}]}"#,
            r#"{"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"§"}]}]}"#,
            r#"{"input":[{"type":"custom_tool_call","call_id":"c","name":"f","input":"§"}]}"#,
            r#"{"input":[{"type":"custom_tool_call_output","call_id":"c","output":"§"}]}"#,
            r#"{"input":[{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"§"}],"encrypted_content":"gAAA"}]}"#,
            r#"{"input":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"§"}]}]}"#,
            r#"{"input":[{"type":"file_search_call","queries":["§"],"results":null}]}"#,
            r#"{"input":[{"type":"file_search_call","results":[{"file_id":"f","filename":"§"}]}]}"#,
            r#"{"input":[{"type":"web_search_call","action":{"type":"search","query":"§"}}]}"#,
            r#"{"input":[{"type":"mcp_call","name":"f","server_label":"s","arguments":"{\"a\":\"§\"}"}]}"#,
            r#"{"input":[{"type":"mcp_call","name":"f","output":"§"}]}"#,
            r#"{"input":[{"type":"mcp_list_tools","tools":[{"name":"f","input_schema":{"description":"§"}}]}]}"#,
            r#"{"input":[{"type":"local_shell_call","action":{"command":["mail","§"],"env":{"TO":"x"}}}]}"#,
            r#"{"input":[{"type":"local_shell_call","action":{"env":{"§":"x"}}}]}"#,
            r#"{"input":[{"type":"code_interpreter_call","code":"send('§')","outputs":[]}]}"#,
            r#"{"input":[{"type":"computer_call","action":{"type":"type","text":"§"}}]}"#,
            r#"{"input":[{"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"https://a.example?§"}}]}"#,
            r#"{"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://a.example/i?q=§"}]}]}"#,
            r#"{"input":[{"role":"user","content":[{"type":"input_file","filename":"§","file_id":"f"}]}]}"#,
            r#"{"input":[{"role":"user","content":[{"type":"input_file","file_url":"https://u:§@a.example/f"}]}]}"#,
            r#"{"input":[{"type":"invented","thing":{"a":"§"}}]}"#,
            r#"{"prompt":{"id":"pmpt_1","version":"2","variables":{"name":"§"}}}"#,
            r#"{"prompt":{"id":"pmpt_1","variables":{"doc":{"type":"input_text","text":"§"}}}}"#,
            r#"{"text":{"format":{"type":"json_schema","name":"n","description":"§"}}}"#,
            r#"{"text":{"format":{"type":"json_schema","name":"n","schema":{"enum":["§"]}}}}"#,
            r#"{"tools":[{"type":"function","name":"f","description":"§"}]}"#,
            r#"{"tools":[{"type":"function","name":"f","parameters":{"properties":{"a":{"default":"§"}}}}]}"#,
            r#"{"tools":[{"type":"mcp","server_label":"s","server_description":"§"}]}"#,
            r#"{"tools":[{"type":"file_search","vector_store_ids":["v"],"filters":{"type":"eq","key":"owner","value":"§"}}]}"#,
            r#"{"tools":[{"type":"web_search","user_location":{"type":"approximate","city":"§"}}]}"#,
            r#"{"metadata":{"a":"§"}}"#,
            r#"{"user":"§"}"#,
        ],
    );
}

#[test]
fn messages() {
    each_place(
        Operation::Message,
        &[
            r#"{"model":"m","system":"§"}"#,
            r#"{"system":[{"type":"text","text":"§","cache_control":{"type":"ephemeral"}}]}"#,
            r#"{"messages":[{"role":"user","content":"§"}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"§"}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"to":"§"}}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"§":[1]}}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"server_tool_use","id":"t","name":"web_search","input":{"query":"§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"§"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"§"}]}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"web_search_tool_result","content":[{"type":"web_search_result","title":"§","url":"u"}]}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"data":"§","type":"text"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"§"}]}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":"§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"https://a.example/?q=§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","title":"§","source":{"type":"file","file_id":"f"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"document","context":"§","source":{"type":"file","file_id":"f"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"search_result","source":"https://a.example/§","title":"t","content":[]}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"search_result","source":"s","content":[{"type":"text","text":"§"}]}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"§","document_index":0}]}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"§"}]}]}"#,
            r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"§","signature":""}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"invented","data":"§"}]}]}"#,
            r#"{"metadata":{"user_id":"§"}}"#,
            r#"{"stop_sequences":["§"]}"#,
            r#"{"tools":[{"name":"f","description":"§","input_schema":{"type":"object"}}]}"#,
            r#"{"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"description":"§"}}}}]}"#,
            r#"{"tools":[{"name":"f","input_schema":{"type":"object"},"input_examples":[{"a":"§"}]}]}"#,
            r#"{"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"description":"§"}}}}"#,
        ],
    );
}

#[test]
fn percent_escapes_and_numbers() {
    for body in [
        r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/i?to=§"}}]}]}"#,
        r#"{"input":[{"role":"user","content":[{"type":"input_file","file_url":"https://a.example/#§"}]}]}"#,
    ] {
        leaves_nothing(Operation::Response, &body.replace('§', PERCENT));
    }
    for body in [
        r#"{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"card\": §}"}}]}]}"#,
        r#"{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"[-§.5]"}}]}]}"#,
        r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"card":§}}]}]}"#,
        r#"{"messages":[{"role":"tool","content":"{\"card\":[{\"n\":§}]}"}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":§}]}]}"#,
        r#"{"metadata":{"phone":§}}"#,
        r#"{"user":§}"#,
        r#"{"tools":[{"name":"f","input_schema":{"enum":[§],"maximum":9007199254740991}}]}"#,
        r#"{"invented":{"phone":§}}"#,
    ] {
        leaves_nothing(Operation::ChatCompletion, &body.replace('§', NUMBER));
    }
}

#[test]
fn the_protocols_own_words_are_not_shown() {
    let body = r#"{"model":"gpt@5 x","stream":true,"seed":12345678901,"logit_bias":{"50256":-100},
        "messages":[{"role":"assistant","tool_calls":[{"id":"call_1234567890","type":"function","function":{"name":"f_1","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"call_1234567890","name":"f_1","content":"-"}],
        "tools":[{"type":"mcp","server_label":"s","server_url":"https://u:p@a.example","headers":{"Authorization":"Bearer a b"},"authorization":"a b"}],
        "tool_choice":{"type":"function","function":{"name":"f_1"}},
        "input":[{"type":"reasoning","id":"rs_1234567890","encrypted_content":"gAAAAAB+/=="},[1,2,30522]],
        "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"integer","maximum":9007199254740991}}}}"#;
    let mut object = parse(body);
    let mut idle = Idle::default();
    assert_eq!(request(Operation::ChatCompletion, &mut object, &mut idle), Ok(false));
    assert_eq!(idle.seen, ["-"]);
}

#[test]
fn the_nearest_members_name_comes_with_a_text() {
    let body = format!(
        r#"{{"messages":[{{"role":"assistant","name":"{CANARY}","content":"{CANARY}","tool_calls":[{{"function":{{"arguments":"{{\"ssns\":[[\"{CANARY}\"]]}}"}}}}]}}],"metadata":{{"m\u0061il":"{CANARY}","{CANARY}":1}}}}"#
    );
    let mut replacer = Replacer::default();
    assert_eq!(request(Operation::ChatCompletion, &mut parse(&body), &mut replacer), Ok(true));
    let members: Vec<_> = replacer.seen.iter().map(|(member, _)| member.as_str()).collect();
    assert_eq!(members, ["name", "content", "ssns", "mail", "metadata"]);
}
