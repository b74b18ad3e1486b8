//! Calls for embeddings through the layer.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use http::{Request, Response, StatusCode};
use llm_layers_core::{Body, Clock, Cost, Eventually, Unavailable};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::{CacheLayer, Entry, Key, MemoryStore, Purge, Size, Store};

/// A provider that gives each input its text back as the vector, the last input first, and writes down what it was asked.
#[derive(Clone, Default)]
struct Provider {
    asked: Arc<Mutex<Vec<Value>>>,
    /// What it answers in place of that.
    instead: Arc<Mutex<Option<(StatusCode, String)>>>,
    /// The model that it names in place of its own.
    model: Arc<Mutex<Option<String>>>,
}

impl Provider {
    fn answer(&self, body: &[u8]) -> Response<Body> {
        let request: Value = serde_json::from_slice(body).expect("JSON");
        let input = request["input"].clone();
        self.asked.lock().expect("alone").push(input.clone());
        let (status, text) = self.instead.lock().expect("alone").clone().unwrap_or_else(|| {
            let inputs = match input {
                Value::Array(items) if !items[0].is_number() => items,
                one => vec![one],
            };
            let elements = inputs.iter().enumerate().rev();
            let model = self.model.lock().expect("alone").clone().unwrap_or_else(|| "m-1".into());
            let data: Vec<_> = elements
                .map(|(index, input)| json!({"object": "embedding", "index": index, "embedding": [input]}))
                .collect();
            let tokens = 10 * inputs.len();
            let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
            (StatusCode::OK, json!({"object": "list", "data": data, "model": model, "usage": usage}).to_string())
        });
        let mut response = Response::builder().status(status).header("content-type", "application/json");
        response = response.extension(Cost(Decimal::new(4, 3))).header("x-llm-cache-inputs", "hits=9,misses=9");
        response.body(Body::from(text)).expect("a response")
    }

    fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut self.asked.lock().expect("alone"))
    }

    fn instead(&self, status: StatusCode, text: &str) {
        *self.instead.lock().expect("alone") = Some((status, text.into()));
    }
}

