//! The requests as they arrived, for tests that look at what was really sent.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::time::Instant;

/// One request as it came off the wire.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received {
    /// The method.
    pub method: Method,
    /// The path with its query, as sent.
    pub path: String,
    /// The headers as sent, credentials included: that is what tests of credentials look at.
    pub headers: HeaderMap,
    /// The raw body, cut at the limit set by [`Sim::record_body_limit`](crate::Sim::record_body_limit).
    pub body: Bytes,
    /// When the head arrived.
    pub arrived: Instant,
}

impl Received {
    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's value as text; `None` where it is absent or no visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl std::fmt::Debug for Received {
    // Values of headers and the body stay out: they hold keys and prompts.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Received")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Keeps the last few requests.
#[derive(Debug)]
pub(crate) struct Recorder {
    limit: usize,
    body_limit: usize,
    kept: Mutex<VecDeque<Received>>,
}

impl Recorder {
    pub(crate) fn new(limit: usize, body_limit: usize) -> Self {
        Self { limit, body_limit, kept: Mutex::default() }
    }

    /// Whether recording is worth the copy of the head.
    pub(crate) fn is_on(&self) -> bool {
        self.limit > 0
    }

    pub(crate) fn push(&self, mut received: Received) {
        if received.body.len() > self.body_limit {
            // A copy, so that a short record does not keep a large buffer alive.
            let head = received.body.get(..self.body_limit).unwrap_or_default();
            received.body = Bytes::copy_from_slice(head);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= self.limit {
            kept.pop_front();
        }
        kept.push_back(received);
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
