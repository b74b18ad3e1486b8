use serde_json::json;

use super::*;
use crate::testing::{MODEL, with};

#[test]
fn requests_are_sent_as_coheres_own_client_would() {
    BENCH.run_requests(include_str!("../../../fixtures/cohere/requests.json"));
}

#[test]
fn a_chat_goes_to_its_path_and_other_operations_nowhere() {
    let outgoing = BENCH.chat(&with(&json!({"n": 3})));
    assert_eq!((outgoing.path.as_str(), outgoing.copies), ("/v2/chat", 3));
    let (param, code) = BENCH.refused_by(Operation::Completion, &json!({"prompt": "x"}), false);
    assert_eq!((param.as_str(), code.as_str()), ("", "unsupported_operation"));
}

#[test]
fn what_would_change_the_answers_shape_is_refused_by_its_path() {
    let tool = json!([{"type": "function", "function": {"name": "f"}}]);
    let pdf = json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQ="}});
    let said = |part| json!({"messages": [{"role": "user", "content": [part]}]});
    let image = json!({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}});
    let result = json!({"messages": [
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}]},
        {"role": "tool", "tool_call_id": "c", "content": [image]},
    ]});
    let json_object = json!({"type": "json_object"});
    for (members, param, code) in [
        (json!({"n": 9}), "n", "unsupported_parameter"),
        (json!({"n": 0}), "n", "invalid_value"),
        (json!({"logprobs": true}), "logprobs", "unsupported_parameter"),
        (json!({"modalities": ["text", "audio"]}), "modalities", "unsupported_parameter"),
        (json!({"audio": {}}), "audio", "unsupported_parameter"),
        (json!({"web_search_options": {}}), "web_search_options", "unsupported_parameter"),
        (json!({"tools": tool, "response_format": json_object}), "response_format", "unsupported_parameter"),
        (json!({"documents": ["a"], "response_format": json_object}), "response_format", "unsupported_parameter"),
        (json!({"documents": "a"}), "documents", "invalid_type"),
        (json!({"stop": ["1", "2", "3", "4", "5", "6"]}), "stop", "invalid_value"),
        (json!({"temperature": -1}), "temperature", "invalid_value"),
        (json!({"temperature": "hot"}), "temperature", "invalid_type"),
        (json!({"seed": 1.5}), "seed", "invalid_type"),
        (json!({"priority": 1000}), "priority", "invalid_value"),
        (json!({"max_tokens": 0}), "max_tokens", "invalid_value"),
        (json!({"thinking": true}), "thinking", "invalid_type"),
        (json!({"reasoning_effort": "lots"}), "reasoning_effort", "invalid_value"),
        (json!({"response_format": {"type": "xml"}}), "response_format.type", "invalid_value"),
        (json!({"tool_choice": "required"}), "tool_choice", "invalid_value"),
        (said(pdf), "messages[0].content[0].file.file_data", "unsupported_parameter"),
        (
            said(json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}})),
            "messages[0].content[0].input_audio",
            "unsupported_parameter",
        ),
        (
            said(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}})),
            "messages[0].content[0].image_url.url",
            "invalid_image_url",
        ),
        (result, "messages[1].content[0].image_url.url", "unsupported_parameter"),
    ] {
        assert_eq!(BENCH.refused(&with(&members)), (param.to_owned(), code.to_owned()), "{members}");
    }
}

#[test]
fn strict_refuses_what_would_be_bent() {
    for (members, param) in [
        (json!({"temperature": 1.5}), "temperature"),
        (json!({"logit_bias": {"1": 1}}), "logit_bias"),
        (json!({"made_up": 1}), "made_up"),
    ] {
        let (refused, code) = BENCH.refused_by(Operation::ChatCompletion, &with(&members), true);
        assert_eq!((refused.as_str(), code.as_str()), (param, "unsupported_parameter"));
    }
    assert!(BENCH.call(Operation::ChatCompletion, &with(&json!({"top_p": 1, "n": 2})), true).is_ok());
}

#[test]
fn a_tools_name_finds_its_way_back() {
    let request = with(&json!({"tools": [
        {"type": "function", "function": {"name": "get-weather.v2"}},
        {"type": "custom", "custom": {"name": "run.it"}},
        {"type": "function", "function": {"name": "list", "parameters": {"type": "array"}}},
    ]}));
    let (sent, _) = BENCH.sent(&request);
    let call = |at: usize, arguments: &str| json!({"id": at.to_string(), "type": "function", "function": {"name": sent["tools"][at]["function"]["name"], "arguments": arguments}});
    let calls = [call(0, "{}"), call(1, "{\"input\":\"ls\"}"), call(2, "{\"value\":[1.50]}")];
    let answer = json!({"id": "a", "finish_reason": "TOOL_CALL", "message": {"tool_calls": calls}});
    let whole = BENCH.whole(&request, &answer).expect("an answer");
    assert_eq!(
        whole["choices"][0]["message"]["tool_calls"],
        json!([
            {"id": "0", "type": "function", "function": {"name": "get-weather.v2", "arguments": "{}"}},
            {"id": "1", "type": "custom", "custom": {"name": "run.it", "input": "ls"}},
            {"id": "2", "type": "function", "function": {"name": "list", "arguments": "[1.50]"}},
        ])
    );
    assert_eq!(whole["model"], MODEL);
}

#[test]
fn a_tool_that_has_failed_says_so_in_words() {
    let parts = json!([{"type": "text", "text": "no"}, {"type": "text", "text": "way"}]);
    for (content, told) in [
        (json!("no"), json!("Error: no")),
        (json!(" ERROR 7: no"), json!(" ERROR 7: no")),
        (json!(""), json!("Error")),
        (parts, json!([{"type": "text", "text": "Error: no"}, {"type": "text", "text": "way"}])),
    ] {
        let (body, _) = BENCH.sent(&with(&json!({"messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "a", "content": content, "is_error": true},
            {"role": "tool", "tool_call_id": "b", "content": "no"},
        ]})));
        assert_eq!((&body["messages"][2]["content"], &body["messages"][3]["content"]), (&told, &json!("no")));
    }
}
