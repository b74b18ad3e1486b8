//! What goes to the provider and what comes back, message by message.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Deployment, Rejection, Secret};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_testkit::body::{BodyHandle, Script};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

fn provider(name: &'static str) -> Provider {
    let provider = Provider::openai(&format!("http://{name}.example/v1")).unwrap().with_name(name);
    provider.with_key(&Secret::new(format!("key-of-{name}"))).unwrap()
}

fn layer() -> TranslatorLayer {
    TranslatorLayer::of([provider("first"), provider("second")])
}

fn chat(body: impl Into<Body>) -> Request<Body> {
    Request::post("/v1/chat/completions").body(body.into()).unwrap()
}

fn deployed(mut request: Request<Body>, provider: &'static str, model: &'static str) -> Request<Body> {
    request.extensions_mut().insert(Deployment::new("d", provider, model));
    request
}

/// What a provider was asked.
struct Asked {
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Sends a request through the layer: what the provider saw of it, if anything, and the answer.
async fn exchange(
    layer: TranslatorLayer,
    request: Request<Body>,
    answer: Response<Body>,
) -> (Option<Asked>, Response<Body>) {
    let seen = Arc::new(Mutex::new(None));
    let answer = Arc::new(Mutex::new(Some(answer)));
    let noted = Arc::clone(&seen);
    let upstream = service_fn(move |request: Request<Body>| {
        let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
        async move {
            let (head, mut body) = request.into_parts();
            let body = body.bytes(1 << 20).await?;
            *noted.lock().unwrap() = Some(Asked { uri: head.uri.to_string(), headers: head.headers, body });
            Ok::<_, BoxError>(answer.lock().unwrap().take().expect("one call"))
        }
    });
    let response = layer.layer(upstream).oneshot(request).await.unwrap();
    let asked = seen.lock().unwrap().take();
    (asked, response)
}

async fn asked(request: Request<Body>) -> Asked {
    exchange(layer(), request, Response::new(Body::from("{}"))).await.0.expect("a call")
}

async fn answered(request: Request<Body>, answer: Response<Body>) -> Response<Body> {
    exchange(layer(), request, answer).await.1
}

async fn text(response: &mut Response<Body>) -> String {
    String::from_utf8(response.body_mut().bytes(1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn error(response: &mut Response<Body>) -> Value {
    let error: Value = serde_json::from_str(&text(response).await).unwrap();
    error.get("error").cloned().unwrap_or_default()
}

#[tokio::test]
async fn each_operation_goes_to_its_place() {
    let post = |path: &str| Request::post(path).body(Body::from(r#"{"model":"m"}"#)).unwrap();
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    for (request, uri) in [
        (post("/v1/chat/completions"), "http://first.example/v1/chat/completions"),
        (
            post("/mounted/here/chat/completions?api-version=1&x=%20"),
            "http://first.example/v1/chat/completions?api-version=1&x=%20",
        ),
        (post("http://proxy.example/v1/chat/completions/"), "http://first.example/v1/chat/completions"),
        (post("/v1/completions"), "http://first.example/v1/completions"),
        (post("/v1/embeddings"), "http://first.example/v1/embeddings"),
        (post("/v1/responses"), "http://first.example/v1/responses"),
        (get("/v1/models"), "http://first.example/v1/models"),
        (get("/v1/models/meta%2Fllama?x=1"), "http://first.example/v1/models/meta%2Fllama?x=1"),
    ] {
        assert_eq!(asked(request).await.uri, uri);
    }
}

#[tokio::test]
async fn other_paths_pass_untouched() {
    let request = Request::post("/v1/files?x").header("authorization", "Bearer mine").body(Body::from("{")).unwrap();
    let asked = asked(request).await;
    assert_eq!((asked.uri.as_str(), &asked.body[..]), ("/v1/files?x", &b"{"[..]));
    assert_eq!(asked.headers["authorization"], "Bearer mine");
    assert_eq!(asked.headers.len(), 1);
}

#[tokio::test]
async fn the_deployment_picks_provider_and_model() {
    let asked = asked(deployed(chat(r#"{"model":"alias"}"#), "second", "m-2")).await;
    assert_eq!(asked.uri, "http://second.example/v1/chat/completions");
    assert_eq!(asked.headers["authorization"], "Bearer key-of-second");
    assert_eq!(asked.body, r#"{"model":"m-2"}"#);
}

#[tokio::test]
async fn an_unknown_provider_is_a_404() {
    let request = deployed(chat("{}"), "nobody", "m");
    let (asked, mut response) = exchange(layer(), request, Response::new(Body::empty())).await;
    assert!(asked.is_none());
    assert_eq!(response.status(), 404);
    assert_eq!(response.extensions().get(), Some(&Rejection::NotFound));
    let error = error(&mut response).await;
    assert_eq!(error["code"], "model_not_found");
    assert_eq!(error["type"], "invalid_request_error");

    let none = TranslatorLayer::of([]);
    let (asked, response) = exchange(none, chat("{}"), Response::new(Body::empty())).await;
    assert_eq!((asked.is_none(), response.status()), (true, StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn a_body_goes_through_byte_for_byte() {
    let body = "{ \"x\" : [1.0, 1e400, {\"\\u0061\":null}],\n\t\"model\":\"m\", \"unknown\":\"\u{e4}\u{1f642}\" , \"messages\":[] }";
    let plain = asked(chat(body)).await;
    assert_eq!(plain.body, body);
    assert_eq!(plain.headers["content-length"], body.len().to_string());
    let same = asked(deployed(chat(body), "first", "m")).await;
    assert_eq!(same.body, body, "the model is the same already");
    let changed = asked(deployed(chat(body), "first", "longer-name")).await;
    assert_eq!(changed.body, body.replace("\"m\"", "\"longer-name\""), "nothing else is touched");
    let added = asked(deployed(chat(r#"{"messages":[]}"#), "first", "m")).await;
    assert_eq!(added.body, r#"{"messages":[],"model":"m"}"#);
}

#[tokio::test]
async fn the_length_is_that_of_the_new_body() {
    let mut request = deployed(chat(r#"{"model":"m"}"#), "first", "longer");
    for (name, value) in
        [("content-length", "13"), ("content-md5", "x"), ("digest", "x"), ("transfer-encoding", "chunked")]
    {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let asked = asked(request).await;
    assert_eq!(asked.headers["content-length"], asked.body.len().to_string());
    for gone in ["content-md5", "digest", "transfer-encoding"] {
        assert!(!asked.headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn what_is_the_callers_stays_with_the_caller() {
    let mut request = chat(r#"{"model":"m"}"#);
    for (name, value) in [
        ("authorization", "Bearer of-the-caller"),
        ("cookie", "a=b"),
        ("x-api-key", "k"),
        ("api-key", "k"),
        ("openai-organization", "o"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-real-ip", "10.0.0.1"),
        ("x-llm-timeout", "1"),
        ("x-stainless-os", "Linux"),
        ("host", "proxy.example"),
        ("te", "trailers"),
        ("keep-alive", "1"),
        ("proxy-authorization", "Basic x"),
        ("connection", "close, x-named"),
        ("x-named", "1"),
        ("accept-encoding", "br, zstd"),
        ("content-type", "application/json"),
        ("x-custom", "kept"),
    ] {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request.headers_mut().append("connection", "x-second".parse().unwrap());
    request.headers_mut().append("x-second", "1".parse().unwrap());
    let headers = asked(request).await.headers;
    let mut left: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    left.sort_unstable();
    let expected = [
        ("accept-encoding", "identity"),
        ("authorization", "Bearer key-of-first"),
        ("content-length", "13"),
        ("content-type", "application/json"),
        ("x-custom", "kept"),
    ];
    assert_eq!(left, expected);
    assert!(headers["authorization"].is_sensitive());
}

#[tokio::test]
async fn what_is_the_providers_stays_with_the_provider() {
    let mut answer = Response::new(Body::from("{}"));
    for (name, value) in [
        ("set-cookie", "a=b"),
        ("alt-svc", "h3"),
        ("openai-organization", "o"),
        ("connection", "x-named"),
        ("x-named", "1"),
        ("keep-alive", "1"),
        ("x-request-id", "req-1"),
        ("x-ratelimit-remaining-requests", "7"),
        ("content-type", "application/json"),
    ] {
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    let response = answered(chat(r#"{"model":"m"}"#), answer).await;
    let mut left: Vec<_> = response.headers().iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    left.sort_unstable();
    let expected = [
        ("content-type", "application/json"),
        ("x-llm-layers-upstream-request-id", "req-1"),
        ("x-ratelimit-remaining-requests", "7"),
    ];
    assert_eq!(left, expected);
}

#[tokio::test]
async fn refusals_are_marked() {
    let encoded = |encoding: &str, body: &'static str| {
        Request::post("/v1/chat/completions").header("content-encoding", encoding).body(Body::from(body)).unwrap()
    };
    for (request, status, rejection, code) in [
        (chat("{"), 400, Rejection::Invalid, "invalid_json"),
        (chat("[]"), 400, Rejection::Invalid, "invalid_json"),
        (chat(""), 400, Rejection::Invalid, "invalid_json"),
        (chat(r#"{"stream":"yes"}"#), 400, Rejection::Invalid, "invalid_type"),
        (chat("x".repeat(65)), 413, Rejection::TooLarge, "request_too_large"),
        (encoded("br", "x"), 415, Rejection::Invalid, ""),
        (encoded("gzip", "no gzip"), 415, Rejection::Invalid, ""),
    ] {
        let (asked, mut response) = exchange(layer().max_request(64), request, Response::new(Body::empty())).await;
        assert!(asked.is_none());
        assert_eq!((response.status().as_u16(), response.extensions().get()), (status, Some(&rejection)));
        assert_eq!(response.headers()["content-type"], "application/json");
        let error = error(&mut response).await;
        assert_eq!(error["code"].as_str().unwrap_or_default(), code, "{error}");
        assert!(error["message"].is_string() && error.get("param").is_some());
    }
}

#[tokio::test]
async fn a_message_that_nobody_can_answer_is_refused_in_anthropics_words() {
    let request = Request::post("/v1/messages").body(Body::from("{}")).unwrap();
    let (asked, mut response) = exchange(layer(), request, Response::new(Body::empty())).await;
    assert!(asked.is_none());
    assert_eq!((response.status().as_u16(), response.extensions().get()), (400, Some(&Rejection::Invalid)));
    let error = error(&mut response).await;
    assert_eq!(
        (&error["type"], &error["details"]["error_code"]),
        (&"invalid_request_error".into(), &"unsupported_operation".into())
    );
}

#[tokio::test]
async fn a_request_that_breaks_off_is_refused() {
    let body = Body::new(Script::new().data("{").error("client gone").body());
    let (asked, response) = exchange(layer(), chat(body), Response::new(Body::empty())).await;
    assert_eq!((asked.is_none(), response.status()), (true, StatusCode::BAD_REQUEST));
}

#[tokio::test]
async fn an_error_of_the_provider_is_no_refusal_of_ours() {
    let normal = r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let answer = |status: u16, body: &'static str| {
        Response::builder()
            .status(status)
            .header("retry-after", "7")
            .header("x-request-id", "r")
            .body(Body::from(body))
            .unwrap()
    };
    let mut response = answered(chat(r#"{"model":"m"}"#), answer(429, normal)).await;
    assert_eq!(response.status(), 429);
    assert_eq!(text(&mut response).await, normal, "OpenAI's own shape leaves byte for byte");
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.extensions().get::<Rejection>(), None);

    let mut response = answered(chat(r#"{"model":"m"}"#), answer(529, "<html>busy</html>")).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["x-llm-layers-upstream-request-id"], "r");
    assert_eq!(response.extensions().get::<Rejection>(), None);
    let error = error(&mut response).await;
    assert_eq!((&error["upstream_status"], &error["provider"]), (&529.into(), &"first".into()));
}

#[tokio::test]
async fn a_whole_answer_is_not_touched() {
    let body = format!(r#"{{ "id":"c", "choices": [ ] , "unknown": 1.0{} }}"#, " ".repeat(16 << 10));
    let script = Script::new().data(body[..10].to_owned()).data(body[10..].to_owned());
    let inner = script.body();
    let handle = inner.handle();
    let answer = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::new(inner)).unwrap();
    let mut response = answered(chat(r#"{"model":"m"}"#), answer).await;
    assert_eq!(handle.polls(), 0, "nor read");
    assert_eq!(response.body().content_length(), Some(body.len() as u64));
    assert_eq!(text(&mut response).await, body);
}

#[tokio::test]
async fn a_page_is_no_answer() {
    let answer =
        Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8").body(Body::from("<html>")).unwrap();
    let mut response = answered(chat(r#"{"model":"m"}"#), answer).await;
    assert_eq!(response.status(), 502);
    assert_eq!(error(&mut response).await["code"], "upstream_protocol_error");
}

const ROLE: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
const TEXT: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";

fn streamed(script: &Script) -> (Response<Body>, BodyHandle) {
    let body = script.body();
    let handle = body.handle();
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .header("content-length", "9")
        .header("retry-after", "3")
        .body(Body::new(body));
    (response.unwrap(), handle)
}

fn chat_stream() -> Request<Body> {
    chat(r#"{"model":"m","stream":true}"#)
}

#[tokio::test]
async fn a_stream_has_the_head_of_one() {
    let (answer, _) = streamed(&Script::new().data(ROLE).data(TEXT).never());
    let response = answered(chat_stream(), answer).await;
    assert_eq!(response.status(), 200);
    assert!(response.body().is_events());
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert!(!response.headers().contains_key("content-length"));
}

#[tokio::test]
async fn an_error_before_the_first_word_has_a_status() {
    let error_event = "data: {\"error\":{\"message\":\"busy\",\"type\":\"t\",\"code\":429}}\n\n";
    let (answer, upstream) = streamed(&Script::new().data(ROLE).pending().data(error_event).never());
    let mut response = answered(chat_stream(), answer).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["retry-after"], "3", "what the provider said is kept");
    assert_eq!(response.extensions().get::<Rejection>(), None, "a provider was asked");
    assert!(upstream.is_dropped());
    let error = error(&mut response).await;
    assert_eq!((&error["message"], &error["code"]), (&"busy".into(), &"rate_limit_exceeded".into()));

    let (answer, _) = streamed(&Script::new().data(ROLE).data(TEXT).data(error_event));
    let mut response = answered(chat_stream(), answer).await;
    assert_eq!(response.status(), 200, "the word is out");
    let text = text(&mut response).await;
    assert!(text.starts_with(&[ROLE, TEXT, "data: {\"error\":{\"message\":\"busy\""].concat()), "{text}");
    assert!(!text.contains("[DONE]"));
}

#[tokio::test]
async fn no_more_is_read_ahead_than_the_first_word() {
    let (answer, upstream) = streamed(&Script::new().data(ROLE).data(TEXT).data(TEXT).data(TEXT));
    let response = answered(chat_stream(), answer).await;
    assert_eq!((response.status(), upstream.frames()), (StatusCode::OK, 2));
}

#[tokio::test]
async fn a_client_that_goes_away_takes_the_provider_along() {
    let (answer, upstream) = streamed(&Script::new().data(ROLE).data(TEXT).never());
    let response = answered(chat_stream(), answer).await;
    assert!(!upstream.is_dropped());
    drop(response);
    assert!(upstream.is_dropped(), "midway");

    let (answer, upstream) = streamed(&Script::new().data(ROLE).never());
    let mut waiting = Box::pin(answered(chat_stream(), answer));
    assert!((&mut waiting).now_or_never().is_none());
    assert!(upstream.is_waiting() && !upstream.is_dropped());
    drop(waiting);
    assert!(upstream.is_dropped(), "before the first word");
}

#[tokio::test]
async fn an_answer_that_is_no_stream_passes() {
    let answer = Response::builder().header(CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
    let mut response = answered(chat_stream(), answer).await;
    assert_eq!(text(&mut response).await, "{}");
    let answer = Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    assert_eq!(answered(chat_stream(), answer).await.status(), 502, "JSON is an answer all at once, or none");
    let (answer, _) = streamed(&Script::new().data("data: anything\n\n"));
    let mut response = answered(chat(r#"{"model":"m"}"#), answer).await;
    assert_eq!(text(&mut response).await, "data: anything\n\n", "nor is a stream read that was not asked for");
}

#[tokio::test]
async fn a_provider_that_quotes_its_key_is_not_quoted() {
    for body in [
        r#"{"error":{"message":"Incorrect API key provided: key-of-first","type":"t","param":null,"code":"invalid_api_key"}}"#,
        r#"{"detail":"bad token key-of-first!"}"#,
    ] {
        let answer = Response::builder().status(401).header(CONTENT_TYPE, "application/json");
        let answer = answer.header("content-length", body.len()).body(Body::from(body)).unwrap();
        let (_, mut response) = exchange(layer(), chat(r#"{"model":"m","messages":[]}"#), answer).await;
        let told = response.body_mut().bytes(1 << 16).await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(!String::from_utf8_lossy(&told).contains("key-of-first"), "{told:?}");
        if let Some(length) = response.headers().get("content-length") {
            assert_eq!(length, &told.len().to_string());
        }
    }
}
