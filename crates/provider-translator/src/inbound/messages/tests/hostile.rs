//! What nobody should send, and somebody does.

use proptest::prelude::*;

use super::*;

/// The last event of a stream that failed: an error, and nothing as if it were whole.
fn error(stream: &str) -> Value {
    let (events, short) = streamed(stream);
    assert!(!short.iter().any(|event| event == "message_stop"), "{short:?}");
    assert_eq!(short.iter().filter(|event| *event == "error").count(), 1);
    let last = events.last().expect("an event").clone();
    assert_eq!(last["type"], "error");
    last["error"].clone()
}

#[test]
fn streams_that_break_end_with_an_error() {
    let begun = data(&[delta(&json!({"content": "Hi"})), opens(0, "{\"a\":")]);
    for (rest, kind) in [
        ("", "api_error"),
        ("data: [DONE]\n\n", "api_error"),
        ("data: {\"choices\":[{\"ind", "api_error"),
        ("data: no chunk\n\n", "api_error"),
        ("data: []\n\n", "api_error"),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":{}}}]}\n\n", "api_error"),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1}]}}]}\n\n", "api_error"),
        ("data: {\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\",\"code\":null}}\n\n", "rate_limit_error"),
        (
            "data: {\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"server_is_overloaded\"}}\n\n",
            "overloaded_error",
        ),
        (
            "data: {\"error\":{\"message\":\"m\",\"type\":\"t\",\"code\":\"context_length_exceeded\"}}\n\n",
            "invalid_request_error",
        ),
        ("data: {\"error\":\"m\"}\n\n", "api_error"),
    ] {
        assert_eq!(error(&format!("{begun}{rest}"))["type"], kind, "{rest}");
    }
    let mut answer = answer();
    let mut out = Vec::new();
    assert!(matches!(answer.end(Some("reset".into()), &mut out), Flow::Over));
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].name(), Some(&b"error"[..]));
}

#[test]
fn reasoning_in_an_unknown_shape_says_nothing() {
    let strange = delta(&json!({"reasoning_details": [1], "reasoning": {"a": 1}, "content": "Hi"}));
    assert_eq!(blocks(&(data(&[strange]) + &ends("stop"))), ["+text", "text:Hi", "-"]);
}

#[test]
fn a_call_that_goes_on_after_its_end_is_an_error() {
    let chunks = [opens(0, "{}"), opens(1, "{"), fragment(0, " \n"), fragment(0, "{}")];
    assert!(error(&data(&chunks))["message"].as_str().expect("a message").contains("after its end"));
}

#[test]
fn what_is_held_for_later_is_bounded() {
    let mut chunks = vec![opens(0, "{"), opens(1, "{")];
    let long = "x".repeat(64 << 10);
    chunks.extend((0..70).map(|_| fragment(1, &long)));
    assert_eq!(error(&data(&chunks))["type"], "api_error");
    // Fragments of the open call are not held, however long it is.
    let mut chunks = vec![opens(0, "{")];
    chunks.extend((0..70).map(|_| fragment(0, &long)));
    assert_eq!(blocks(&(data(&chunks) + &ends("length"))).len(), 1 + 1 + 70 + 1);

    let many: Vec<_> = (0..1100).map(|call| opens(call, "")).collect();
    error(&data(&many));
    let alternating: Vec<_> = (0..2000)
        .map(|n| {
            if n == 0 {
                opens(0, "")
            } else if n % 2 == 0 {
                delta(&json!({"content": "a"}))
            } else {
                delta(&json!({"reasoning_content": "a"}))
            }
        })
        .collect();
    error(&data(&alternating));
}

#[test]
fn bodies_of_any_shape_are_refused_without_a_panic() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    for value in ["null", "1", "\"x\"", "[]", "{}", "[{}]", "[null]", "[[]]", "{\"a\":1,\"a\":2}", &deep] {
        for name in [
            "model",
            "max_tokens",
            "messages",
            "system",
            "tools",
            "tool_choice",
            "thinking",
            "output_config",
            "metadata",
            "stop_sequences",
            "stream",
            "service_tier",
        ] {
            let mut request = with(&json!({}));
            request[name] = json!("\u{0}");
            let request = request.to_string().replace("\"\\u0000\"", value);
            if let Err(failure) = run(&request) {
                assert_eq!(failure.status(), 400);
            }
        }
        for name in [
            "type",
            "text",
            "source",
            "title",
            "content",
            "id",
            "name",
            "input",
            "tool_use_id",
            "is_error",
            "thinking",
            "signature",
            "data",
            "citations",
            "cache_control",
        ] {
            for kind in [
                "text",
                "image",
                "document",
                "tool_use",
                "tool_result",
                "thinking",
                "redacted_thinking",
                "search_result",
            ] {
                for role in ["user", "assistant", "system"] {
                    let request = format!(
                        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"{role}","content":[{{"type":"{kind}","{name}":{value}}}]}}]}}"#
                    );
                    if let Err(failure) = run(&request) {
                        assert_eq!(failure.status(), 400);
                    }
                }
            }
        }
    }
}

#[test]
fn no_words_of_a_client_reach_an_error() {
    let secret = "my secret prompt";
    for request in [
        messages(&json!([{"role": secret, "content": "a"}])),
        messages(&json!([{"role": "user", "content": [{"type": secret}]}])),
        with(&json!({"tools": [{"type": secret, "name": "f"}]})),
        with(&json!({"tool_choice": secret, "system": {"a": secret}})),
        with(&json!({"output_config": {"effort": secret}})),
        with(&json!({"thinking": {"type": secret}})),
    ] {
        let failure = run(&request.to_string()).map(|_| ()).expect_err("refused");
        assert!(!failure.to_string().contains("secret"), "{failure}");
    }
    let (_, warnings) = sent(&with(&json!({secret: 1, "metadata": {secret: 1}})));
    assert!(!warnings.contains("secret"), "{warnings}");
}

proptest! {
    /// Whatever a stream says, its events keep the order and it ends once.
    #[test]
    fn any_stream_keeps_the_grammar(pieces in prop::collection::vec((0_u8..6, 0_u64..4, "[{}\"a ]{0,4}"), 0..40)) {
        let chunks: Vec<_> = pieces.iter().map(|(kind, index, text)| match kind {
            0 => delta(&json!({"content": text})),
            1 => delta(&json!({"reasoning_content": text})),
            2 => delta(&json!({"reasoning_details": [{"type": "reasoning.text", "text": text, "signature": "s"}]})),
            3 => delta(&json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": text}]})),
            4 => opens(*index, text),
            _ => fragment(*index, text),
        }).collect();
        let (events, short) = streamed(&(data(&chunks) + &ends("stop")));
        let mut next = 0;
        let mut open = false;
        for (event, short) in events.iter().zip(&short) {
            match short.as_str() {
                "message_start" | "message_delta" | "message_stop" | "error" => {}
                "-" => { prop_assert!(open); open = false; next += 1; }
                _ if short.starts_with('+') => { prop_assert!(!open); open = true; prop_assert_eq!(&event["index"], next); }
                _ => { prop_assert!(open); prop_assert_eq!(&event["index"], next); }
            }
        }
        let is_failed = short.last().map(String::as_str) == Some("error");
        prop_assert!(is_failed || (!open && short.last().map(String::as_str) == Some("message_stop")));
    }
}
