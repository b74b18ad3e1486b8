//! Way 1, compose: an OpenAI-compatible proxy in an axum application, put together from layers.
//!
//! `cargo run --example compose_axum`, then ask it by the line that it prints.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example is a program, and says what it does"
)]

use axum::{Router, routing::get};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers::prelude::*;
use llm_layers_sim::Sim;
use tower::ServiceBuilder;
use tower_http::trace::TraceLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A simulated provider; in earnest this is `Provider::anthropic("https://api.anthropic.com")?.with_key(…)?`.
    let sim = Sim::anthropic().any_model().start().await?;
    let provider = Provider::anthropic(&sim.base_url())?;

    let llm = ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());

    let app = Router::new().route("/", get(async || "an application with an LLM in it")).nest_service("/v1", llm);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let body = r#"{"model":"any","messages":[{"role":"user","content":"Hello!"}]}"#;
    println!("curl http://{}/v1/chat/completions -d '{body}'", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
