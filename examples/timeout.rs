//! Two lines in front of a handler: no call takes longer than its client allows, and no provider may stall.
//!
//! `cargo run --example timeout --features timeout`, then ask it by the line that it prints: the provider begins to
//! answer, falls silent, and is let go after two seconds.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use std::{convert::Infallible, time::Duration};

use axum::{Router, body::Body, response::IntoResponse, routing::post};
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use llm_layers::timeout::{DeadlineLayer, Limits, TimeoutLayer};

/// A provider that says one word, and no more.
async fn stall() -> impl IntoResponse {
    let word = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    let words = stream::iter([Ok::<_, Infallible>(word)]).chain(stream::pending());
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(words))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/v1/chat/completions", post(stall))
        .layer(TimeoutLayer::new(Limits::default().idle(Duration::from_secs(2))))
        .layer(DeadlineLayer::default());

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("curl -N http://{address}/v1/chat/completions -d '{{}}'");
    println!("curl -N http://{address}/v1/chat/completions -d '{{}}' -H 'x-llm-timeout: 500ms'");
    axum::serve(listener, app).await?;
    Ok(())
}
