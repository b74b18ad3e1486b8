//! The body type that layers hand to each other.

mod ahead;
mod encode;
mod events;
mod guard;
mod pieces;
mod read;
mod splice;
mod stream;

use std::{
    any::Any,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_wire::{
    json::Object,
    sse::{self, Event},
};

use self::{encode::Encoder, pieces::Pieces, stream::BoxBody};
use crate::BoxError;

pub use events::Events;
pub use guard::End;
pub use read::ReadError;

/// A request or response body: empty, whole bytes, a JSON object, a stream of events, or any other stream.
///
/// It is an [`http_body::Body`], so that it works with hyper, tower-http and axum. [`Body::new`]
/// takes any other body in; a `Body` that it is given comes back as it was, so that ten layers do not
/// wrap it ten times. What one layer has parsed the next finds parsed: see
/// [`object`](Self::object) and [`into_events`](Self::into_events).
///
/// ```
/// use llm_layers_core::Body;
/// use llm_layers_wire::json::Limits;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let mut body = Body::from(r#"{"model": "cheap", "x": 1}"#);
/// body.object(&Limits::DEFAULT).await?.set("model", "gpt-5-mini");
/// assert_eq!(body.bytes(1024).await?, r#"{"model": "gpt-5-mini", "x": 1}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Body {
    kind: Kind,
}

/// What was edited goes out in one frame up to this length: to copy it costs less than to send several.
const JOINED: usize = 8 << 10;

enum Kind {
    Empty,
    Whole(Bytes),
    Object(Box<Object>),
    /// What was edited, as it goes out.
    Pieces(Pieces),
    Events(Encoder),
    Stream(BoxBody),
}

impl Body {
    /// Takes in any body. A `Body` comes back as it was.
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut body = Some(body);
        if let Some(same) = (&mut body as &mut dyn Any).downcast_mut::<Option<Self>>() {
            return same.take().unwrap_or_default();
        }
        match body {
            Some(body) if !body.is_end_stream() => Self { kind: Kind::Stream(stream::boxed(body)) },
            _ => Self::empty(),
        }
    }

    /// A body without bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self { kind: Kind::Empty }
    }

    /// A body made of server-sent events.
    pub fn from_events<S>(events: S) -> Self
    where
        S: Stream<Item = Result<Event, BoxError>> + Send + 'static,
    {
        Self { kind: Kind::Events(Encoder::new(Events::new(events))) }
    }

    /// The body as a stream of server-sent events. If it is one already, nothing is decoded again.
    ///
    /// The events are decoded as they are asked for, and within the limits.
    #[must_use]
    pub fn into_events(self, limits: sse::Limits) -> Events {
        match self.kind {
            Kind::Events(encoder) => encoder.into_events(),
            kind => Events::decode(Self { kind }, limits),
        }
    }

    /// The JSON object that the body has been split into, if it has.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The bytes of the body, if it has come in one piece that nobody has split. What is split already gives
    /// [`as_object`](Self::as_object).
    ///
    /// ```
    /// use llm_layers_core::Body;
    ///
    /// assert_eq!(Body::from("{}").as_bytes(), Some(&b"{}"[..]));
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Empty => Some(&[]),
            Kind::Whole(bytes) => Some(bytes),
            Kind::Object(_) | Kind::Pieces(_) | Kind::Events(_) | Kind::Stream(_) => None,
        }
    }

    /// Whether the body is a stream of decoded events.
    #[must_use]
    pub const fn is_events(&self) -> bool {
        matches!(self.kind, Kind::Events(_))
    }

    /// Whether all of it is in memory: nothing that is left to come can fail or be late.
    #[must_use]
    pub const fn is_in_memory(&self) -> bool {
        !matches!(self.kind, Kind::Events(_) | Kind::Stream(_))
    }

    /// The same body once more, for a replay; `None` for a stream, which can be read only once.
    ///
    /// It shares the bytes. [`bytes`](Self::bytes) and [`object`](Self::object) make any body replayable.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        let kind = match &self.kind {
            Kind::Empty => Kind::Empty,
            Kind::Whole(bytes) => Kind::Whole(bytes.clone()),
            Kind::Object(object) => Kind::Object(object.clone()),
            Kind::Pieces(pieces) if !pieces.is_begun() => Kind::Pieces(pieces.clone()),
            Kind::Pieces(_) | Kind::Events(_) | Kind::Stream(_) => return None,
        };
        Some(Self { kind })
    }

    /// Whether [`try_clone`](Self::try_clone) gives the body once more.
    #[must_use]
    pub const fn is_replayable(&self) -> bool {
        match &self.kind {
            Kind::Empty | Kind::Whole(_) | Kind::Object(_) => true,
            Kind::Pieces(pieces) => !pieces.is_begun(),
            Kind::Events(_) | Kind::Stream(_) => false,
        }
    }

    /// The length in bytes, where it is known.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.size_hint().exact()
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            match &mut self.kind {
                Kind::Empty => return Poll::Ready(None),
                Kind::Whole(bytes) => {
                    let bytes = std::mem::take(bytes);
                    self.kind = Kind::Empty;
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(bytes))));
                    }
                }
                Kind::Object(object) => {
                    self.kind = if object.text_len() <= JOINED {
                        Kind::Whole(object.to_bytes())
                    } else {
                        Kind::Pieces(Pieces::new(object.pieces()))
                    };
                }
                Kind::Pieces(pieces) => {
                    let piece = pieces.next();
                    if pieces.length() == 0 {
                        self.kind = Kind::Empty;
                    }
                    return Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))));
                }
                Kind::Events(encoder) => return encoder.poll_frame(cx),
                Kind::Stream(body) => {
                    let frame = ready!(body.as_mut().poll_frame(cx));
                    if !matches!(frame, Some(Ok(_))) {
                        // Whatever it was, it is over, and what it held is let go.
                        self.kind = Kind::Empty;
                    }
                    return Poll::Ready(frame);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Object(_) | Kind::Pieces(_) => false,
            Kind::Events(encoder) => encoder.is_end_stream(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Object(object) => SizeHint::with_exact(object.text_len() as u64),
            Kind::Pieces(pieces) => SizeHint::with_exact(pieces.length()),
            Kind::Events(encoder) => encoder.size_hint(),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { kind: if bytes.is_empty() { Kind::Empty } else { Kind::Whole(bytes) } }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::from(Bytes::from(text))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::from(Bytes::from_static(text.as_bytes()))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

impl From<Object> for Body {
    fn from(object: Object) -> Self {
        Self { kind: Kind::Object(Box::new(object)) }
    }
}

/// Tells what kind of body it is, and no content.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Empty => "Empty",
            Kind::Whole(_) => "Whole",
            Kind::Object(_) => "Object",
            Kind::Pieces(_) => "Pieces",
            Kind::Events(_) => "Events",
            Kind::Stream(_) => "Stream",
        };
        f.debug_struct("Body").field("kind", &kind).field("length", &self.content_length()).finish()
    }
}
