use serde_json::{Value, json};

use super::*;

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn user(text: &str) -> Value {
    json!({"role": "user", "content": [{"type": "text", "text": text}]})
}

fn says(text: &str) -> Value {
    json!({"role": "assistant", "content": [{"type": "text", "text": text}]})
}

/// Messages in, messages out, and the warning.
#[test]
fn turns_are_put_in_order() {
    let table = [
        (
            "a conversation",
            json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]),
            json!([user("a"), says("b"), user("c")]),
            "",
        ),
        (
            "parts",
            json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]),
            json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]),
            "",
        ),
        (
            "empty texts go",
            json!([{"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "a"}]}, {"role": "assistant", "content": ""}, {"role": "user", "content": "b"}]),
            json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]),
            "",
        ),
        (
            "the assistant begins",
            json!([{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]),
            json!([user("Continue."), says("a"), user("b")]),
            "emulated;param=messages;reason=first_turn",
        ),
        (
            "the assistant has begun",
            json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "{\"x\": \n"}]),
            json!([user("a"), says("{\"x\":")]),
            "",
        ),
        (
            "an instruction in between",
            json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "system", "content": "s"}, {"role": "user", "content": "c"}]),
            json!([user("a"), says("b"), {"role": "user", "content": [{"type": "text", "text": "<system>s</system>"}, {"type": "text", "text": "c"}]}]),
            "emulated;param=messages;reason=system_in_conversation",
        ),
        (
            "a refusal",
            json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "refusal": "no"}, {"role": "user", "content": "b"}]),
            json!([user("a"), says("no"), user("b")]),
            "",
        ),
        (
            "a name",
            json!([{"role": "user", "name": "Jane", "content": "a"}]),
            json!([user("a")]),
            "dropped;param=messages.name;reason=unsupported",
        ),
        (
            "instructions only",
            json!([{"role": "system", "content": "s"}]),
            json!([user("Continue.")]),
            "emulated;param=messages;reason=first_turn",
        ),
    ];
    for (what, given, expected, warning) in table {
        let (body, warnings) = sent(&messages(&given));
        assert_eq!(body["messages"], expected, "{what}");
        assert_eq!(warnings, warning, "{what}");
    }
}

#[test]
fn the_preamble_becomes_system() {
    let (body, _) = sent(&messages(&json!([
        {"role": "system", "content": "a"},
        {"role": "developer", "content": [{"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}}, {"type": "text", "text": " "}]},
        {"role": "user", "content": "c"},
    ])));
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}}])
    );
}

#[test]
fn new_models_are_asked_to_go_on() {
    let given = messages(&json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]));
    let (body, warnings) = sent_with(&given, &options("claude-opus-4-6"));
    assert_eq!(body["messages"], json!([user("a"), says("b"), user("Continue.")]));
    assert_eq!(warnings, "emulated;param=messages;reason=last_turn");
}

#[test]
fn images_are_what_their_bytes_say() {
    let image = |url: &str| {
        messages(
            &json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url, "detail": "high"}}]}]),
        )
    };
    let (body, _) = sent(&image(&format!("data:image/jpeg;base64,{PNG}")));
    let block = &body["messages"][0]["content"][0];
    assert_eq!(block["source"], json!({"type": "base64", "media_type": "image/png", "data": PNG}));
    let (body, _) = sent(&image("https://a.example/x.png"));
    assert_eq!(body["messages"][0]["content"][0]["source"], json!({"type": "url", "url": "https://a.example/x.png"}));
    for bad in [
        "data:image/png;base64,AAAA",
        "data:image/svg+xml,<svg/>",
        "ftp://x",
        "",
        "data:",
        "data:;base64",
        "data:image/png;base64,",
    ] {
        let (param, code) = refused(&image(bad));
        assert_eq!(
            (param.as_str(), code.as_str()),
            ("messages[0].content[0].image_url.url", "invalid_image_url"),
            "{bad}"
        );
    }
}

