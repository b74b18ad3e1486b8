//! A value planted in every place of a call, each of which other gateways have let leave: nothing of it goes upstream, in
//! whatever spelling.

use http::Request;
use llm_layers_core::Body;
use llm_layers_pii_redaction::RedactLayer;
use serde_json::{Value, json};

use crate::support::{Got, Seen, answer, exchange, post, says};

/// What is planted, and how it is known again.
const CANARY: &str = "canary.bird@posteo.de";
const KNOWN: &str = "canary.bird";

/// The text as it reads when its escapes are resolved, again and again.
fn decoded(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    for _ in 0..3 {
        let last = all.last().expect("one").clone();
        let unescaped = regex_like(&last, "\\u", 4);
        all.push(regex_like(&unescaped, "%", 2).replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    for word in text.split(|char: char| !char.is_ascii_alphanumeric() && !"+/=".contains(char)) {
        use base64::Engine as _;
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(word) {
            all.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    all
}

/// Resolves escapes that are a mark and so many hexadecimal digits.
fn regex_like(text: &str, mark: &str, digits: usize) -> String {
    let mut parts = text.split(mark);
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match code {
            Some(char) => {
                decoded.push(char);
                decoded.push_str(&part[digits..]);
            }
            None => decoded.extend([mark, part]),
        }
    }
    decoded
}

fn assert_clean(seen: &Seen, what: &str) {
    for text in decoded(&seen.all()) {
        assert!(!text.contains(KNOWN), "{what}: {text}");
    }
}

/// The body with each `§` of it, one at a time, replaced by the canary; and all the rest innocent.
fn planted(body: &Value) -> Vec<Value> {
    let text = body.to_string();
    let places = text.matches('§').count();
    assert!(places > 0);
    let plant = |place: usize| {
        let mut pieces = text.split('§');
        let mut planted = pieces.next().unwrap_or_default().to_owned();
        for (at, piece) in pieces.enumerate() {
            planted.push_str(if at == place { CANARY } else { "nothing" });
            planted.push_str(piece);
        }
        serde_json::from_str(&planted).expect("JSON")
    };
    (0..places).map(plant).collect()
}

async fn check(path: &str, body: Value) {
    for body in planted(&body) {
        let (seen, got) = exchange(&RedactLayer::default(), post(path, &body), |_| answer(&json!({}))).await;
        let seen = seen.unwrap_or_else(|| panic!("{path} {body}: {got:?}"));
        assert_clean(&seen, &body.to_string());
        assert_eq!(got.redacted(), "email=1", "{body}");
    }
}

#[tokio::test]
async fn every_place_of_a_chat() {
    let parts = json!([{"type": "text", "text": "to §"}, {"type": "text", "text": "§"},
        {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png?to=§"}}]);
    let arguments = r#"{"to": "§", "cc": ["§"], "note": {"§": "b"}}"#;
    check("/v1/chat/completions", json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "Of §."},
            {"role": "developer", "content": [{"type": "text", "text": "Of §."}]},
            {"role": "user", "name": "§", "content": parts},
            {"role": "assistant", "content": "§", "refusal": "§", "reasoning_content": "§", "tool_calls": [
                {"id": "t", "type": "function", "function": {"name": "send", "arguments": arguments}}]},
            {"role": "tool", "tool_call_id": "t", "content": "sent to §"},
            {"role": "tool", "tool_call_id": "t", "content": [{"type": "text", "text": "{\"to\":\"§\"}"}]},
            {"role": "assistant", "content": null, "function_call": {"name": "send", "arguments": arguments}},
        ],
        "user": "§", "safety_identifier": "§", "prompt_cache_key": "§", "metadata": {"who": "§", "§": "x"},
        "stop": ["§"], "prediction": {"type": "content", "content": "§"},
        "tools": [{"type": "function", "function": {"name": "send", "description": "To §", "parameters": {
            "type": "object", "title": "§", "description": "§",
            "properties": {"to": {"type": "string", "enum": ["§"], "default": "§", "examples": ["§"], "const": "§"}}}}}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "description": "§", "schema": {
            "type": "object", "properties": {"a": {"description": "§"}}}}},
        "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "§"}}},
        "x_unknown": {"deep": [["§"]]},
    }))
    .await;
}

#[tokio::test]
async fn every_place_of_the_other_operations() {
    check("/v1/completions", json!({"model": "m", "prompt": ["a", "§"], "suffix": "§", "stop": "§", "user": "§"}))
        .await;
    check("/v1/embeddings", json!({"model": "m", "input": ["§", "b §"], "user": "§"})).await;
    check(
        "/v1/responses",
        json!({
            "model": "m", "instructions": "Of §", "input": [
                {"role": "user", "content": "§"},
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "§"}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{\"a\":\"§\"}"},
                {"type": "function_call_output", "call_id": "c", "output": "§"}],
            "metadata": {"a": "§"}, "user": "§", "prompt": {"id": "p", "variables": {"who": "§"}},
            "tools": [{"type": "function", "name": "f", "description": "§", "parameters": {"type": "object"}}],
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {"description": "§"}}},
        }),
    )
    .await;
    check("/v1/responses", json!({"model": "m", "input": "I am §"})).await;
    check("/v1/messages", json!({
        "model": "m", "max_tokens": 1, "system": [{"type": "text", "text": "Of §"}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "§"},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "§"}, "title": "§", "context": "§"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"to": "§", "§": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "§"}]}]}],
        "metadata": {"user_id": "§"}, "stop_sequences": ["§"],
        "tools": [{"name": "f", "description": "§", "input_schema": {"type": "object", "properties": {"to": {"description": "§"}}}}],
    }))
    .await;
}

