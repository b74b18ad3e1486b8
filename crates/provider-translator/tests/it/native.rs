//! Calls in a provider's own words, and OpenAI's further resources.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use llm_layers_core::{Body, BoxError, Deployment, FailureKind, Secret};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use tower::{Layer, ServiceExt, service_fn};

/// What went upstream.
struct Sent {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

fn layer() -> TranslatorLayer {
    let key = |name: &str| Secret::new(format!("key-of-{name}"));
    TranslatorLayer::of([
        Provider::openai("https://openai.example/v1")
            .expect("a URL")
            .with_name("openai")
            .with_key(&key("openai"))
            .expect("a key"),
        Provider::anthropic("https://claude.example")
            .expect("a URL")
            .with_name("claude")
            .with_key(&key("claude"))
            .expect("a key")
            .with_header("x-team".parse().expect("a name"), "ours".parse().expect("a value")),
        Provider::gemini("https://gemini.example")
            .expect("a URL")
            .with_name("gemini")
            .with_key(&key("gemini"))
            .expect("a key"),
    ])
}

/// Sends a request; what went upstream of it, if anything, and the answer to `answer`.
async fn pass(request: Request<Body>, answer: Response<Body>) -> (Option<Sent>, Response<Body>) {
    let seen = Arc::new(Mutex::new(None));
    let answer = Arc::new(Mutex::new(Some(answer)));
    let noted = Arc::clone(&seen);
    let upstream = service_fn(move |request: Request<Body>| {
        let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
        async move {
            let (head, mut body) = request.into_parts();
            let body = body.bytes(1 << 20).await?;
            let sent = Sent { method: head.method, uri: head.uri.to_string(), headers: head.headers, body };
            *noted.lock().expect("whole") = Some(sent);
            Ok::<_, BoxError>(answer.lock().expect("whole").take().expect("one call"))
        }
    });
    let response = layer().layer(upstream).oneshot(request).await.expect("an answer");
    let sent = seen.lock().expect("whole").take();
    (sent, response)
}

fn ok() -> Response<Body> {
    let response = Response::builder().header("set-cookie", "a=b").header("request-id", "req_1");
    response.body(Body::from("{\"type\":\"x\"}")).expect("a response")
}

#[tokio::test]
async fn a_native_call_goes_as_it_is_with_the_providers_key() {
    let request = Request::post("/providers/claude/v1/messages/count_tokens?beta=true")
        .header("x-api-key", "the-callers")
        .header("authorization", "Bearer the-callers")
        .header("anthropic-version", "2026-10-21")
        .header("anthropic-beta", "b1")
        .header("x-team", "theirs")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("content-encoding", "br")
        .header("content-type", "application/json");
    let (sent, mut response) = pass(request.body(Body::from("not JSON at all")).expect("a request"), ok()).await;
    let sent = sent.expect("it was sent");
    assert_eq!((sent.method, &*sent.uri), (Method::POST, "https://claude.example/v1/messages/count_tokens?beta=true"));
    assert_eq!(sent.body, "not JSON at all");
    assert_eq!(sent.headers["x-api-key"], "key-of-claude");
    assert_eq!(sent.headers["anthropic-version"], "2026-10-21", "the client's own, and not the configured one");
    assert_eq!(
        (&sent.headers["anthropic-beta"], &sent.headers["content-encoding"]),
        (&"b1".parse().expect("a value"), &"br".parse().expect("a value"))
    );
    assert_eq!(sent.headers["x-team"], "ours", "whatever the client says");
    assert!(!sent.headers.contains_key("authorization") && !sent.headers.contains_key("x-hop"));
    assert_eq!(response.body_mut().bytes(99).await.expect("a body"), "{\"type\":\"x\"}");
    assert!(!response.headers().contains_key("set-cookie"));
    assert_eq!(response.headers()["x-llm-layers-upstream-request-id"], "req_1");
}

#[tokio::test]
async fn any_method_and_any_path_below_the_base_url() {
    for (method, path, uri) in [
        (Method::GET, "/providers/openai/models", "https://openai.example/v1/models"),
        (Method::DELETE, "/providers/openai/files/f%2F1", "https://openai.example/v1/files/f%2F1"),
        (Method::POST, "/providers/openai/chat/completions", "https://openai.example/v1/chat/completions"),
        (Method::GET, "/providers/openai", "https://openai.example/v1"),
        (
            Method::GET,
            "/providers/gemini/v1beta/models?key=the-callers&pageSize=2",
            "https://gemini.example/v1beta/models?pageSize=2",
        ),
    ] {
        let request = Request::builder().method(&method).uri(path).body(Body::empty()).expect("a request");
        let (sent, _) = pass(request, ok()).await;
        let sent = sent.expect("it was sent");
        assert_eq!((sent.method, &*sent.uri), (method, uri));
    }
}

#[tokio::test]
async fn what_leads_elsewhere_is_not_followed() {
    for path in [
        "/providers/nobody/v1/x",
        "/providers/",
        "/providers/claude/../x",
        "/providers/claude/%2e%2e/x",
        "/providers/claude/a/.%2E/x",
        "/providers/claude/a\\..\\x",
    ] {
        let Ok(request) = Request::get(path).body(Body::empty()) else { continue };
        let (sent, response) = pass(request, ok()).await;
        assert!(sent.is_none(), "{path} went to {}", sent.expect("sent").uri);
        assert_eq!(response.status(), 404, "{path}");
    }
    let redirect = Response::builder().status(307).header("location", "https://evil.example").body(Body::empty());
    let request = Request::get("/providers/claude/v1/x").body(Body::empty()).expect("a request");
    let (_, response) = pass(request, redirect.expect("a response")).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(!response.headers().contains_key("location"));
}

#[tokio::test]
async fn a_resource_goes_to_its_deployments_provider() {
    let mut request = Request::post("/v1/images/generations")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"model":"pics","prompt":"a crab","x":1.0}"#))
        .expect("a request");
    request.extensions_mut().insert(Deployment::new("pics", "openai", "gpt-image-1"));
    let (sent, _) = pass(request, ok()).await;
    let sent = sent.expect("it was sent");
    assert_eq!(sent.uri, "https://openai.example/v1/images/generations");
    assert_eq!(sent.body, r#"{"model":"gpt-image-1","prompt":"a crab","x":1.0}"#);
    assert_eq!(sent.headers["content-length"], sent.body.len().to_string());
    assert_eq!(sent.headers["authorization"], "Bearer key-of-openai");

    let mut multipart = Request::post("/proxy/v1/audio/transcriptions")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from("--b\r\nmodel\r\n--b--"))
        .expect("a request");
    multipart.extensions_mut().insert(Deployment::new("openai", "openai", ""));
    let (sent, _) = pass(multipart, ok()).await;
    let sent = sent.expect("it was sent");
    assert_eq!(
        (&*sent.uri, &sent.body[..]),
        ("https://openai.example/v1/audio/transcriptions", &b"--b\r\nmodel\r\n--b--"[..])
    );