/// The answer's head and body.
async fn call(layer: &CacheLayer, provider: &Provider, body: Value, headers: &[(&str, &str)]) -> (Response<()>, Value) {
    let provider = provider.clone();
    let upstream = service_fn(move |mut request: Request<Body>| {
        let provider = provider.clone();
        async move {
            let length =
                request.headers()["content-length"].to_str().expect("ASCII").parse::<usize>().expect("a length");
            let body = request.body_mut().bytes(1 << 24).await.expect("a body");
            assert_eq!(body.len(), length);
            Ok::<_, Infallible>(provider.answer(&body))
        }
    });
    let body = body.to_string();
    let mut request = Request::post("/v1/embeddings").header("content-type", "application/json");
    request = request.header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = layer.layer(upstream).oneshot(request.body(Body::from(body)).expect("a request")).await;
    let (head, mut body) = response.expect("infallible").into_parts();
    let body = body.bytes(1 << 24).await.expect("a body");
    if let Some(length) = head.headers.get("content-length") {
        assert_eq!(length.to_str().expect("ASCII"), body.len().to_string());
    }
    (Response::from_parts(head, ()), serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn request(input: &Value) -> Value {
    json!({"model": "m", "input": input})
}

fn vectors(answer: &Value) -> Vec<Value> {
    let data = answer["data"].as_array().expect("elements");
    assert!(data.iter().enumerate().all(|(index, element)| element["index"] == index), "{answer}");
    data.iter().map(|element| element["embedding"][0].clone()).collect()
}

fn outcome(head: &Response<()>) -> &str {
    head.headers()["x-llm-cache"].to_str().expect("ASCII")
}

/// How many of the different inputs were held and how many were not, if it is told.
fn inputs(head: &Response<()>) -> Option<&str> {
    let mut told = head.headers().get_all("x-llm-cache-inputs").iter();
    let first = told.next().map(|told| told.to_str().expect("ASCII"));
    assert_eq!(told.next(), None);
    first
}

#[tokio::test]
async fn a_batch_asks_only_for_what_is_missing() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    let (head, answer) = call(&layer, &provider, request(&json!(["a", "b"])), &[]).await;
    assert_eq!((outcome(&head), vectors(&answer)), ("miss", vec![json!("a"), json!("b")]));
    assert_eq!(inputs(&head), Some("hits=0,misses=2"));

    let (head, answer) = call(&layer, &provider, request(&json!(["c", "b", "c", "a", "d"])), &[]).await;
    assert_eq!(
        (outcome(&head), vectors(&answer)),
        ("miss", vec!["c".into(), "b".into(), "c".into(), "a".into(), "d".into()])
    );
    assert_eq!(inputs(&head), Some("hits=2,misses=2"), "the different ones");
    assert_eq!(answer["usage"]["prompt_tokens"], 20, "only what was asked for now");
    assert_eq!(provider.asked(), [json!(["a", "b"]), json!(["c", "d"])]);

    let (head, answer) = call(&layer, &provider, request(&json!("d")), &[]).await;
    assert_eq!((outcome(&head), vectors(&answer)), ("hit", vec![json!("d")]));
    assert_eq!(inputs(&head), Some("hits=1,misses=0"));
    assert_eq!((&answer["usage"], &answer["model"]), (&json!({"prompt_tokens": 0, "total_tokens": 0}), &json!("m-1")));
    assert_eq!(
        (&head.headers()["x-llm-cost-usd"], &head.headers()["x-llm-cache-saved-usd"]),
        (&"0".parse().unwrap(), &"0.002".parse().unwrap())
    );
    assert_eq!(head.extensions().get(), Some(&Cost(Decimal::ZERO)));
    assert!(head.headers().contains_key("x-llm-cache-key") && head.headers().contains_key("age"));
    assert_eq!(provider.asked(), Vec::<Value>::new());

    let stats = layer.handle().stats();
    assert_eq!((stats.hits, stats.misses, stats.stored), (1, 2, 4));
    // b and a for the second call, d for the third.
    assert_eq!((stats.saved_input_tokens, stats.saved_usd), (30, Decimal::new(6, 3)));
}

#[tokio::test]
async fn other_requests_have_other_entries() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    let base64 = json!({"model": "m", "input": "a", "encoding_format": "base64"});
    for (body, headers) in [
        (request(&json!("a")), &[][..]),
        (base64, &[]),
        (json!({"model": "n", "input": "a"}), &[]),
        (request(&json!("a")), &[("authorization", "Bearer other")]),
        (request(&json!("a")), &[("x-llm-cache-namespace", "other")]),
        (request(&json!([7])), &[]),
    ] {
        assert_eq!(outcome(&call(&layer, &provider, body.clone(), headers).await.0), "miss", "{body}");
        assert_eq!(outcome(&call(&layer, &provider, body, headers).await.0), "hit");
    }
    let (head, _) = call(&layer, &provider, request(&json!([[7]])), &[]).await;
    assert_eq!(outcome(&head), "hit", "one input, in a list or not");
}

#[tokio::test]
async fn what_was_asked_of_the_cache_is_done() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    let ask = async |headers: &[_]| {
        let (head, _) = call(&layer, &provider, request(&json!(["a"])), headers).await;
        (head.status().as_u16(), provider.asked().len())
    };
    assert_eq!(ask(&[("cache-control", "only-if-cached")]).await, (504, 0));
    assert_eq!(ask(&[("cache-control", "no-store")]).await, (200, 1));
    assert_eq!(ask(&[]).await, (200, 1));
    assert_eq!(ask(&[("cache-control", "only-if-cached")]).await, (200, 0));
    assert_eq!(ask(&[("cache-control", "no-cache")]).await, (200, 1));
}

