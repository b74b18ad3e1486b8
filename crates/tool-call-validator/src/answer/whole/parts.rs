use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::call::{Found, put_raw};
use crate::{
    answer::nested::{Unreadable, parse, parse_list},
    judge::{Judgement, Verdict},
    layer::Settings,
};

/// A list of typed objects, some of which are calls: the content of a message, the output of a response.
pub(super) struct Parts {
    array: Array,
    /// With their places in the list.
    pub(super) calls: Vec<(usize, Found)>,
    is_edited: bool,
}

impl Parts {
    /// `None` where this is no list.
    pub(super) fn read(text: Bytes, call: impl Fn(Object) -> Option<Found>) -> Result<Option<Self>, Unreadable> {
        let Some(array) = parse_list(text)? else { return Ok(None) };
        let mut calls = Vec::new();
        for (index, part) in array.iter().enumerate() {
            calls.extend(parse(part)?.and_then(&call).map(|call| (index, call)));
        }
        Ok(Some(Self { array, calls, is_edited: false }))
    }

    /// All objects, with their places.
    pub(super) fn objects(&self) -> impl Iterator<Item = (usize, Object)> {
        // All of them have been read once.
        self.array.iter().enumerate().filter_map(|(index, part)| Some((index, parse(part).ok()??)))
    }

    /// The text of those that have one.
    pub(super) fn text(&self, text: impl Fn(&Object) -> Option<String>) -> String {
        self.objects().filter_map(|(_, part)| text(&part)).collect()
    }

    /// Takes note that the answer was cut off behind the last part.
    pub(super) fn cut_off(&mut self) {
        let count = self.array.len();
        if let Some((_, call)) = self.calls.last_mut().filter(|(index, _)| index + 1 == count) {
            call.cut_off();
        }
    }

    /// Takes note of what is to become of the shape of calls.
    pub(super) fn settle(&self, judgements: &mut [Judgement], settings: &Settings) {
        let verdicts = judgements.iter_mut().flat_map(|judgement| &mut judgement.calls);
        for ((_, call), verdict) in self.calls.iter().zip(verdicts) {
            call.settle(0, verdict, settings);
        }
    }

    /// Writes what was mended of the calls.
    pub(super) fn mend_calls(&mut self, verdicts: &[Verdict]) {
        let mut calls = std::mem::take(&mut self.calls);
        for ((index, call), verdict) in calls.iter_mut().zip(verdicts) {
            call.mend(verdict);
            if call.object.is_edited() {
                self.set(*index, &call.object);
            }
        }
        self.calls = calls;
    }

    /// Writes another text into those that have one: all of it into the first.
    pub(super) fn set_text(&mut self, text: impl Fn(&Object) -> Option<String>, new: &str) {
        let mut new = new;
        let parts: Vec<_> = self.objects().filter(|(_, part)| text(part).is_some()).collect();
        for (index, mut part) in parts {
            part.set("text", std::mem::take(&mut new));
            self.set(index, &part);
        }
    }

    pub(super) fn set(&mut self, index: usize, part: &Object) {
        // It was split from JSON, and changed by member.
        let _ = self.array.set(index, part.to_bytes());
        self.is_edited = true;
    }

    /// Writes the list back to where it was taken from, if anything in it has changed.
    pub(super) fn put(&self, outer: &mut Object, member: &str) {
        if self.is_edited {
            put_raw(outer, member, self.array.to_bytes());
        }
    }
}
