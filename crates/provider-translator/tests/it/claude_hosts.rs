//! Calls in Anthropic's own words for Claude on Bedrock and Vertex AI, over real sockets.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, Request, Response, Uri};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, BoxError, ErrorToResponseLayer, Operation, Secret};
use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
use llm_layers_sim::{Sim, SimHandle};
use llm_layers_wire::sse;
use serde_json::{Value, json};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};

use crate::grammar::Grammar;

const BEDROCK: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const VERTEX: &str = "claude-sonnet-4-5@20250929";
const AT: &str = "/v1/projects/my-project/locations/global/publishers/anthropic/models";

type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, std::convert::Infallible>;

/// Claude at one of its hosts.
struct Hosted {
    sim: SimHandle,
    stack: Stack,
    model: &'static str,
}

fn stack<S>(provider: Provider, upstream: S) -> Stack
where
    S: Service<Request<Body>, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let takes = provider.clone();
    let native = move |operation, model: &str| operation == Operation::Message && takes.takes_messages(model);
    let service = ServiceBuilder::new()
        .layer(InboundLayer::new().native(native))
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(upstream);
    BoxCloneSyncService::new(service)
}

fn client()
-> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send> + Clone + Send + Sync + 'static
{
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { Ok::<_, BoxError>(client.request(request).await?.map(Body::new)) }
    })
}

async fn bedrock_of(sim: Sim) -> Hosted {
    let sim = sim.api_key("key").start().await.expect("a simulator");
    let provider = Provider::bedrock_at("us-east-1", &sim.origin()).expect("a URL");
    let provider = provider.with_key(&Secret::new("key")).expect("a key");
    Hosted { stack: stack(provider, client()), sim, model: BEDROCK }
}

async fn bedrock() -> Hosted {
    bedrock_of(Sim::bedrock()).await
}

