//! A provider's own words through the proxy, and where it may not connect.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use llm_layers_tests::{KEY, Stage};
use llm_proxy::{config::Config, stack::Stack};
use serde_json::json;

use crate::wire_support::Client;

fn post(stage: &Stage, path: &str, key: &str, body: &serde_json::Value) -> Request<Full<Bytes>> {
    Request::post(format!("http://{}{path}", stage.addr()))
        .header("content-type", "application/json")
        .header("x-api-key", key)
        .header("anthropic-version", "2023-06-01")
        .body(Full::new(Bytes::from(body.to_string())))
        .expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn native_calls_carry_the_providers_key_and_not_the_callers() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let body = json!({"model": "sim-claude", "messages": [{"role": "user", "content": "how long is this"}]});
    let path = "/providers/anthropic/v1/messages/count_tokens";
    let answer = client.send(post(&stage, path, KEY, &body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["input_tokens"].as_u64() > Some(0));
    let received = stage.anthropic.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].headers["x-api-key"], "sk-ant");
    assert_eq!(received[0].json(), body, "byte for byte");

    // By the proxy's own path and name of the model, too.
    let counted = json!({"model": "claude", "messages": body["messages"]});
    let again = client.send(post(&stage, "/v1/messages/count_tokens", KEY, &counted)).await;
    assert_eq!(again.json(), answer.json());
    let elsewhere = json!({"model": "small", "messages": body["messages"]});
    assert_eq!(client.send(post(&stage, "/v1/messages/count_tokens", KEY, &elsewhere)).await.status, 400);
    stage.anthropic.clear_received();
    client.send(post(&stage, path, KEY, &body)).await;

    assert_eq!(client.send(post(&stage, path, "wrong", &body)).await.status, 401);
    assert_eq!(client.send(post(&stage, "/providers/nobody/v1/messages", KEY, &body)).await.status, 404);
    assert_eq!(client.send(post(&stage, "/providers/anthropic/../x", KEY, &body)).await.status, 404);
    assert_eq!(stage.anthropic.received().len(), 1, "nothing of these has left");
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_go_to_the_provider_of_their_model() {
    let stage = Stage::start().await;
    let client = Client::new(stage.addr());
    let body = json!({"model": "small", "input": "is this fine"});
    client.send(post(&stage, "/v1/moderations", KEY, &body)).await;
    let received = stage.openai.received();
    assert_eq!((received[0].path.as_str(), &received[0].json()["model"]), ("/v1/moderations", &json!("sim-small")));
    assert_eq!(received[0].headers["authorization"], "Bearer sk-openai");

    let unknown = client.send(post(&stage, "/v1/images/generations", KEY, &json!({"model": "no such"}))).await;
    assert_eq!(unknown.error(404)["code"], "model_not_found");
    let elsewhere = client.send(post(&stage, "/v1/audio/speech", KEY, &json!({"model": "claude"}))).await;
    assert_eq!(elsewhere.error(400)["code"], "unsupported_operation");
    // Without a model it is the first provider of the file that is compatible.
    client.send(post(&stage, "/v1/batches", KEY, &json!({"input_file_id": "f"}))).await;
    assert_eq!(stage.openai.received().last().expect("a call").path, "/v1/batches");
}

#[test]
fn a_provider_outside_the_allowlist_does_not_start() {
    let stack = |allow: &str| {
        let file = format!(
            "[egress]\nallow = ['{allow}']\n[providers.p]\ndialect = 'openai'\nbase_url = 'https://api.example/v1'\n"
        );
        Stack::new(&Config::parse(&file, "the test").expect("a configuration"))
    };
    assert!(stack("https://api.example").is_ok());
    let error = stack("https://*.example.org").expect_err("it is not on the list");
    assert!(error.to_string().contains("provider `p`"), "{error}");
}
