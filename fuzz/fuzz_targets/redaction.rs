//! Any request and any answer through the redaction layer: nothing panics, nothing waits, a card number never goes out, and
//! what the layer makes of JSON is JSON.

#![no_main]

use std::{convert::Infallible, sync::LazyLock};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, header::CONTENT_TYPE};
use libfuzzer_sys::fuzz_target;
use llm_layers_core::{Body, BoxError};
use llm_layers_pii_redaction::{Action, RedactLayer};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt, service_fn};

const PATHS: [&str; 6] = [
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/messages/count_tokens",
];
const CARD: &str = "4111 1111 1111 1111";

static LAYERS: LazyLock<[RedactLayer; 2]> =
    LazyLock::new(|| [RedactLayer::default(), RedactLayer::default().answers(Action::Mask)]);

thread_local! {
    /// For what asks for the time; nothing is run on it.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

fuzz_target!(|input: (u8, bool, String, Vec<Vec<u8>>)| {
    let (path, streams, said, pieces) = input;
    let path = PATHS[usize::from(path) % PATHS.len()];
    // Either a body of the fuzzer's own, or a call in which what it says stands beside a card number.
    let said_by_user = serde_json::json!({"model": "m", "prompt": format!("{said}: {CARD}"), "messages": [
        {"role": "user", "content": [{"type": "text", "text": said}, {"type": "text", "text": CARD}]}]});
    for body in [said.clone(), said_by_user.to_string()] {
        let is_json = serde_json::from_str::<serde_json::Value>(&body).is_ok();
        for layer in &*LAYERS {
            let pieces = pieces.clone();
            let model = service_fn(move |mut request: Request<Body>| {
                let pieces: Vec<Result<Bytes, BoxError>> =
                    pieces.iter().map(|piece| Ok(piece.clone().into())).collect();
                async move {
                    let sent = request.body_mut().bytes(64 << 20).await.expect("in memory");
                    assert!(!String::from_utf8_lossy(&sent).contains(CARD), "a card number was sent");
                    assert!(!is_json || serde_json::from_slice::<serde_json::Value>(&sent).is_ok(), "no JSON was sent");
                    let frames =
                        futures_util::stream::iter(pieces.into_iter().map(|piece| piece.map(http_body::Frame::data)));
                    let mut response = Response::new(Body::new(http_body_util::StreamBody::new(frames)));
                    let kind = if streams { "text/event-stream" } else { "application/json" };
                    response.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("a media type"));
                    Ok::<_, Infallible>(response)
                }
            });
            let request = Request::post(path).body(Body::from(body.clone())).expect("a request");
            let answered = async {
                let mut response = layer.layer(model).oneshot(request).await.expect("infallible");
                let _ = response.body_mut().bytes(64 << 20).await;
            };
            RUNTIME.with(|runtime| {
                let _entered = runtime.enter();
                answered.now_or_never().expect("nothing to wait for");
            });
        }
    }
});
