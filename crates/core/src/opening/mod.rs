//! Waiting for an answer to begin for good, before anything of it is sent on.
//!
//! A status of 200 promises little: providers report overloads inside streams, and connections break between head and
//! body. Up to the first word of an answer somebody else may still be asked.

mod said;
mod stream;

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Body as _;
use llm_layers_wire::{openai, sse};

use crate::{Body, Failure, FailureKind, encoding, head, retry_after};

pub use said::Said;

/// The beginning of this answer has been waited for: nobody above need do it again. An extension of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened;

/// How much of an answer is held back until it has begun.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Hold {
    /// A plain JSON answer up to this length is waited for whole, since nobody can use the half of it; of a longer one
    /// so much, or its first bytes where the length is known. Default 1 MiB.
    pub max_plain: usize,
    /// So many events of a stream, greetings and comments, are held back at most. Default 32.
    pub max_events: usize,
    /// A stream is let go once so many bytes of it are held back. Default 1 MiB: some greetings repeat the request.
    pub max_stream: usize,
    /// So long after its first event a stream is let go, whether it has said something or not: a provider that sends
    /// comments wants the connection kept alive, and clients that hear nothing give up. The text of an error, too, is
    /// waited for no longer than this. Default 1 s.
    pub patience: Duration,
    /// Bounds on the lines and events of a stream.
    pub sse_limits: sse::Limits,
}

impl Default for Hold {
    fn default() -> Self {
        Self {
            max_plain: 1 << 20,
            max_events: 32,
            max_stream: 1 << 20,
            patience: Duration::from_secs(1),
            sse_limits: sse::Limits::DEFAULT,
        }
    }
}

/// Waits until an answer has begun: the first event of a stream that says something, the whole of a short plain answer.
///
/// What was read of it stays in it. An error that a stream begins with, or a body that breaks off, takes the place of
/// the answer: a response of the right status, marked with its [`FailureKind`]. So does an error that is the whole of
/// a plain answer. Failures are read too, up to 64 KiB, for what they say of their kind and of when to try again beyond
/// status and headers. A compressed stream is let through unread.
pub async fn open(response: &mut Response<Body>, hold: &Hold) {
    if response.extensions().get::<Opened>().is_some() {
        return;
    }
    if !response.status().is_success() {
        learn_kind(response, hold).await;
    } else if head::is_event_stream(response.headers()) {
        let body = std::mem::take(response.body_mut());
        match stream::open(body.into_events(hold.sse_limits), hold).await {
            Ok(body) => *response.body_mut() = body,
            Err(failure) => replace(response, failure),
        }
    } else if head::is_media_type(response.headers(), "application/json") {
        let whole = response.body().size_hint().lower() <= hold.max_plain as u64;
        let read = response.body_mut().read_ahead(if whole { hold.max_plain } else { 0 }).await;
        let failure = match read {
            Err(_) => Some(broken_off()),
            Ok(()) => hidden_error(response).await,
        };
        if let Some(failure) = failure {
            replace(response, failure);
        }
    }
    response.extensions_mut().insert(Opened);
}

/// An error under a status of success, which is all that the answer holds. Some gateways answer so.
async fn hidden_error(response: &mut Response<Body>) -> Option<Failure> {
    /// No error is longer.
    const MAX_ERROR: usize = 16 << 10;
    /// Compressed, it is a fraction of that; to look into longer ones would cost each call too much.
    const MAX_ENCODED: usize = 1 << 10;
    let max = if encoding::is_encoded(response.headers()) {
        MAX_ENCODED
    } else if response.body().as_bytes().is_some_and(|text| !begins_with_error(text)) {
        return None;
    } else {
        MAX_ERROR
    };
    error_of_all(&whole(response, max, MAX_ERROR).await?)
}

/// The error that all of an answer is.
fn error_of_all(text: &Bytes) -> Option<Failure> {
    let error = begins_with_error(text).then(|| openai::Error::parse(text)).flatten()?;
    Some(failed(error, text))
}

