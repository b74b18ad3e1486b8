//! Aliases of the proxy: who is chosen, who is asked next, and what the client is told of it.

mod lists;
mod names;
mod rules;
mod scripted;

use std::net::SocketAddr;

use llm_layers_sim::{Fault, Sim, SimHandle};
use llm_layers_tests::proxy;
use serde_json::{Value, json};

use crate::wire_support::{Answer, Client, ask, data_lines};

/// Two providers of OpenAI's dialect: `dear` and `cheap` by what they cost, in this order.
pub struct Market {
    pub dear: SimHandle,
    pub cheap: SimHandle,
    pub address: SocketAddr,
    pub client: Client,
}

impl Market {
    /// `more` begins with the alias `chat`'s members, as far as they are not its name and deployments.
    pub async fn start(alias: &str, more: &str) -> Self {
        let dear = Sim::openai().any_model().start().await.expect("a provider");
        let cheap = Sim::openai().any_model().start().await.expect("a provider");
        let config = format!(
            r#"
            [providers.one]
            dialect = "openai"
            base_url = "{}"
            [providers.two]
            dialect = "openai"
            base_url = "{}"
            [[deployments]]
            name = "dear"
            provider = "one"
            model = "dear-2026"
            region = "us"
            context_window = 100000
            price = {{ input = "1000", output = "2000" }}
            [[deployments]]
            name = "cheap"
            provider = "two"
            model = "cheap-2026"
            region = "eu"
            context_window = 200
            price = {{ input = "10", output = "20" }}
            [[aliases]]
            name = "chat"
            deployments = ["dear", "cheap"]
            {alias}
            [keys.tests]
            key = "{key}"
            [layers.retry]
            enabled = false
            {more}
            "#,
            dear.base_url(),
            cheap.base_url(),
            key = llm_layers_tests::KEY,
        );
        let (address, _) = proxy(&config).await;
        Self { dear, cheap, address, client: Client::new(address) }
    }

    pub async fn say(&self, stream: bool) -> Answer {
        self.client.chat(&ask("chat", "sim:say All is well.", stream), &[]).await
    }

    fn requests(&self) -> (u64, u64) {
        (self.dear.counts().requests, self.cheap.counts().requests)
    }
}

