use llm_layers_wire::sse::Event;

use super::{Checking, TextMode, queue::Entry};
use crate::{
    judge::End,
    written::{Written, find, settled},
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
        let is_behind = |written: &Written| written.text.starts_with(flowed.trim_end());
        let is_mended = |(name, _): &(String, String)| self.settings.policy(Some(name)).repair;
        choice.written =
            find(text, &self.contract).filter(|written| is_behind(written) && written.calls.iter().all(is_mended));
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
        let Some(choice) = self.choices.get_mut(slot) else { return };
        // Most often nothing goes, and the queue is long.
        if choice.waits_from.is_none_or(|first| first > end) {
            return;
        }
        let is_text = |entry: &Entry| entry.choice == Some(slot) && !entry.has_calls();
        let ends = || self.queue.entries().iter().filter(|entry| is_text(entry)).filter_map(|entry| entry.text);
        choice.waits_from = ends().find(|text| *text > end);
        choice.flowed = ends().take_while(|text| *text <= end).last().unwrap_or(choice.flowed);
        self.say(out);
        let entries = self.queue.take(|entry| is_text(entry) && entry.text.is_some_and(|text| text <= end));
        out.extend(self.events(entries));
    }
}

/// Where the search goes on, a word before what has not gone out: what stands behind words is not the whole text.
fn begin(text: &str, flowed: usize) -> usize {
    const BACK: usize = 16;
    let before = text.get(..flowed).unwrap_or_default();
    let word = before.char_indices().rev().take(BACK).find(|(_, char)| char.is_alphanumeric());
    word.map_or(flowed, |(at, _)| at)
}
