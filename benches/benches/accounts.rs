//! What accounts cost: the whole layer beside the bare service, for plain answers and streams, without sockets; and an
//! entry in each ledger.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::poll_fn, hint::black_box, pin::Pin, sync::Arc, time::SystemTime};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_accounts::{AccountsLayer, Entry, JsonLines, Ledger, MemoryLedger};
use llm_layers_catalogue::Catalogue;
use llm_layers_core::{Body, Caller, Deployment, Operation, metering::Tokens};
use tokio::runtime::Builder;
use tower::{Layer, Service, ServiceExt, service_fn};

const CHUNKS: usize = 50;
const ROW: &str = r#"{"id":"m","price":{"input":"2.5","cached_input":"1.25","output":"10"},"source":"https://a.example","date":"2026-11-01"}"#;

fn layer() -> AccountsLayer {
    let catalogue = Catalogue::read("p", ROW).expect("a row");
    let facts = move |deployment: &Deployment| catalogue.find("p", deployment.model()).map(Arc::clone);
    AccountsLayer::new().facts(facts).ledger(MemoryLedger::new())
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S, body: Bytes) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").extension(Caller::new("team-a"));
    let request = request.extension(Deployment::new("d", "p", "m")).body(Body::from(body)).expect("a request");
    let mut response = service.oneshot(request).await.expect("infallible");
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

fn compare(group: &mut BenchmarkGroup<'_, WallTime>, media_type: &'static str, request: &'static str, answer: String) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let answer = Bytes::from(answer);
    let bare = service_fn(move |_: Request<Body>| {
        let response = Response::builder().header(CONTENT_TYPE, media_type).body(Body::from(answer.clone()));
        std::future::ready(Ok::<_, Infallible>(response.expect("a response")))
    });
    let accounted = layer().layer(bare.clone());
    group.bench_function("bare", |b| {
        b.iter(|| runtime.block_on(exchange(bare.clone(), Bytes::from_static(request.as_bytes()))));
    });
    group.bench_function("accounts", |b| {
        b.iter(|| runtime.block_on(exchange(accounted.clone(), Bytes::from_static(request.as_bytes()))));
    });
}

fn calls(c: &mut Criterion) {
    let usage = r#""usage":{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":500}}"#;
    let mut group = c.benchmark_group("accounts/plain");
    let text = "word ".repeat(200);
    let plain = format!(r#"{{"choices":[{{"message":{{"content":"{text}"}},"finish_reason":"stop"}}],{usage}}}"#);
    compare(&mut group, "application/json", r#"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#, plain);
    group.finish();

    let mut group = c.benchmark_group("accounts/stream");
    let chunk = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"}}]}\n\n";
    let stream = format!("{}data: {{\"choices\":[],{usage}}}\n\ndata: [DONE]\n\n", chunk.repeat(CHUNKS));
    let request = r#"{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true}"#;
    compare(&mut group, "text/event-stream", request, stream);
    group.finish();
}

fn ledgers(c: &mut Criterion) {
    let mut entry = Entry::new(SystemTime::now(), Deployment::new("d", "p", "m"), Operation::ChatCompletion);
    entry.caller = Some(Caller::new("team-a"));
    entry.tokens = Tokens::new(1000, 50);
    let path = std::env::temp_dir().join(format!("llm-layers-accounts-bench-{}.jsonl", std::process::id()));
    let mut group = c.benchmark_group("accounts/ledger");
    let memory = MemoryLedger::new();
    group.bench_function("memory", |b| b.iter(|| memory.record(black_box(&entry))));
    let lines = JsonLines::open(&path).expect("a file");
    group.bench_function("json_lines", |b| b.iter(|| lines.record(black_box(&entry))));
    let buffered = JsonLines::open(&path).expect("a file").buffered();
    group.bench_function("json_lines_buffered", |b| b.iter(|| buffered.record(black_box(&entry))));
    group.finish();
    drop(buffered);
    let _ = std::fs::remove_file(path);
}

criterion_group!(benches, calls, ledgers);
criterion_main!(benches);
