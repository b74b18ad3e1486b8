use serde_json::json;

use super::*;

fn contents(model: &str, list: &Value) -> (Value, String) {
    let (body, warnings) = sent_to(model, &messages(list));
    (body["contents"].clone(), warnings)
}

fn call(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}})
}

#[test]
fn turns_of_one_role_become_one() {
    let (contents, warnings) = contents(
        NEW,
        &json!([
            {"role": "user", "content": "a"},
            {"role": "user", "content": [{"type": "text", "text": "b"}]},
            {"role": "assistant", "content": "c"},
            {"role": "assistant", "content": "d"},
            {"role": "system", "content": "e"},
            {"role": "user", "content": "f"},
        ]),
    );
    let text = |text: &str| json!({"text": text});
    assert_eq!(
        contents,
        json!([
            {"role": "user", "parts": [text("a"), text("b")]},
            {"role": "model", "parts": [text("c"), text("d")]},
            {"role": "user", "parts": [text("<system>e</system>"), text("f")]},
        ])
    );
    assert_eq!(warnings, "emulated;param=messages;reason=system_in_conversation");
}

#[test]
fn a_users_turn_is_put_where_one_must_be() {
    let filler = json!({"role": "user", "parts": [{"text": "Continue."}]});
    let (contents, warnings) = contents(NEW, &json!([{"role": "assistant", "content": "Once"}]));
    assert_eq!(contents, json!([filler, {"role": "model", "parts": [{"text": "Once"}]}, filler]));
    assert_eq!(warnings, "emulated;param=messages;reason=first_turn, emulated;param=messages;reason=last_turn");
    let (body, _) = sent(&messages(&json!([{"role": "system", "content": "Speak."}])));
    assert_eq!(body["contents"], json!([filler]));
}

#[test]
fn results_have_the_names_of_their_calls_and_their_order() {
    let (contents, warnings) = contents(
        OLD,
        &json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "tool_calls": [call("1", "a"), call("2", "b.c d"), call("3", "a")]},
            {"role": "tool", "tool_call_id": "3", "content": "three"},
            {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "{\"x\""}, {"type": "text", "text": ":1}"}]},
        ]),
    );
    let responses = contents[2]["parts"].as_array().expect("parts");
    let wire = contents[1]["parts"][1]["functionCall"]["name"].as_str().expect("a name");
    assert_eq!(
        *responses,
        [
            json!({"functionResponse": {"name": "a", "response": {"x": 1}}}),
            json!({"functionResponse": {"name": wire, "response": {"error": "No result was provided."}}}),
            json!({"functionResponse": {"name": "a", "response": {"output": "three"}}}),
        ]
    );
    assert!(!wire.contains(' '), "{wire}");
    // Older models know no ids, and do not ask for signatures.
    assert_eq!(contents[1]["parts"][0], json!({"functionCall": {"name": "a", "args": {}}}));
    assert_eq!(warnings, "emulated;param=messages;reason=missing_tool_result");
}

#[test]
fn an_object_that_would_be_read_as_a_reference_is_a_text() {
    for result in [r##"{"a":{"$ref":"#/x"}}"##, r##"{"\u0024ref":"x"}"##, "[1]", "{", "3", "{}x"] {
        let list = json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "tool_calls": [call("1", "a")]},
            {"role": "tool", "tool_call_id": "1", "content": result},
        ]);
        let (contents, _) = contents(NEW, &list);
        assert_eq!(contents[2]["parts"][0]["functionResponse"]["response"], json!({"output": result}));
    }
}

#[test]
fn media_of_a_result_stand_in_it_or_beside_it() {
    let list = json!([
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [call("1", "a")]},
        {"role": "tool", "tool_call_id": "1", "content": [
            {"type": "text", "text": "seen"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAAN"}},
        ]},
    ]);
    let image = json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgoAAAAN"}});
    let response = json!({"output": "seen"});
    assert_eq!(
        contents(NEW, &list).0[2]["parts"],
        json!([{"functionResponse": {"id": "1", "name": "a", "response": response, "parts": [image]}}])
    );
    assert_eq!(
        contents(OLD, &list).0[2]["parts"],
        json!([{"functionResponse": {"name": "a", "response": response}}, image])
    );
}

