//! One line in front of a handler: what is personal does not reach it, and what it answers reads right again.
//!
//! `cargo run --example pii_redaction --features pii-redaction`, then ask by the line that it prints. The handler shows
//! what reaches it on the terminal, and answers with the same words.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use axum::{Json, Router, routing::post};
use llm_layers::pii_redaction::RedactLayer;
use serde_json::{Value, json};

/// A model that repeats what it was told.
async fn echo(Json(request): Json<Value>) -> Json<Value> {
    let said = request.pointer("/messages/0/content").and_then(Value::as_str).unwrap_or_default();
    println!("the model sees: {said}");
    let message = json!({ "role": "assistant", "content": format!("You said: {said}") });
    Json(
        json!({ "object": "chat.completion", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }),
    )
}

/// The tests run it, too.
pub fn app() -> Router {
    Router::new().route("/v1/chat/completions", post(echo)).layer(RedactLayer::default())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let content = "Mail anna@posteo.de, or pay to DE89 3704 0044 0532 0130 00.";
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": content }] });
    println!(
        "curl http://{}/v1/chat/completions -H 'content-type: application/json' -d '{body}'",
        listener.local_addr()?
    );
    axum::serve(listener, app()).await?;
    Ok(())
}
