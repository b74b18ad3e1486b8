//! Where prompts go that are too long, or that nobody will answer, and conversations whose prompt is cached.

use llm_layers_tests::proxy;
use serde_json::{Value, json};

use super::{
    Market,
    scripted::{Scripted, completion, error},
};
use crate::wire_support::{Answer, Client, ask};

fn told(answer: &Answer) -> (&str, &str) {
    (answer.header("x-llm-deployment").unwrap_or_default(), answer.header("x-llm-route").unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_is_too_long_goes_where_it_fits() {
    let more = "[[aliases]]\nname = \"short\"\ndeployments = [\"cheap\"]\non_context_overflow = [\"dear\"]";
    let market = Market::start("", more).await;
    for (words, expected) in
        [(3, ("cheap", "rank=1; of=1; why=policy")), (400, ("dear", "rank=1; of=1; why=context-overflow"))]
    {
        let body = ask("short", &format!("sim:say x {}", "word ".repeat(words)), false);
        let answer = market.client.chat(&body, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let (deployment, route) = told(&answer);
        assert!(deployment == expected.0 && route.contains(expected.1), "{words}: {deployment}, {route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_gone_through_for_what_the_provider_says() {
    let overloaded = Scripted::start(|_| (529, error("overloaded"))).await;
    let short = Scripted::start(|_| (400, error("context_length_exceeded"))).await;
    let strict = Scripted::start(|_| (200, completion("", "content_filter", 5, 0))).await;
    let free = Scripted::greeting().await;
    let provider = |name: &str, of: &Scripted| {
        format!(
            "[providers.{name}]\ndialect = \"openai\"\nbase_url = \"{}\"\n\
             [[deployments]]\nname = \"{name}\"\nprovider = \"{name}\"\n",
            of.base_url
        )
    };
    let providers = [("overloaded", &overloaded), ("short", &short), ("strict", &strict), ("free", &free)];
    let providers: String = providers.iter().map(|(name, of)| provider(name, of)).collect();
    let config = format!(
        r#"
        {providers}
        [[aliases]]
        name = "chat"
        deployments = ["overloaded", "short"]
        on_context_overflow = ["strict"]
        on_content_refusal = ["free"]
        [[aliases]]
        name = "plain"
        deployments = ["strict", "free"]
        [layers.retry]
        enabled = false
        "#
    );
    let client = Client::new(proxy(&config).await.0);
    let answer = client.chat(&ask("chat", "Hello?", false), &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let route = "policy=ordered; rank=4; of=4; why=content-refusal; after=content_filter";
    assert_eq!(told(&answer), ("free", route));
    assert_eq!([&overloaded, &short, &strict, &free].map(Scripted::calls), [1, 1, 1, 1]);
    // Without a list a refusal is the answer.
    let refusal = client.chat(&ask("plain", "Hello?", false), &[]).await;
    assert_eq!(refusal.json()["choices"][0]["finish_reason"], "content_filter");
    assert_eq!([&strict, &free].map(Scripted::calls), [1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_stays_where_its_prompt_is_cached() {
    // Its cache has the prompt from a conversation's second turn on.
    let cached = |body: &Value| {
        let is_first = body["messages"].as_array().is_some_and(|messages| messages.len() == 2);
        (200, completion("Go on.", "stop", 400, if is_first { 0 } else { 390 }))
    };
    let caching = Scripted::start(cached).await;
    // It fails for the two first calls, and costs half of the other's price without a cache.
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let other = Scripted::start(move |_| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 | 1 => (500, error("server_error")),
        _ => (200, completion("Go on.", "stop", 400, 0)),
    })
    .await;
    let config = format!(
        r#"
        [providers.caching]
        dialect = "openai"
        base_url = "{}"
        [providers.other]
        dialect = "openai"
        base_url = "{}"
        [[deployments]]
        name = "caching"
        provider = "caching"
        price = {{ input = "2", output = "0", cached_input = "0.2" }}
        [[deployments]]
        name = "other"
        provider = "other"
        price = {{ input = "1", output = "0" }}
        [[aliases]]
        name = "chat"
        policy = "cheapest"
        deployments = ["caching", "other"]
        [layers.retry]
        enabled = false
        [layers.circuit_breaker]
        enabled = false
        "#,
        caching.base_url, other.base_url
    );
    let client = Client::new(proxy(&config).await.0);
    let say = async |first: &str, turns: usize| {
        let mut messages =
            vec![json!({"role": "system", "content": "word ".repeat(400)}), json!({"role": "user", "content": first})];
        for _ in 0..turns {
            messages.push(json!({"role": "assistant", "content": "Go on."}));
            messages.push(json!({"role": "user", "content": "And then?"}));
        }
        let answer = client.chat(&json!({"model": "chat", "messages": messages}), &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let (deployment, route) = told(&answer);
        (deployment.to_owned(), route.contains("why=warm-cache"))
    };
    assert_eq!(say("a", 0).await, ("caching".into(), false), "the other one has failed");
    assert_eq!(say("a", 1).await, ("caching".into(), false), "and again");
    assert_eq!(say("a", 2).await, ("caching".into(), true), "what is cached saves more than the other would");
    assert_eq!(say("z", 2).await, ("other".into(), false), "another conversation has nothing there");
}
