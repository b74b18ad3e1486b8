//! Several choices from a provider that gives one at a time.

use llm_layers_provider_translator::Provider;
use llm_layers_sim::{Fault, Sim};
use serde_json::{Value, json};

use crate::simulated::Translated;

async fn claude() -> Translated {
    let sim = Sim::anthropic().any_model().start().await.expect("a simulator");
    let provider = Provider::anthropic(&sim.base_url()).expect("a URL");
    Translated::new(sim, provider)
}

fn ask(n: u32) -> Value {
    json!({"model": "claude-sim", "n": n, "messages": [{"role": "user", "content": "sim:say one two three"}]})
}

fn texts(completion: &Value) -> Vec<(u64, String)> {
    let choices = completion["choices"].as_array().expect("choices");
    let text = |choice: &Value| choice["message"]["content"].as_str().unwrap_or_default().to_owned();
    choices.iter().map(|choice| (choice["index"].as_u64().expect("an index"), text(choice))).collect()
}

#[tokio::test]
async fn each_is_a_call_and_usage_is_added_up() {
    let claude = claude().await;
    let one = claude.answer(&ask(1)).await;
    let three = claude.answer(&ask(3)).await;
    let said = "one two three".to_owned();
    assert_eq!(texts(&three), [(0, said.clone()), (1, said.clone()), (2, said)]);
    for kind in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        assert_eq!(three["usage"][kind].as_u64(), one["usage"][kind].as_u64().map(|tokens| 3 * tokens), "{kind}");
    }
    assert_eq!(claude.sim.counts().requests, 4);
}

#[tokio::test]
async fn streams_become_one_stream() {
    let claude = claude().await;
    let data = claude.stream(&ask(3)).await;
    let (done, chunks) = data.split_last().expect("events");
    assert_eq!(done, "[DONE]");
    let chunks: Vec<Value> = chunks.iter().map(|chunk| serde_json::from_str(chunk).expect("JSON")).collect();
    let ids: std::collections::HashSet<_> = chunks.iter().map(|chunk| chunk["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "one stream has one id");
    let (usage, rest) = chunks.split_last().expect("chunks");
    assert_eq!(usage["choices"], json!([]));
    assert!(rest.iter().all(|chunk| chunk["usage"].is_null()));
    for choice in 0..3 {
        let of = |chunk: &&Value| chunk["choices"][0]["index"] == choice;
        let text: String =
            rest.iter().filter(of).filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!(text, "one two three");
        assert_eq!(rest.iter().filter(of).filter(|chunk| !chunk["choices"][0]["finish_reason"].is_null()).count(), 1);
    }
    let single = claude.answer(&ask(1)).await;
    let tokens = |usage: &Value| usage["usage"]["total_tokens"].as_u64();
    assert_eq!(tokens(usage), tokens(&single).map(|tokens| 3 * tokens));
}

#[tokio::test]
async fn the_first_failure_is_the_answer() {
    let claude = claude().await;
    claude.sim.fail_next(1, Fault::status(429));
    assert_eq!(claude.refused(&ask(3)).await, (429, "rate_limit_exceeded".into()));
    claude.sim.fail_next(1, Fault::status(529));
    let mut streamed = ask(2);
    streamed["stream"] = json!(true);
    assert_eq!(claude.refused(&streamed).await, (503, "server_is_overloaded".into()));
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_them_all() {
    let claude = claude().await;
    claude.sim.fail_next(1, Fault::cut_after(10));
    let mut request = ask(2);
    request["messages"][0]["content"] = json!("sim:words 60");
    let data = claude.stream(&request).await;
    let last: Value = serde_json::from_str(data.last().expect("events")).expect("an error");
    assert_eq!(last["error"]["code"], "upstream_incomplete_stream", "{last}");
    assert!(!data.contains(&"[DONE]".to_owned()));
}

#[tokio::test]
async fn there_is_an_end_to_it() {
    let claude = claude().await;
    assert_eq!(claude.refused(&ask(9)).await, (400, "unsupported_parameter".into()));
    assert_eq!(claude.refused(&ask(0)).await, (400, "invalid_value".into()));
    assert_eq!(claude.sim.counts().requests, 0);
}

#[tokio::test]
async fn a_limit_of_one_call_at_a_time_is_kept_and_not_waited_for_for_ever() {
    use llm_layers_core::{Body, ErrorToResponseLayer};
    use llm_layers_provider_translator::TranslatorLayer;
    use tower::{ServiceBuilder, ServiceExt, limit::ConcurrencyLimit};

    let claude = claude().await;
    let provider = Provider::anthropic(&claude.sim.base_url()).expect("a URL");
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http::<Body>();
    let service = ServiceBuilder::new()
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(ConcurrencyLimit::new(client, 1));
    let request = http::Request::post("/v1/chat/completions").body(Body::from(ask(3).to_string())).expect("a request");
    let answer = tokio::time::timeout(std::time::Duration::from_secs(30), service.oneshot(request)).await;
    assert_eq!(answer.expect("it comes to an end").expect("an answer").status(), 200);
}
