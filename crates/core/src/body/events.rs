use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use http_body::Body as HttpBody;
use llm_layers_wire::sse::{self, Decoder, Event};

use super::Body;
use crate::BoxError;

/// A stream of server-sent events, as [`Body::into_events`] gives it.
///
/// It is a [`Stream`]: a layer maps it with the combinators of `futures`, or by a type of its own,
/// and makes a body of it again by [`Body::from_events`].
pub struct Events {
    stream: Pin<Box<dyn Stream<Item = Result<Event, BoxError>> + Send>>,
}

impl Events {
    pub(super) fn new(stream: impl Stream<Item = Result<Event, BoxError>> + Send + 'static) -> Self {
        Self { stream: Box::pin(stream) }
    }

    pub(super) fn decode(body: Body, limits: sse::Limits) -> Self {
        Self::new(Decode { body, decoder: Some(Decoder::new(limits)) })
    }
}

impl Stream for Events {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl From<Events> for Body {
    fn from(events: Events) -> Self {
        Self { kind: super::Kind::Events(super::Encoder::new(events)) }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// Decodes a body as far as it is asked for.
struct Decode {
    body: Body,
    /// Gone once the stream is over.
    decoder: Option<Decoder>,
}

impl Stream for Decode {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(decoder) = &mut this.decoder else { return Poll::Ready(None) };
            match decoder.next() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => {}
                Err(error) => {
                    this.decoder = None;
                    this.body = Body::empty();
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                // Trailers are lost here: nothing that matters may travel in them alone (HTTP/1.1 seldom carries them).
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        decoder.push(data);
                    }
                }
                Some(Err(error)) => {
                    this.decoder = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let last = decoder.finish();
                    this.decoder = None;
                    return Poll::Ready(last.transpose().map(|event| event.map_err(Into::into)));
                }
            }
        }
    }
}
