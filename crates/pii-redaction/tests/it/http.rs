//! What leaves, and what the client reads.

use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::{Body, Caller, Secret};
use llm_layers_pii_redaction::{Action, Detectors, Direction, Entity, Media, RedactLayer};
use serde_json::json;

use crate::support::{CARD, EMAIL, IBAN, answer, chat, echo, exchange, post, says};

#[tokio::test]
async fn what_is_personal_stays_here_and_the_answer_reads_right() {
    let said = format!("Mail {EMAIL}, or pay to {IBAN}. Again: {EMAIL}.");
    let (seen, got) = exchange(&RedactLayer::default(), chat(&said), echo).await;
    let sent = seen.expect("a call").content();
    assert!(sent.starts_with("Mail <EMAIL_") && sent.contains("pay to <IBAN_"), "{sent}");
    assert!(!sent.contains("posteo") && !sent.contains("3704"), "{sent}");
    let tag = sent.split(['<', '>']).nth(1).expect("a placeholder");
    assert_eq!(sent.matches(tag).count(), 2, "the same value has the same placeholder: {sent}");
    assert_eq!(got.content(), said);
    assert_eq!(got.redacted(), "email=2,iban=1");
}

#[tokio::test]
async fn what_holds_nothing_passes_byte_for_byte() {
    let body = r#"{ "model":"m" , "messages":[{"role":"user","content":"caf\u00e9 \/ 12"}], "x":1.0}"#;
    let request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
    let (seen, got) = exchange(&RedactLayer::default(), request, |_| says("Hi")).await;
    assert_eq!(seen.expect("a call").body, body);
    assert_eq!(got.redacted(), "");
}

#[tokio::test]
async fn placeholders_differ_from_call_to_call_but_not_under_a_key() {
    let content = format!("I am {EMAIL}");
    let sent = async |layer: &RedactLayer, caller: &str| {
        let mut request = chat(&content);
        request.extensions_mut().insert(Caller::new(caller));
        exchange(layer, request, echo).await.0.expect("a call").content()
    };
    let layer = RedactLayer::default();
    assert_ne!(sent(&layer, "a").await, sent(&layer, "a").await);
    let layer = layer.key(Secret::new("a key of enough characters"));
    assert_eq!(sent(&layer, "a").await, sent(&layer, "a").await);
    assert_ne!(sent(&layer, "a").await, sent(&layer, "b").await, "tenants learn nothing of each other");
}

#[tokio::test]
async fn each_kind_has_its_action() {
    let layer = RedactLayer::default()
        .action(Entity::EMAIL, Action::Mask)
        .action(Entity::IBAN, Action::Replace("an account".into()))
        .action(Entity::CREDIT_CARD, Action::Report);
    let said = format!("{EMAIL} {IBAN} {CARD}");
    let (seen, got) = exchange(&layer, chat(&said), echo).await;
    let sent = seen.expect("a call").content();
    assert!(!sent.contains("schmidt") && sent.contains("an account") && sent.contains(CARD), "{sent}");
    assert_eq!(got.content(), sent, "nothing of this is put back");
    assert_eq!(got.redacted(), "email=1,iban=1,credit_card=1");
}

#[tokio::test]
async fn what_is_blocked_is_refused_by_kinds_and_counts() {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&reports);
    let layer = RedactLayer::default()
        .action(Entity::CREDIT_CARD, Action::Block)
        .audit(move |report| told.lock().unwrap().push(report.clone()));
    let (seen, got) = exchange(&layer, chat(&format!("{EMAIL} pays by {CARD}")), echo).await;
    assert!(seen.is_none(), "nothing was sent");
    assert_eq!(got.status, 400);
    let error = &got.json()["error"];
    assert_eq!(error["code"], "personal_data_blocked");
    assert!(error["message"].as_str().unwrap().contains("credit_card (1)"), "{error}");
    assert!(!got.body.contains("4111") && !got.body.contains("schmidt"));
    assert_eq!(got.redacted(), "email=1,credit_card=1");
    let reports = reports.lock().unwrap();
    assert!(reports[0].is_blocked() && reports[0].direction == Direction::Request);
    assert!(!format!("{reports:?}").contains("4111"));
}