async fn sent(content: &Value) -> (Seen, Got) {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": content}]});
    let (seen, got) = exchange(&RedactLayer::default(), post("/v1/chat/completions", &body), |_| says("ok")).await;
    (seen.expect("a call"), got)
}

#[tokio::test]
async fn no_spelling_hides_it() {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("name,mail\nBird,{CANARY}\n"));
    for content in [
        json!(r#"{"to":"canary.bird\u0040posteo.de"}"#),
        json!(r#"[["{\"to\":\"canary.bird\\u0040posteo.de\"}"]]"#),
        json!("write to canary.bird\\u0040posteo.de now"),
        json!("https://example.org/?to=canary.bird%40posteo.de"),
        json!("canary.bird&#64;posteo.de"),
        json!("canary.bird\u{ff20}posteo.de"),
        json!("canary.bird\u{200b}@\u{200b}posteo.de"),
        json!([{"type": "text", "text": "canary.bird@pos"}, {"type": "text", "text": "teo.de"}]),
        json!([{"type": "file", "file": {"filename": "a.csv", "file_data": format!("data:text/csv;base64,{encoded}")}}]),
    ] {
        let (seen, _) = sent(&content).await;
        assert_clean(&seen, &content.to_string());
    }
    // Escapes of the body itself.
    let body = r#"{"model":"m","messages":[{"role":"user","content":"canary.bird\u0040posteo.de"}]}"#;
    let request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
    let (seen, _) = exchange(&RedactLayer::default(), request, |_| says("ok")).await;
    assert_clean(&seen.expect("a call"), body);
}

#[tokio::test]
async fn digits_in_any_script_are_digits() {
    for card in [
        "４１１１ １１１１ １１１１ １１１１",
        "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "4\u{301}111 1111 1111 1111",
        "4111\u{ad}-1111\u{2011}1111-1111",
    ] {
        let (_, got) = sent(&json!(format!("my card is {card}, thanks"))).await;
        assert_eq!(got.redacted(), "credit_card=1", "{card}");
    }
}

#[tokio::test]
async fn a_number_in_arguments_is_one_too() {
    let call = json!({"id": "t", "type": "function", "function": {"name": "pay", "arguments": "{\"card\": 4111111111111111}"}});
    let body = json!({"model": "m", "messages": [{"role": "assistant", "content": null, "tool_calls": [call]}]});
    let (seen, got) = exchange(&RedactLayer::default(), post("/v1/chat/completions", &body), |_| says("ok")).await;
    let seen = seen.expect("a call").json();
    let arguments = seen["messages"][0]["tool_calls"][0]["function"]["arguments"].as_str().expect("text").to_owned();
    let arguments: Value = serde_json::from_str(&arguments).expect("valid JSON");
    assert!(arguments["card"].as_str().is_some_and(|card| card.starts_with("<CREDIT_CARD_")), "{arguments}");
    assert_eq!(got.redacted(), "credit_card=1");
}

#[tokio::test]
async fn the_head_of_a_call_is_searched() {
    let body = r#"{"model":"m","messages":[]}"#;
    let request = Request::post(format!("/v1/chat/completions?user={CANARY}&n=1"))
        .header("referer", format!("https://shop.example/?to={CANARY}"))
        .header("x-customer", CANARY)
        .header("cookie", format!("mail={CANARY}"))
        .header("user-agent", CANARY)
        .header("x-request-id", CANARY)
        .header("x-harmless", "yes")
        .header("authorization", "Bearer sk-test")
        .body(Body::from(body))
        .unwrap();
    let (seen, got) = exchange(&RedactLayer::default(), request, |_| says("ok")).await;
    let seen = seen.expect("a call");
    assert_clean(&seen, "the head");
    assert!(seen.headers.contains_key("x-harmless") && seen.headers.contains_key("authorization"));
    assert!(seen.uri.query().is_some_and(|query| query.ends_with("&n=1")), "{}", seen.uri);
    assert_eq!(got.redacted(), "url=1,email=5", "addresses, and a URL that holds one");
}

#[tokio::test]
async fn earlier_turns_and_all_choices_are_looked_at() {
    let body = json!({"model": "m", "n": 2, "messages": [
        {"role": "user", "content": format!("I am {CANARY}")},
        {"role": "assistant", "content": format!("Hello {CANARY}")},
        {"role": "user", "content": "Who am I?"}]});
    let (seen, got) = exchange(&RedactLayer::default(), post("/v1/chat/completions", &body), |seen| {
        let first = seen.json()["messages"][0]["content"].clone();
        let choice = |index: usize| json!({"index": index, "message": {"role": "assistant", "content": first, "refusal": first}});
        answer(&json!({"choices": [choice(0), choice(1)]}))
    })
    .await;
    assert_clean(&seen.expect("a call"), "history");
    for choice in 0..2 {
        for member in ["content", "refusal"] {
            assert_eq!(got.json()["choices"][choice]["message"][member], format!("I am {CANARY}"));
        }
    }
}

#[tokio::test]
async fn placeholders_of_others_are_no_placeholders() {
    // What the user types is left alone, and nobody puts anything in its place.
    let typed = "<EMAIL_00000000> <EMAIL_1> EMAIL_7f3a09c2";
    let (seen, got) = sent(&json!(typed)).await;
    assert_eq!((seen.content(), got.redacted()), (typed.to_owned(), ""));
    // A model that makes one up is repeated as it said it.
    let made_up = "<EMAIL_deadbeef> and <PERSON_1>";
    let body = json!({"model": "m", "messages": [{"role": "user", "content": CANARY}]});
    let (_, got) = exchange(&RedactLayer::default(), post("/v1/chat/completions", &body), move |_| says(made_up)).await;
    assert_eq!(got.content(), made_up);
}

#[tokio::test]
async fn models_that_respell_a_placeholder_are_understood() {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": CANARY}]});
    for respell in [
        |placeholder: &str| placeholder.to_lowercase(),
        |placeholder: &str| placeholder.replace('<', "< ").replace('>', " >"),
        |placeholder: &str| placeholder.replace('_', "\\_"),
        |placeholder: &str| placeholder.replace('_', " "),
        |placeholder: &str| placeholder.replace('<', "&lt;").replace('>', "&gt;"),
        |placeholder: &str| placeholder.replace(['<', '>'], ""),
    ] {
        let (_, got) = exchange(&RedactLayer::default(), post("/v1/chat/completions", &body), move |seen| {
            says(&format!("to {}!", respell(&seen.content())))
        })
        .await;
        assert_eq!(got.content(), format!("to {CANARY}!"));
    }
}

/// Whoever writes a value where the name of a placeholder, a hash or a mask would stand, hides nothing.
#[tokio::test]
async fn what_looks_like_a_placeholder_hides_nothing() {
    use llm_layers_pii_redaction::{Action, Detectors};
    let detectors = || Detectors::builder().words("project", ["Nightjar", "0815"]).build().expect("detectors");
    for (text, value) in [
        ("<GB82WEST12345698765432_deadbeef>", "GB82WEST12345698765432"),
        ("<X_4111111111111111_deadbeef>", "4111111111111111"),
        ("<AKIAIOSFODNN7EXAMPLE_deadbeef>", "AKIAIOSFODNN7EXAMPLE"),
        ("<NIGHTJAR_deadbeef>", "NIGHTJAR"),
        ("<GB82WEST12345698765432:h:abcdef0123456789>", "GB82WEST12345698765432"),
        ("about ****Nightjar", "Nightjar"),
        ("about ****0815", "0815"),
    ] {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        let request = || post("/v1/chat/completions", &body);
        let (seen, got) = exchange(&RedactLayer::new(detectors()), request(), |_| says("ok")).await;
        let content = seen.expect("a call").content();
        assert!(!content.contains(value), "{content}");
        assert_eq!(got.redacted().split('=').nth(1), Some("1"), "{text}: {}", got.redacted());
        let blocks = RedactLayer::new(detectors()).default_action(Action::Block);
        let (seen, got) = exchange(&blocks, request(), |_| says("ok")).await;
        assert!(seen.is_none() && got.status == 400, "{text}: {got:?}");
    }
    // And the layer's own are left alone, those of one's own kinds among them.
    for text in ["<PROJECT_7f3a09c2> <EMAIL_7f3a09c2>", "<PROJECT:h:a2a7f3a09c2d4e5f>"] {
        let (seen, got) = sent_through(&RedactLayer::new(detectors()), text).await;
        assert_eq!((seen.content().as_str(), got.redacted()), (text, ""));
    }
}

async fn sent_through(layer: &RedactLayer, text: &str) -> (Seen, Got) {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
    let (seen, got) = exchange(layer, post("/v1/chat/completions", &body), |_| says("ok")).await;
    (seen.expect("a call"), got)
}
