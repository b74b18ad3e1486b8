//! Anthropic's Messages, over the layers below and simulated providers on real sockets.

use axum::{Router, routing::post};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header::CONTENT_TYPE};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, ErrorToResponseLayer, Operation, Rejection};
use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
use llm_layers_sim::{Fault, Sim, SimHandle};
use llm_layers_testkit::body::Script;
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};

use crate::grammar::Grammar;

type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, std::convert::Infallible>;

fn stack(inbound: InboundLayer, provider: Provider) -> Stack {
    let service = ServiceBuilder::new()
        .layer(inbound)
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
    BoxCloneSyncService::new(service)
}

fn over_openai(sim: &SimHandle) -> Stack {
    stack(InboundLayer::new(), Provider::openai(&sim.base_url()).unwrap())
}

fn over_anthropic(sim: &SimHandle) -> Stack {
    stack(InboundLayer::new(), Provider::anthropic(&sim.origin()).unwrap())
}

async fn send(stack: &Stack, request: &Value) -> (StatusCode, HeaderMap, Bytes) {
    let mut call = Request::post("/v1/messages").body(Body::from(request.to_string())).unwrap();
    for (name, value) in [("x-api-key", "k"), ("anthropic-version", "2023-06-01"), ("anthropic-beta", "b")] {
        call.headers_mut().insert(name, value.parse().unwrap());
    }
    let (head, mut body) = stack.clone().oneshot(call).await.unwrap().into_parts();
    (head.status, head.headers, body.bytes(1 << 20).await.unwrap())
}

async fn message(stack: &Stack, request: &Value) -> Value {
    let (status, headers, body) = send(stack, request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "application/json");
    serde_json::from_slice(&body).unwrap()
}

/// The message that a client makes of a stream, whose grammar is checked on the way.
async fn streamed(stack: &Stack, request: &Value) -> Value {
    let mut request = request.clone();
    request["stream"] = json!(true);
    let (status, headers, body) = send(stack, &request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    Grammar::read(&body).finish().expect("a message")
}

fn asking(text: &str) -> Value {
    json!({"model": "sim-small", "max_tokens": 2000, "messages": [{"role": "user", "content": text}]})
}

fn tool(name: &str) -> Value {
    json!({"name": name, "description": "d", "input_schema": {"type": "object", "properties": {"a": {"type": "number"}}}})
}

/// All that differs between a whole answer and a streamed one is ids, which the simulator makes of the request.
fn without_ids(mut message: Value) -> Value {
    message.as_object_mut().unwrap().remove("id");
    for block in message["content"].as_array_mut().unwrap() {
        block.as_object_mut().unwrap().remove("id");
    }
    message
}

#[tokio::test]
async fn whole_and_streamed_say_the_same_over_either_dialect() {
    let (openai, claude) =
        (Sim::openai().any_model().start().await.unwrap(), Sim::anthropic().any_model().start().await.unwrap());
    for stack in [over_openai(&openai), over_anthropic(&claude)] {
        let calls = "sim:tool f {\"a\":1.0}\nsim:tool g\nsim:tool f {\"a\":[\"}\"]}";
        for (text, reason, blocks) in [
            ("sim:say Hello, world", "end_turn", 1),
            (calls, "tool_use", 3),
            (&format!("{calls}\nsim:say as well"), "tool_use", 4),
            ("sim:words 3000", "max_tokens", 1),
        ] {
            let mut request = asking(text);
            request["tools"] = json!([tool("f"), tool("g")]);
            let whole = message(&stack, &request).await;
            assert_eq!(whole["stop_reason"], reason, "{text}");
            assert_eq!(whole["content"].as_array().unwrap().len(), blocks, "{text}");
            assert_eq!(
                (&whole["type"], &whole["role"], &whole["model"]),
                (&"message".into(), &"assistant".into(), &"sim-small".into())
            );
            assert!(whole["id"].as_str().unwrap().starts_with("msg_"));
            assert!(whole["usage"]["output_tokens"].as_u64().unwrap() > 0);
            let streamed = streamed(&stack, &request).await;
            assert_eq!(without_ids(streamed), without_ids(whole), "{text}");
        }
    }
    openai.stop().await;
    claude.stop().await;
}

#[tokio::test]
async fn a_refusal_of_the_model_is_one() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let stack = over_openai(&sim);
    let whole = message(&stack, &asking("sim:refuse")).await;
    assert_eq!(whole["stop_reason"], "refusal");
    assert_eq!(without_ids(streamed(&stack, &asking("sim:refuse")).await), without_ids(whole));
    sim.stop().await;
}