/// Whether a text begins with an error, as no answer does.
fn begins_with_error(text: &[u8]) -> bool {
    let after_name = text.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let value = after_name.and_then(|text| text.strip_prefix(b"\"error\"")?.trim_ascii_start().strip_prefix(b":"));
    value.is_some_and(|value| matches!(value.trim_ascii_start().first(), Some(b'{' | b'"')))
}

/// The text of a body that is in memory and no longer than `max`, decoded no longer than `limit`.
async fn whole(response: &mut Response<Body>, max: usize, limit: usize) -> Option<Bytes> {
    let body = response.body_mut();
    let is_short = body.is_replayable() && body.content_length().is_some_and(|length| length <= max as u64);
    let bytes = if is_short { body.bytes(max).await.ok()? } else { return None };
    encoding::decode(response.headers(), bytes, limit).ok()
}

/// The failure that an error under a status of success stands for.
fn failed(mut error: openai::Error, data: &Bytes) -> Failure {
    let kind = FailureKind::of_error(&error).unwrap_or(FailureKind::Upstream);
    if error.kind.is_empty() {
        kind.error_type().clone_into(&mut error.kind);
    }
    let failure = Failure::new(kind.status(), error).with_kind(kind);
    match retry_after::from_error(data) {
        Some(wait) => failure.with_retry_after(wait),
        None => failure,
    }
}

/// What an error says of its kind by its code: a quota that is used up and a rate limit are both a 429.
async fn learn_kind(response: &mut Response<Body>, hold: &Hold) {
    /// Longer errors are pages.
    const MAX_ERROR: usize = 64 << 10;
    let is_known = response.extensions().get::<FailureKind>().is_some();
    let Some(by_status) = FailureKind::of(response) else { return };
    if is_known {
        return;
    }
    match within(hold.patience, response.body_mut().read_ahead(MAX_ERROR)).await {
        // The status has been told. What was to follow is made up for.
        Some(Err(_)) => {
            let error = openai::Error::new(by_status.error_type(), "The provider's error broke off.");
            replace(response, Failure::new(response.status(), error).with_kind(by_status));
        }
        Some(Ok(())) => {
            let Some(bytes) = whole(response, MAX_ERROR, MAX_ERROR).await else { return };
            let said = openai::Error::parse(&bytes).and_then(|error| FailureKind::of_error(&error));
            // The status is told first; the code tells more of it.
            let kind = said.filter(|said| said.status() == by_status.status()).unwrap_or(by_status);
            response.extensions_mut().insert(kind);
            learn_wait(response.headers_mut(), &bytes);
        }
        None => {}
    }
}

/// Google says when to try again in the error alone; said in the headers everybody finds it.
fn learn_wait(headers: &mut HeaderMap, error: &Bytes) {
    if retry_after::from_headers(headers, SystemTime::now()).is_none()
        && let Some(wait) = retry_after::from_error(error)
    {
        retry_after::write(headers, wait);
    }
}

/// What the future gives within this time. The timer is made only if it has to be waited for.
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut over = None;
    poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        over.get_or_insert_with(|| Box::pin(tokio::time::sleep(time))).as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// Puts a failure in the place of an answer, of whose head stays what is not about its body: request ids, limits.
fn replace(response: &mut Response<Body>, failure: Failure) {
    let (mut head, _) = std::mem::take(response).into_parts();
    let (failed, body) = failure.into_response().into_parts();
    head.status = failed.status;
    head::body_replaced(&mut head.headers, &body);
    head.headers.extend(failed.headers);
    head.extensions.extend(failed.extensions);
    *response = Response::from_parts(head, body);
}

fn broken_off() -> Failure {
    Failure::bad_gateway("The provider's answer broke off before it began.").with_kind(FailureKind::Unreachable)
}