#[tokio::test]
async fn kinds_of_ones_own_are_found() {
    let detectors = Detectors::builder()
        .pattern("customer", r"C-[0-9]{6}")
        .words("project", ["Bluebird"])
        .allow(["support@acme.example"])
        .build()
        .expect("detectors");
    let said = "C-123456 asks support@acme.example for bluebird.";
    let (seen, got) = exchange(&RedactLayer::new(detectors), chat(said), echo).await;
    let sent = seen.expect("a call").content();
    assert!(
        sent.contains("<CUSTOMER_") && sent.contains("<PROJECT_") && sent.contains("support@acme.example"),
        "{sent}"
    );
    assert_eq!(got.content(), said);
}

#[tokio::test]
async fn values_are_put_back_into_arguments_as_valid_json() {
    let value = "a \"quoted\" \\ name\nwith\tall of it \u{2028}";
    let detectors = Detectors::builder().words("name", [value]).build().expect("detectors");
    let layer = RedactLayer::new(detectors);
    let (_, got) = exchange(&layer, chat(&format!("Look up: {value}")), |seen| {
        let content = seen.content();
        let placeholder = content.strip_prefix("Look up: ").expect("the text before it");
        let call = json!({"id": "t", "type": "function", "function": {
            "name": "find", "arguments": json!({"who": placeholder, "n": 1}).to_string()}});
        answer(&json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": null, "tool_calls": [call]}}]}))
    })
    .await;
    let arguments = got.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].clone();
    let arguments: serde_json::Value = serde_json::from_str(arguments.as_str().expect("text")).expect("valid JSON");
    assert_eq!(arguments, json!({"who": value, "n": 1}));
}

#[tokio::test]
async fn errors_of_providers_are_put_right_too() {
    let (_, got) = exchange(&RedactLayer::default(), chat(EMAIL), |seen| {
        let mut response = answer(&json!({"error": {"message": format!("cannot read {}", seen.content())}}));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    })
    .await;
    assert_eq!(got.status, 400);
    assert_eq!(got.json()["error"]["message"], format!("cannot read {EMAIL}"));
}

#[tokio::test]
async fn media_pass_unless_they_are_refused() {
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}});
    let body = json!({"model": "m", "messages": [{"role": "user", "content": [image]}]});
    let layer = RedactLayer::default();
    let (seen, got) = exchange(&layer, post("/v1/chat/completions", &body), |_| says("a picture")).await;
    assert_eq!((seen.expect("a call").json(), got.status), (body.clone(), 200));
    let layer = layer.media(Media::Image, false);
    let (seen, got) = exchange(&layer, post("/v1/chat/completions", &body), |_| says("a picture")).await;
    assert!(seen.is_none());
    assert_eq!((got.status, &got.json()["error"]["code"]), (400, &json!("personal_data_unsearchable")));
}

#[tokio::test]
async fn other_calls_pass_unless_they_are_refused() {
    let upload = || Request::post("/v1/files").body(Body::from(format!("to {EMAIL}"))).unwrap();
    let layer = RedactLayer::default();
    let (seen, _) = exchange(&layer, upload(), |_| Response::new(Body::empty())).await;
    assert!(seen.expect("a call").body.contains(EMAIL));
    let layer = layer.other_calls(false);
    let (seen, got) = exchange(&layer, upload(), |_| Response::new(Body::empty())).await;
    assert_eq!((seen.is_none(), got.status), (true, 403));
    let list = Request::get("/v1/models").body(Body::empty()).unwrap();
    assert!(exchange(&layer, list, |_| Response::new(Body::empty())).await.0.is_some());
}

#[tokio::test]
async fn calls_that_hold_prompts_are_searched_though_they_are_no_operations() {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": EMAIL}], "input": EMAIL});
    for path in [
        "/v1/messages/count_tokens",
        "/v1/responses/compact",
        "/openai/responses",
        "/v1/moderations",
        "/v1/audio/speech",
    ] {
        for layer in [RedactLayer::default(), RedactLayer::default().other_calls(false)] {
            let (seen, got) = exchange(&layer, post(path, &body), |_| answer(&json!({"input_tokens": 9}))).await;
            assert!(!seen.expect("a call").all().contains("schmidt"), "{path}");
            assert_eq!(got.redacted(), "email=2", "{path}");
        }
    }
}

