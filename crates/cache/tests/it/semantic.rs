//! Answers to questions that mean the same. Embeddings are those of a table, nearly all the same: what differs is told
//! apart by all else.

use std::{
    convert::Infallible,
    time::{Duration, UNIX_EPOCH},
};

use futures_util::future::join_all;
use http::{Request, Response, StatusCode};
use llm_layers_cache::{CacheLayer, Purge, Semantic};
use llm_layers_core::{Body, Caller, Clock};
use serde_json::{Value, json};
use tokio::time::advance;
use tower::ServiceExt as _;

use crate::support::{Model, ask, completion, json_response, over, plain, send, stream, with};

const ONE: &str = "How do I reverse a list in Python?";
const OTHER: &str = "How can I reverse a list in Python?";

/// One that answers each question by a number of its own, and knows where each lies.
fn model(place: impl Fn(&str) -> Vec<f32> + Send + Sync + 'static) -> Model {
    Model::new(move |count, request| match request["input"].as_str() {
        Some(text) => {
            let element = json!({ "object": "embedding", "index": 0, "embedding": place(text) });
            json_response(&json!({ "object": "list", "data": [element], "model": "e" }))
        }
        None => match request["stream"] == true {
            true => stream(&format!("answer {count}")),
            false => plain(&format!("answer {count}")),
        },
    })
}

/// All questions are the same to it.
fn blind() -> Model {
    model(|_| vec![3.0, 4.0])
}

fn layer() -> CacheLayer {
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    CacheLayer::default().clock(clock).semantic(Semantic::new("e"))
}

fn of(caller: &'static str, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(Caller::new(caller));
    request
}

#[tokio::test(start_paused = true)]
async fn by_default_no_embedding_is_asked_for() {
    let model = blind();
    let service = over(&CacheLayer::default(), model.clone());
    for question in [ONE, OTHER] {
        assert_eq!(send(&service, ask(question, &json!({}))).await.outcome(), "miss");
    }
    assert_eq!(model.calls(), 2);
    assert!(model.last().1["input"].is_null());
}

#[tokio::test(start_paused = true)]
async fn another_wording_gets_the_answer_and_is_told_whose_it_is() {
    let (layer, model) = (layer(), blind());
    let service = over(&layer, model.clone());
    let first = send(&service, ask(ONE, &json!({}))).await;
    assert_eq!((first.outcome(), first.told("x-llm-cache-score"), model.calls()), ("miss", None, 2));
    // What is found is not kept once more: it is found by its meaning again.
    for stream in [false, true, false] {
        let calls = model.calls();
        let found = send(&service, ask(OTHER, &json!({ "stream": stream }))).await;
        assert_eq!((found.outcome(), found.text(), model.calls()), ("hit", first.text(), calls + 1));
        let score: f32 = found.told("x-llm-cache-score").expect("a score").parse().expect("a number");
        assert!((score - 1.0).abs() < 1e-3, "{score}");
        assert_eq!(found.told("x-llm-cache-key"), first.told("x-llm-cache-key"), "that of the entry");
        assert_eq!(model.last().1["model"], "e");
    }
    let stats = layer.handle().stats();
    assert_eq!((stats.semantic_hits, stats.hits, stats.misses, stats.stored), (3, 3, 1, 1));
    let calls = model.calls();
    let same = send(&service, ask(ONE, &json!({}))).await;
    assert_eq!((same.outcome(), same.told("x-llm-cache-score"), model.calls()), ("hit", None, calls), "by its words");
}

