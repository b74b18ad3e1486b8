//! The running texts of a stream.
//!
//! An event goes out as it came unless something in it changes. What a visitor holds back of a running text comes out
//! with a later piece of it, or in an event of its own right before the one that ends it, of the same kind as those that
//! the text came in.

mod channel;
mod chat;
mod messages;
mod open;
mod responses;
mod swallowed;

use std::borrow::Cow;

use llm_layers_core::Operation;
use llm_layers_pii::Text;
use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};

pub(crate) use channel::{Channel, Deltas, Kind};

use self::{
    chat::Chat,
    messages::Messages,
    responses::Responses,
    swallowed::{Fields, Swallowed},
};
use super::{
    Place, Visit,
    shape::Shape,
    string::unescape,
    walk::{Side, Walk},
};

/// A stream's events, one after the other.
pub(crate) struct Stream {
    dialect: Dialect,
    swallowed: Swallowed,
}

enum Dialect {
    Chat(Chat),
    Responses(Responses),
    Messages(Messages),
}

impl Stream {
    pub(crate) fn new(operation: Operation) -> Self {
        let dialect = match operation {
            Operation::Response => Dialect::Responses(Responses::default()),
            Operation::Message => Dialect::Messages(Messages::default()),
            _ => Dialect::Chat(Chat::default()),
        };
        Self { dialect, swallowed: Swallowed::default() }
    }

    /// Sees to an event, and appends what goes out in its place: most often the event, perhaps after another with what
    /// was held back, and nothing when all of it is held back.
    pub(crate) fn event(&mut self, event: Event, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        if event.data().is_none() {
            // A comment, or a setting.
            return out.push(event);
        }
        let from = out.len();
        let fields = Fields::of(&event);
        if event.is_done() {
            self.end(deltas, out);
            out.push(event);
        } else {
            match &mut self.dialect {
                Dialect::Chat(chat) => chat.event(event, deltas, out),
                Dialect::Responses(responses) => responses.event(event, deltas, out),
                Dialect::Messages(messages) => messages.event(event, deltas, out),
            }
        }
        self.swallowed.pass_on(fields, out.get_mut(from..).unwrap_or_default());
    }

    /// The stream is over, or broken off: appends what is still held back.
    pub(crate) fn finish(&mut self, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let from = out.len();
        self.end(deltas, out);
        self.swallowed.pass_on(Fields::default(), out.get_mut(from..).unwrap_or_default());
    }

    /// The number of an event that comes after those that have gone out, where they are numbered.
    pub(crate) fn next_number(&self) -> u64 {
        match &self.dialect {
            Dialect::Responses(responses) => responses.next_number(),
            Dialect::Chat(_) | Dialect::Messages(_) => 0,
        }
    }

    fn end(&mut self, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        match &mut self.dialect {
            Dialect::Chat(chat) => chat.finish(deltas, out),
            Dialect::Responses(responses) => responses.finish(deltas, out),
            Dialect::Messages(messages) => messages.finish(deltas, out),
        }
    }
}

/// An event's data as an object; `None` when they are something else.
fn object(event: &Event) -> Option<Object> {
    Object::parse_with(event.data_bytes()?, &Limits::LENIENT).ok()
}

/// Shows what stands whole in an event, and puts back what takes its place.
fn show_whole(event: &mut Event, object: &mut Object, shape: Shape, visit: &mut impl Visit) {
    // The object was validated, so there is nothing that cannot be walked.
    if super::whole(object, shape, Side::Answer, visit) == Ok(true) {
        event.set_data(object.to_bytes());
    }
}

/// Shows the data of an event that is no JSON object.
fn show_data(event: &mut Event, visit: &mut impl Visit) {
    let text = String::from_utf8_lossy(event.data().unwrap_or_default()).into_owned();
    let place = Place { raw_json: true, ..Place::default() };
    if let Some(replaced) = visit.text(&Text::from(text.as_str()), place) {
        event.set_data(replaced);
    }
}

/// Shows one value of an event; what it has become, where it changes.
fn show_value(value: &[u8], shape: Shape, member: &str, visit: &mut impl Visit) -> Option<String> {
    // Nothing but these holds a text of an answer.
    if !matches!(value.first(), Some(b'"' | b'{' | b'[')) {
        return None;
    }
    Walk::new(std::str::from_utf8(value).ok()?, Side::Answer, visit).finish(shape, member)?
}

/// The text of a raw JSON string; `None` for anything else.
fn text_of(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(inner).ok().map(unescape)
}

/// An index, which nobody has four billions of.
fn index_of(value: Option<&[u8]>) -> Option<u32> {
    std::str::from_utf8(value?).ok()?.parse().ok()
}
