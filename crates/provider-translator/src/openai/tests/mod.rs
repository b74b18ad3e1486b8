//! Providers as a whole, by way of the layer: what they are asked, and what comes of what they answer.

mod azure;
mod errors;
mod exchange;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Clock, Rng};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

use crate::{Provider, TranslatorLayer};

/// What a provider was asked.
#[derive(Clone, Debug)]
struct Asked {
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What a client was answered.
#[derive(Debug, PartialEq)]
struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    fn warnings(&self) -> &str {
        self.headers.get("x-llm-warning").map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a chat completion through the layer. The provider answers each call alike: its media type and body.
fn chat(
    provider: Provider,
    request: impl Into<Bytes>,
    status: u16,
    kind: &'static str,
    answer: impl Fn() -> Body + Send + Sync + 'static,
) -> (Vec<Asked>, Answered) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let layer = TranslatorLayer::new(provider)
            .clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(5)))
            .rng(Rng::seeded(1));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer) = (Arc::clone(&asked), Arc::new(answer));
        let service = layer.layer(service_fn(move |request: Request<Body>| {
            let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
            async move {
                let (head, mut body) = request.into_parts();
                let body = body.bytes(1 << 20).await?;
                noted.lock().unwrap().push(Asked { uri: head.uri.to_string(), headers: head.headers, body });
                let response = Response::builder().status(status).header(CONTENT_TYPE, HeaderValue::from_static(kind));
                Ok::<_, BoxError>(response.body(answer()).unwrap())
            }
        }));
        let request = Request::post("/v1/chat/completions").body(Body::from(request.into())).unwrap();
        let response = service.oneshot(request).await.unwrap();
        let (head, mut body) = response.into_parts();
        let body = body.bytes(1 << 20).await.unwrap();
        let asked = asked.lock().unwrap().clone();
        (asked, Answered { status: head.status.as_u16(), headers: head.headers, body })
    })
}
