//! The events of an answer that is told as a stream: each made when it is asked for, of texts that are shared with the
//! answer. So a long answer in short pieces takes no more memory than it has.

use std::iter;

use bytes::Bytes;
use llm_layers_wire::{assemble::pieces, sse::Event};

/// An event, or the events that a text is cut into: JSON that begins with its `type`, which is the event's name too.
pub(super) struct Step {
    name: &'static str,
    /// The members up to the value, with a comma before each of them.
    before: Bytes,
    value: Bytes,
    /// What closes the value and the event.
    after: &'static str,
    /// Whether the value is the text of a string, which may be cut.
    is_text: bool,
    is_told: bool,
}

impl Step {
    /// One event.
    pub(super) fn new(name: &'static str, before: impl Into<Bytes>, value: Bytes, after: &'static str) -> Self {
        Self { name, before: before.into(), value, after, is_text: false, is_told: false }
    }

    /// An event for each piece of a string's text; none for an empty one.
    pub(super) fn text(name: &'static str, before: impl Into<Bytes>, inner: Bytes, after: &'static str) -> Self {
        Self { name, before: before.into(), value: inner, after, is_text: true, is_told: false }
    }

    /// Takes what the next event is to hold.
    fn take(&mut self, chars: usize) -> Option<Bytes> {
        if self.is_text {
            let piece = pieces(&self.value, chars).next()?;
            return Some(self.value.split_to(piece.end));
        }
        (!std::mem::replace(&mut self.is_told, true)).then(|| std::mem::take(&mut self.value))
    }

    /// An event; `number` is its place in a stream whose events are counted.
    fn event(&self, value: &[u8], number: Option<u64>) -> Event {
        const HEAD: usize = r#"{"type":"","sequence_number":}"#.len() + 20;
        let length = HEAD + self.name.len() + self.before.len() + value.len() + self.after.len();
        let mut data = Vec::with_capacity(length);
        data.extend_from_slice(br#"{"type":""#);
        data.extend_from_slice(self.name.as_bytes());
        data.push(b'"');
        if let Some(number) = number {
            data.extend_from_slice(br#","sequence_number":"#);
            data.extend_from_slice(number.to_string().as_bytes());
        }
        data.extend_from_slice(&self.before);
        data.extend_from_slice(value);
        data.extend_from_slice(self.after.as_bytes());
        Event::new(data).with_name(self.name)
    }
}

/// The events of all steps, their texts in pieces of so many characters.
pub(super) fn tell(
    mut steps: impl Iterator<Item = Step> + Send + 'static,
    chars: usize,
    is_numbered: bool,
) -> Box<dyn Iterator<Item = Event> + Send> {
    let (mut step, mut number) = (steps.next(), 0);
    Box::new(iter::from_fn(move || {
        loop {
            let now = step.as_mut()?;
            if let Some(value) = now.take(chars) {
                let event = now.event(&value, is_numbered.then_some(number));
                number += 1;
                return Some(event);
            }
            step = steps.next();
        }
    }))
}

/// A string's text without its quotes, escapes and all. `None` of what is no string.
pub(super) fn inner(raw: &Bytes) -> Option<Bytes> {
    let is_string = raw.len() > 1 && raw.starts_with(b"\"") && raw.ends_with(b"\"");
    is_string.then(|| raw.slice(1..raw.len() - 1))
}

/// Texts one behind the other.
pub(super) fn joined(parts: &[&[u8]]) -> Bytes {
    parts.concat().into()
}
