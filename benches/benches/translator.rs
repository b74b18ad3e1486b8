//! The translator, family by family: a whole call of 1 KB, and a stream of 50 chunks, without sockets.
//!
//! The provider is replayed: what its simulation has answered once is answered again from memory. `openai` is the
//! passthrough that the others are measured against.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::ready, hint::black_box};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{HeaderMap, Request, Response};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, ErrorToResponseLayer, Secret};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_sim::Sim;
use tokio::runtime::Runtime;
use tower::{Layer, ServiceExt, service_fn};

const FAMILIES: [&str; 8] = ["openai", "azure", "anthropic", "gemini", "vertex", "bedrock", "cohere", "ollama"];
/// Chunks of a stream.
const CHUNKS: usize = 50;
/// Words of a chunk: with what stands around them about 200 bytes.
const WORDS: usize = 8;

fn sim(family: &str) -> Sim {
    match family {
        "openai" => Sim::openai(),
        "azure" => Sim::azure(),
        "anthropic" => Sim::anthropic(),
        "gemini" => Sim::gemini(),
        "vertex" => Sim::vertex(),
        "bedrock" => Sim::bedrock(),
        "cohere" => Sim::cohere(),
        _ => Sim::ollama(),
    }
}

fn provider(family: &str, url: &str) -> Provider {
    let made = match family {
        "openai" => Provider::openai(url),
        "azure" => Provider::azure(url),
        "anthropic" => Provider::anthropic(url),
        "gemini" => Provider::gemini(url),
        "vertex" => Provider::vertex_at(url, "p", "europe-west4"),
        "bedrock" => Provider::bedrock_at("eu-central-1", url),
        "cohere" => Provider::cohere(url),
        _ => Provider::ollama(url),
    };
    made.and_then(|provider| provider.with_key(&Secret::new("sk-bench"))).expect("a provider")
}

fn request(family: &str, stream: bool) -> Bytes {
    let model = match family {
        "anthropic" => "claude-sonnet-4-5",
        "gemini" | "vertex" => "gemini-2.5-flash",
        "bedrock" => "amazon.nova-pro-v1:0",
        _ => "m",
    };
    let ask = if stream { format!("sim:words {}", CHUNKS * WORDS) } else { format!("sim:say {}", "word ".repeat(200)) };
    let filler = "The quick brown fox jumps over the lazy dog. ".repeat(18);
    Bytes::from(format!(
        r#"{{"model":"{model}","stream":{stream},"messages":[{{"role":"system","content":"{filler}"}},{{"role":"user","content":"{ask}"}}]}}"#
    ))
}

fn call(body: &Bytes) -> Request<Body> {
    let request = Request::post("/v1/chat/completions").header("content-type", "application/json");
    request.body(Body::from(body.clone())).expect("a request")
}

/// What the simulated provider answers to this request, as it comes.
async fn record(family: &str, body: &Bytes) -> (HeaderMap, Bytes) {
    let sim = sim(family).any_model().chunk_words(WORDS).start().await.expect("a simulator");
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let (seen, mut answers) = tokio::sync::mpsc::channel(1);
    let upstream = service_fn(move |request: Request<Body>| {
        let (client, seen) = (client.clone(), seen.clone());
        async move {
            let (head, body) = client.request(request).await.expect("an answer").into_parts();
            let bytes = Body::new(body).bytes(1 << 24).await.expect("a body");
            assert!(head.status.is_success(), "{}", String::from_utf8_lossy(&bytes));
            seen.send((head.headers.clone(), bytes.clone())).await.expect("a listener");
            Ok::<_, Infallible>(Response::from_parts(head, Body::from(bytes)))
        }
    });
    let layer = TranslatorLayer::new(provider(family, &sim.base_url()));
    let answer =
        layer.layer(ErrorToResponseLayer::new().layer(upstream)).oneshot(call(body)).await.expect("infallible");
    assert!(answer.status().is_success(), "{family}");
    answers.recv().await.expect("what was recorded")
}

fn families(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    for (name, stream) in [("plain_1KB", false), ("stream_50_chunks", true)] {
        let mut group = c.benchmark_group(format!("translator/{name}"));
        if stream {
            group.throughput(Throughput::Elements(CHUNKS as u64));
        }
        for family in FAMILIES {
            let body = request(family, stream);
            let (headers, answer) = runtime.block_on(record(family, &body));
            let upstream = service_fn(move |_: Request<Body>| {
                let mut response = Response::new(Body::from(answer.clone()));
                response.headers_mut().clone_from(&headers);
                ready(Ok::<_, Infallible>(response))
            });
            let service = TranslatorLayer::new(provider(family, "http://127.0.0.1:9")).layer(upstream);
            group.bench_function(family, |b| {
                b.iter(|| {
                    runtime.block_on(async {
                        let mut answer = service.clone().oneshot(call(&body)).await.expect("infallible");
                        black_box(answer.body_mut().bytes(1 << 24).await.expect("a body"))
                    })
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, families);
criterion_main!(benches);
