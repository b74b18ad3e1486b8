use http::Response;
use llm_layers_core::{encoding, head};

/// In what form an answer has come, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Events.
    Stream,
    /// One JSON text.
    Plain,
    /// It is compressed, or of another media type, or no success.
    Unread,
}

impl Form {
    pub(crate) fn of<B>(response: &Response<B>) -> Self {
        let headers = response.headers();
        let form = if head::is_media_type(headers, "application/json") {
            Self::Plain
        } else if head::is_media_type(headers, "text/event-stream") {
            Self::Stream
        } else {
            Self::Unread
        };
        if response.status().is_success() && !encoding::is_encoded(headers) { form } else { Self::Unread }
    }
}