#[tokio::test]
async fn all_that_was_found_is_told_though_a_picture_is_refused() {
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}});
    let text = json!({"type": "text", "text": EMAIL});
    let body = json!({"model": "m", "messages": [{"role": "user", "content": [text, image]}]});
    let layer = RedactLayer::default().media(Media::Image, false);
    let (seen, got) = exchange(&layer, post("/v1/chat/completions", &body), |_| says("")).await;
    assert_eq!((seen.is_none(), got.status, got.redacted()), (true, 400, "email=1"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_too_large() {
    let limits = llm_layers_wire::json::Limits::DEFAULT.with_max_bytes(100);
    let (seen, got) = exchange(&RedactLayer::default().limits(limits), chat(&"x".repeat(200)), |_| says("")).await;
    assert_eq!((seen.is_none(), got.status, &got.json()["error"]["code"]), (true, 413, &json!("request_too_large")));
}

#[tokio::test]
async fn answers_of_other_types_of_text_are_put_right_and_others_refused_where_answers_are_searched() {
    let of_type = |kind: &'static str, body: Vec<u8>| {
        move |_: &crate::support::Seen| {
            Response::builder().header(CONTENT_TYPE, kind).body(Body::from(body.clone())).expect("a response")
        }
    };
    let searching = RedactLayer::default().answers(Action::Mask);
    for kind in [
        "application/problem+json",
        "application/x-ndjson",
        "application/xml",
        "text/plain",
        "Text/HTML; charset=utf-8",
    ] {
        let (_, got) = exchange(&searching, chat("Hi"), of_type(kind, format!("[\"{EMAIL}\"]").into())).await;
        assert!(got.status == 200 && !got.body.contains("schmidt"), "{kind}: {got:?}");
    }
    for (kind, body) in [("application/protobuf", vec![1, 2]), ("application/json", vec![b'"', 0xff, b'"'])] {
        let (_, got) = exchange(&searching, chat("Hi"), of_type(kind, body)).await;
        assert_eq!(got.status, 502, "{kind}");
    }
    let (_, got) = exchange(&searching, chat("Hi"), of_type("audio/mpeg", vec![1, 2])).await;
    assert_eq!(got.status, 200);
}

#[tokio::test]
async fn a_list_of_errors_stays_json() {
    let value = "say \"hi\"";
    let detectors = Detectors::builder().words("saying", [value]).build().expect("detectors");
    let (_, got) = exchange(&RedactLayer::new(detectors), chat(value), |seen| {
        answer(&json!([{"error": {"message": seen.content()}}]))
    })
    .await;
    assert_eq!(got.json()[0]["error"]["message"], value);
}

#[tokio::test]
async fn bad_bodies_are_refused_in_words() {
    for body in ["{", "[]", r#"{"messages":[],"messages":[]}"#, ""] {
        let request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
        let (seen, got) = exchange(&RedactLayer::default(), request, |_| says("")).await;
        assert!(seen.is_none(), "{body}");
        assert_eq!((got.status, &got.json()["error"]["code"]), (400, &json!("invalid_json")), "{body}");
    }
}

#[tokio::test]
async fn what_the_model_says_itself_is_masked_or_refused_when_asked_for() {
    let said = format!("Ask {EMAIL}, card {CARD}.");
    let own = |_: &crate::support::Seen| says(&format!("Ask {EMAIL}, card {CARD}."));
    let layer = RedactLayer::default();
    assert_eq!(exchange(&layer, chat("Hi"), own).await.1.content(), said);

    let masking = layer.clone().answers(Action::Mask);
    let (_, got) = exchange(&masking, chat("Hi"), own).await;
    assert!(!got.body.contains("schmidt") && !got.body.contains("4111 1111"), "{}", got.body);

    let blocking = layer.answers(Action::Block);
    let (_, got) = exchange(&blocking, chat("Hi"), own).await;
    assert_eq!((got.status, &got.json()["error"]["code"]), (502, &json!("personal_data_in_answer")));
    assert!(!got.body.contains("schmidt"));

    // What the client has said itself is theirs.
    let (_, got) = exchange(&masking, chat(&said), echo).await;
    assert_eq!(got.content(), said);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_no_answer() {
    let layer = RedactLayer::default().max_answer(64);
    let (_, got) = exchange(&layer, chat(EMAIL), |_| says(&"long ".repeat(50))).await;
    assert_eq!(got.status, 502);
    let (_, got) = exchange(&layer, chat(EMAIL), |_| {
        let response = Response::builder().header(CONTENT_TYPE, "application/json").header("content-encoding", "br");
        response.body(Body::from("{}")).unwrap()
    })
    .await;
    assert_eq!(got.status, 502);
    let (_, got) = exchange(&layer, chat("Hi"), |_| says(&"long ".repeat(50))).await;
    assert_eq!(got.status, 200, "nothing was taken out of it: it passes unread");
}