#[tokio::test(start_paused = true)]
async fn all_else_must_be_equal() {
    let members = json!({ "temperature": 0 });
    let system = |text: &str| json!({ "messages": [{ "role": "system", "content": text }, { "role": "user", "content": OTHER }] });
    let tools = json!([{ "type": "function", "function": { "name": "f", "parameters": {} } }]);
    for (what, other) in [
        ("tenant", of("b", ask(OTHER, &members))),
        ("namespace", with(of("a", ask(OTHER, &members)), "x-llm-cache-namespace", "n")),
        ("model", of("a", ask(OTHER, &json!({ "temperature": 0, "model": "n" })))),
        ("setting", of("a", ask(OTHER, &json!({ "temperature": 0, "max_tokens": 9 })))),
        ("tools", of("a", ask(OTHER, &json!({ "temperature": 0, "tools": tools })))),
        ("system prompt", of("a", ask("", &system("Be brief.")))),
        ("freshness", with(of("a", ask(OTHER, &members)), "cache-control", "no-cache")),
    ] {
        let (layer, model) = (layer(), blind());
        let service = over(&layer, model.clone());
        let first = send(&service, of("a", ask(ONE, &members))).await;
        let second = send(&service, other).await;
        assert_eq!(second.outcome(), "miss", "{what}");
        assert_ne!(second.text(), first.text(), "{what}");
        assert_eq!(layer.handle().stats().semantic_hits, 0, "{what}");
        assert_eq!(send(&service, of("a", ask(OTHER, &members))).await.outcome(), "hit", "but for this: {what}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_embeddings_do_not_tell_apart_must_agree() {
    for (one, other) in [
        ("What is 15% of 80?", "What is 15% of 90?"),
        ("Is it safe to drink?", "Is it not safe to drink?"),
        ("What is the capital of Austria?", "What is the capital of Australia?"),
        ("How do I enable it?", "How do I disable it?"),
        (ONE, "¿Cómo invierto una lista en Python?"),
    ] {
        let model = blind();
        let service = over(&layer(), model.clone());
        send(&service, ask(one, &json!({}))).await;
        assert_eq!(send(&service, ask(other, &json!({}))).await.outcome(), "miss", "{one} {other}");
    }
}

#[tokio::test(start_paused = true)]
async fn near_is_as_near_as_is_asked_for() {
    for (threshold, cosine, outcome) in [
        (0.95, 0.949_f32, "miss"),
        (0.95, 0.951, "hit"),
        (0.9, 0.949, "hit"),
        (1.0, 0.999, "miss"),
        (0.0, -0.1, "miss"),
    ] {
        let place = move |text: &str| match text == ONE {
            true => vec![1.0, 0.0],
            false => vec![cosine, (1.0 - cosine * cosine).sqrt()],
        };
        let model = model(place);
        let service = over(&layer().semantic(Semantic::new("e").threshold(threshold)), model);
        send(&service, ask(ONE, &json!({}))).await;
        let second = send(&service, ask(OTHER, &json!({}))).await;
        assert_eq!(second.outcome(), outcome, "{threshold} {cosine}");
        if outcome == "hit" {
            let score: f32 = second.told("x-llm-cache-score").unwrap().parse().unwrap();
            assert!((score - cosine).abs() < 2e-3, "{score}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_embedding_it_is_a_plain_call() {
    for bad in ["{}", "no JSON", r#"{"data":[{"embedding":[0,0]}]}"#, ""] {
        let model = Model::new(move |count, request| match request["input"].is_string() {
            true => {
                let mut response = Response::new(Body::from(bad));
                *response.status_mut() = if bad.is_empty() { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
                response
            }
            false => plain(&format!("answer {count}")),
        });
        let layer = layer();
        let service = over(&layer, model.clone());
        for (question, calls) in [(ONE, 2), (OTHER, 4)] {
            let got = send(&service, ask(question, &json!({}))).await;
            assert_eq!((got.status, got.outcome(), model.calls()), (200, "miss", calls), "{bad}");
        }
        assert_eq!(send(&service, ask(ONE, &json!({}))).await.outcome(), "hit", "it is kept by its words");
    }
}

#[tokio::test(start_paused = true)]
async fn an_embedding_that_takes_too_long_is_not_waited_for() {
    let model = tower::service_fn(async |request: Request<Body>| {
        if request.uri().path().ends_with("/embeddings") {
            std::future::pending::<()>().await;
        }
        Ok::<_, Infallible>(json_response(&completion("an answer")))
    });
    let layer = layer().semantic(Semantic::new("e").time_limit(Duration::from_secs(3)));
    let service = over(&layer, model);
    let start = tokio::time::Instant::now();
    assert_eq!(send(&service, ask(ONE, &json!({}))).await.text(), "an answer");
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_purged_or_old_is_found_no_more() {
    let (layer, model) = (layer().ttl(Duration::from_secs(60)), blind());
    let (service, handle) = (over(&layer, model.clone()), layer.handle());
    let head = of("a", ask(ONE, &json!({}))).into_parts().0;
    let tenant = handle.tenant_of(&head).expect("a tenant");
    for round in ["key", "namespace", "tenant", "all", "end"] {
        let one = send(&service, of("a", ask(ONE, &json!({})))).await;
        assert_eq!(one.outcome(), "miss", "{round}");
        let other = async || send(&service, of("a", ask(OTHER, &json!({})))).await;
        let found = other().await;
        assert_eq!(found.outcome(), "hit", "{round}");
        let told: &str = found.told("x-llm-cache-key").expect("a key");
        match round {
            "key" => drop(handle.purge(Purge::Key(handle.key(tenant, handle.namespace(""), told).unwrap())).await),
            "namespace" => drop(handle.purge(Purge::Namespace(tenant, handle.namespace(""))).await),
            "tenant" => drop(handle.purge(Purge::Tenant(tenant)).await),
            "all" => drop(handle.purge(Purge::All).await),
            _ => advance(Duration::from_secs(61)).await,
        }
        assert_eq!(other().await.outcome(), "miss", "{round}");
        handle.purge(Purge::All).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_at_the_same_time_is_found_the_same() {
    let (layer, model) = (layer(), blind());
    let slow = tower::service_fn({
        let model = model.clone();
        move |request: Request<Body>| {
            let model = model.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                model.oneshot(request).await
            }
        }
    });
    let service = over(&layer, slow);
    let first = send(&service, ask(ONE, &json!({}))).await;
    let calls = model.calls();
    let all = join_all((0..50).map(|place| {
        let request = ask(OTHER, &json!({ "stream": place % 2 == 0 }));
        async { send(&service, request).await }
    }));
    for got in all.await {
        assert_eq!((got.outcome(), got.text()), ("hit", first.text()));
        assert!(got.told("x-llm-cache-score").is_some());
    }
    assert_eq!(model.calls(), calls + 1, "one embedding");
}

#[tokio::test(start_paused = true)]
async fn the_question_is_the_last_that_the_user_says() {
    let (layer, model) = (layer(), blind());
    let service = over(&layer, model.clone());
    let talk = |before: &str, last: &str| {
        let message = |role: &str, content: &str| json!({ "role": role, "content": content });
        let messages = [message("user", before), message("assistant", "Yes."), message("user", last)];
        ask("", &json!({ "messages": Value::from(messages.to_vec()) }))
    };
    send(&service, talk("May I ask?", ONE)).await;
    assert_eq!(model.calls(), 2);
    assert_eq!(send(&service, talk("Can I ask?", OTHER)).await.outcome(), "miss", "another talk");
    assert_eq!(send(&service, talk("May I ask?", OTHER)).await.outcome(), "hit");
    assert_eq!(model.last().1["input"], OTHER);
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread")]
async fn replicas_find_each_others_answers() {
    use llm_layers_cache::RedisStore;
    use llm_layers_core::Secret;
    use llm_layers_redis::Redis;
    use llm_layers_testkit::redis::Server;

    let program = std::env::var_os("LLM_LAYERS_REDIS8_SERVER").expect(
        "this test needs a Redis 8: `cargo xtask test` installs it, or: put the path of its redis-server into \
         LLM_LAYERS_REDIS8_SERVER",
    );
    let server = Server::start_program(program.into());
    let redis = || Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5));
    let layers = [0, 1].map(|_| {
        let layer = CacheLayer::new(RedisStore::new(redis())).secret(&Secret::new("the same in all replicas"));
        layer.semantic(Semantic::new("e").redis(redis()))
    });
    let model = blind();
    let [one, other] = layers.each_ref().map(|layer| over(layer, model.clone()));
    let first = send(&one, ask(ONE, &json!({}))).await;
    layers[0].handle().flush().await;
    let found = send(&other, ask(OTHER, &json!({}))).await;
    assert_eq!((found.outcome(), found.text()), ("hit", first.text()));
    assert!(found.told("x-llm-cache-score").is_some());
    layers[0].handle().purge(Purge::All).await.unwrap();
    layers[0].handle().flush().await;
    assert_eq!(send(&one, ask(OTHER, &json!({}))).await.outcome(), "miss");
}
