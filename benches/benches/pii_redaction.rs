//! What the redaction layer costs beside the bare service: a call, and a chunk of a stream, without sockets.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::poll_fn, hint::black_box, pin::Pin};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_core::Body;
use llm_layers_pii_redaction::{Action, RedactLayer};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt, service_fn};

/// Chunks of a stream.
const CHUNKS: usize = 1000;

const WORDS: &str = "The committee met again on Tuesday and could not agree on anything of importance, as usual. ";

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// A chat of about 1 KB, with so many email addresses in it.
fn chat(emails: usize) -> Bytes {
    let mut content = WORDS.repeat(10);
    for at in 0..emails {
        content.push_str(&format!("Write to anna.schmidt{at}@posteo.de. "));
    }
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{content}"}}],"stream":false}}"#);
    Bytes::from(body)
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S, body: Bytes) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body)).expect("a request");
    let mut response = service.oneshot(request).await.expect("infallible");
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

/// One call, read to its first frame.
async fn first_event<S>(service: S, body: Bytes) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
    let mut response = service.oneshot(request.body(Body::from(body)).expect("a request")).await.expect("infallible");
    let frame = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await;
    frame.and_then(|frame| frame.ok()?.into_data().ok()).map_or(0, |data| data.len())
}

/// A model that reads the request and answers with this.
fn model(
    kind: &'static str,
    answer: Bytes,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static {
    service_fn(move |mut request: Request<Body>| {
        let answer = answer.clone();
        async move {
            let sent = request.body_mut().bytes(1 << 20).await.expect("a body");
            black_box(sent);
            Ok(Response::builder().header(CONTENT_TYPE, kind).body(Body::from(answer)).expect("an answer"))
        }
    })
}

fn calls(c: &mut Criterion) {
    let runtime = runtime();
    let answer =
        format!(r#"{{"choices":[{{"index":0,"message":{{"role":"assistant","content":"{}"}}}}]}}"#, WORDS.repeat(10));
    let model = model("application/json", Bytes::from(answer));
    let redacting = RedactLayer::default().layer(model.clone());
    let searching = RedactLayer::default().answers(Action::Mask).layer(model.clone());
    let mut group = c.benchmark_group("pii_redaction/call_1KB");
    for (name, emails) in [("clean", 0), ("2_emails", 2), ("20_emails", 20)] {
        let body = chat(emails);
        group.bench_function(format!("{name}/bare"), |b| {
            b.iter(|| runtime.block_on(exchange(model.clone(), body.clone())));
        });
        group.bench_function(format!("{name}/redact"), |b| {
            b.iter(|| runtime.block_on(exchange(redacting.clone(), body.clone())));
        });
        group.bench_function(format!("{name}/redact_and_search_answers"), |b| {
            b.iter(|| runtime.block_on(exchange(searching.clone(), body.clone())));
        });
    }
    group.finish();
}

fn streams(c: &mut Criterion) {
    let runtime = runtime();
    let chunk = format!(
        "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}},\"finish_reason\":null}}]}}\n\n",
        &WORDS[..60]
    );
    let mut answer = chunk.repeat(CHUNKS);
    answer.push_str("data: [DONE]\n\n");
    let model = model("text/event-stream", Bytes::from(answer));
    let redacting = RedactLayer::default().layer(model.clone());
    let searching = RedactLayer::default().answers(Action::Mask).layer(model.clone());
    let body = chat(2);
    let mut group = c.benchmark_group("pii_redaction/stream_per_chunk");
    group.throughput(Throughput::Elements(CHUNKS as u64));
    group.bench_function("bare", |b| b.iter(|| runtime.block_on(exchange(model.clone(), body.clone()))));
    group.bench_function("restore", |b| b.iter(|| runtime.block_on(exchange(redacting.clone(), body.clone()))));
    group.bench_function("search_and_restore", |b| {
        b.iter(|| runtime.block_on(exchange(searching.clone(), body.clone())));
    });
    group.finish();

    // What is added to the time to the first token: the request's whole way, and one event.
    let mut group = c.benchmark_group("pii_redaction/first_event");
    group.bench_function("bare", |b| b.iter(|| runtime.block_on(first_event(model.clone(), body.clone()))));
    group.bench_function("restore", |b| b.iter(|| runtime.block_on(first_event(redacting.clone(), body.clone()))));
    group.bench_function("search_and_restore", |b| {
        b.iter(|| runtime.block_on(first_event(searching.clone(), body.clone())));
    });
    group.finish();
}

criterion_group!(benches, calls, streams);
criterion_main!(benches);