/// The model that each part of an answer names.
fn models(answer: &Answer) -> Vec<Value> {
    let is_stream = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
    let texts = if is_stream { data_lines(&answer.body) } else { vec![answer.text()] };
    let parts = texts.iter().filter(|text| *text != "[DONE]").map(|text| serde_json::from_str::<Value>(text));
    parts.map(|part| part.expect("JSON")["model"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cheapest_answers_in_the_name_of_the_alias() {
    let market = Market::start("policy = \"cheapest\"", "").await;
    for stream in [false, true] {
        let answer = market.say(stream).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(models(&answer).iter().all(|model| model == "chat"), "{answer:?}");
        assert_eq!(answer.header("x-llm-deployment"), Some("cheap"));
        assert_eq!(answer.header("x-llm-model"), Some("cheap-2026"));
        let route = answer.header("x-llm-route").expect("a route");
        assert!(route.starts_with("policy=cheapest; rank=1; of=2; why=policy"), "{route}");
    }
    assert_eq!(market.requests(), (0, 2));
    let received = market.cheap.received();
    assert!(received.iter().all(|call| call.json()["model"] == "cheap-2026"), "{received:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_cannot_the_next_does() {
    let market = Market::start("", "[layers.circuit_breaker]\nenabled = false").await;
    for (fault, kind) in [("status=500", "server_error"), ("status=429", "rate_limit"), ("reset", "connection")] {
        for stream in [false, true] {
            market.dear.fail_next(1, fault.parse().expect("a fault"));
            let answer = market.say(stream).await;
            assert_eq!((answer.status, answer.header("x-llm-deployment")), (200, Some("cheap")), "{fault}: {answer:?}");
            let route = answer.header("x-llm-route").expect("a route");
            assert!(route.contains("rank=2; of=2") && route.contains("after="), "{fault} ({kind}): {route}");
        }
    }
    // Behind the first word there is no other.
    market.dear.fail_next(1, Fault::reset_after(3));
    let answer = market.say(true).await;
    assert_eq!(answer.header("x-llm-deployment"), Some("dear"));
    answer.stream_error();
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_hold_and_say_what_they_took_out() {
    let market = Market::start("policy = \"cheapest\"", "").await;
    let long = format!("sim:say x {}", "many words ".repeat(400));
    let answer = market.client.chat(&ask("chat", &long, false), &[]).await;
    assert_eq!(answer.header("x-llm-deployment"), Some("dear"), "it fits nowhere else: {answer:?}");

    let body = ask("chat", "sim:say x", false);
    let answer = market.client.chat(&body, &[("x-llm-region", "us")]).await;
    assert_eq!(answer.header("x-llm-deployment"), Some("dear"));
    let error = market.client.chat(&body, &[("x-llm-region", "moon")]).await.error(400);
    assert_eq!(error["code"], "no_deployment_available");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("dear") && message.contains("cheap") && message.contains("region"), "{message}");
    let named = market.client.chat(&ask("dear", "sim:say x", false), &[("x-llm-region", "eu")]).await;
    assert_eq!(named.error(400)["code"], "no_deployment_available", "who is asked for by name keeps them, too");
    assert_eq!(market.requests(), (2, 0));
    for header in ["x-llm-region", "x-llm-priority", "x-llm-providers"] {
        assert!(market.dear.received().iter().all(|call| !call.headers.contains_key(header)), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hard_prompts_go_to_the_large_model() {
    let rules = r#"complexity = [{ up_to = 0.25, deployments = ["cheap"] }, { deployments = ["dear"] }]"#;
    let market = Market::start(rules, "").await;
    let easy = market.client.chat(&ask("chat", "What is the capital of France?", false), &[]).await;
    assert_eq!(easy.header("x-llm-deployment"), Some("cheap"), "{easy:?}");
    let hard = "Prove that the sum of two continuous functions is continuous, step by step, then write a Rust \
                function `fn bisect(f: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 { … }` and derive its \
                convergence rate: $|x_n - x| \\le 2^{-n}(b - a)$. Compare with Newton's method and explain why.";
    let hard = market.client.chat(&ask("chat", hard, false), &[]).await;
    assert_eq!(hard.header("x-llm-deployment"), Some("dear"), "{hard:?}");
    for answer in [&easy, &hard] {
        assert!(answer.header("x-llm-route").is_some_and(|route| route.contains("complexity=")), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_and_any_model_of_a_provider_are_asked_by_name() {
    let market = Market::start("policy = \"cheapest\"", "").await;
    let named = market.client.chat(&ask("dear", "sim:say x", false), &[]).await;
    assert_eq!((named.header("x-llm-deployment"), named.header("x-llm-route")), (Some("dear"), None));
    assert_eq!(models(&named), [json!("dear")]);
    let any = market.client.chat(&ask("two/org/anything", "sim:say x", false), &[]).await;
    assert_eq!(any.header("x-llm-model"), Some("org/anything"));
    assert_eq!(any.status, 200);
    let unknown = market.client.chat(&ask("nobody/anything", "sim:say x", false), &[]).await;
    assert_eq!(unknown.error(404)["code"], "model_not_found");
    assert_eq!(market.requests(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_circuit_is_asked_last() {
    let market = Market::start("", "[layers.circuit_breaker]\nconsecutive_failures = 2\nopen_for = \"60s\"").await;
    market.dear.fail_next(2, Fault::status(500));
    for _ in 0..4 {
        assert_eq!(market.say(false).await.header("x-llm-deployment"), Some("cheap"));
    }
    assert_eq!(market.requests(), (2, 4));
    market.cheap.fail_next(1, Fault::status(500));
    // The other's circuit is open, and there is nobody else.
    let failed = market.say(false).await;
    assert_eq!((failed.status, failed.header("x-llm-deployment")), (502, Some("cheap")), "{failed:?}");
    assert_eq!(market.requests(), (2, 5));
}
