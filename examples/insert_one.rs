//! Way 2, insert one: a layer in front of a handler that is there already, by one line and without a change to it.
//!
//! The handler forwards chat completions as they come to a provider of OpenAI's dialect. The layer gives it the
//! provider's URL and key, and repairs what comes back.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example is a program, and says what it does"
)]

use axum::{Router, extract::Request, response::Response, routing::post};
use http::StatusCode;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers::prelude::*;
use llm_layers_sim::Sim;

/// The service that runs already: it sends each request to wherever its URI points.
async fn forward(request: Request) -> Result<Response, StatusCode> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(response.map(axum::body::Body::new))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sim = Sim::openai().any_model().api_key("sk-provider").start().await?;
    let provider = Provider::openai(&sim.base_url())?.with_key(&Secret::new("sk-provider"))?;

    let app = Router::new()
        .route("/v1/chat/completions", post(async |request: Request<axum::body::Body>| forward(request).await))
        .layer(TranslatorLayer::new(provider));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let body = r#"{"model":"any","stream":true,"messages":[{"role":"user","content":"Hello!"}]}"#;
    println!("curl -N http://{}/v1/chat/completions -d '{body}'", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
