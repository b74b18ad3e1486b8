//! What the two layers cost beside the bare service: a call, and a chunk of a stream, without sockets.
//!
//! The provider answers at once; in `waiting` it makes the reader wait before the head and before each chunk, as a real
//! one does, so that timers are set and clocks read.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{
    convert::Infallible,
    future::poll_fn,
    hint::black_box,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::{Body as HttpBody, Frame};
use llm_layers_core::Body;
use llm_layers_timeout::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt, service_fn};

/// Chunks of a stream.
const CHUNKS: usize = 1000;

/// Gives the same piece again and again.
#[derive(Clone)]
struct Pieces {
    piece: Bytes,
    left: usize,
    /// Whether each has to be waited for.
    waits: bool,
    waited: bool,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.waits && !std::mem::replace(&mut self.waited, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

async fn head(waits: bool) {
    if waits {
        tokio::task::yield_now().await;
    }
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").body(Body::from("{}")).expect("a request");
    let mut response = service.oneshot(request).await.expect("infallible");
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

fn compare<S>(group: &mut BenchmarkGroup<'_, WallTime>, service: &S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let runtime = runtime();
    let limits = Limits::default();
    let speed = limits.min_speed(MinSpeed::new(1e-6, Duration::from_secs(20)).expect("a speed"));
    let attempt = TimeoutLayer::new(limits).layer(service.clone());
    let with_speed = TimeoutLayer::new(speed).layer(service.clone());
    let deadline = DeadlineLayer::default().layer(service.clone());
    let both = DeadlineLayer::default().layer(attempt.clone());
    group.bench_function("bare", |b| b.iter(|| runtime.block_on(async { black_box(exchange(service.clone()).await) })));
    group.bench_function("timeout", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(attempt.clone()).await) }));
    });
    group.bench_function("timeout_with_speed", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(with_speed.clone()).await) }));
    });
    group.bench_function("deadline", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(deadline.clone()).await) }));
    });
    group.bench_function("both", |b| b.iter(|| runtime.block_on(async { black_box(exchange(both.clone()).await) })));
}

fn calls(c: &mut Criterion) {
    let answer = Bytes::from(format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}]}}"#, "word ".repeat(200)));
    for (name, waits) in [("ready", false), ("waiting", true)] {
        let mut group = c.benchmark_group(format!("timeout/plain_1KB/{name}"));
        let pieces = Pieces { piece: answer.clone(), left: 1, waits, waited: false };
        let service = service_fn(move |_: Request<Body>| {
            let pieces = pieces.clone();
            async move {
                head(waits).await;
                let response = Response::builder().header(CONTENT_TYPE, "application/json");
                Ok::<_, Infallible>(response.body(Body::new(pieces)).expect("a response"))
            }
        });
        compare(&mut group, &service);
        group.finish();
    }
}

fn chunks(c: &mut Criterion) {
    let chunk = Bytes::from(format!(
        "data: {{\"id\":\"chatcmpl-123456789\",\"object\":\"chat.completion.chunk\",\"created\":1795225400,\
         \"model\":\"m-1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}},\"finish_reason\":null}}]}}\n\n",
        "word ".repeat(8),
    ));
    for (name, waits) in [("ready", false), ("waiting", true)] {
        // Per chunk: the call is a thousandth of it.
        let mut group = c.benchmark_group(format!("timeout/chunk_200B/{name}"));
        group.throughput(Throughput::Elements(CHUNKS as u64));
        let pieces = Pieces { piece: chunk.clone(), left: CHUNKS, waits, waited: false };
        let service = service_fn(move |_: Request<Body>| {
            let pieces = pieces.clone();
            async move {
                head(waits).await;
                // As the translator gives it to the layers above.
                let events = Body::new(pieces).into_events(Default::default());
                let response = Response::builder().header(CONTENT_TYPE, "text/event-stream");
                Ok::<_, Infallible>(response.body(Body::from(events)).expect("a response"))
            }
        });
        compare(&mut group, &service);
        group.finish();
    }
}

criterion_group!(benches, calls, chunks);
criterion_main!(benches);
