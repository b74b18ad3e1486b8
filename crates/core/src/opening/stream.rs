use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use llm_layers_wire::{json::Object, sse::Event};

use super::{Hold, broken_off, error_of_all, failed, said::Said};
use crate::{Body, BoxError, Events, Failure};

pub(super) async fn open(mut events: Events, hold: &Hold) -> Result<Body, Failure> {
    let (mut held, mut length) = (VecDeque::new(), 0);
    let mut patience = None;
    let begun = poll_fn(|cx| {
        while held.len() < hold.max_events && length < hold.max_stream {
            match Pin::new(&mut events).poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    let said = Said::of(&event);
                    if let Said::Failed(error) = said {
                        return Poll::Ready(Err(failed(error, &event.data_bytes().unwrap_or_default())));
                    }
                    length += event.raw().map_or(0, Bytes::len);
                    held.push_back(event);
                    if said == Said::Something {
                        return Poll::Ready(Ok(()));
                    }
                }
                // An end without a word: the end of a connection looks like that of an answer where no length is told.
                Poll::Ready(None) => return Poll::Ready(plain(&held).unwrap_or_else(|| Err(broken_off()))),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(broken_off())),
                Poll::Pending if held.is_empty() => return Poll::Pending,
                Poll::Pending => {
                    let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(hold.patience)));
                    return patience.as_mut().poll(cx).map(Ok);
                }
            }
        }
        Poll::Ready(Ok(()))
    });
    begun.await?;
    Ok(Body::from_events(Held { held, events }))
}

/// What a stream is that has come to its end and was none: some servers answer by plain JSON, and call it a stream.
fn plain(held: &VecDeque<Event>) -> Option<Result<(), Failure>> {
    let (Some(event), 1) = (held.front(), held.len()) else { return None };
    let text = event.raw().filter(|text| text.trim_ascii_start().starts_with(b"{"))?;
    Object::parse(text.clone()).ok()?;
    Some(error_of_all(text).map_or(Ok(()), Err))
}

/// A stream whose beginning has been read.
struct Held {
    held: VecDeque<Event>,
    events: Events,
}

impl Stream for Held {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.held.pop_front() {
            Some(event) => Poll::Ready(Some(Ok(event))),
            None => Pin::new(&mut self.events).poll_next(cx),
        }
    }
}
