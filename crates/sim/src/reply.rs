//! An answer before and after it is turned into bytes.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use crate::bedrock::frame;
use crate::spelling::spell;

/// What a dialect answers. Faults edit it while it is still values.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// Boxed because a reply is also the error of every check, and a header map is large.
    pub(crate) headers: Box<HeaderMap>,
    pub(crate) payload: Payload,
    pub(crate) layout: Layout,
}

/// How the events of a stream are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    #[default]
    Sse,
    /// Server-sent events whose lines end in CRLF, as Google's do.
    SseCrlf,
    /// The elements of one JSON array; the text `]` is its end.
    JsonArray,
    /// A JSON text a line, as Ollama's.
    Lines,
    /// AWS's binary frames, one an event.
    Frames,
    /// AWS's binary frames whose payload is the event of another API in Base64.
    Chunks,
}

impl Layout {
    /// The end of a line, where no fault has chosen another one.
    pub(crate) fn eol(self) -> &'static str {
        match self {
            Self::SseCrlf => "\r\n",
            Self::Sse | Self::JsonArray | Self::Lines | Self::Frames | Self::Chunks => "\n",
        }
    }

    pub(crate) fn is_text(self) -> bool {
        !matches!(self, Self::Frames | Self::Chunks)
    }

    pub(crate) fn has_comments(self) -> bool {
        matches!(self, Self::Sse | Self::SseCrlf)
    }

    /// The bytes of the event at this place of the stream.
    pub(crate) fn encode(self, at: usize, event: &Event, eol: &str) -> Bytes {
        match self {
            Self::Sse | Self::SseCrlf => event.encode(eol),
            Self::Lines => Bytes::from(event.text() + eol),
            Self::Frames => frame::member(event.name, &event.text()),
            Self::Chunks => frame::chunk(event.name, &event.text()),
            Self::JsonArray => {
                let data = event.text();
                let before = match at {
                    0 => "[",
                    _ if data == ARRAY_END => "",
                    _ => ",\r\n",
                };
                Bytes::from(format!("{before}{data}"))
            }
        }
    }
}

const ARRAY_END: &str = "]";

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

    /// What ends a stream that is a JSON array.
    pub(crate) fn array_end() -> Self {
        Self { name: None, data: Data::Text(ARRAY_END.to_owned()) }
    }

    pub(crate) fn is_array_end(&self) -> bool {
        matches!(&self.data, Data::Text(text) if text == ARRAY_END)
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

    fn text(&self) -> String {
        match &self.data {
            Data::Json(value) => spell(value),
            Data::Text(text) => text.clone(),
        }
    }

    /// The bytes on the wire, each line ended by `eol`.
    pub(crate) fn encode(&self, eol: &str) -> Bytes {
        let data = self.text();
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
        Self { status, headers: Box::default(), payload: Payload::Json(value), layout: Layout::Sse }
            .with(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    pub(crate) fn raw(status: StatusCode, kind: &'static str, body: Bytes) -> Self {
        Self { status, headers: Box::default(), payload: Payload::Raw(body), layout: Layout::Sse }
            .with(CONTENT_TYPE, HeaderValue::from_static(kind))
    }

    pub(crate) fn events(events: Vec<Event>) -> Self {
        Self { status: StatusCode::OK, headers: Box::default(), payload: Payload::Events(events), layout: Layout::Sse }
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
            Payload::Json(value) => (vec![Bytes::from(spell(&value))], true),
            Payload::Raw(bytes) => (vec![bytes], true),
            Payload::Events(events) => {
                let eol = self.layout.eol();
                let frames = events.iter().enumerate().map(|(at, event)| self.layout.encode(at, event, eol));
                (frames.collect(), false)
            }
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
