use base64::{Engine as _, engine::general_purpose::STANDARD};
use llm_layers_testkit::split::for_every_split;

use super::*;
use crate::testing::chunks;

const RECORDED: &str = include_str!("../../../fixtures/bedrock/invoke_stream.txt");

fn invoke(model: &str) -> Setup<'_> {
    Setup { invokes_claude: true, ..converse(model) }
}

fn wrapped(event: &str) -> Vec<u8> {
    frame("chunk", &json!({"bytes": STANDARD.encode(event), "p": "abcdefgh"}).to_string())
}

fn stream() -> Vec<Vec<u8>> {
    RECORDED.lines().filter(|line| !line.starts_with('#')).map(wrapped).collect()
}

#[test]
fn claude_is_told_what_anthropic_would_be() {
    let request = with(&json!({
        "stream": true, "max_tokens": 10, "user": "u", "service_tier": "flex", "anthropic_beta": ["x-2026"],
        "tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "none", "container": "c",
    }));
    let outgoing = invoke(CLAUDE).outgoing(&request);
    assert_eq!(outgoing.path, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream");
    let tier = outgoing.headers.iter().find(|(name, _)| name == "x-amzn-bedrock-service-tier");
    assert_eq!(tier.map(|(_, value)| value.as_bytes()), Some(&b"flex"[..]));
    let (body, warnings) = said(outgoing);
    assert_eq!(
        body,
        json!({
            "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["x-2026"], "max_tokens": 10,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
            "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}}],
            "tool_choice": {"type": "none"},
        })
    );
    assert_eq!(warnings, "dropped;param=container;reason=unsupported");
    assert_eq!(
        invoke(CLAUDE).outgoing(&with(&json!({}))).path,
        format!("/model/{}/invoke", CLAUDE.replace(':', "%3A"))
    );
}

#[test]
fn what_is_converses_own_goes_by_converse() {
    let path = |model, members: Value| invoke(model).outgoing(&with(&members)).path;
    assert!(path(CLAUDE, json!({"guardrailConfig": {"guardrailIdentifier": "g"}})).ends_with("/converse"));
    assert!(path(CLAUDE, json!({"guardrailConfig": null})).ends_with("/invoke"));
    assert!(path(NOVA, json!({})).ends_with("/converse"));
    assert!(path("anthropic.claude-opus-4-1-20250805-v1:0", json!({})).ends_with("/converse"), "it knows no schemas");
    assert!(path("arn:aws:bedrock:us-east-1:1:application-inference-profile/x", json!({})).ends_with("/converse"));
}

#[test]
fn nobody_fetches_images_for_bedrock() {
    let part = json!({"type": "image_url", "image_url": {"url": "https://a.example/x.png"}});
    let request = json!({"messages": [{"role": "user", "content": [part]}]});
    for setup in [invoke(CLAUDE), converse(NOVA)] {
        let path = "messages[0].content[0].image_url.url".to_owned();
        assert_eq!(setup.refused(&request), (path, "unsupported_parameter".into()));
    }
}

#[test]
fn its_stream_is_anthropics_unwrapped() {
    let request = with(&json!({"stream": true, "stream_options": {"include_usage": true}}));
    let (data, done) = for_every_split(Bytes::from(stream().concat()), |pieces| {
        let (data, end) = invoke(CLAUDE).streamed(&request, pieces);
        assert!(end.is_ok());
        (chunks(&data), data.last().cloned())
    });
    assert_eq!(done.as_deref(), Some("[DONE]"));
    let text: String = data.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "Hello there.");
    assert_eq!(data[0]["id"], "chatcmpl-bdrk_01Ab");
    assert_eq!(data.last().expect("chunks")["usage"]["total_tokens"], 21);
}

#[test]
fn failures_in_its_stream_are_told() {
    let run =
        |frames: &[Vec<u8>]| invoke(CLAUDE).streamed(&with(&json!({"stream": true})), &[Bytes::from(frames.concat())]);
    let exception = frame("modelStreamErrorException", r#"{"message":"x","originalStatusCode":500}"#);
    let (data, end) = run(&[stream()[0].clone(), exception]);
    assert!(data.is_empty());
    assert_eq!(end.expect_err("it failed").error().code.as_deref(), Some("upstream_error"));
    let (_, end) = run(&stream()[..3]);
    assert_eq!(end.expect_err("it failed").error().code.as_deref(), Some("upstream_incomplete_stream"));
    for chunk in ["{}", "{\"bytes\":\"?\"}", "x"] {
        let (_, end) = run(&[frame("chunk", chunk)]);
        assert_eq!(end.expect_err("it failed").error().code.as_deref(), Some("upstream_protocol_error"), "{chunk}");
    }
    let (_, end) = run(&[vec![frame("madeUpLater", "x")], stream()].concat());
    assert!(end.is_ok());
}

#[test]
fn its_whole_answer_is_a_message() {
    let answer = json!({
        "id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 1},
    });
    let whole = invoke(CLAUDE).whole(&with(&json!({})), &answer).expect("an answer");
    assert_eq!(whole["choices"][0]["message"]["content"], "Hi");
}

/// What Claude's own client reads of a stream, and how it ended.
fn unframed(pieces: &[Bytes]) -> (String, Result<(), String>) {
    let mut out = Vec::new();
    let mut unframed = super::super::unframed::Unframed::new(&"bedrock".into());
    let end = run(&mut unframed, pieces, &mut out).map_err(|failure| {
        let told = unframed.told(&failure);
        String::from_utf8(told.to_bytes().to_vec()).expect("UTF-8")
    });
    let text = |event: &llm_layers_wire::sse::Event| String::from_utf8(event.to_bytes().to_vec()).expect("UTF-8");
    (out.iter().map(text).collect(), end)
}

#[test]
fn claudes_own_clients_read_what_anthropic_would_have_sent() {
    let (text, end) = for_every_split(Bytes::from(stream().concat()), unframed);
    let mut expected = String::new();
    for data in RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let event: Value = serde_json::from_str(data).expect("JSON");
        expected.push_str(&format!("event: {}\ndata: {data}\n\n", event["type"].as_str().expect("a type")));
    }
    assert_eq!((text, end), (expected, Ok(())));
}

#[test]
fn what_ends_an_unframed_stream_too_early_is_told_in_anthropics_words() {
    let start = || stream()[..3].to_vec();
    let overloaded = wrapped(r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#);
    for (frames, kind) in [
        (start(), "api_error"),
        ([start(), vec![frame("throttlingException", "{\"message\":\"slow\"}")]].concat(), "rate_limit_error"),
        ([start(), vec![frame("chunk", "{}")]].concat(), "api_error"),
        ([start(), vec![wrapped("[1]")]].concat(), "api_error"),
        (vec![overloaded.clone()], "overloaded_error"),
    ] {
        let (_, end) = unframed(&[Bytes::from(frames.concat())]);
        let told = end.expect_err(kind);
        assert!(told.starts_with("event: error\ndata: {\"type\":\"error\",\"error\":{"), "{told}");
        assert!(told.contains(kind), "{told}");
    }
    // Anthropic's own words for it stay as they are, once something has been said.
    let (text, end) = unframed(&[Bytes::from([start().concat(), overloaded].concat())]);
    assert!(end.is_ok() && text.ends_with("\"message\":\"busy\"}}\n\n"), "{text}");
    // What has no type has no name, and nobody would know it.
    let (text, end) = unframed(&[Bytes::from([wrapped("{\"x\":1}"), stream().concat()].concat())]);
    assert!(end.is_ok() && text.starts_with("event: message_start"), "{text}");
}
