//! One line in front of a handler: short simple prompts go to the small model, hard ones to the large, and where one
//! fails the other answers.
//!
//! `cargo run --example cost_router --features cost-router`, then ask it by the lines that it prints: the headers say
//! who answered and why. The large model has a bad day: it fails every second time.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    Extension, Json, Router,
    response::{IntoResponse, Response},
    routing::post,
};
use http::StatusCode;
use llm_layers::{cost_router::Bands, prelude::*};

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Both providers. The router has said which of them is asked.
async fn answer(Extension(deployment): Extension<Deployment>) -> Response {
    if deployment.name() == "large" && CALLS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let message = serde_json::json!({"role": "assistant", "content": format!("I am {}.", deployment.name())});
    let choice = serde_json::json!({"index": 0, "message": message, "finish_reason": "stop"});
    Json(serde_json::json!({"model": deployment.model(), "choices": [choice]})).into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let routes = Routes::new()
        .deployment(Deployment::new("small", "openai", "gpt-4o-mini"))
        .deployment(Deployment::new("large", "anthropic", "claude-sonnet-4-5"))
        .alias(
            Alias::new("chat")
                .deployments(["small", "large"])
                .complexity(Bands::new().up_to(0.4, ["small"]).above(["large"])),
        );
    let app = Router::new().route("/v1/chat/completions", post(answer)).layer(RouterLayer::new(routes)?);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/chat/completions", listener.local_addr()?);
    for text in ["Hello!", "Prove that there are infinitely many primes, then compare three proofs step by step."] {
        println!(r#"curl -i {url} -d '{{"model":"chat","messages":[{{"role":"user","content":"{text}"}}]}}'"#);
    }
    axum::serve(listener, app).await?;
    Ok(())
}