#[tokio::test]
async fn what_is_no_batch_or_no_answer_passes_and_is_not_kept() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    for input in [json!([]), json!({"image": "x"}), json!(["a", 1])] {
        provider.instead(StatusCode::BAD_REQUEST, r#"{"error":{"message":"no"}}"#);
        let (head, answer) = call(&layer, &provider, request(&input), &[]).await;
        assert_eq!(
            (head.status(), outcome(&head), &answer["error"]["message"]),
            (StatusCode::BAD_REQUEST, "bypass", &json!("no"))
        );
        assert_eq!(inputs(&head), None);
    }
    for (status, text) in [
        (StatusCode::OK, r#"{"data":[]}"#),
        (StatusCode::OK, r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}"#),
        (StatusCode::OK, "[]"),
        (StatusCode::UNAUTHORIZED, r#"{"error":{}}"#),
    ] {
        provider.instead(status, text);
        provider.asked();
        for _ in 0..2 {
            let (head, answer) = call(&layer, &provider, request(&json!("a")), &[]).await;
            assert_eq!((head.status(), outcome(&head)), (status, "miss"));
            assert_eq!(inputs(&head), status.is_success().then_some("hits=0,misses=1"));
            assert_eq!(answer, serde_json::from_str::<Value>(text).expect("JSON"));
        }
        assert_eq!(provider.asked().len(), 2);
    }
}

#[tokio::test]
async fn what_does_not_fit_with_what_is_kept_is_asked_for_again_as_a_whole() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    call(&layer, &provider, request(&json!("a")), &[]).await;
    provider.asked();
    provider.instead(StatusCode::OK, r#"{"data":[]}"#);
    let (head, answer) = call(&layer, &provider, request(&json!(["a", "b"])), &[]).await;
    assert_eq!((outcome(&head), answer), ("miss", json!({"data": []})));
    assert_eq!(inputs(&head), Some("hits=0,misses=2"));
    assert_eq!(provider.asked(), [json!(["b"]), json!(["a", "b"])]);
}

#[tokio::test]
async fn vectors_of_two_models_are_not_put_together() {
    let (layer, provider) = (CacheLayer::default(), Provider::default());
    let of = |model: &str| *provider.model.lock().expect("alone") = Some(model.into());
    let ask = async |input: Value| {
        let (head, answer) = call(&layer, &provider, request(&input), &[]).await;
        assert_eq!(json!(vectors(&answer)), input);
        (answer["model"].clone(), inputs(&head).expect("told").to_owned(), provider.asked())
    };
    of("A");
    ask(json!(["a", "b"])).await;
    // A router below has changed over.
    of("B");
    let all = vec![json!(["c"]), json!(["a", "c"])];
    assert_eq!(ask(json!(["a", "c"])).await, (json!("B"), "hits=0,misses=2".into(), all));
    assert_eq!(ask(json!(["c", "a"])).await, (json!("B"), "hits=2,misses=0".into(), vec![]), "all was kept");
    // What is held of A and what is held of B do not fit together either.
    let all = vec![json!(["c", "b", "d"])];
    assert_eq!(ask(json!(["c", "b", "c", "d"])).await, (json!("B"), "hits=0,misses=3".into(), all));
    let stats = layer.handle().stats();
    assert_eq!(stats.saved_input_tokens, 20, "c and a, once");
}

#[tokio::test(start_paused = true)]
async fn what_is_stale_of_two_models_stands_in_for_nobody() {
    let provider = Provider::default();
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    let layer =
        CacheLayer::default().clock(clock).ttl(Duration::from_secs(60)).stale_if_error(Duration::from_secs(600));
    for (model, input) in [("A", "a"), ("B", "b"), ("B", "c")] {
        *provider.model.lock().expect("alone") = Some(model.into());
        call(&layer, &provider, request(&json!(input)), &[]).await;
    }
    tokio::time::advance(Duration::from_secs(61)).await;
    provider.instead(StatusCode::SERVICE_UNAVAILABLE, "{}");
    for (input, status) in [(json!(["a", "b"]), 503), (json!(["b", "c"]), 200)] {
        let (head, _) = call(&layer, &provider, request(&input), &[]).await;
        assert_eq!(head.status().as_u16(), status);
        assert_eq!(inputs(&head), (status == 200).then_some("hits=2,misses=0"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stale_is_asked_for_anew_and_stands_in_for_who_fails() {
    let provider = Provider::default();
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    let layer =
        CacheLayer::default().clock(clock).ttl(Duration::from_secs(60)).stale_if_error(Duration::from_secs(600));
    call(&layer, &provider, request(&json!(["a", "b"])), &[]).await;
    tokio::time::advance(Duration::from_secs(61)).await;
    provider.instead(StatusCode::SERVICE_UNAVAILABLE, "{}");
    let (head, answer) = call(&layer, &provider, request(&json!(["b", "a"])), &[]).await;
    assert_eq!((outcome(&head), vectors(&answer)), ("stale", vec![json!("b"), json!("a")]));
    assert_eq!((&head.headers()["age"], inputs(&head)), (&"61".parse().unwrap(), Some("hits=2,misses=0")));
    let (head, _) = call(&layer, &provider, request(&json!(["b", "c"])), &[]).await;
    assert_eq!((head.status().as_u16(), outcome(&head)), (503, "miss"), "not all of it is there");
    provider.instead.lock().expect("alone").take();
    let (head, _) = call(&layer, &provider, request(&json!("a")), &[]).await;
    assert_eq!(outcome(&head), "miss");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was asked before, each input has its own vector, and what is there is not asked for.
    #[test]
    fn every_batch_is_answered_in_its_order(batches in prop::collection::vec(prop::collection::vec(0u8..12, 1..9), 1..8)) {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async {
            let (layer, provider) = (CacheLayer::default(), Provider::default());
            let mut known = std::collections::BTreeSet::new();
            for batch in batches {
                let inputs: Vec<Value> = batch.iter().map(|input| json!(format!("input {input}"))).collect();
                let (_, answer) = call(&layer, &provider, request(&json!(inputs)), &[]).await;
                assert_eq!(vectors(&answer), inputs);
                let asked = provider.asked().into_iter().flat_map(|asked| asked.as_array().cloned().unwrap_or_default());
                for input in asked {
                    assert!(known.insert(input.to_string()), "asked for before");
                }
                assert!(inputs.iter().all(|input| known.contains(&input.to_string())));
            }
        });
    }
}

/// Memory that is far: nothing of it is there at once. It writes down what is put.
#[derive(Debug, Default)]
struct Far {
    store: MemoryStore,
    keys: Arc<Mutex<Vec<Key>>>,
}

impl Store for Far {
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
        Eventually::Later(Box::pin(async {
            // Some take longer than those that were asked for later.
            for _ in 0..key.digest()[0] % 5 {
                tokio::task::yield_now().await;
            }
            self.store.get(key).get().await
        }))
    }

    fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()> {
        Eventually::Later(Box::pin(async {
            self.keys.lock().expect("alone").push(*key);
            self.store.put(key, entry).get().await;
        }))
    }

    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
        self.store.purge(what)
    }

    fn size(&self) -> Option<Size> {
        self.store.size()
    }
}

#[tokio::test]
async fn a_far_store_is_asked_for_many_and_given_many() {
    let (layer, provider) = (CacheLayer::new(Far::default()), Provider::default());
    let inputs: Vec<Value> = (0..300).map(|input| json!(format!("input {input}"))).collect();
    for outcome_now in ["miss", "hit"] {
        let (head, answer) = call(&layer, &provider, request(&json!(inputs)), &[]).await;
        assert_eq!((outcome(&head), vectors(&answer)), (outcome_now, inputs.clone()));
        layer.handle().flush().await;
    }
    assert_eq!(layer.handle().stats().stored, 300);
}

#[tokio::test]
async fn what_somebody_else_has_put_into_the_store_is_a_miss() {
    let far = Far::default();
    let (store, keys) = (far.store.clone(), Arc::clone(&far.keys));
    let (layer, provider) = (CacheLayer::new(far), Provider::default());
    call(&layer, &provider, request(&json!("a")), &[]).await;
    layer.handle().flush().await;
    let key = keys.lock().expect("alone")[0];
    let entry = store.get(&key).get().await.expect("kept");
    for body in ["", "{}", r#"{"data":[{"index":1,"embedding":[1]}]}"#, r#"{"data":[{"index":0,"embedding":{}}]}"#] {
        assert_eq!(outcome(&call(&layer, &provider, request(&json!("a")), &[]).await.0), "hit");
        let forged = Entry::new(body.into(), entry.created(), entry.fresh_for());
        store.put(&key, &forged).get().await;
        let (head, answer) = call(&layer, &provider, request(&json!("a")), &[]).await;
        assert_eq!((outcome(&head), vectors(&answer)), ("miss", vec![json!("a")]), "{body}");
        layer.handle().flush().await;
    }
}