#[test]
fn signatures_go_back_to_where_they_came_from() {
    let seal = |data: &str, format: &str| json!({"type": "reasoning.encrypted", "data": data, "format": format});
    let said = |content: Value, details: Value| {
        json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": content, "reasoning_details": details},
            {"role": "user", "content": "r"},
        ])
    };
    let parts = |model: &str, list: &Value| contents(model, list).0[1]["parts"].clone();
    let signed = json!([{"text": "x", "thoughtSignature": "YQ=="}]);
    assert_eq!(parts(NEW, &said(json!("x"), json!([seal("YQ==", "gemini-v1")]))), signed);
    assert_eq!(parts(OLD, &said(json!("x"), json!([seal("YQ==", "gemini-v1")]))), signed);
    let bare = json!([{"text": "x"}]);
    assert_eq!(parts(NEW, &said(json!("x"), json!([seal("YQ==", "anthropic-v1")]))), bare);
    assert_eq!(parts(NEW, &said(json!("x"), json!([seal("no base64!", "gemini-v1")]))), bare);
    assert_eq!(parts("gemini-2.0-flash", &said(json!("x"), json!([seal("YQ==", "gemini-v1")]))), bare);
    // Nothing was said, but the signature is kept.
    assert_eq!(
        parts(NEW, &said(Value::Null, json!([seal("YQ==", "gemini-v1")]))),
        json!([{"text": "", "thoughtSignature": "YQ=="}])
    );
}

#[test]
fn what_vouches_for_nothing_is_replaced() {
    let mut call = call("1", "a");
    call["extra_content"] = json!({"google": {"thought_signature": "no base64!"}});
    let (contents, warnings) = contents(
        NEW,
        &json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "r"},
        ]),
    );
    assert_eq!(contents[1]["parts"][0]["thoughtSignature"], "skip_thought_signature_validator");
    assert_eq!(warnings, "emulated;param=messages;reason=missing_thought_signature");
}

#[test]
fn an_id_is_sent_once() {
    let turn = |name: &str| {
        [
            json!({"role": "assistant", "tool_calls": [call("1", name)]}),
            json!({"role": "tool", "tool_call_id": "1", "content": "r"}),
        ]
    };
    let mut list = vec![json!({"role": "user", "content": "q"})];
    list.extend(turn("a").into_iter().chain(turn("b")));
    let (contents, _) = contents(NEW, &json!(list));
    let id = |at: usize, kind: &str| contents[at]["parts"][0][kind]["id"].clone();
    assert_ne!(id(1, "functionCall"), id(3, "functionCall"));
    assert_eq!(id(3, "functionCall"), id(4, "functionResponse"));
}

#[test]
fn media_that_nobody_knows_are_refused() {
    for (part, param) in [
        (
            json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm16"}}),
            "messages[0].content[0].input_audio.format",
        ),
        (json!({"type": "file", "file": {"file_id": "file-abc"}}), "messages[0].content[0].file.file_id"),
        (
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
            "messages[0].content[0].image_url.url",
        ),
    ] {
        assert_eq!(refused(&messages(&json!([{"role": "user", "content": [part]}]))).0, param);
    }
}

#[test]
fn a_tool_that_has_failed_has_an_error_for_its_response() {
    for (content, told) in [(json!("no"), "no"), (json!("{\"x\":1}"), "{\"x\":1}"), (json!(""), "")] {
        let (contents, _) = contents(
            OLD,
            &json!([
                {"role": "user", "content": "q"},
                {"role": "assistant", "tool_calls": [call("1", "a"), call("2", "b")]},
                {"role": "tool", "tool_call_id": "1", "content": content, "is_error": true},
                {"role": "tool", "tool_call_id": "2", "content": "fine", "is_error": false},
            ]),
        );
        let response = |at: usize| &contents[2]["parts"][at]["functionResponse"]["response"];
        assert_eq!((response(0), response(1)), (&json!({"error": told}), &json!({"output": "fine"})));
    }
}