    let mut elsewhere = Request::post("/v1/audio/speech").body(Body::from("{}")).expect("a request");
    elsewhere.extensions_mut().insert(Deployment::new("c", "claude", "claude-x"));
    let (sent, response) = pass(elsewhere, ok()).await;
    assert!(sent.is_none());
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn one_model_is_picked_from_a_providers_list() {
    let page = r#"{"data":[{"id":"claude-a","created_at":"2026-11-21T00:00:00Z"},{"id":"claude-b"}],"has_more":false}"#;
    let provider = || TranslatorLayer::new(Provider::anthropic("https://claude.example").expect("a URL"));
    let upstream =
        || service_fn(move |_: Request<Body>| async move { Ok::<_, BoxError>(Response::new(Body::from(page))) });
    for (path, status, found) in [
        ("/v1/models", 200, r#""object":"list""#),
        ("/v1/models/claude-b", 200, r#""id":"claude-b","object":"model""#),
        ("/v1/models/claude%2Db?x=1", 200, r#""id":"claude-b""#),
        ("/v1/models/nope", 404, "model_not_found"),
    ] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let mut answer = provider().layer(upstream()).oneshot(request).await.expect("an answer");
        let body = answer.body_mut().bytes(1 << 16).await.expect("a body");
        let text = String::from_utf8_lossy(&body);
        assert_eq!(answer.status(), status, "{path}: {text}");
        assert!(text.contains(found), "{path}: {text}");
    }
}

fn of_claude(method: Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let mut request =
        request.body(Body::from(r#"{"model":"claude-x","max_tokens":1,"messages":[]}"#)).expect("a request");
    request.extensions_mut().insert(Deployment::new("c", "claude", "claude-x"));
    request
}

#[tokio::test]
async fn a_message_keeps_the_version_that_its_client_speaks() {
    for path in ["/v1/messages", "/v1/messages/count_tokens"] {
        for (given, expected) in [(None, "2023-06-01"), (Some("2026-10-21"), "2026-10-21")] {
            let mut request = of_claude(Method::POST, path);
            if let Some(given) = given {
                request.headers_mut().insert("anthropic-version", given.parse().expect("a value"));
            }
            request.headers_mut().insert("x-team", "theirs".parse().expect("a value"));
            let (sent, _) = pass(request, ok()).await;
            let sent = sent.expect("it was sent");
            assert_eq!(sent.headers["anthropic-version"], expected, "{path}");
            assert_eq!(sent.headers["x-team"], "ours", "{path}");
            assert_eq!(sent.headers["x-api-key"], "key-of-claude", "{path}");
        }
    }
}

#[tokio::test]
async fn tokens_are_counted_by_a_post_and_nothing_else() {
    for method in [Method::TRACE, Method::DELETE, Method::PUT] {
        let (sent, response) = pass(of_claude(method.clone(), "/v1/messages/count_tokens"), ok()).await;
        assert!(sent.is_none(), "{method} takes the key along");
        assert_eq!(response.status(), 400, "{method}");
    }
}

#[tokio::test]
async fn tokens_are_not_counted_by_who_speaks_openais_dialect() {
    let mut request = of_claude(Method::POST, "/v1/messages/count_tokens");
    request.extensions_mut().insert(Deployment::new("o", "openai", "gpt-x"));
    let (sent, mut response) = pass(request, ok()).await;
    assert!(sent.is_none());
    assert_eq!(response.status(), 400);
    let body = response.body_mut().bytes(999).await.expect("a body");
    let text = String::from_utf8_lossy(&body);
    assert!(text.starts_with(r#"{"type":"error","error":{"type":"invalid_request_error""#), "{text}");
}

#[tokio::test]
async fn what_a_layer_below_says_leaves_as_it_is() {
    for path in ["/providers/claude/v1/files", "/v1/messages", "/v1/messages/count_tokens"] {
        let mut unanswered = Response::builder().status(502).header("x-llm-attempts", "2").body(Body::from("{}"));
        let answer = unanswered.as_mut().expect("a response");
        answer.extensions_mut().insert(llm_layers_core::Unanswered);
        let (_, response) = pass(of_claude(Method::POST, path), unanswered.expect("a response")).await;
        assert_eq!(response.headers()["x-llm-attempts"], "2", "{path}");
    }
}

#[tokio::test]
async fn an_error_in_anthropics_words_has_its_kind() {
    for (status, kind, details, expected) in [
        (429, "rate_limit_error", r#"{"error_code":"enforced_spend_limit_reached"}"#, FailureKind::Quota),
        (429, "rate_limit_error", "null", FailureKind::RateLimit),
        (400, "billing_error", "null", FailureKind::Quota),
        (400, "invalid_request_error", "null", FailureKind::ContextLength),
        (529, "overloaded_error", "null", FailureKind::Overloaded),
    ] {
        let error = format!(r#"{{"type":"{kind}","message":"prompt is too long: 3 > 2","details":{details}}}"#);
        let body = format!(r#"{{"type":"error","error":{error}}}"#);
        let answer = Response::builder().status(status).body(Body::from(body.clone())).expect("a response");
        let (_, mut response) = pass(of_claude(Method::POST, "/v1/messages"), answer).await;
        assert_eq!(FailureKind::of(&response), Some(expected), "{body}");
        assert_eq!(response.body_mut().bytes(999).await.expect("a body"), body);
    }
}
