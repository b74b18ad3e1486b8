//! One line in front of a handler: what was asked before is not asked again, and each key has its own answers.
//!
//! `cargo run --example cache --features cache`, then ask by the lines that it prints: the number is how often the model
//! was asked.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Json, Router, routing::post};
use llm_layers::cache::CacheLayer;
use serde_json::{Value, json};

/// A model that counts. The tests run it, too.
pub fn app() -> Router {
    let asked = Arc::new(AtomicU32::new(0));
    let model = async move || -> Json<Value> {
        let count = asked.fetch_add(1, Ordering::Relaxed) + 1;
        let message = json!({ "role": "assistant", "content": format!("I was asked {count} times.") });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        let usage = json!({ "prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15 });
        Json(json!({ "object": "chat.completion", "choices": [choice], "usage": usage }))
    };
    Router::new().route("/v1/chat/completions", post(model)).layer(CacheLayer::default())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    for (key, stream) in [("a", false), ("a", true), ("b", false)] {
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hello" }], "stream": stream });
        println!(
            "curl -i http://{address}/v1/chat/completions -H 'authorization: Bearer {key}' \
             -H 'content-type: application/json' -d '{body}'"
        );
    }
    axum::serve(listener, app()).await?;
    Ok(())
}
