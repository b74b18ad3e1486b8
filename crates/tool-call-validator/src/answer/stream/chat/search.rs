use llm_layers_wire::sse::Event;

use super::{Checking, TextMode, queue::Entry};
use crate::{
    judge::End,
    written::{find, settled},
};

impl Checking {
    /// Looks for calls in a text that has come to its end.
    pub(super) fn search(&mut self, slot: usize, end: End) {
        let searches = self.searches && self.holds_text() && end == End::Complete;
        let Some(choice) = self.choices.get_mut(slot).filter(|choice| searches && choice.calls.list().is_empty())
        else {
            return;
        };
        let text = choice.text.as_str();
        let flowed = text.get(..choice.flowed).unwrap_or_default();
        // What has gone out stays said.
        choice.written = find(text, &self.contract).filter(|written| written.text.starts_with(flowed.trim_end()));
    }

    /// Lets the text go in which no call can be written any more.
    pub(super) fn settle_text(&mut self, slot: usize, out: &mut Vec<Event>) {
        let Some(choice) = self.choices.get(slot).filter(|_| self.text == TextMode::Searched) else { return };
        let end = if choice.calls.list().is_empty() {
            let from = begin(choice.text.as_str(), choice.flowed);
            from + settled(choice.text.as_str().get(from..).unwrap_or_default())
        } else {
            choice.text.len()
        };
        self.let_text_go(slot, end, out);
    }

    /// Gives up the search: the text is too long for it.
    pub(super) fn search_no_more(&mut self, out: &mut Vec<Event>) {
        for slot in 0..self.choices.len() {
            self.let_text_go(slot, usize::MAX, out);
            if let Some(choice) = self.choices.get_mut(slot) {
                self.room.give(std::mem::take(&mut choice.text).len());
                choice.flowed = 0;
            }
        }
        self.text = TextMode::Free;
    }

    fn let_text_go(&mut self, slot: usize, end: usize, out: &mut Vec<Event>) {
        let goes = |entry: &Entry| {
            entry.choice == Some(slot) && entry.text.is_some_and(|text| text <= end) && !entry.has_calls()
        };
        let last = self.queue.entries().iter().rev().find(|entry| goes(entry));
        let Some(flowed) = last.and_then(|entry| entry.text) else { return };
        self.say(out);
        let entries = self.queue.take(goes);
        out.extend(self.events(entries));
        if let Some(choice) = self.choices.get_mut(slot) {
            choice.flowed = flowed;
        }
    }
}

/// Where the search goes on, a word before what has not gone out: what stands behind words is not the whole text.
fn begin(text: &str, flowed: usize) -> usize {
    const BACK: usize = 16;
    let before = text.get(..flowed).unwrap_or_default();
    let word = before.char_indices().rev().take(BACK).find(|(_, char)| char.is_alphanumeric());
    word.map_or(flowed, |(at, _)| at)
}
