//! What a limit costs: to ask it, with one key and with many, and the whole layer beside the bare service, without
//! sockets.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::poll_fn, hint::black_box, pin::Pin};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, Caller};
use llm_layers_rate_limit::{Claim, Limits, MemoryStore, RateLimitLayer, Rule, Store, Taken, Taking};
use tokio::runtime::Builder;
use tower::{Layer, Service, ServiceExt, service_fn};

const CHUNKS: usize = 50;

/// So much that nothing is refused while it is measured.
fn plenty() -> Limits {
    let limits = Limits::new().requests(u32::MAX, std::time::Duration::from_secs(1));
    limits.tokens_per_minute(u64::MAX).concurrent(1000)
}

/// Taken and settled: what each call does.
fn check(c: &mut Criterion) {
    let mut group = c.benchmark_group("rate_limit/check");
    for (name, limits) in [("requests", Limits::new().requests_per_minute(u32::MAX)), ("all", plenty())] {
        for keys in [1, 10_000] {
            let store = MemoryStore::new();
            let mut claims: Vec<_> =
                (0..keys).map(|key| [Claim::new("caller", &format!("caller-{key}"), limits, 100)]).collect();
            let mut next = 0;
            group.bench_function(format!("{name}/{keys}_keys"), |b| {
                b.iter(|| {
                    // In no order: what lies beside each other in memory would flatter.
                    next = (next + 7919) % claims.len();
                    let claim = &mut claims[next];
                    let is_taken = matches!(store.take(black_box(claim)), Taking::Now(Ok(Taken::All)));
                    assert!(is_taken);
                    store.settle(claim, 50);
                });
            });
        }
    }
    group.finish();
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S, caller: Caller, body: Bytes) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").extension(caller).body(Body::from(body));
    let mut response = service.oneshot(request.expect("a request")).await.expect("infallible");
    assert!(response.status().is_success());
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

fn compare<S>(group: &mut BenchmarkGroup<'_, WallTime>, service: S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let caller = Caller::new("team-a");
    let filler = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    let body = Bytes::from(format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{filler}"}}]}}"#));
    let only_requests = Limits::new().requests(u32::MAX, std::time::Duration::from_secs(1));
    let requests = RateLimitLayer::new().rule(Rule::per_caller(only_requests));
    let all = RateLimitLayer::new().rule(Rule::per_caller(plenty())).rule(Rule::global(plenty()));
    group.bench_function("bare", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(service.clone(), caller.clone(), body.clone()).await) }));
    });
    for (name, layer) in [("requests", requests), ("two_rules_of_all", all)] {
        let limited = layer.layer(service.clone());
        group.bench_function(name, |b| {
            b.iter(|| {
                runtime.block_on(async { black_box(exchange(limited.clone(), caller.clone(), body.clone()).await) })
            });
        });
    }
}

fn layer(c: &mut Criterion) {
    let usage = r#""usage":{"prompt_tokens":230,"completion_tokens":200,"total_tokens":430}"#;
    let plain = format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}],{usage}}}"#, "word ".repeat(200));
    let mut stream = String::new();
    for _ in 0..CHUNKS {
        let text = "word ".repeat(8);
        stream += &format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n"
        );
    }
    stream += &format!("data: {{\"choices\":[],{usage}}}\n\ndata: [DONE]\n\n");
    for (name, media_type, answer) in
        [("plain_1KB", "application/json", plain), ("stream_50_chunks", "text/event-stream", stream)]
    {
        let mut group = c.benchmark_group(format!("rate_limit/layer/{name}"));
        if media_type == "text/event-stream" {
            group.throughput(Throughput::Elements(CHUNKS as u64));
        }
        let answer = Bytes::from(answer);
        compare(
            &mut group,
            service_fn(move |_: Request<Body>| {
                let answer = answer.clone();
                async move {
                    let response = Response::builder().header(CONTENT_TYPE, media_type);
                    Ok::<_, Infallible>(response.body(Body::from(answer)).expect("a response"))
                }
            }),
        );
        group.finish();
    }
}

criterion_group!(benches, check, layer);
criterion_main!(benches);
