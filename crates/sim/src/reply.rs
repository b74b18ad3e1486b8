//! An answer before and after it is turned into bytes.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

/// What a dialect answers. Faults edit it while it is still values.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// Boxed because a reply is also the error of every check, and a header map is large.
    pub(crate) headers: Box<HeaderMap>,
    pub(crate) payload: Payload,
}

#[derive(Debug)]
pub(crate) enum Payload {
    Json(Value),
    /// JSON that is cheaper to write by hand (embeddings), or no JSON at all.
    Raw(Bytes),
    Events(Vec<Event>),
}

/// One server-sent event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The `event:` line, which Anthropic sends and OpenAI does not.
    pub(crate) name: Option<&'static str>,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Json(Value),
    /// `[DONE]`, and whatever a fault puts in place of JSON.
    Text(String),
}

impl Event {
    pub(crate) fn json(value: Value) -> Self {
        Self { name: None, data: Data::Json(value) }
    }

    pub(crate) fn named(name: &'static str, value: Value) -> Self {
        Self { name: Some(name), data: Data::Json(value) }
    }

    pub(crate) fn done() -> Self {
        Self { name: None, data: Data::Text("[DONE]".to_owned()) }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.data {
            Data::Json(value) => Some(value),
            Data::Text(_) => None,
        }
    }

    pub(crate) fn value_mut(&mut self) -> Option<&mut Value> {
        match &mut self.data {
            Data::Json(value) => Some(value),
            Data::Text(_) => None,
        }
    }

    /// The bytes on the wire, each line ended by `eol`.
    pub(crate) fn encode(&self, eol: &str) -> Bytes {
        let data = match &self.data {
            Data::Json(value) => value.to_string(),
            Data::Text(text) => text.clone(),
        };
        let mut out = String::with_capacity(data.len() + 48);
        if let Some(name) = self.name {
            out.push_str("event: ");
            out.push_str(name);
            out.push_str(eol);
        }
        out.push_str("data: ");
        out.push_str(&data);
        out.push_str(eol);
        out.push_str(eol);
        Bytes::from(out)
    }
}

impl Reply {
    pub(crate) fn json(status: StatusCode, value: Value) -> Self {
        Self { status, headers: Box::default(), payload: Payload::Json(value) }
            .with(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    pub(crate) fn raw(status: StatusCode, kind: &'static str, body: Bytes) -> Self {
        Self { status, headers: Box::default(), payload: Payload::Raw(body) }
            .with(CONTENT_TYPE, HeaderValue::from_static(kind))
    }

    pub(crate) fn events(events: Vec<Event>) -> Self {
        Self { status: StatusCode::OK, headers: Box::default(), payload: Payload::Events(events) }
            .with(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"))
            .with(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header whose value is made at run time; one that is no legal value is left out.
    #[must_use]
    pub(crate) fn with_text(self, name: &'static str, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => self.with(HeaderName::from_static(name), value),
            Err(_) => self,
        }
    }

    /// The bytes, where no fault has anything to say about them.
    pub(crate) fn ready(self) -> Ready {
        let (frames, exact): (Vec<Bytes>, bool) = match self.payload {
            Payload::Json(value) => (vec![Bytes::from(value.to_string())], true),
            Payload::Raw(bytes) => (vec![bytes], true),
            Payload::Events(events) => (events.iter().map(|event| event.encode("\n")).collect(), false),
        };
        let announced = exact.then(|| frames.iter().map(|frame| frame.len() as u64).sum());
        Ready { status: self.status, headers: *self.headers, frames: frames.into(), announced }
    }
}

/// An answer as bytes. A clone shares them.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) frames: Arc<[Bytes]>,
    /// The content length, where the answer is no stream.
    pub(crate) announced: Option<u64>,
}
