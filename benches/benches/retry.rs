//! What retries and hedges cost when nothing fails: a whole call of 1 KB, and a stream of 50 chunks, without sockets.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{
    convert::Infallible,
    future::ready,
    hint::black_box,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use http::{Request, Response};
use http_body::Frame;
use llm_layers_core::Body;
use llm_layers_retry::{HedgeLayer, RetryLayer};
use tokio::runtime::Runtime;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Chunks of a stream.
const CHUNKS: usize = 50;

/// A stream of one chunk in each frame, as a provider sends it.
struct Chunks {
    left: Range<usize>,
    first: Bytes,
    chunk: Bytes,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(
            self.left.next().map(|n| Ok(Frame::data(if n == 0 { self.first.clone() } else { self.chunk.clone() }))),
        )
    }
}

fn chunk(delta: &str) -> Bytes {
    let start = r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","#;
    Bytes::from(format!("data: {start}\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}\n\n"))
}

fn call(body: &Bytes) -> Request<Body> {
    let mut request = Request::post("/v1/chat/completions");
    for (name, value) in [
        ("host", "127.0.0.1:8080"),
        ("authorization", "Bearer sk-0123456789abcdef"),
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("user-agent", "OpenAI/Python 3.52.0"),
        ("x-stainless-lang", "python"),
    ] {
        request = request.header(name, value);
    }
    request.body(Body::from(body.clone())).expect("a request")
}

fn bench<S>(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, name: &str, service: S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let prompt = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    let body = Bytes::from(format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{prompt}"}}]}}"#));
    group.bench_function(name, |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut answer = service.clone().oneshot(call(&body)).await.expect("infallible");
                black_box(answer.body_mut().bytes(1 << 24).await.expect("a body"))
            })
        });
    });
}

fn retry(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let whole = Bytes::from(format!(
        r#"{{"id":"chatcmpl-1","choices":[{{"index":0,"message":{{"role":"assistant","content":"{}"}}}}]}}"#,
        "word ".repeat(180)
    ));
    let plain = service_fn(move |_: Request<Body>| {
        let response = Response::builder().header("content-type", "application/json");
        ready(Ok::<_, Infallible>(response.body(Body::from(whole.clone())).expect("a response")))
    });
    let (first, word) = (chunk(r#"{"role":"assistant","content":""}"#), chunk(r#"{"content":"some words of it"}"#));
    let streamed = service_fn(move |_: Request<Body>| {
        let response = Response::builder().header("content-type", "text/event-stream");
        let body = Body::new(Chunks { left: 0..CHUNKS, first: first.clone(), chunk: word.clone() });
        ready(Ok::<_, Infallible>(response.body(body).expect("a response")))
    });

    let mut group = c.benchmark_group("retry/plain_1KB");
    bench(&mut group, &runtime, "bare", plain.clone());
    bench(&mut group, &runtime, "retry", RetryLayer::new().layer(plain.clone()));
    bench(&mut group, &runtime, "hedge", HedgeLayer::new().layer(plain));
    group.finish();

    let mut group = c.benchmark_group("retry/stream_50_chunks");
    group.throughput(Throughput::Elements(CHUNKS as u64));
    bench(&mut group, &runtime, "bare", streamed.clone());
    bench(&mut group, &runtime, "retry", RetryLayer::new().layer(streamed.clone()));
    bench(&mut group, &runtime, "hedge", HedgeLayer::new().layer(streamed));
    group.finish();
}

criterion_group!(benches, retry);
criterion_main!(benches);