/// Vertex AI's `rawPredict` as its reference and Anthropic's SDK have it, before Anthropic's simulator: the model is in
/// the path and the version in the body, and nowhere else.
async fn vertex_of(sim: Sim) -> Hosted {
    let sim = sim.any_model().start().await.expect("a simulator");
    let origin = sim.origin();
    let client = client();
    let raw_predict = service_fn(move |request: Request<Body>| {
        let (origin, client) = (origin.clone(), client.clone());
        async move {
            let (mut head, mut body) = request.into_parts();
            let mut message: Value = serde_json::from_slice(&body.bytes(1 << 20).await?)?;
            let below =
                head.uri.path().strip_prefix(AT).expect("the project's path").trim_start_matches('/').to_owned();
            let (model, method) = below.split_once(':').expect("a method");
            let streams = message["stream"] == true;
            assert_eq!(method, if streams { "streamRawPredict" } else { "rawPredict" });
            assert!(head.uri.query().is_none());
            assert!(message.get("model").is_none() && !head.headers.contains_key("anthropic-version"));
            let version =
                message.as_object_mut().and_then(|message| message.remove("anthropic_version")).expect("a version");
            message["model"] = json!(model.replace("%40", "@"));
            let version = if version == "vertex-2023-10-16" { json!("2023-06-01") } else { version };
            head.headers.insert("anthropic-version", version.as_str().expect("text").parse()?);
            head.headers.remove("content-length");
            head.uri = format!("{origin}/v1/messages").parse::<Uri>()?;
            if model == "claude-google" {
                let error =
                    json!({"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}});
                return Ok(Response::builder().status(429).body(Body::from(error.to_string()))?);
            }
            client.oneshot(Request::from_parts(head, Body::from(message.to_string()))).await
        }
    });
    let provider = Provider::vertex_at("https://vertex.example", "my-project", "global").expect("a project");
    Hosted { stack: stack(provider, raw_predict), sim, model: VERTEX }
}

async fn vertex() -> Hosted {
    vertex_of(Sim::anthropic()).await
}

impl Hosted {
    fn asking(&self, text: &str) -> Value {
        json!({"model": self.model, "max_tokens": 2000, "messages": [{"role": "user", "content": text}]})
    }

    async fn call(&self, request: &Value, headers: &[(&str, &str)]) -> Response<Body> {
        let mut call = Request::post("/v1/messages?beta=true").header("content-type", "application/json");
        for (name, value) in [("x-api-key", "the-callers")].iter().chain(headers) {
            call = call.header(*name, *value);
        }
        self.stack
            .clone()
            .oneshot(call.body(Body::from(request.to_string())).expect("a request"))
            .await
            .expect("an answer")
    }

    async fn send(&self, request: &Value, headers: &[(&str, &str)]) -> (u16, HeaderMap, Bytes) {
        let (head, mut body) = self.call(request, headers).await.into_parts();
        (head.status.as_u16(), head.headers, body.bytes(1 << 20).await.expect("a body"))
    }

    async fn message(&self, request: &Value) -> Value {
        let (status, _, body) = self.send(request, &[("anthropic-version", "2023-06-01")]).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    /// The message that a client makes of a stream, whose grammar is checked on the way.
    async fn streamed(&self, request: &Value) -> Value {
        let mut request = request.clone();
        request["stream"] = json!(true);
        let (status, headers, body) = self.send(&request, &[]).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        assert!(headers["content-type"].to_str().expect("text").starts_with("text/event-stream"));
        Grammar::read(&body).finish().expect("a message")
    }

    async fn refused(&self, request: &Value) -> (u16, String) {
        let (status, _, body) = self.send(request, &[]).await;
        let error: Value = serde_json::from_slice(&body).expect("JSON");
        assert!(error["type"] == "error" && error["error"]["message"].is_string(), "{error}");
        (status, error["error"]["type"].as_str().unwrap_or_default().to_owned())
    }
}

fn tool() -> Value {
    json!({"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"a": {"type": "number"}}}})
}

fn without_ids(mut message: Value) -> Value {
    message.as_object_mut().expect("an object").remove("id");
    for block in message["content"].as_array_mut().expect("blocks") {
        block.as_object_mut().expect("a block").remove("id");
    }
    message
}

#[tokio::test]
async fn whole_and_streamed_say_the_same_and_a_loop_of_calls_goes_round() {
    for hosted in [bedrock().await, vertex().await] {
        let plain = hosted.asking("sim:say one two \u{1f600} three");
        assert_eq!(without_ids(hosted.streamed(&plain).await), without_ids(hosted.message(&plain).await));

        let mut request = hosted.asking("sim:think hm, let me see\nsim:tool f {\"a\":1.0}");
        request["thinking"] = json!({"type": "enabled", "budget_tokens": 1500});
        request["tools"] = json!([tool()]);
        let first = hosted.message(&request).await;
        assert_eq!(without_ids(hosted.streamed(&request).await), without_ids(first.clone()));
        let result = json!({"type": "tool_result", "tool_use_id": first["content"][1]["id"], "content": "sunny"});
        let turns = request["messages"].as_array_mut().expect("turns");
        turns.push(json!({"role": "assistant", "content": first["content"]}));
        turns.push(json!({"role": "user", "content": [result]}));
        let second = hosted.message(&request).await;
        let last = second["content"].as_array().and_then(|blocks| blocks.last()).expect("a block");
        assert_eq!(last["text"], "The tool said: sunny", "{second}");
        // Nothing of it was translated: the history went as it came.
        assert_eq!(hosted.sim.received().last().expect("a call").json()["messages"], request["messages"]);
    }
}

#[tokio::test]
async fn versions_and_betas_are_where_each_host_looks() {
    for (headers, version, betas) in [
        (&[][..], "bedrock-2023-05-31", Value::Null),
        (
            &[("anthropic-version", "2023-06-01"), ("anthropic-beta", "a-1, b-2"), ("anthropic-beta", "c")],
            "bedrock-2023-05-31",
            json!(["a-1", "b-2", "c"]),
        ),
        (&[("anthropic-version", "2026-10-21")], "2026-10-21", Value::Null),
    ] {
        let hosted = bedrock().await;
        let (status, _, body) = hosted.send(&hosted.asking("x"), headers).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let received = hosted.sim.received();
        let sent = received.last().expect("a call");
        assert_eq!((&sent.json()["anthropic_version"], &sent.json()["anthropic_beta"]), (&json!(version), &betas));
        assert!(sent.header("anthropic-version").is_none() && sent.header("anthropic-beta").is_none());
        assert_eq!(sent.header("authorization"), Some("Bearer key"));
        assert_eq!(sent.path, format!("/model/{}/invoke", BEDROCK.replace(':', "%3A")));
    }
    let hosted = bedrock().await;
    let mut own = hosted.asking("x");
    own["anthropic_version"] = json!("2026-10-21");
    own["anthropic_beta"] = json!(["own"]);
    hosted.send(&own, &[("anthropic-version", "2023-06-01"), ("anthropic-beta", "theirs")]).await;
    let sent = hosted.sim.received().last().expect("a call").json();
    assert_eq!((&sent["anthropic_version"], &sent["anthropic_beta"]), (&json!("2026-10-21"), &json!(["own"])));

    let hosted = vertex().await;
    for (version, expected) in [("2023-06-01", "2023-06-01"), ("2026-10-21", "2026-10-21")] {
        let headers = [("anthropic-version", version), ("anthropic-beta", "a-1,b-2")];
        assert_eq!(hosted.send(&hosted.asking("x"), &headers).await.0, 200);
        let received = hosted.sim.received();
        let sent = received.last().expect("a call");
        assert_eq!(
            (sent.header("anthropic-version"), sent.header("anthropic-beta")),
            (Some(expected), Some("a-1,b-2"))
        );
        assert!(sent.header("x-api-key").is_none(), "it is the caller's");
    }
}

#[tokio::test]
async fn errors_are_told_in_anthropics_words() {
    for hosted in [bedrock().await, vertex().await] {
        for (fault, status, kind) in [
            ("400", 400, "invalid_request_error"),
            ("401", 401, "authentication_error"),
            ("403", 403, "permission_error"),
            ("404", 404, "not_found_error"),
            ("429", 429, "rate_limit_error"),
            ("html", 502, "api_error"),
        ] {
            for streams in [false, true] {
                let mut request = hosted.asking("x");
                request["stream"] = json!(streams);
                hosted.sim.fail_next(1, fault.parse().expect("a fault"));
                let (seen, told) = hosted.refused(&request).await;
                assert!(fault == "html" && seen >= 500 || seen == status, "{fault}: {seen}");
                assert_eq!(told, kind, "{fault}");
            }
        }
    }
    let google = vertex().await;
    let mut request = google.asking("x");
    request["model"] = json!("claude-google");
    assert_eq!(google.refused(&request).await, (429, "rate_limit_error".into()));
    let mut bad = google.asking("x");
    bad["stream"] = json!("yes");
    assert_eq!(google.refused(&bad).await, (400, "invalid_request_error".into()));
}

#[tokio::test]
async fn a_stream_of_frames_ends_as_anthropics_would() {
    let hosted = bedrock().await;
    let mut request = hosted.asking("sim:words 40");
    request["stream"] = json!(true);
    hosted.sim.fail_next(1, "error-in-stream=0".parse().expect("a fault"));
    assert_eq!(hosted.refused(&request).await, (429, "rate_limit_error".into()));
    for (fault, kind) in [("error-in-stream=9", "rate_limit_error"), ("cut=9", "api_error"), ("bad-crc", "api_error")] {
        hosted.sim.fail_next(1, fault.parse().expect("a fault"));
        let (status, _, body) = hosted.send(&request, &[]).await;
        let text = String::from_utf8_lossy(&body);
        if status == 200 {
            let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
            assert!(last.starts_with("event: error\ndata: {\"type\":\"error\""), "{fault}: {last}");
            assert!(last.contains(kind), "{fault}: {last}");
        } else {
            assert!(text.starts_with("{\"type\":\"error\""), "{fault}: {text}");
        }
        assert!(!text.contains("message_stop"));
    }
    hosted.sim.fail_next(1, "tear".parse().expect("a fault"));
    hosted.streamed(&request).await;
}

#[tokio::test]
async fn what_is_no_claude_goes_by_way_of_a_chat() {
    let hosted = bedrock().await;
    let mut request = hosted.asking("sim:say hello");
    request["model"] = json!("amazon.nova-lite-v1:0");
    let message = hosted.message(&request).await;
    assert_eq!(message["content"][0]["text"], "hello", "{message}");
    assert!(hosted.sim.received().last().expect("a call").path.ends_with("/converse"));
}

#[tokio::test]
async fn whoever_hangs_up_lets_the_host_go() {
    let hosted = bedrock_of(Sim::bedrock().pace(Duration::from_millis(20))).await;
    let mut request = hosted.asking("sim:words 2000");
    request["stream"] = json!(true);
    let mut events = hosted.call(&request, &[]).await.into_body().into_events(sse::Limits::DEFAULT);
    events.next().await.expect("an event").expect("no error");
    drop(events);
    tokio::time::timeout(Duration::from_secs(30), hosted.sim.cancelled()).await.expect("the host is let go");
}

#[tokio::test]
async fn tokens_are_counted_where_the_host_counts_them() {
    let (sent, seen) = tokio::sync::oneshot::channel();
    let sent = std::sync::Arc::new(std::sync::Mutex::new(Some(sent)));
    let upstream = service_fn(move |request: Request<Body>| {
        let sent = std::sync::Arc::clone(&sent);
        async move {
            let (head, mut body) = request.into_parts();
            let body: Value = serde_json::from_slice(&body.bytes(1 << 20).await?)?;
            let _ = sent.lock().expect("whole").take().expect("one call").send((head.uri.to_string(), body));
            Ok::<_, BoxError>(Response::new(Body::from("{\"input_tokens\":  7}")))
        }
    });
    let mut request = Request::post("/v1/messages/count_tokens?beta=true")
        .header("content-type", "application/json")
        .body(Body::from(json!({"model": "anthropic/claude-x", "messages": []}).to_string()))
        .expect("a request");
    request.extensions_mut().insert(llm_layers_core::Deployment::new("d", "vertex", "anthropic/claude-x"));
    let provider = || Provider::vertex_at("https://vertex.example", "my-project", "global").expect("a project");
    let mut answer = stack(provider(), upstream).oneshot(request).await.expect("an answer");
    assert_eq!(answer.body_mut().bytes(99).await.expect("a body"), "{\"input_tokens\":  7}");
    let (uri, body) = seen.await.expect("a call");
    assert_eq!(uri, format!("https://vertex.example{AT}/count-tokens:rawPredict"));
    assert_eq!(body, json!({"model": "claude-x", "messages": [], "anthropic_version": "vertex-2023-10-16"}));

    let mut request =
        Request::post("/v1/messages/count_tokens").body(Body::from("{\"model\":\"x\"}")).expect("a request");
    request.extensions_mut().insert(llm_layers_core::Deployment::new("d", "bedrock", BEDROCK));
    let hosted = bedrock().await;
    let mut answer = hosted.stack.oneshot(request).await.expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body_mut().bytes(999).await.expect("a body")).expect("JSON");
    assert_eq!((answer.status().as_u16(), &body["error"]["type"]), (400, &json!("invalid_request_error")));
    assert_eq!(hosted.sim.received().len(), 0);
}

#[tokio::test]
async fn what_a_layer_between_refuses_is_told_in_anthropics_words() {
    let refused = service_fn(|_: Request<Body>| async {
        let response =
            llm_layers_core::Failure::not_found("no such model").with_code("model_not_found").into_response();
        Ok::<_, std::convert::Infallible>(response)
    });
    let service = ServiceBuilder::new().layer(InboundLayer::new().native(|_, _| true)).service(refused);
    let request = || Request::post("/v1/messages").body(Body::from("{\"model\":\"x\"}")).expect("a request");
    let mut answer = service.clone().oneshot(request()).await.expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body_mut().bytes(999).await.expect("a body")).expect("JSON");
    assert_eq!(answer.status(), 404);
    assert_eq!((&body["type"], &body["error"]["type"]), (&json!("error"), &json!("not_found_error")));
    let mut other = request();
    *other.uri_mut() = "/v1/responses".parse().expect("a URI");
    let mut answer = service.oneshot(other).await.expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body_mut().bytes(999).await.expect("a body")).expect("JSON");
    assert_eq!(body["error"]["code"], "model_not_found");
}
