//! The translator as a library, and nothing else: the bare proxy with one layer.
//!
//! `layer LISTEN UPSTREAM`, both as `host:port`. Each request names `small`, and the provider knows it as `bench`.

use std::{convert::Infallible, net::SocketAddr};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use llm_layers_core::{Body, Deployment, ErrorToResponseLayer};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use tokio::net::TcpListener;
use tower::{Layer as _, Service as _};

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: layer LISTEN UPSTREAM");
    let (listen, upstream) = (next()?.parse()?, next()?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(listen, &upstream))
}

async fn serve(listen: SocketAddr, upstream: &str) -> Result<(), Error> {
    let mut http = HttpConnector::new();
    http.set_nodelay(true);
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build(http);
    let provider = Provider::openai(&format!("http://{upstream}/v1"))?.with_name("sim");
    let service = TranslatorLayer::new(provider).layer(ErrorToResponseLayer::new().layer(client));
    let deployment = Deployment::new("small", "sim", "bench");
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (service, deployment) = (service.clone(), deployment.clone());
        tokio::spawn(async move {
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(deployment.clone());
                let answer = service.clone().call(request.map(Body::new));
                async move {
                    let Ok(answer) = answer.await;
                    Ok::<_, Infallible>(answer)
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
