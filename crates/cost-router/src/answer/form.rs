use http::Response;
use llm_layers_core::metering::Shape;

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
        match Shape::of(response.headers()) {
            _ if !response.status().is_success() => Self::Unread,
            Shape::Whole => Self::Plain,
            Shape::Stream => Self::Stream,
            _ => Self::Unread,
        }
    }
}
