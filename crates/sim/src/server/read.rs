//! Reading a request's body under a limit.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// The largest body that is read.
pub(super) const BODY_LIMIT: usize = 64 * 1024 * 1024;
/// What is set aside on the word of a `content-length` alone.
const RESERVE_LIMIT: usize = 1024 * 1024;

pub(super) enum ReadError {
    TooLarge,
    /// The client broke off, or what it sent is no HTTP.
    Broken(hyper::Error),
}

pub(super) async fn read(mut body: Incoming) -> Result<Bytes, ReadError> {
    let expected = body.size_hint().lower();
    if expected > BODY_LIMIT as u64 {
        return Err(ReadError::TooLarge);
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(ReadError::Broken)?.into_data() else {
            continue;
        };
        let held = first.as_ref().map_or(rest.len(), Bytes::len);
        if held + data.len() > BODY_LIMIT {
            return Err(ReadError::TooLarge);
        }
        // Most bodies come in one frame, which is then used as it is.
        match first.take() {
            None if rest.is_empty() => first = Some(data),
            None => rest.extend_from_slice(&data),
            Some(first) => {
                rest.reserve(usize::try_from(expected).unwrap_or(0).min(RESERVE_LIMIT).max(held + data.len()));
                rest.extend_from_slice(&first);
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| rest.freeze()))
}
