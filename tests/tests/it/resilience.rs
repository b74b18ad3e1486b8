//! Retry, circuit breaker, time limits and rate limits, as the proxy puts them together.

use std::net::SocketAddr;

use llm_layers_sim::{Fault, Sim, SimHandle};
use llm_layers_testkit::redis;
use llm_layers_tests::{proxy, python, succeeds};

use crate::wire_support::{Answer, Client, ask};

/// Two providers of OpenAI's dialect, deployed as `first` and `second`, and the alias `both`; `more` is the rest of the
/// configuration.
struct Pair {
    first: SimHandle,
    second: SimHandle,
    address: SocketAddr,
    client: Client,
}

impl Pair {
    async fn start(more: &str) -> Self {
        let first = Sim::openai().any_model().start().await.expect("a provider");
        let second = Sim::openai().any_model().start().await.expect("a provider");
        let config = format!(
            r#"
            providers.one.dialect = "openai"
            providers.one.base_url = "{}"
            providers.two = {{ dialect = "openai", base_url = "{}" }}
            deployments = [{{ name = "first", provider = "one" }}, {{ name = "second", provider = "two" }}]
            aliases = [{{ name = "both", deployments = ["first", "second"] }}]
            [layers.retry]
            base_delay = "1ms"
            {more}
            "#,
            first.base_url(),
            second.base_url(),
        );
        let (address, _) = proxy(&config).await;
        Self { first, second, address, client: Client::new(address) }
    }

    async fn ask(&self, model: &str, stream: bool) -> Answer {
        self.client.chat(&ask(model, "sim:say All is well.", stream), &[]).await
    }

    fn requests(&self) -> (u64, u64) {
        (self.first.counts().requests, self.second.counts().requests)
    }
}

