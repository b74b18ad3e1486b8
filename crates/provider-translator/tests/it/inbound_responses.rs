//! OpenAI's Responses, over the layers below and simulated providers on real sockets.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, ErrorToResponseLayer, Operation, Rejection};
use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
use llm_layers_sim::{Fault, Sim, SimHandle};
use llm_layers_wire::sse::Decoder;
use serde_json::{Value, json};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};

type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

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

async fn respond(stack: &Stack, request: &Value) -> Response<Body> {
    let call = Request::post("/v1/responses").header("content-type", "application/json");
    stack.clone().oneshot(call.body(Body::from(request.to_string())).unwrap()).await.unwrap()
}

async fn send(stack: &Stack, request: &Value) -> (StatusCode, HeaderMap, Bytes) {
    let (head, mut body) = respond(stack, request).await.into_parts();
    (head.status, head.headers, body.bytes(4 << 20).await.unwrap())
}

async fn whole(stack: &Stack, request: &Value) -> Value {
    let (status, headers, body) = send(stack, request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "application/json");
    serde_json::from_slice(&body).unwrap()
}

/// The response that ends a stream, whose events must add up to it.
async fn streamed(stack: &Stack, request: &Value) -> Value {
    let mut request = request.clone();
    request["stream"] = json!(true);
    let (status, headers, body) = send(stack, &request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    added_up(&body)
}

/// What a client makes of the events of a stream, by the rules that OpenAI's stream helper raises on: an item is
/// added once and before anything of it, and ends as what its deltas add up to.
fn added_up(body: &Bytes) -> Value {
    let mut decoder = Decoder::default();
    decoder.push(body.clone());
    let mut items: Vec<Value> = Vec::new();
    let mut done: Vec<Value> = Vec::new();
    let mut end = None;
    let mut number = 0;
    while let Some(event) = decoder.next().unwrap() {
        let Some(data) = event.data() else { continue };
        let data: Value = serde_json::from_slice(data).unwrap();
        assert!(end.is_none(), "nothing follows the end: {data}");
        assert_eq!(event.name().map(String::from_utf8_lossy).as_deref(), data["type"].as_str());
        assert_eq!(data["sequence_number"], number);
        number += 1;
        let kind = data["type"].as_str().unwrap();
        let at = data["output_index"].as_u64().and_then(|at| usize::try_from(at).ok());
        match (kind, at) {
            ("response.created", None) => assert_eq!(number, 1),
            ("response.in_progress", None) => assert_eq!(number, 2),
            ("response.completed" | "response.incomplete" | "response.failed", None) => {
                assert_eq!(kind.strip_prefix("response."), data["response"]["status"].as_str());
                end = Some(data["response"].clone());
            }
            ("response.output_item.added", Some(at)) => {
                assert_eq!(at, items.len());
                items.push(data["item"].clone());
                done.push(Value::Null);
            }
            ("response.output_item.done", Some(at)) => {
                assert_eq!(done[at], Value::Null);
                assert_eq!(items[at]["id"], data["item"]["id"]);
                for part in ["content", "summary", "arguments", "input"] {
                    assert_eq!(items[at][part], data["item"][part]);
                }
                done[at] = data["item"].clone();
            }
            (kind, Some(at)) => {
                assert_eq!(items[at]["id"], data["item_id"]);
                assert_eq!(done[at], Value::Null, "{kind} of an item that is done");
                grow(&mut items[at], kind, &data);
            }
            other => panic!("{other:?}"),
        }
    }
    let end = end.expect("an end");
    if end["status"] != "failed" {
        assert_eq!(end["output"], Value::from(done));
    }
    end
}

fn grow(item: &mut Value, kind: &str, data: &Value) {
    let append = |to: &mut Value| *to = json!(to.as_str().unwrap().to_owned() + data["delta"].as_str().unwrap());
    let index = |name: &str| usize::try_from(data[name].as_u64().unwrap()).unwrap();
    match kind {
        "response.content_part.added" => item["content"].as_array_mut().unwrap().push(data["part"].clone()),
        "response.reasoning_summary_part.added" => item["summary"].as_array_mut().unwrap().push(data["part"].clone()),
        "response.output_text.delta" => append(&mut item["content"][index("content_index")]["text"]),
        "response.refusal.delta" => append(&mut item["content"][index("content_index")]["refusal"]),
        "response.reasoning_summary_text.delta" => append(&mut item["summary"][index("summary_index")]["text"]),
        "response.function_call_arguments.delta" => append(&mut item["arguments"]),
        "response.custom_tool_call_input.delta" => append(&mut item["input"]),
        "response.output_text.done" => assert_eq!(item["content"][index("content_index")]["text"], data["text"]),
        "response.refusal.done" => assert_eq!(item["content"][index("content_index")]["refusal"], data["refusal"]),
        "response.content_part.done" => assert_eq!(item["content"][index("content_index")], data["part"]),
        "response.reasoning_summary_text.done" => {
            assert_eq!(item["summary"][index("summary_index")]["text"], data["text"]);
        }
        "response.reasoning_summary_part.done" => assert_eq!(item["summary"][index("summary_index")], data["part"]),
        "response.function_call_arguments.done" => assert_eq!(item["arguments"], data["arguments"]),
        "response.custom_tool_call_input.done" => assert_eq!(item["input"], data["input"]),
        other => panic!("no event of OpenAI's: {other}"),
    }
}

fn asking(text: &str) -> Value {
    json!({"model": "sim-small", "input": text})
}

fn tool(name: &str) -> Value {
    let parameters = json!({"type": "object", "properties": {"a": {"type": "number"}}});
    json!({"type": "function", "name": name, "description": "d", "parameters": parameters, "strict": false})
}

/// Without what differs from call to call: ids, but those that tools are answered by, and times.
fn without_ids(mut response: Value) -> Value {
    for name in ["id", "created_at", "completed_at"] {
        response.as_object_mut().unwrap().remove(name);
    }
    for item in response["output"].as_array_mut().unwrap() {
        item.as_object_mut().unwrap().remove("id");
        item.as_object_mut().unwrap().remove("call_id");
    }
    response
}

fn kinds(response: &Value) -> Vec<&str> {
    response["output"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whole_and_streamed_say_the_same_over_either_dialect() {
    let openai = Sim::openai().any_model().start().await.unwrap();
    let claude = Sim::anthropic().any_model().start().await.unwrap();
    for stack in [over_openai(&openai), over_anthropic(&claude)] {
        let calls = "sim:tool f {\"a\":1.0}\nsim:tool g\nsim:tool f {\"a\":[\"}\"]}";
        let call = "function_call";
        for (text, status, items) in [
            ("sim:say Hello, \"world\" 😀", "completed", &["message"][..]),
            (calls, "completed", &[call, call, call]),
            (&format!("{calls}\nsim:say as well"), "completed", &["message", call, call, call]),
            ("sim:words 300", "incomplete", &["message"]),
        ] {
            let mut request = asking(text);
            request["max_output_tokens"] = json!(64);
            request["tools"] = json!([tool("f"), tool("g")]);
            request["metadata"] = json!({"k": "v"});
            let whole = whole(&stack, &request).await;
            assert_eq!((whole["status"].as_str().unwrap(), kinds(&whole)), (status, items.to_vec()), "{text}");
            assert_eq!((&whole["object"], &whole["model"]), (&json!("response"), &json!("sim-small")));
            assert_eq!((&whole["metadata"], &whole["tools"]), (&request["metadata"], &request["tools"]));
            assert!(whole["id"].as_str().unwrap().starts_with("resp_"));
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
    let whole = whole(&stack, &asking("sim:refuse")).await;
    assert_eq!(whole["output"][0]["content"][0]["type"], "refusal");
    assert_eq!(without_ids(streamed(&stack, &asking("sim:refuse")).await), without_ids(whole));
    sim.stop().await;
}

/// A client that thinks and calls, with Anthropic behind, whose simulator checks the seals of what comes back.
#[tokio::test]
async fn reasoning_survives_a_loop_of_calls() {
    let sim = Sim::anthropic().any_model().start().await.unwrap();
    let stack = over_anthropic(&sim);
    for model in ["claude-sonnet-4-5", "claude-opus-5"] {
        for streams in [false, true] {
            let mut request = asking("");
            request["model"] = json!(model);
            request["input"] = json!([{"role": "user", "content": "sim:think hm, let me see\nsim:tool f {\"a\":1}"}]);
            request["instructions"] = json!("Be brief.");
            request["tools"] = json!([tool("f")]);
            request["reasoning"] = json!({"effort": "high", "summary": "auto"});
            request["include"] = json!(["reasoning.encrypted_content"]);
            let first = if streams { streamed(&stack, &request).await } else { whole(&stack, &request).await };
            assert_eq!(kinds(&first), ["reasoning", "function_call"]);
            assert_eq!(first["output"][0]["summary"][0]["text"], "hm, let me see");

            let items = request["input"].as_array_mut().unwrap();
            items.extend(first["output"].as_array().unwrap().clone());
            let call_id = &first["output"][1]["call_id"];
            items.push(json!({"type": "function_call_output", "call_id": call_id, "output": "sunny"}));
            let second = whole(&stack, &request).await;
            let last = second["output"].as_array().unwrap().last().unwrap();
            assert_eq!(last["content"][0]["text"], "The tool said: sunny");

            let sent = sim.received().last().unwrap().json();
            assert_eq!(sent["messages"][1]["content"][0]["type"], "thinking");
            assert_eq!(sent["messages"][1]["content"][1]["type"], "tool_use");
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_fails_before_it_begins_has_a_status() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let stack = over_openai(&sim);
    for (fault, status) in
        [(Fault::status(400), 400), (Fault::status(429).retry_after(7), 429), (Fault::status(500), 502)]
    {
        for streams in [false, true] {
            sim.fail_next(1, fault.clone());
            let mut request = asking("hi");
            request["stream"] = json!(streams);
            let (got, headers, body) = send(&stack, &request).await;
            assert_eq!(got, status);
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert!(body["error"]["message"].is_string() && body["error"]["type"].is_string());
            assert_eq!(headers.get("retry-after").is_some(), status == 429);
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_fails_midway_ends_with_that() {
    let openai = Sim::openai().any_model().start().await.unwrap();
    let claude = Sim::anthropic().any_model().start().await.unwrap();
    for (stack, sim) in [(over_openai(&openai), &openai), (over_anthropic(&claude), &claude)] {
        for fault in [Fault::reset_after(8), Fault::cut_after(8), "error-in-stream=8".parse().unwrap()] {
            sim.fail_next(1, fault);
            let mut request = asking("sim:words 40");
            request["stream"] = json!(true);
            let (status, _, body) = send(&stack, &request).await;
            assert_eq!(status, 200);
            let end = added_up(&body);
            assert_eq!((&end["status"], end["error"]["code"].is_string()), (&json!("failed"), true), "{end}");
            assert!(!body.windows(6).any(|window| window == b"[DONE]"));
        }
    }
    openai.stop().await;
    claude.stop().await;
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_before_anybody_is_asked() {
    let sim = Sim::openai().any_model().start().await.unwrap();
    let stack = over_openai(&sim);
    for (member, value) in [
        ("previous_response_id", json!("resp_1")),
        ("tools", json!([{"type": "web_search"}])),
        ("input", json!([{"type": "item_reference", "id": "msg_1"}])),
    ] {
        let mut request = asking("hi");
        request[member] = value;
        let mut response = respond(&stack, &request).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.extensions().get(), Some(&Rejection::Invalid));
        let body: Value = serde_json::from_slice(&response.body_mut().bytes(1 << 20).await.unwrap()).unwrap();
        assert!(body["error"]["param"].as_str().unwrap().starts_with(member), "{body}");
    }
    assert_eq!(sim.received().len(), 0);
    sim.stop().await;
}

#[tokio::test]
async fn what_is_left_out_is_told_beside_what_the_layers_below_leave_out() {
    let sim = Sim::anthropic().any_model().start().await.unwrap();
    let mut request = asking("hi");
    request["store"] = json!(true);
    request["prompt_cache_retention"] = json!("24h");
    let (status, headers, _) = send(&over_anthropic(&sim), &request).await;
    assert_eq!(status, 200);
    let warnings: Vec<_> = headers.get_all("x-llm-warning").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(warnings.join(", ").contains("dropped;param=store;reason=not_stored"), "{warnings:?}");
    sim.stop().await;
}

#[tokio::test]
async fn a_provider_that_has_responses_is_asked_for_them() {
    let provider = service_fn(|request: Request<Body>| async move {
        let path = request.uri().path().to_owned();
        let body = request.into_body().bytes(1 << 20).await.unwrap();
        Ok::<_, Infallible>(Response::new(Body::from([path.as_bytes(), b" ", &body].concat())))
    });
    let request = json!({"model": "m", "input": "hi", "previous_response_id": "resp_1"});
    let inbound = InboundLayer::new().native(|operation, model| operation == Operation::Response && model == "m");
    let stack: Stack = BoxCloneSyncService::new(inbound.layer(provider));
    let (_, _, body) = send(&stack, &request).await;
    assert_eq!(body, format!("/v1/responses {request}"));
}
