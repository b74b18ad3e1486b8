//! One line in front of a handler: each caller has requests, tokens and calls at once of his own.
//!
//! `cargo run --example rate_limit --features rate-limit`, then ask it by the line that it prints, four times: the
//! fourth within a minute is refused, and the headers of the others tell what is left.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use axum::{Json, Router, routing::post};
use llm_layers::{
    prelude::*,
    rate_limit::{Limits, Rule},
};
use serde_json::{Value, json};

/// A provider that answers in few words, and says how many.
async fn answer() -> Json<Value> {
    Json(json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hello" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6 },
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let limits = Limits::new().requests_per_minute(3).tokens_per_minute(10_000).concurrent(2);
    // Above whatever knows the caller there would be `Rule::per_caller`; here each user is told by a header.
    let user = |request: &http::request::Parts| Some(request.headers.get("x-user")?.to_str().ok()?.to_owned());
    let layer = RateLimitLayer::new().rule(Rule::per("user", user).limits(limits));
    let app = Router::new().route("/v1/chat/completions", post(answer)).layer(layer);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("curl -i -H 'x-user: me' http://{}/v1/chat/completions -d '{{}}'", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
