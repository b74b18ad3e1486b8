//! Every provider behind a layer, without sockets: what goes out and comes in is in the fuzzer's hands.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError};
use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt, service_fn};

/// A provider of each dialect, and the type of its streams.
fn providers() -> Vec<(Provider, &'static str)> {
    const SSE: &str = "text/event-stream";
    let url = "http://p";
    let made = [
        (Provider::openai(url), SSE),
        (Provider::azure(url), SSE),
        (Provider::anthropic(url), SSE),
        (Provider::gemini(url), SSE),
        (Provider::vertex_at(url, "p", "l"), SSE),
        (Provider::bedrock_at("eu-central-1", url), "application/vnd.amazon.eventstream"),
        (Provider::cohere(url), SSE),
        (Provider::ollama(url), "application/x-ndjson"),
    ];
    made.into_iter().map(|(provider, kind)| (provider.expect("a provider"), kind)).collect()
}

/// What a provider answers: a status, whether it says that it streams, and pieces of a body.
pub struct Answer {
    pub status: u16,
    pub streams: bool,
    pub pieces: Vec<Vec<u8>>,
}

thread_local! {
    /// For what asks for the time; nothing is run on it.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// Sends a request to every provider through both layers, and reads the answer to its end. Nothing may panic, and
/// nothing may wait for what does not come.
pub fn exchange(path: &str, request: &[u8], answer: Answer) {
    let answer = Arc::new(answer);
    for (provider, kind) in providers() {
        let answer = Arc::clone(&answer);
        let upstream = service_fn(move |_: Request<Body>| {
            let pieces: Vec<Result<Bytes, BoxError>> =
                answer.pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let body = http_body_util::StreamBody::new(futures_util::stream::iter(
                pieces.into_iter().map(|piece| piece.map(http_body::Frame::data)),
            ));
            let mut response = Response::new(Body::new(body));
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let kind = if answer.streams { kind } else { "application/json" };
            response.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("a media type"));
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let service = InboundLayer::new().layer(TranslatorLayer::new(provider).layer(upstream));
        let call = Request::post(path).body(Body::from(request.to_vec())).expect("a request");
        let answered = async {
            let mut response = service.oneshot(call).await.expect("infallible");
            let _ = response.body_mut().bytes(64 << 20).await;
            response.status()
        };
        let status = RUNTIME.with(|runtime| {
            let _entered = runtime.enter();
            answered.now_or_never().expect("nothing to wait for")
        });
        assert!(status.is_success() || status.is_client_error() || status.is_server_error(), "{status}");
    }
}
