use serde_json::json;

use super::*;
use crate::{framing::Framing, testing::with};

#[test]
fn requests_are_sent_as_ollamas_own_client_would() {
    BENCH.run_requests(include_str!("../../../fixtures/ollama/requests.json"));
}

#[test]
fn a_chat_goes_to_its_path_and_other_operations_nowhere() {
    let outgoing = BENCH.chat(&with(&json!({"n": 2})));
    assert_eq!((outgoing.path.as_str(), outgoing.framing, outgoing.copies), ("/api/chat", Framing::Ndjson, 2));
    let (param, code) = BENCH.refused_by(Operation::Response, &json!({"input": "x"}), false);
    assert_eq!((param.as_str(), code.as_str()), ("", "unsupported_operation"));
}

#[test]
fn numbers_keep_their_spelling() {
    let request = r#"{"messages":[{"role":"user","content":"Hi"}],"temperature":0.70,"options":{"x":1.50e0}}"#;
    let object = llm_layers_wire::json::Object::parse(request).expect("an object");
    let outgoing = crate::format::Format::call(
        &Ollama,
        &crate::format::Call {
            operation: Operation::ChatCompletion,
            object: &object,
            model: "m",
            provider: &"here".into(),
            strict: false,
            default_max_tokens: 1,
            clock: llm_layers_core::Clock::system(),
            rng: &llm_layers_core::Rng::seeded(1),
        },
    );
    let body = outgoing.unwrap_or_else(|failure| panic!("{failure:?}")).body;
    assert_eq!(
        body,
        r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":false,"options":{"x":1.50e0,"temperature":0.70}}"#
    );
}

#[test]
fn what_would_change_the_answers_shape_is_refused_by_its_path() {
    let said = |part| json!({"messages": [{"role": "user", "content": [part]}]});
    let data_url = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAAN"}});
    let result = json!({"messages": [
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}]},
        {"role": "tool", "tool_call_id": "c", "content": [data_url]},
    ]});
    for (members, param, code) in [
        (json!({"n": 9}), "n", "unsupported_parameter"),
        (json!({"modalities": ["audio"]}), "modalities", "unsupported_parameter"),
        (json!({"web_search_options": {}}), "web_search_options", "unsupported_parameter"),
        (json!({"top_logprobs": 21}), "top_logprobs", "invalid_value"),
        (json!({"logprobs": 1}), "logprobs", "invalid_type"),
        (json!({"options": [1]}), "options", "invalid_type"),
        (json!({"keep_alive": true}), "keep_alive", "invalid_type"),
        (json!({"think": 1}), "think", "invalid_type"),
        (json!({"temperature": 3}), "temperature", "invalid_value"),
        (json!({"max_completion_tokens": 0}), "max_tokens", "invalid_value"),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {"schema": 1}}}),
            "response_format.json_schema.schema",
            "invalid_type",
        ),
        (
            said(json!({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}})),
            "messages[0].content[0].image_url.url",
            "unsupported_parameter",
        ),
        (
            said(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}})),
            "messages[0].content[0].image_url.url",
            "invalid_image_url",
        ),
        (
            said(json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQ="}})),
            "messages[0].content[0].file.file_data",
            "unsupported_parameter",
        ),
        (
            said(json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}})),
            "messages[0].content[0].input_audio",
            "unsupported_parameter",
        ),
        (result, "messages[1].content[0].image_url.url", "unsupported_parameter"),
    ] {
        assert_eq!(BENCH.refused(&with(&members)), (param.to_owned(), code.to_owned()), "{members}");
    }
}

#[test]
fn strict_refuses_what_would_be_left_out() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for (members, param) in [
        (json!({"tools": tools, "tool_choice": "required"}), "tool_choice"),
        (json!({"logit_bias": {"1": 1}}), "logit_bias"),
        (json!({"made_up": 1}), "made_up"),
    ] {
        let (refused, code) = BENCH.refused_by(Operation::ChatCompletion, &with(&members), true);
        assert_eq!((refused.as_str(), code.as_str()), (param, "unsupported_parameter"));
    }
}

#[test]
fn a_tool_that_has_failed_says_so_in_words() {
    let parts = json!([{"type": "text", "text": "no"}, {"type": "text", "text": "way"}]);
    for (content, told) in [
        (json!("no"), json!("Error: no")),
        (json!(" ERROR 7: no"), json!(" ERROR 7: no")),
        (json!(""), json!("Error")),
        (parts, json!("Error: no\nway")),
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
