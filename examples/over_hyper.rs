//! Without axum: layers over a hyper client, served by hyper.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example is a program, and says what it does"
)]

use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use llm_layers::prelude::*;
use llm_layers_sim::Sim;
use tower::ServiceBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sim = Sim::anthropic().any_model().start().await?;
    let service = ServiceBuilder::new()
        .layer(TranslatorLayer::new(Provider::anthropic(&sim.base_url())?))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let body = r#"{"model":"any","messages":[{"role":"user","content":"Hello!"}]}"#;
    println!("curl http://{}/v1/chat/completions -d '{body}'", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        // Without this the chunks of a stream wait for each other's acknowledgement.
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection ended: {error}");
            }
        });
    }
}