fn says_all(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.text();
    assert!(text.contains("well.") && !text.contains("\"error\""), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_its_first_word_is_tried_again() {
    let pair = Pair::start("[layers.circuit_breaker]\nenabled = false").await;
    for (fault, stream) in [
        ("status=503", false),
        ("status=500", true),
        ("status=429;retry-after-ms=5", false),
        ("reset", true),
        ("error-in-stream=1", true),
        ("reset-after=1", true),
        ("reset-after=9", false),
        ("error-in-stream=1", false),
    ] {
        let before = pair.first.counts().requests;
        pair.first.fail_next(1, fault.parse().expect("a fault"));
        let answer = pair.ask("first", stream).await;
        says_all(&answer);
        assert_eq!(answer.header("x-llm-attempts"), Some("2"), "{fault}");
        assert_eq!(pair.first.counts().requests - before, 2, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_requests_fault_or_a_spent_quota_is_not() {
    let pair = Pair::start("").await;
    for (fault, status) in [("status=400", 400), ("status=422", 400), ("insufficient-quota", 429)] {
        let before = pair.first.counts().requests;
        pair.first.fail_next(1, fault.parse().expect("a fault"));
        let answer = pair.ask("first", false).await;
        assert_eq!(answer.status, status, "{fault}");
        assert_eq!(answer.header("x-llm-attempts"), Some("1"), "{fault}");
        assert_eq!(pair.first.counts().requests - before, 1, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_its_first_word_nothing_is_tried_again() {
    let pair = Pair::start("").await;
    pair.first.fail_next(1, Fault::reset_after(3));
    let answer = pair.ask("both", true).await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.contains("upstream_") && !text.contains("[DONE]"), "an error event, and no end: {answer:?}");
    assert_eq!(pair.requests(), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_circuit_sends_calls_elsewhere_at_once() {
    let circuit = "[layers.circuit_breaker]\nconsecutive_failures = 4\nopen_for = \"60s\"";
    let pair = Pair::start(circuit).await;
    pair.first.fail_next(1000, Fault::status(500));
    for stream in [false, true, false, true, false, true] {
        says_all(&pair.ask("both", stream).await);
    }
    assert_eq!(pair.requests(), (4, 6), "after four failures nobody is sent there");
    let refused = pair.ask("first", false).await;
    let error = refused.error(503);
    assert_eq!(error["code"], "circuit_open");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_nothing_is_given_up() {
    // The second has all the time of a machine that does other work.
    let short = "[providers.one.timeout]\nfirst_byte = \"200ms\"\nfirst_token = \"200ms\"\nidle = \"200ms\"";
    let pair = Pair::start(&format!("{short}\n[layers.circuit_breaker]\nenabled = false")).await;
    for fault in ["hang", "stall=1"] {
        pair.first.fail_next(3, fault.parse().expect("a fault"));
        says_all(&pair.ask("both", true).await);
    }
    assert_eq!(pair.requests(), (6, 2));
    // Behind the first word it is told in the stream.
    pair.first.fail_next(1000, Fault::stall_after(3));
    let answer = pair.ask("first", true).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("upstream_timeout"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_ask_for_less_time() {
    let pair = Pair::start("[layers.deadline]\nmax = \"30s\"").await;
    pair.first.fail_next(9, Fault::hang());
    let body = ask("first", "sim:say x", false);
    let answer = pair.client.chat(&body, &[("x-llm-timeout", "300ms")]).await;
    assert_eq!(answer.error(504)["code"], "deadline_exceeded");
    assert_eq!(pair.first.idle().await.cancelled, 1, "the provider is let go");
    let answer = pair.client.chat(&body, &[("x-llm-timeout", "soon")]).await;
    assert_eq!(answer.error(400)["param"], "x-llm-timeout");
}

/// The limits of one key, as OpenAI's own SDK reads them.
#[tokio::test(flavor = "multi_thread")]
async fn limits_of_a_key_as_the_sdk_sees_them() {
    let keys = "[keys.small]\nkey = \"sk-small\"\nrpm = 2\n[keys.large]\nkey = \"sk-large\"";
    let pair = Pair::start(keys).await;
    let mut python = python("limit_cases.py");
    python.env("BASE_URL", format!("http://{}/v1", pair.address)).env("MODEL", "both");
    python.args(["requests_per_minute"]).env("API_KEY", "sk-small").env("OTHER_KEY", "sk-large");
    succeeds(python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_settled_by_what_was_used() {
    let keys = "[keys.k]\nkey = \"sk-k\"\ntpm = 2000";
    let pair = Pair::start(keys).await;
    let mut body = ask("first", "sim:say one two three", false);
    body["max_tokens"] = 1500.into();
    let key = [("authorization", "Bearer sk-k")];
    // Each reserves more than half of the limit; of that, next to nothing is used.
    for _ in 0..5 {
        let answer = pair.client.chat(&body, &key).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-limit-tokens"), Some("2000"));
    }
    body["max_tokens"] = 5000.into();
    let answer = pair.client.chat(&body, &key).await;
    assert!(answer.status == 429 || answer.status == 400, "it never fits: {answer:?}");
}

/// Two proxies count together, and each for itself while the store is away.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_limits_and_live_without_their_store() {
    let mut server = redis::Server::start();
    let keys = format!("[keys.k]\nkey = \"sk-k\"\nrpm = 3\n[layers.rate_limit]\nstore = \"{}\"", server.url());
    let (one, two) = (Pair::start(&keys).await, Pair::start(&keys).await);
    let ask_with = async |pair: &Pair| {
        pair.client.chat(&ask("first", "sim:say x", false), &[("authorization", "Bearer sk-k")]).await.status
    };
    let statuses = [ask_with(&one).await, ask_with(&two).await, ask_with(&one).await, ask_with(&two).await];
    assert_eq!(statuses, [200, 200, 200, 429]);
    server.stop();
    assert_eq!(ask_with(&two).await, 200, "without its store it counts for itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_a_third_of_the_time_is_nobodys_failure() {
    let more = "max_attempts = 2\n[providers.one.timeout]\nfirst_byte = \"300ms\"\nfirst_token = \"300ms\"";
    let pair = Pair::start(more).await;
    let shares = [(0.15, "status=503"), (0.1, "reset"), (0.05, "error-in-stream=1"), (0.05, "hang")];
    pair.first.fail_shares(7, shares.map(|(share, fault)| (share, fault.parse().expect("a fault"))));
    for call in 0..60 {
        says_all(&pair.ask("both", call % 2 == 0).await);
    }
    let (first, second) = pair.requests();
    assert!(first >= 20 && first + second < 150, "{first} and {second}");
}
