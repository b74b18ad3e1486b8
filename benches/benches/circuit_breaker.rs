//! What a breaker costs: to ask it, to tell it, and the whole layer beside the bare service, without sockets.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::poll_fn, hint::black_box, pin::Pin, time::Duration};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_circuit_breaker::{Breakers, CircuitBreakerLayer, Rules, Verdict, Window};
use llm_layers_core::{Body, Deployment};
use tokio::runtime::Builder;
use tower::{Layer, Service, ServiceExt, service_fn};

fn breakers(keys: usize, rules: Rules) -> (Breakers, Vec<String>) {
    let breakers = Breakers::new(rules);
    let names: Vec<_> = (0..keys).map(|key| format!("deployment-{key}")).collect();
    for name in &names {
        drop(breakers.acquire(name));
    }
    (breakers, names)
}

fn check(c: &mut Criterion) {
    let mut group = c.benchmark_group("circuit_breaker/check");
    for (name, keys) in [("1_key", 1), ("1000_keys", 1000)] {
        let (breakers, names) = breakers(keys, Rules::default());
        let mut next = names.iter().cycle();
        // A permit that is dropped counts for nothing: what is left is the check.
        group.bench_function(format!("closed/{name}"), |b| {
            b.iter(|| drop(black_box(breakers.acquire(next.next().expect("endless")))));
        });
        names.iter().for_each(|name| breakers.acquire(name).expect("closed").judge(Verdict::Success));
    }
    let (breakers, names) = breakers(1, Rules::default().consecutive_failures(1).open_for(Duration::from_secs(300)));
    let failure = Verdict::Failure(llm_layers_core::FailureKind::Upstream);
    breakers.acquire(&names[0]).expect("closed").judge(failure);
    group.bench_function("open/1_key", |b| b.iter(|| black_box(breakers.acquire(&names[0]).is_err())));
    group.finish();
}

/// The check is in it, too.
fn record(c: &mut Criterion) {
    let mut group = c.benchmark_group("circuit_breaker/check_and_record");
    let by_calls = Rules::default().window(Window::Calls(100)).max_total(0.99, Duration::from_secs(60));
    for (name, keys, rules) in
        [("time/1_key", 1, Rules::default()), ("time/1000_keys", 1000, Rules::default()), ("calls/1_key", 1, by_calls)]
    {
        let (breakers, names) = breakers(keys, rules);
        let mut next = names.iter().cycle();
        group.bench_function(name, |b| {
            b.iter(|| {
                let permit = breakers.acquire(black_box(next.next().expect("endless"))).expect("closed");
                permit.judge(Verdict::Success);
            });
        });
    }
    group.finish();
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S, deployment: Deployment) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").extension(deployment).body(Body::from("{}"));
    let mut response = service.oneshot(request.expect("a request")).await.expect("infallible");
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

fn compare<S>(group: &mut BenchmarkGroup<'_, WallTime>, service: S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
{
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let deployment = Deployment::new("small", "local", "m");
    let breaker = CircuitBreakerLayer::default().layer(service.clone());
    let rules = Rules::default().max_first_token(0.99, Duration::from_secs(2));
    let with_first_token = CircuitBreakerLayer::new(rules).layer(service.clone());
    group.bench_function("bare", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(service.clone(), deployment.clone()).await) }));
    });
    group.bench_function("breaker", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(breaker.clone(), deployment.clone()).await) }));
    });
    group.bench_function("breaker_with_first_token", |b| {
        b.iter(|| runtime.block_on(async { black_box(exchange(with_first_token.clone(), deployment.clone()).await) }));
    });
}

fn layer(c: &mut Criterion) {
    let answer = Bytes::from(format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}]}}"#, "word ".repeat(200)));
    let mut group = c.benchmark_group("circuit_breaker/layer/plain_1KB");
    compare(
        &mut group,
        service_fn(move |_: Request<Body>| {
            let answer = answer.clone();
            async move {
                let response = Response::builder().header(CONTENT_TYPE, "application/json");
                Ok::<_, Infallible>(response.body(Body::from(answer)).expect("a response"))
            }
        }),
    );
    group.finish();

    let chunk = format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":\
         {{\"content\":\"{}\"}},\"finish_reason\":null}}]}}\n\n",
        "word ".repeat(8),
    );
    let stream = Bytes::from(chunk.repeat(50) + "data: [DONE]\n\n");
    for (name, decoded) in [("bytes", false), ("events", true)] {
        let mut group = c.benchmark_group(format!("circuit_breaker/layer/stream_of_50/{name}"));
        let stream = stream.clone();
        compare(
            &mut group,
            service_fn(move |_: Request<Body>| {
                let mut body = Body::from(stream.clone());
                if decoded {
                    // As the translator gives it to the layers above.
                    body = body.into_events(Default::default()).into();
                }
                async move {
                    let response = Response::builder().header(CONTENT_TYPE, "text/event-stream");
                    Ok::<_, Infallible>(response.body(body).expect("a response"))
                }
            }),
        );
        group.finish();
    }
}

criterion_group!(benches, check, record, layer);
criterion_main!(benches);
