use bytes::{BufMut, Bytes, BytesMut};
use llm_layers_wire::{
    json::{Array, Object},
    openai::ChunkChoice,
    sse::Event,
};

use super::{delta::is_nothing, queue::Entry};

/// What becomes of what is held of a choice.
#[derive(Default)]
pub(super) struct Changes {
    /// Call by call; those behind go on as they came.
    pub(super) calls: Vec<Change>,
    pub(super) text: Change,
    /// Calls that were written in the text, as the items of `tool_calls`.
    pub(super) written: Vec<Bytes>,
    /// What takes the place of the reason for the end.
    pub(super) finish: Option<&'static str>,
}

/// What becomes of a call, or of the text.
#[derive(Default)]
pub(super) enum Change {
    /// It goes on as it came.
    #[default]
    Keep,
    /// Its first piece becomes the whole of it, as JSON.
    Whole(Bytes),
    /// Its pieces go.
    Gone,
}

impl Change {
    fn take(&mut self) -> Self {
        match self {
            Self::Keep => Self::Keep,
            _ => std::mem::replace(self, Self::Gone),
        }
    }

    pub(super) const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl Changes {
    /// The event with its changes made; `None` if nothing is left of it.
    pub(super) fn make(&mut self, entry: Entry) -> Option<Event> {
        let is_kept = |call: usize| self.calls.get(call).is_none_or(Change::is_keep);
        let edits_text = entry.text.is_some() && !(self.text.is_keep() && self.written.is_empty());
        if entry.all_calls().all(is_kept) && !edits_text && self.finish.is_none() {
            return Some(entry.event);
        }
        let mut event = entry.event;
        let mut is_empty = false;
        event.edit_chunk(|chunk| {
            let has_usage = chunk.object().get("usage").is_some_and(|usage| !is_nothing(usage));
            let Some(choice) = chunk.choices_mut().first_mut() else { return };
            if !entry.calls.is_empty() {
                self.set_calls(choice.delta_mut(), &entry.calls);
            }
            if let Some(call) = entry.legacy {
                match self.calls.get_mut(call).map(Change::take) {
                    Some(Change::Whole(called)) => put(choice.delta_mut(), "function_call", called),
                    Some(Change::Gone) => _ = choice.delta_mut().remove("function_call"),
                    Some(Change::Keep) | None => {}
                }
            }
            if edits_text {
                self.set_text(choice.delta_mut());
            }
            let is_end = choice.finish_reason().is_some_and(|reason| !reason.is_empty());
            if let Some(reason) = self.finish.filter(|_| is_end) {
                choice.object_mut().set("finish_reason", reason);
            }
            is_empty = !is_end && !has_usage && choice.delta().iter().all(|(_, value)| is_nothing(value));
            is_empty &= chunk.is_edited();
        });
        (!is_empty).then_some(event)
    }

    fn set_calls(&mut self, delta: &mut Object, calls: &[usize]) {
        let Some(items) = delta.get_bytes("tool_calls").and_then(|items| Array::parse(items).ok()) else { return };
        let mut left = Vec::new();
        for (item, call) in items.iter().zip(calls) {
            match self.calls.get_mut(*call).map(Change::take) {
                Some(Change::Whole(whole)) => left.push(whole),
                Some(Change::Gone) => {}
                Some(Change::Keep) | None => left.push(item),
            }
        }
        if left.is_empty() {
            delta.remove("tool_calls");
        } else {
            put(delta, "tool_calls", array(&left));
        }
    }

    fn set_text(&mut self, delta: &mut Object) {
        match self.text.take() {
            Change::Whole(text) => put(delta, "content", text),
            Change::Gone => _ = delta.remove("content"),
            Change::Keep => {}
        }
        if !self.written.is_empty() {
            put(delta, "tool_calls", array(&std::mem::take(&mut self.written)));
        }
    }
}

/// One choice of a chunk of several, as a chunk of its own. What is not a choice's stays in each, but for the usage, which
/// goes with the last.
pub(super) fn only_choice(event: &Event, at: usize) -> Event {
    let mut event = event.clone();
    event.edit_chunk(|chunk| {
        let is_last = at + 1 == chunk.choices().len();
        let choices = chunk.choices().get(at).cloned().into_iter().collect();
        chunk.set_choices(choices);
        if !is_last {
            no_usage(chunk.object_mut());
        }
    });
    event
}

/// A chunk in two: what may go on, and what waits.
pub(super) fn parted(event: &Event, waits: impl Fn(&str) -> bool) -> (Event, Event) {
    let (mut free, mut held) = (event.clone(), event.clone());
    free.edit_chunk(|chunk| {
        no_usage(chunk.object_mut());
        chunk.choices_mut().iter_mut().for_each(|choice| retain(choice, |name| !waits(name)));
    });
    held.edit_chunk(|chunk| {
        for choice in chunk.choices_mut() {
            retain(choice, &waits);
            if !waits("content") && choice.object().get("logprobs").is_some() {
                choice.object_mut().set("logprobs", &());
            }
        }
    });
    (free, held)
}

fn retain(choice: &mut ChunkChoice, stays: impl Fn(&str) -> bool) {
    let names: Vec<_> = choice.delta().iter().map(|(name, _)| name.into_owned()).collect();
    for name in names.iter().filter(|name| !stays(name)) {
        choice.delta_mut().remove(name);
    }
}

fn no_usage(object: &mut Object) {
    if object.get("usage").is_some_and(|usage| usage != b"null") {
        object.set("usage", &());
    }
}

fn put(object: &mut Object, name: &str, json: Bytes) {
    // What is put is JSON, of ours or of the chunk.
    let _ = object.set_raw(name, json);
}

fn array(items: &[Bytes]) -> Bytes {
    let mut json = BytesMut::new();
    for (at, item) in items.iter().enumerate() {
        json.put_u8(if at == 0 { b'[' } else { b',' });
        json.put_slice(item);
    }
    json.put_u8(b']');
    json.freeze()
}
