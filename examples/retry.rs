//! One line in front of a handler: a provider that fails now and then seems to fail no more.
//!
//! `cargo run --example retry --features retry`, then ask it by the line that it prints: of each three calls the
//! provider fails two, one by its status and one inside a stream that has begun with 200.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{StatusCode, header::CONTENT_TYPE};
use llm_layers::prelude::*;

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// A provider with too much to do.
async fn answer() -> Response {
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    println!("call {call}");
    let word = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: [DONE]\n\n";
    let error = "data: {\"error\":{\"message\":\"The server had an error.\",\"type\":\"server_error\"}}\n\n";
    match call % 3 {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after-ms", "300")]).into_response(),
        1 => ([(CONTENT_TYPE, "text/event-stream")], error).into_response(),
        _ => ([(CONTENT_TYPE, "text/event-stream")], word).into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new().route("/v1/chat/completions", post(answer)).layer(RetryLayer::default());

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("curl -i http://{}/v1/chat/completions -d '{{}}'", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
