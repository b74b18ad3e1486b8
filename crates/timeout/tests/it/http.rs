//! Inside an axum application, in front of a handler that knows nothing of it.

use std::convert::Infallible;

use axum::{Router, response::IntoResponse, routing::post};
use futures_util::{StreamExt, stream};
use http::{Request, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_timeout::{DeadlineLayer, Limits, TimeoutLayer};
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

use crate::support::*;

/// Ten words a minute, for ever.
async fn crawl() -> impl IntoResponse {
    let words = stream::unfold((), |()| async {
        sleep(secs(6)).await;
        Some((Ok::<_, Infallible>(WORD), ()))
    });
    ([(CONTENT_TYPE, SSE)], axum::body::Body::from_stream(words.boxed()))
}

async fn sleepy() -> &'static str {
    sleep(secs(3600)).await;
    "awake"
}

fn app() -> Router {
    Router::new()
        .route("/v1/chat/completions", post(crawl))
        .route("/v1/embeddings", post(sleepy))
        .layer(TimeoutLayer::new(Limits::default().first_byte(secs(30))))
        .layer(DeadlineLayer::new(secs(60)))
}

fn call(path: &str) -> Request<axum::body::Body> {
    Request::post(path).header("x-llm-timeout", "45").body("{}".into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_at_the_clients_time() {
    let start = Instant::now();
    let response = app().oneshot(call("/v1/chat/completions")).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = Body::new(response.into_body());
    let text = String::from_utf8(body.bytes(9999).await.unwrap().to_vec()).unwrap();
    assert_eq!((text.matches(WORD).count(), start.elapsed()), (7, secs(45)));
    assert!(text.ends_with("\"code\":\"deadline_exceeded\"}}\n\n"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_sleeps_is_a_504() {
    let start = Instant::now();
    let response = app().oneshot(call("/v1/embeddings")).await.unwrap();
    assert_eq!((response.status().as_u16(), start.elapsed()), (504, secs(30)));
}
