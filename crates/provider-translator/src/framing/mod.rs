//! How streamed answers are cut into events.

#[cfg(feature = "bedrock")]
pub(crate) mod aws;
pub(crate) mod ndjson;

use http::HeaderMap;
use llm_layers_core::{Body, Events, head::is_media_type};
use llm_layers_wire::sse;

/// A framing. Whatever it is on the wire, a piece of an answer comes out of it as a server-sent event, so that there
/// is one kind of them to translate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events, by the WHATWG's HTML standard.
    Sse,
    /// AWS's binary event streams.
    #[cfg(feature = "bedrock")]
    Aws,
    /// JSON, a line each.
    Ndjson,
}

impl Framing {
    /// Whether an answer with these headers is a stream in this framing, and not a whole one.
    pub(crate) fn is_stream(self, headers: &HeaderMap) -> bool {
        match self {
            Self::Sse => is_media_type(headers, "text/event-stream"),
            #[cfg(feature = "bedrock")]
            Self::Aws => is_media_type(headers, "application/vnd.amazon.eventstream"),
            Self::Ndjson => is_media_type(headers, "application/x-ndjson"),
        }
    }

    /// The events of a body.
    pub(crate) fn events(self, body: Body, limits: sse::Limits) -> Events {
        match self {
            Self::Sse => body.into_events(limits),
            #[cfg(feature = "bedrock")]
            Self::Aws => aws::events(body, limits),
            Self::Ndjson => ndjson::events(body, limits),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::CONTENT_TYPE};

    use super::*;

    #[test]
    fn the_media_type_is_read_without_its_parameters() {
        let is =
            |value| Framing::Sse.is_stream(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(is("text/event-stream"));
        assert!(is("Text/Event-Stream ; charset=utf-8"));
        assert!(!is("application/json"));
    }
}
