use bytes::Bytes;
use llm_layers_wire::{json::Object, sse::Event};

use super::Item;
use crate::{
    answer::nested::{Unreadable, object},
    judge::{CallKind, End},
};

/// How an API tells items in events, and how its events are written anew.
pub(crate) trait Wire: Send {
    /// What an event tells. It may change the event: usage is summed.
    fn read(&mut self, event: &mut Event) -> Reading;

    /// Writes an event anew that tells of these items, in the order in which it told of them, of which some were mended.
    /// What takes its place is put into `out`: nothing, the event, or another behind it.
    fn spell(&self, event: Event, touched: &[usize], items: &mut [Item], out: &mut Vec<Event>);

    /// Takes away from an event that tells of a failure what must not be seen.
    fn strip(&self, _event: &mut Event) {}

    /// Whether a model that declines says so in text like any other, which only the end tells.
    fn declines_in_text(&self) -> bool {
        false
    }

    /// The `usage` that the stream has told by now, without that of earlier answers.
    fn usage(&self) -> Option<Bytes>;
}

/// What an event tells.
pub(crate) struct Reading {
    pub(crate) class: Class,
    pub(crate) tells: Vec<Tell>,
    /// The event's number, where events have one.
    pub(crate) number: Option<u64>,
}

impl Reading {
    pub(crate) const fn of(class: Class) -> Self {
        Self { class, tells: Vec::new(), number: None }
    }
}

/// What an event is to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// No part of the answer: it goes on at once, whatever is held.
    Aside,
    /// A part of the answer in which the model has said nothing yet.
    Quiet,
    Said,
    /// How the answer ends: it waits for the verdict.
    Ending,
    /// The last of the answer.
    Last,
    /// The answer has failed.
    Failed,
    /// It cannot be told what it is.
    Unreadable,
}

/// Where an item stands: its index, and which part of it.
pub(crate) type At = (u32, u32);

/// What is told of an item, or of the whole answer. Texts are JSON, as they stand in the event.
pub(crate) enum Tell {
    /// An item begins, with the beginning of its text.
    Begins {
        at: At,
        what: What,
        text: Bytes,
    },
    /// A piece of its text. Without a beginning it begins one, if it says of what.
    More {
        at: At,
        text: Bytes,
        or: Option<What>,
    },
    /// All of it.
    Whole {
        at: At,
        what: What,
        text: Bytes,
    },
    /// All of it once more, at the end of the answer: its place there may be another.
    Repeated {
        at: At,
        what: What,
        text: Bytes,
    },
    /// It is complete.
    Over {
        at: At,
    },
    Refusal,
    End(Ending),
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) end: End,
    /// Whether no call and no text is to be expected of it.
    pub(crate) is_empty: bool,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Call(Named),
    /// Text that is to be JSON.
    Text,
}

/// What a call is called by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: CallKind,
}

/// Changes an object within another. It has been read before.
pub(crate) fn edit(outer: &mut Object, member: &str, edit: impl FnOnce(&mut Object)) {
    let Ok(Some(mut inner)) = object(outer, member) else { return };
    edit(&mut inner);
    if inner.is_edited() {
        // What was split from JSON, and changed by member, is JSON.
        let _ = outer.set_raw(member, inner.to_bytes());
    }
}

/// An index, which nobody has four billions of. Of others, clients think this or that: -1 is the last for some.
pub(in super::super) fn index(object: &Object, member: &str) -> Result<u32, Unreadable> {
    Ok(object.read(member).map_err(|_| Unreadable)?.unwrap_or_default())
}

/// A member that is a string, or nothing.
pub(crate) fn text(object: &Object, member: &str) -> String {
    object.text(member).unwrap_or_default().into_owned()
}

/// The JSON of a member; `null` where there is none.
pub(crate) fn raw(object: &Object, member: &str) -> Bytes {
    object.get_bytes(member).unwrap_or(Bytes::from_static(b"null"))
}
