//! One line in front of a handler: a provider that fails is left alone for a while, and then tried with care.
//!
//! `cargo run --example circuit_breaker --features circuit-breaker`, then run the line that it prints: three calls fail,
//! the others are refused at once; every change of the breaker is told here.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use std::time::Duration;

use axum::{Router, http::StatusCode, routing::post};
use llm_layers::circuit_breaker::{CircuitBreakerLayer, Rules, Window};

/// A provider that is down.
async fn fail() -> StatusCode {
    StatusCode::BAD_GATEWAY
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Rules::default().window(Window::Calls(20)).min_calls(3).open_for(Duration::from_secs(5));
    let breaker = CircuitBreakerLayer::new(rules);
    let breakers = breaker.breakers();
    let app = Router::new().route("/v1/chat/completions", post(fail)).layer(breaker);

    let mut changes = breakers.watch();
    tokio::spawn(async move {
        while let Ok(change) = changes.recv().await {
            println!("{}: {} -> {}, {:?}", change.key, change.from.as_str(), change.to.as_str(), change.reason);
        }
    });

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/chat/completions", listener.local_addr()?);
    println!("for i in 1 2 3 4 5; do curl -sw '%{{http_code}}\\n' {url} -d '{{}}'; sleep 1; done");
    axum::serve(listener, app).await?;
    Ok(())
}
