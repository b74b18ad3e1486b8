//! What tower means by a layer, for each way through this one.

use axum::{Router, routing::post};
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, Deployment, Secret};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_testkit::{
    body::Script,
    contract::{LayerContract, Probe, assert_layer_contract},
};
use tower::{Layer, ServiceExt};

fn layer() -> TranslatorLayer {
    let provider = Provider::openai("http://p.example/v1").unwrap().with_key(&Secret::new("key")).unwrap();
    TranslatorLayer::new(provider)
}

fn chat(body: &'static str) -> Request<Body> {
    Request::post("/v1/chat/completions").body(Body::from(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_chat_completion() {
    assert_layer_contract(layer, || chat(r#"{"model":"m","messages":[]}"#)).await;
}

#[tokio::test(start_paused = true)]
async fn a_chat_completion_whose_model_is_changed() {
    let request = || {
        let mut request = chat(r#"{"model":"m","messages":[]}"#);
        request.extensions_mut().insert(Deployment::new("d", "openai", "another"));
        request
    };
    assert_layer_contract(layer, request).await;
}

fn stream() -> Response<Script> {
    let script = Script::new()
        .data("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":")
        .pending()
        .data("[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n")
        .data("data: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream() {
    LayerContract::new(layer, || chat(r#"{"model":"m","messages":[],"stream":true}"#)).answer(stream).check().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model() {
    assert_layer_contract(layer, || Request::get("/v1/files").body(Body::from("{}")).unwrap()).await;
    assert_layer_contract(layer, || Request::post("/anything").body(Body::empty()).unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_of_models() {
    assert_layer_contract(layer, || Request::get("/v1/models").body(Body::empty()).unwrap()).await;
}

#[tokio::test]
async fn inside_an_axum_router() {
    async fn upstream(request: axum::extract::Request) -> String {
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        let mut body = Body::new(request.into_body());
        let body = body.bytes(1 << 10).await.unwrap();
        format!("{authorization} {}", String::from_utf8(body.to_vec()).unwrap())
    }
    let app = Router::new().route("/v1/chat/completions", post(upstream)).layer(layer());
    let body = axum::body::Body::from(r#"{"model":"m"}"#);
    let request = Request::post("/v1/chat/completions").header("authorization", "Bearer of-the-caller").body(body);
    let response = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = Body::new(response.into_body());
    assert_eq!(body.bytes(99).await.unwrap(), r#"Bearer key {"model":"m"}"#);
}

#[tokio::test]
async fn a_refusal_calls_nobody() {
    let probe = Probe::new();
    let handle = probe.handle();
    let response = layer().layer(probe).oneshot(chat("{")).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!((handle.calls(), handle.readied()), (0, 0), "and the readied service is let go");
}
