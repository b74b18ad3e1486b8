use bytes::{Bytes, BytesMut};
use llm_layers_wire::sse::{Decoder, Event};

/// What an event says to a client that will have to connect again: where it has got to, and when it may.
#[derive(Clone, Default)]
pub(super) struct Fields {
    id: Option<Bytes>,
    retry: Option<u64>,
}

/// That of events which were left out: it goes out with the next, and the text that was held back with it.
#[derive(Default)]
pub(super) struct Swallowed(Fields);

impl Fields {
    pub(super) fn of(event: &Event) -> Self {
        Self { id: event.id().map(Bytes::copy_from_slice), retry: event.retry() }
    }
}

impl Swallowed {
    /// An event with these fields has become those.
    pub(super) fn pass_on(&mut self, came: Fields, became: &mut [Event]) {
        let Self(kept) = self;
        for event in &mut *became {
            let id = kept.id.take().filter(|_| event.id().is_none());
            let retry = kept.retry.take().filter(|_| event.retry().is_none());
            if let Some(with) = with(event, id, retry) {
                *event = with;
            }
        }
        let is_out = |event: &Event| event.id() == came.id.as_deref() && event.retry() == came.retry;
        if !became.iter().any(is_out) {
            *kept = Fields { id: came.id.or_else(|| kept.id.take()), retry: came.retry.or(kept.retry) };
        }
    }
}

/// The event with more fields; nothing where there are none.
fn with(event: &Event, id: Option<Bytes>, retry: Option<u64>) -> Option<Event> {
    if id.is_none() && retry.is_none() {
        return None;
    }
    let mut text = BytesMut::new();
    if let Some(id) = id {
        text.extend_from_slice(b"id: ");
        text.extend_from_slice(&id);
        text.extend_from_slice(b"\n");
    }
    if let Some(retry) = retry {
        text.extend_from_slice(format!("retry: {retry}\n").as_bytes());
    }
    event.encode(&mut text);
    let mut decoder = Decoder::default();
    decoder.push(text.freeze());
    decoder.next().ok()?
}
