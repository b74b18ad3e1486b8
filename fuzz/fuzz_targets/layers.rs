//! Whatever a provider answers, it comes through the layers as it was, or is an error in OpenAI's shape. The first bytes
//! say which status and type it has, and what its headers say of waiting.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use libfuzzer_sys::fuzz_target;
use llm_layers_circuit_breaker::CircuitBreakerLayer;
use llm_layers_core::{Body, BoxError, retry_after};
use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule};
use llm_layers_retry::RetryLayer;
use llm_layers_timeout::{DeadlineLayer, TimeoutLayer};
use llm_layers_wire::openai;
use tower::{ServiceBuilder, ServiceExt};

const STATUSES: [u16; 8] = [200, 200, 200, 400, 401, 429, 500, 529];
const TYPES: [&str; 4] = ["application/json", "text/event-stream", "text/event-stream; charset=utf-8", "text/html"];
const PATHS: [&str; 3] = ["/v1/chat/completions", "/v1/messages", "/v1/responses"];

fuzz_target!(|input: (u8, u8, u8, String, Vec<u8>)| {
    let (status, kind, path, wait, said) = input;
    let _ = retry_after::duration(&wait);
    let status = STATUSES[usize::from(status) % STATUSES.len()];
    let kind = TYPES[usize::from(kind) % TYPES.len()];
    let path = PATHS[usize::from(path) % PATHS.len()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let (body, wait) = (Bytes::from(said.clone()), HeaderValue::from_str(&wait).ok());
        let provider = tower::service_fn(move |_: Request<Body>| {
            let mut answer = Response::new(Body::from(body.clone()));
            *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
            let headers = answer.headers_mut();
            headers.insert("content-type", HeaderValue::from_static(kind));
            if let Some(wait) = wait.clone() {
                headers.insert("retry-after", wait.clone());
                headers.insert("x-ratelimit-reset-tokens", wait);
            }
            async move { Ok::<_, BoxError>(answer) }
        });
        let service = ServiceBuilder::new()
            .layer(RateLimitLayer::new().rule(Rule::global(Limits::new().tokens_per_minute(1 << 40).concurrent(1))))
            .layer(DeadlineLayer::default())
            .layer(RetryLayer::new().max_attempts(2).max_wait(Duration::from_secs(1)))
            .layer(CircuitBreakerLayer::default())
            .layer(TimeoutLayer::default())
            .service(provider);
        let request = Request::post(path).body(Body::from(r#"{"model":"m","stream":true}"#)).expect("a request");
        let mut answer = service.oneshot(request).await.expect("layers refuse by answers");
        let heard = answer.body_mut().bytes(1 << 20).await.expect("a whole body");
        if answer.status() != status {
            assert_eq!(status, 200, "only a success can turn out to be none");
            assert!(openai::Error::parse(&heard).is_some(), "{heard:?}");
        } else {
            assert_eq!(heard, said);
        }
    });
});
