//! What the cache costs beside the bare service: a hit, whole and as a stream, a miss that is kept, and embeddings that are
//! all there, without sockets. To make the request, its key, and to read the answer are in each.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

#[path = "../examples/cache/chat.rs"]
mod chat;

use std::convert::Infallible;

use bytes::Bytes;
use chat::Text;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_cache::{CacheLayer, MemoryStore};
use llm_layers_core::Body;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, service_fn};

const CHAT: &str = "/v1/chat/completions";
const EMBEDDINGS: &str = "/v1/embeddings";

const INPUTS: usize = 8;
const DIMENSIONS: usize = 1536;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn hits(c: &mut Criterion) {
    let runtime = runtime();
    let model = chat::model();
    let cache = CacheLayer::default().layer(model.clone());
    let mut group = c.benchmark_group("cache/hit_2KB");
    let plain = Text::question(false).number(0);
    group.bench_function("bare", |b| b.iter(|| runtime.block_on(chat::ask(&model, CHAT, plain.clone()))));
    runtime.block_on(chat::ask(&cache, CHAT, plain.clone()));
    for (name, question) in [("plain", plain), ("streamed", Text::question(true).number(0))] {
        assert!(runtime.block_on(chat::ask(&cache, CHAT, question.clone())).is_hit);
        group.bench_function(name, |b| b.iter(|| runtime.block_on(chat::ask(&cache, CHAT, question.clone()))));
    }
    group.finish();
}

/// Each question is another one, and each answer is kept: once the store is full, in another's place.
fn misses(c: &mut Criterion) {
    let runtime = runtime();
    let model = chat::model();
    let cache = CacheLayer::new(MemoryStore::new(64 << 20)).layer(model.clone());
    let question = Text::question(false);
    let mut group = c.benchmark_group("cache/miss_2KB");
    let mut number = 0;
    let mut next = || {
        number += 1;
        question.number(number)
    };
    group.bench_function("bare", |b| b.iter(|| runtime.block_on(chat::ask(&model, CHAT, next()))));
    group.bench_function("cache", |b| b.iter(|| runtime.block_on(chat::ask(&cache, CHAT, next()))));
    group.finish();
}

/// A model that answers any batch with as many vectors as are asked for here.
fn embedder(
    vector: &Value,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let data: Vec<Value> =
        (0..INPUTS).map(|index| json!({"object": "embedding", "index": index, "embedding": vector})).collect();
    let usage = json!({"prompt_tokens": 64, "total_tokens": 64});
    let answer = Bytes::from(json!({"object": "list", "data": data, "model": "m", "usage": usage}).to_string());
    service_fn(move |mut request: Request<Body>| {
        let answer = answer.clone();
        async move {
            request.body_mut().bytes(1 << 20).await.expect("a body");
            Ok(Response::builder()
                .header(CONTENT_TYPE, "application/json")
                .body(Body::from(answer))
                .expect("an answer"))
        }
    })
}

/// As numbers, and in the Base64 that OpenAI's SDKs ask for: four bytes a dimension.
fn embeddings(c: &mut Criterion) {
    let runtime = runtime();
    let numbers = (0..DIMENSIONS).map(|at| json!((at as f64).sin() / 40.0)).collect();
    let base64 = Value::String("q83vPA".chars().cycle().take(DIMENSIONS * 4 * 4 / 3).collect());
    let inputs: Vec<String> = (0..INPUTS).map(|at| format!("The {at}th paragraph of a text to be found.")).collect();
    let body = Bytes::from(json!({"model": "m", "input": inputs}).to_string());
    let mut group = c.benchmark_group("cache/embeddings_8x1536");
    for (name, vector) in [("numbers", Value::Array(numbers)), ("base64", base64)] {
        let model = embedder(&vector);
        let cache = CacheLayer::default().layer(model.clone());
        runtime.block_on(chat::ask(&cache, EMBEDDINGS, body.clone()));
        assert!(runtime.block_on(chat::ask(&cache, EMBEDDINGS, body.clone())).is_hit);
        for (who, service) in [("bare", None), ("hit", Some(cache))] {
            group.bench_function(format!("{name}/{who}"), |b| match &service {
                None => b.iter(|| runtime.block_on(chat::ask(&model, EMBEDDINGS, body.clone()))),
                Some(cache) => b.iter(|| runtime.block_on(chat::ask(cache, EMBEDDINGS, body.clone()))),
            });
        }
    }
    group.finish();
}

criterion_group!(benches, hits, misses, embeddings);
criterion_main!(benches);