#[test]
fn files_become_documents() {
    let file = |file: &Value| messages(&json!([{"role": "user", "content": [{"type": "file", "file": file}]}]));
    let block = |given: &Value| sent(&file(given)).0["messages"][0]["content"][0].clone();
    let pdf = "JVBERi0xLjQKJeLjz9MKMSAwIG9iago=";
    let expected = json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}, "title": "a.pdf"});
    assert_eq!(block(&json!({"file_data": pdf, "filename": "a.pdf"})), expected);
    assert_eq!(
        block(&json!({"file_data": format!("data:application/pdf;base64,{pdf}"), "filename": "a.pdf"})),
        expected
    );
    assert_eq!(
        block(&json!({"file_data": "data:text/plain;base64,aGk=", "filename": "a.txt"})),
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}, "title": "a.txt"})
    );
    assert_eq!(block(&json!({"file_data": PNG}))["type"], "image");
    assert_eq!(refused(&file(&json!({"file_id": "file-1"}))).0, "messages[0].content[0].file.file_id");
    assert_eq!(refused(&file(&json!({"file_data": "AAAA"}))).0, "messages[0].content[0].file.file_data");
    assert_eq!(refused(&file(&json!({}))).0, "messages[0].content[0].file.file_data");
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let table = [
        (json!([]), "messages"),
        (json!("Hi"), "messages"),
        (json!([7]), "messages[0]"),
        (json!([{"content": "x"}]), "messages[0].role"),
        (json!([{"role": "robot", "content": "x"}]), "messages[0].role"),
        (json!([{"role": "user"}]), "messages[0].content"),
        (json!([{"role": "user", "content": 7}]), "messages[0].content"),
        (json!([{"role": "user", "content": ""}]), "messages"),
        (json!([{"role": "user", "content": [{"text": "x"}]}]), "messages[0].content[0].type"),
        (json!([{"role": "user", "content": [{"type": "text"}]}]), "messages[0].content[0].text"),
        (json!([{"role": "user", "content": [{"type": "video"}]}]), "messages[0].content[0].type"),
        (
            json!([{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}]),
            "messages[0].content[0].input_audio",
        ),
        (
            json!([{"role": "system", "content": [{"type": "image_url", "image_url": {}}]}]),
            "messages[0].content[0].type",
        ),
        (json!([{"role": "assistant", "audio": {"id": "a"}}]), "messages[0].audio"),
        (
            json!([{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"ttl": "9h"}}]}]),
            "messages[0].content[0].cache_control.ttl",
        ),
    ];
    for (given, param) in table {
        assert_eq!(refused(&messages(&given)).0, param, "{given}");
    }
    assert_eq!(refused(&json!({"model": "m"})).0, "messages");
}

#[test]
fn no_more_marks_than_four_and_the_last_ones_stay() {
    let marked = |text: &str| json!({"type": "text", "text": text, "prompt_cache_breakpoint": {"mode": "explicit"}});
    let parts: Vec<Value> = (0..6).map(|n| marked(&n.to_string())).collect();
    let (body, warnings) =
        sent(&messages(&json!([{"role": "system", "content": [marked("s")]}, {"role": "user", "content": parts}])));
    let is_marked = |block: &Value| block.get("cache_control").is_some();
    let blocks = body["messages"][0]["content"].as_array().expect("blocks");
    assert_eq!(blocks.iter().map(is_marked).collect::<Vec<_>>(), [false, false, true, true, true, true]);
    assert!(!is_marked(&body["system"][0]));
    assert_eq!(warnings, "dropped;param=cache_control;reason=too_many");
}

#[test]
fn sealed_reasoning_goes_back_as_it_came() {
    let blocks = json!([
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "d"},
        {"type": "thinking", "thinking": "", "signature": "s2"},
    ]);
    let detail = |kind: &str, index: u32, member: &str, value: &str| {
        let mut detail = json!({"type": kind, "index": index, "format": "anthropic-v1"});
        detail[member] = json!(value);
        detail
    };
    let mut signed = detail("reasoning.text", 0, "text", "hm");
    signed["signature"] = json!("s1");
    let encrypted = detail("reasoning.encrypted", 1, "data", "d");
    let mut omitted = detail("reasoning.text", 2, "text", "");
    omitted["signature"] = json!("s2");
    // As a client has it that appends what it gets, and joins nothing.
    let pieces = [
        detail("reasoning.text", 0, "text", "h"),
        detail("reasoning.text", 0, "text", "m"),
        detail("reasoning.text", 0, "signature", "s1"),
    ];
    let mut scattered = pieces.to_vec();
    scattered.extend([encrypted.clone(), omitted.clone()]);
    let foreign = json!({"type": "reasoning.encrypted", "index": 9, "data": "x", "format": "gemini-v1"});

    for carrier in [
        json!({"reasoning_details": [signed, encrypted, omitted, foreign]}),
        json!({"reasoning_details": scattered}),
        json!({"thinking_blocks": blocks}),
        json!({"provider_specific_fields": {"thinking_blocks": blocks}}),
    ] {
        let mut assistant = json!({"role": "assistant", "content": "b", "reasoning_content": "hm"});
        assistant.as_object_mut().expect("an object").extend(carrier.as_object().expect("members").clone());
        let (body, warnings) =
            sent(&messages(&json!([{"role": "user", "content": "a"}, assistant, {"role": "user", "content": "c"}])));
        let mut expected = blocks.as_array().expect("blocks").clone();
        expected.push(json!({"type": "text", "text": "b"}));
        assert_eq!(body["messages"][1]["content"], json!(expected), "{carrier}");
        assert_eq!(warnings, "");
    }
}
