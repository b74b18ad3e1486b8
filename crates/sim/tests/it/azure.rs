//! Azure OpenAI's dialect over a real socket.

use llm_layers_sim::{Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{Answer, chat, client, content, get, post, streamed, with};

async fn start() -> SimHandle {
    Sim::azure().start().await.unwrap()
}

async fn at(sim: &SimHandle, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/openai/{path}", sim.base_url()), body, headers).await
}

/// A chat with a deployment, under the general version.
async fn ask(sim: &SimHandle, deployment: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    at(sim, &format!("deployments/{deployment}/chat/completions?api-version=2024-10-21"), body, headers).await
}

#[tokio::test]
async fn a_plain_answer_carries_the_results_of_the_filter() {
    let sim = start().await;
    // The body's model is not looked at: the path says it.
    let answer = ask(&sim, "gpt-4o", &with(chat("Hi"), "model", json!("whatever")), &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!((answer.header("x-ms-region"), answer.header("openai-version")), ("Sim Central", ""));
    assert_eq!(answer.header("apim-request-id").len(), 32);
    let body = answer.json();
    assert_eq!((&body["model"], body.get("service_tier")), (&json!("gpt-4o-2024-11-20"), None));
    let choice = &body["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!("You said: Hi"), &json!("stop")));
    assert_eq!(choice["content_filter_results"]["hate"], json!({"filtered": false, "severity": "safe"}));
    let prompt = &body["prompt_filter_results"][0];
    assert_eq!(prompt["content_filter_results"]["jailbreak"], json!({"filtered": false, "detected": false}));
}

#[tokio::test]
async fn the_first_chunk_has_no_choices() {
    let sim = start().await;
    let body = with(streamed(chat("sim:say one two three four")), "stream_options", json!({"include_usage": true}));
    let events = ask(&sim, "gpt-4o", &body, &[]).await.events();
    let opening = &events[0];
    assert_eq!((&opening["choices"], &opening["id"], &opening["model"]), (&json!([]), &json!(""), &json!("")));
    assert!(opening["prompt_filter_results"][0]["content_filter_results"]["violence"].is_object());
    assert_eq!(content(&events), "one two three four");
    assert!(events[1..events.len() - 1].iter().all(|event| event["id"] == events[1]["id"]));
    let of = |event: &Value| event["choices"][0]["content_filter_results"].as_object().map(serde_json::Map::len);
    assert_eq!((of(&events[1]), of(&events[2])), (Some(0), Some(6)), "results where something is said");
    let n = events.len();
    assert_eq!((&events[n - 2]["usage"]["completion_tokens"], &events[n - 1]), (&json!(4), &json!("[DONE]")));

    let events = ask(&sim, "sim-async-filter", &body, &[]).await.events();
    let at = events.iter().position(|event| event["choices"][0]["finish_reason"] == "stop").unwrap();
    let apart = &events[at + 1]["choices"][0];
    assert!(apart["content_filter_offsets"]["end_offset"].is_u64() && apart["finish_reason"].is_null());
    assert!(apart.get("delta").is_none());
}

#[tokio::test]
async fn the_filter_strikes() {
    let sim = start().await;
    for body in [chat("sim:refuse"), streamed(chat("sim:refuse"))] {
        let refused = ask(&sim, "gpt-4o", &body, &[]).await;
        let error = refused.json()["error"].clone();
        assert_eq!((refused.status.as_u16(), &error["code"]), (400, &json!("content_filter")));
        assert_eq!((&error["param"], &error["status"], &error["type"]), (&json!("prompt"), &json!(400), &Value::Null));
        assert_eq!(error["innererror"]["code"], "ResponsibleAIPolicyViolation");
        assert_eq!(error["innererror"]["content_filter_result"]["violence"]["filtered"], true);
    }
    let cut = ask(&sim, "gpt-4o", &chat("sim:refuse answer"), &[]).await.json();
    let choice = &cut["choices"][0];
    assert_eq!(choice["finish_reason"], "content_filter");
    assert!(choice["message"]["content"].is_string() && choice["message"]["refusal"].is_null());
    assert_eq!(choice["content_filter_results"]["violence"], json!({"filtered": true, "severity": "high"}));
    let events = ask(&sim, "gpt-4o", &streamed(chat("sim:refuse answer")), &[]).await.events();
    assert_eq!(content(&events), choice["message"]["content"]);
    let last = &events[events.len() - 2]["choices"][0];
    assert_eq!((&last["finish_reason"], &last["delta"]), (&json!("content_filter"), &json!({})));
}

#[tokio::test]
async fn paths_and_versions() {
    let sim = Sim::azure().models(["my gpt/4", "small"]).start().await.unwrap();
    assert_eq!(ask(&sim, "my%20gpt%2F4", &chat("x"), &[]).await.status, 200);
    let missing = ask(&sim, "gpt-4o", &chat("x"), &[]).await;
    assert_eq!((missing.status.as_u16(), &missing.json()["error"]["code"]), (404, &json!("DeploymentNotFound")));
    let small = with(chat("x"), "model", json!("small"));
    for path in ["v1/chat/completions", "v1/chat/completions?api-version=preview"] {
        assert_eq!(at(&sim, path, &small, &[]).await.status, 200, "{path}");
    }
    assert_eq!(at(&sim, "v1/chat/completions", &chat("x"), &[]).await.status, 404, "the model is the deployment");
    for (path, status) in [
        ("deployments/small/chat/completions", 404),
        ("deployments/small/chat/completions?api-version=2024-10-22", 400),
        ("deployments/small/chat/completions?api-version=preview", 400),
        ("v1/chat/completions?api-version=2024-10-21", 400),
        ("chat/completions?api-version=2024-10-21", 404),
    ] {
        assert_eq!(at(&sim, path, &small, &[]).await.status, status, "{path}");
    }
    let models = get(&client(), &format!("{}/openai/models?api-version=2024-10-21", sim.base_url()), &[]).await.json();
    assert_eq!(models["data"][1]["id"], "small");

    let ask_at = |version: &'static str, name: &'static str, value: Value| {
        let (sim, body) = (&sim, with(small.clone(), name, value));
        async move { at(sim, &format!("deployments/small/chat/completions?api-version={version}"), &body, &[]).await }
    };
    let old = ask_at("2024-06-01", "max_completion_tokens", json!(3)).await;
    let message = old.json()["error"]["message"].clone();
    assert_eq!(
        (old.status.as_u16(), &message),
        (400, &json!("Unrecognized request argument supplied: max_completion_tokens"))
    );
    assert_eq!(ask_at("2024-10-21", "max_completion_tokens", json!(3)).await.status, 200);
    assert_eq!(ask_at("2024-10-21", "reasoning_effort", json!("low")).await.status, 400);
    assert_eq!(ask_at("2024-12-01-preview", "reasoning_effort", json!("low")).await.status, 200);
    let developer = json!([{"role": "developer", "content": "x"}, {"role": "user", "content": "x"}]);
    assert_eq!(ask_at("2024-10-21", "messages", developer.clone()).await.status, 400);
    assert_eq!(ask_at("2025-04-01-preview", "messages", developer).await.status, 200);
}

#[tokio::test]
async fn either_header_carries_the_key() {
    let sim = Sim::azure().api_key("k").start().await.unwrap();
    for headers in [[("api-key", "k")], [("authorization", "Bearer k")]] {
        assert_eq!(ask(&sim, "gpt-4o", &chat("x"), &headers).await.status, 200);
    }
    let wrong: [&[(&str, &str)]; 4] = [
        &[],
        &[("api-key", "x")],
        &[("authorization", "Bearer x")],
        &[("api-key", "k"), ("authorization", "Bearer k")],
    ];
    for headers in wrong {
        let refused = ask(&sim, "gpt-4o", &chat("x"), headers).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (401, &json!("401")), "{headers:?}");
    }
}

#[tokio::test]
async fn errors_faults_and_embeddings() {
    let sim = start().await;
    for (status, code) in [
        ("401", "401"),
        ("404", "DeploymentNotFound"),
        ("408", "Timeout"),
        ("429", "429"),
        ("500", "InternalServerError"),
        ("503", "InternalServerError"),
    ] {
        let fault = format!("{status};retry-after=6");
        let answer = ask(&sim, "gpt-4o", &chat("x"), &[("x-sim-fault", &fault)]).await;
        assert_eq!((answer.status.as_str(), answer.header("retry-after")), (status, "6"));
        assert_eq!(answer.json()["error"]["code"], code);
    }
    let limited = ask(&sim, "fault-429+retry-after-6+retry-after-ms-20", &chat("x"), &[]).await;
    assert!(limited.json()["error"]["message"].as_str().unwrap().ends_with("Please retry after 6 seconds."));
    assert_eq!(limited.header("retry-after-ms"), "20");
    let body = streamed(chat("sim:say a b c d"));
    let events = ask(&sim, "gpt-4o", &body, &[("x-sim-fault", "error-in-stream=2")]).await.events();
    assert_eq!((events.len(), &events[2]["error"]["code"]), (3, &json!("InternalServerError")));
    let expected = ask(&sim, "gpt-4o", &body, &[]).await.events();
    assert_eq!(ask(&sim, "gpt-4o", &body, &[("x-sim-fault", "tear;crlf")]).await.events(), expected);
    let invalid = ask(&sim, "gpt-4o", &with(chat("x"), "temperature", json!(3)), &[]).await;
    assert_eq!((invalid.status.as_u16(), &invalid.json()["error"]["type"]), (400, &json!("invalid_request_error")));

    let path = "deployments/text-embedding-3-small/embeddings?api-version=2024-10-21";
    let vectors = at(&sim, path, &json!({"input": ["a", "b"], "dimensions": 8}), &[]).await.json();
    assert_eq!(vectors["data"][1]["embedding"].as_array().unwrap().len(), 8);
}