/// A client of Anthropic's that thinks and calls, with Anthropic behind: what is sent is what it has sent, and the
/// simulator checks the seals.
#[tokio::test]
async fn thinking_survives_a_loop_of_calls() {
    let sim = Sim::anthropic().any_model().start().await.unwrap();
    let stack = over_anthropic(&sim);
    for model in ["claude-sonnet-4-5", "claude-opus-5"] {
        for streams in [false, true] {
            let mark = json!({"type": "ephemeral", "ttl": "1h"});
            let mut request = asking("sim:think hm, let me see\nsim:tool f {\"a\":1}");
            request["model"] = json!(model);
            request["thinking"] = json!({"type": "enabled", "budget_tokens": 1500});
            request["system"] =
                json!([{"type": "text", "text": "one"}, {"type": "text", "text": "two", "cache_control": mark}]);
            request["tools"] = json!([tool("f")]);
            let first = if streams { streamed(&stack, &request).await } else { message(&stack, &request).await };
            let kinds: Vec<_> = first["content"].as_array().unwrap().iter().map(|block| &block["type"]).collect();
            assert_eq!(kinds, ["thinking", "tool_use"], "{first}");
            assert!(!first["content"][0]["signature"].as_str().unwrap().is_empty());

            let result = json!({"type": "tool_result", "tool_use_id": first["content"][1]["id"], "content": "sunny", "cache_control": {"type": "ephemeral"}});
            let turns = request["messages"].as_array_mut().unwrap();
            turns.push(json!({"role": "assistant", "content": first["content"]}));
            turns.push(json!({"role": "user", "content": [result, {"type": "text", "text": "go on"}]}));
            let second = message(&stack, &request).await;
            let last = second["content"].as_array().unwrap().last().unwrap();
            assert_eq!(last["text"], "The tool said: sunny", "{second}");

            let sent = sim.received().last().unwrap().json();
            assert_eq!(sent["messages"][1]["content"], first["content"]);
            assert_eq!(sent["messages"][2]["content"][0]["tool_use_id"], first["content"][1]["id"]);
            assert_eq!(sent["messages"][2]["content"][0]["cache_control"], json!({"type": "ephemeral"}));
            assert_eq!((&sent["system"], &sent["thinking"]), (&request["system"], &request["thinking"]));
            assert_eq!(sent["max_tokens"], 2000);
            assert!(second["usage"]["cache_read_input_tokens"].as_u64().unwrap() > 0, "{second}");
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn usage_counts_the_cached_apart() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let stack = over_openai(&sim);
    let long = format!("sim:say ok\n{}", "word ".repeat(1500));
    for message in [message(&stack, &asking(&long)).await, streamed(&stack, &asking(&long)).await] {
        let usage = &message["usage"];
        assert_eq!(usage["cache_read_input_tokens"], 1024);
        let input = usage["input_tokens"].as_u64().unwrap();
        assert!((400..600).contains(&input), "{usage}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn failures_are_told_in_anthropics_words() {
    let (openai, claude) =
        (Sim::openai().any_model().start().await.unwrap(), Sim::anthropic().any_model().start().await.unwrap());
    for (stack, sim) in [(over_openai(&openai), &openai), (over_anthropic(&claude), &claude)] {
        for (fault, status, kind) in [
            (Fault::status(400), 400, "invalid_request_error"),
            (Fault::status(401), 401, "authentication_error"),
            (Fault::status(403), 403, "permission_error"),
            (Fault::status(404), 404, "not_found_error"),
            (Fault::status(413), 413, "request_too_large"),
            (Fault::status(429).retry_after(7), 429, "rate_limit_error"),
            (Fault::status(500), 502, "api_error"),
            (Fault::status(503), 529, "overloaded_error"),
            (Fault::status(529), 529, "overloaded_error"),
        ] {
            for streams in [false, true] {
                sim.fail_next(1, fault.clone());
                let mut request = asking("hi");
                request["stream"] = json!(streams);
                let (got, headers, body) = send(&stack, &request).await;
                let body: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!((got.as_u16(), &body["error"]["type"]), (status, &json!(kind)), "{body}");
                assert_eq!(body["type"], "error");
                assert!(!body["error"]["message"].as_str().unwrap().is_empty());
                assert_eq!(headers["content-type"], "application/json");
                let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
                assert_eq!(header("request-id"), header("x-llm-layers-upstream-request-id"));
                assert_eq!(body["request_id"].as_str(), header("request-id"));
                assert_eq!(header("retry-after"), (status == 429).then_some("7"));
            }
        }
    }
    openai.stop().await;
    claude.stop().await;
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_and_never_as_if_whole() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let stack = over_openai(&sim);
    for fault in ["cut=4", "reset-after=4", "error-in-stream=4", "garbage"] {
        let mut request = asking("sim:words 40");
        request["model"] = json!(format!("fault-{}", fault.replace('=', "-")));
        request["stream"] = json!(true);
        let (status, _, body) = send(&stack, &request).await;
        assert_eq!(status, 200, "{fault}");
        let error = Grammar::read(&body).finish().expect_err("it broke");
        assert_eq!(error["type"], "error", "{fault}");
        assert!(error["error"]["type"].as_str().unwrap().ends_with("_error"), "{error}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn bad_requests_are_refused_in_anthropics_words() {
    let nobody = service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>("nobody is asked") });
    for (layer, body, status, kind) in [
        (InboundLayer::new(), "{".to_owned(), 400, "invalid_request_error"),
        (InboundLayer::new(), "[]".to_owned(), 400, "invalid_request_error"),
        (InboundLayer::new(), r#"{"model":"m"}"#.to_owned(), 400, "invalid_request_error"),
        (InboundLayer::new().max_request(99), asking(&"x".repeat(99)).to_string(), 413, "request_too_large"),
    ] {
        let request = Request::post("/v1/messages").body(Body::from(body)).unwrap();
        let response = layer.layer(nobody).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.extensions().get::<Rejection>().is_some());
        let body: Value = serde_json::from_slice(&response.into_body().bytes(1 << 10).await.unwrap()).unwrap();
        assert_eq!((&body["type"], &body["error"]["type"]), (&json!("error"), &json!(kind)));
    }
}

/// What the layers below are asked.
async fn asked(layer: InboundLayer, request: Request<Body>) -> Request<Body> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let below = service_fn(move |request: Request<Body>| {
        sender.send(request).unwrap();
        async { Ok::<_, std::convert::Infallible>(Response::new(Body::empty())) }
    });
    layer.layer(below).oneshot(request).await.unwrap();
    receiver.recv().unwrap()
}

#[tokio::test]
async fn the_request_keeps_all_but_its_shape() {
    let mut request = Request::post("http://p.example/anthropic/v1/messages?beta=true")
        .body(Body::from(asking("Hi").to_string()))
        .unwrap();
    for (name, value) in [
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "x"),
        ("anthropic-workspace-id", "w"),
        ("content-length", "9"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("accept-encoding", "gzip"),
        ("x-api-key", "k"),
        ("x-custom", "kept"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request.extensions_mut().insert(7_u8);
    let mut asked = asked(InboundLayer::new(), request).await;
    assert_eq!(asked.uri(), "http://p.example/anthropic/v1/chat/completions");
    assert_eq!(asked.extensions().get(), Some(&7_u8));
    let body = asked.body_mut().bytes(1 << 10).await.unwrap();
    let mut headers: Vec<_> = asked.headers().iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    headers.sort_unstable();
    let length = body.len().to_string();
    assert_eq!(
        headers,
        [
            ("accept-encoding", "identity"),
            ("content-length", &length),
            ("content-type", "application/json"),
            ("x-api-key", "k"),
            ("x-custom", "kept")
        ]
    );
}

#[tokio::test]
async fn what_is_native_passes_byte_for_byte() {
    let body = r#"{ "model":"claude-1" , "x":1.0 }"#;
    let native =
        InboundLayer::new().native(|operation, model| operation == Operation::Message && model.starts_with("claude"));
    let request =
        || Request::post("/v1/messages?beta=true").header("anthropic-beta", "x").body(Body::from(body)).unwrap();
    let mut asked = asked(native, request()).await;
    assert_eq!(
        (asked.uri().to_string().as_str(), asked.headers()["anthropic-beta"].to_str().unwrap()),
        ("/v1/messages?beta=true", "x")
    );
    assert_eq!(asked.body_mut().bytes(99).await.unwrap(), body);
}

/// OpenAI's old completions over a provider that has chat alone.
#[tokio::test]
async fn completions_where_the_provider_has_none() {
    let sim = Sim::anthropic().any_model().start().await.unwrap();
    let layer = InboundLayer::new().native(|_, _| false);
    let stack = stack(layer, Provider::anthropic(&sim.origin()).unwrap());
    let ask = async |body: Value| {
        let request = Request::post("/v1/completions").body(Body::from(body.to_string())).unwrap();
        let (head, mut body) = stack.clone().oneshot(request).await.unwrap().into_parts();
        (head.status.as_u16(), String::from_utf8(body.bytes(1 << 20).await.unwrap().to_vec()).unwrap())
    };
    let (status, text) = ask(json!({"model": "m", "prompt": "sim:say Hello, world"})).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status, &answer["object"], &answer["choices"][0]["text"]),
        (200, &json!("text_completion"), &json!("Hello, world"))
    );

    let (_, text) = ask(json!({"model": "m", "prompt": "sim:say Hello", "stream": true})).await;
    assert!(text.contains(r#""object":"text_completion""#) && text.ends_with("data: [DONE]\n\n"), "{text}");

    let (status, text) = ask(json!({"model": "m", "prompt": ["a", "b"]})).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &answer["error"]["param"]), (400, &json!("prompt")), "in OpenAI's shape");
    sim.stop().await;
}

#[tokio::test]
async fn counting_tokens_is_nobodys_chat() {
    let request =
        Request::post("/v1/messages/count_tokens").header("anthropic-version", "v").body(Body::from("{")).unwrap();
    let mut asked = asked(InboundLayer::new(), request).await;
    assert_eq!((asked.uri().path(), asked.headers().len()), ("/v1/messages/count_tokens", 1));
    assert_eq!(asked.body_mut().bytes(9).await.unwrap(), "{");
}

#[tokio::test]
async fn an_error_of_the_service_below_is_passed_on() {
    let broken = service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>("below") });
    let request = Request::post("/v1/messages").body(Body::from(asking("Hi").to_string())).unwrap();
    assert_eq!(InboundLayer::new().layer(broken).oneshot(request).await.map(|_| ()), Err("below"));
}

#[tokio::test]
async fn an_answer_that_is_too_long_or_none_is_a_502() {
    for (answer, layer) in [
        ("x".repeat(100), InboundLayer::new().max_response(99)),
        ("no JSON".to_owned(), InboundLayer::new()),
        ("{}".to_owned(), InboundLayer::new()),
        (r#"{"choices":[]}"#.to_owned(), InboundLayer::new()),
        (r#"{"choices":[{"message":{"tool_calls":"x"}}]}"#.to_owned(), InboundLayer::new()),
    ] {
        let below = service_fn(move |_: Request<Body>| {
            let answer = answer.clone();
            async { Ok::<_, std::convert::Infallible>(Response::new(Body::from(answer))) }
        });
        let request = Request::post("/v1/messages").body(Body::from(asking("Hi").to_string())).unwrap();
        let response = layer.layer(below).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 502);
        let body: Value = serde_json::from_slice(&response.into_body().bytes(1 << 10).await.unwrap()).unwrap();
        assert_eq!(body["error"]["type"], "api_error");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_takes_the_stream_along_and_nothing_is_read_ahead() {
    let chunk = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    let body = Script::new().data(chunk).data(chunk).never().body();
    let handle = body.handle();
    let body = std::sync::Arc::new(std::sync::Mutex::new(Some(body)));
    let below = service_fn(move |_: Request<Body>| {
        let body = Body::new(body.lock().unwrap().take().expect("one call"));
        async {
            Ok::<_, std::convert::Infallible>(
                Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body).unwrap(),
            )
        }
    });
    let request = Request::post("/v1/messages").body(Body::from(asking("Hi").to_string())).unwrap();
    let response = InboundLayer::new().layer(below).oneshot(request).await.unwrap();
    assert!(response.body().is_events());
    assert_eq!(handle.frames(), 0);
    drop(response);
    assert!(handle.is_dropped());
}

#[tokio::test]
async fn inside_an_axum_router() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let below = TranslatorLayer::new(Provider::openai(&sim.base_url()).unwrap())
        .layer(ErrorToResponseLayer::new().layer(Client::builder(TokioExecutor::new()).build_http::<Body>()));
    let chat = move |request: axum::extract::Request| {
        let mut below = below.clone();
        async move {
            std::future::poll_fn(|cx| Service::<Request<axum::body::Body>>::poll_ready(&mut below, cx)).await.unwrap();
            below.call(request).await.unwrap().map(axum::body::Body::new)
        }
    };
    // Outside of the router, for it chooses the route by the path.
    let app = InboundLayer::new().layer(Router::new().route("/v1/chat/completions", post(chat)).into_service());
    let app = BoxCloneSyncService::new(app);
    assert_eq!(message(&app, &asking("sim:say Hi")).await["content"], json!([{"type": "text", "text": "Hi"}]));
    assert_eq!(streamed(&app, &asking("sim:say Hi")).await["content"], json!([{"type": "text", "text": "Hi"}]));
    sim.stop().await;
}
