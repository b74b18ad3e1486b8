//! The items of an answer, as they grow.
//!
//! Whole and streamed answers are made by the same steps, so that the two can never say different things.

use foldhash::HashMap;
use llm_layers_wire::{assemble::Assembler, json::Object};
use serde_json::value::RawValue;

use super::{
    events::{AnyPart, Event, Events},
    items::{Item, Message, OutputText, Part, Refusal, Status},
    logprobs, reasoning, said,
};

/// An answer of more bytes than this is none, what it takes to keep them included.
const MAX_BYTES: usize = Assembler::MAX_BYTES;

/// More items than this no model gives.
const MAX_ITEMS: usize = 1024;

/// What a source or a token costs beyond its text, about.
const OVERHEAD: usize = 256;

/// More was said than any model says.
#[derive(Debug)]
pub(super) struct TooLong;

#[derive(Debug, Default)]
pub(super) struct Output {
    /// What the ids of all items have in common.
    pub(super) seed: String,
    pub(super) items: Vec<Item>,
    /// Reasoning or text that is still growing: its place is behind all items.
    pub(super) open: Option<Item>,
    /// What the open reasoning can be handed back by, as far as its pieces have come.
    pub(super) details: Option<Assembler>,
    /// What else the open reasoning carries, in one piece.
    pub(super) kept: Vec<Box<RawValue>>,
    /// Where the calls are, by the index that the provider gives them.
    pub(super) calls: HashMap<u64, usize>,
    taken: usize,
    pub(super) events: Events,
}

impl Output {
    pub(super) fn new(seed: String) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Adds what a message says, or a delta of one.
    pub(super) fn say(&mut self, message: &Object, logprobs: Option<&RawValue>) -> Result<(), TooLong> {
        if let Some(text) = said::reasoning(message) {
            self.reasoning(text)?;
        }
        if let Some(details) = said::list(message, "reasoning_details") {
            self.details(details)?;
        }
        if let Some(text) = said::string(message, "content") {
            self.text(text, logprobs)?;
        }
        if let Some(text) = said::string(message, "refusal") {
            self.refusal(text)?;
        }
        self.annotations(message)?;
        for call in said::calls(message) {
            self.call(&call)?;
        }
        Ok(())
    }

    pub(super) fn take(&mut self, bytes: usize) -> Result<(), TooLong> {
        self.taken = self.taken.saturating_add(bytes);
        if self.taken > MAX_BYTES { Err(TooLong) } else { Ok(()) }
    }

    /// The id of the item that begins.
    pub(super) fn next_id(&self, kind: &str) -> Result<String, TooLong> {
        if self.items.len() >= MAX_ITEMS {
            return Err(TooLong);
        }
        Ok(format!("{kind}_{}{:04x}", self.seed, self.items.len()))
    }

    /// An item begins, behind all others.
    pub(super) fn added(&mut self, item: &Item) {
        let output_index = Some(self.items.len());
        self.events.send("response.output_item.added", &Event { output_index, item: Some(item), ..Event::default() });
    }

    fn text(&mut self, delta: &RawValue, logprobs: Option<&RawValue>) -> Result<(), TooLong> {
        let logprobs = logprobs::read(logprobs);
        self.take(delta.get().len().saturating_add(logprobs.len().saturating_mul(OVERHEAD)))?;
        self.begin_part(|part| matches!(part, Part::OutputText(_)), || Part::OutputText(OutputText::default()))?;
        let output_index = Some(self.items.len());
        let Some(Item::Message(Message { id, content, .. })) = &mut self.open else { return Ok(()) };
        let content_index = content.len().checked_sub(1);
        let Some(Part::OutputText(part)) = content.last_mut() else { return Ok(()) };
        let event = Event {
            item_id: Some(id),
            output_index,
            content_index,
            delta: Some(delta),
            logprobs: Some(&logprobs),
            ..Event::default()
        };
        self.events.send("response.output_text.delta", &event);
        part.text.push(delta);
        part.logprobs.extend(logprobs);
        Ok(())
    }

    fn refusal(&mut self, delta: &RawValue) -> Result<(), TooLong> {
        self.take(delta.get().len())?;
        self.begin_part(|part| matches!(part, Part::Refusal(_)), || Part::Refusal(Refusal::default()))?;
        let output_index = Some(self.items.len());
        let Some(Item::Message(Message { id, content, .. })) = &mut self.open else { return Ok(()) };
        let content_index = content.len().checked_sub(1);
        let Some(Part::Refusal(part)) = content.last_mut() else { return Ok(()) };
        let event = Event { item_id: Some(id), output_index, content_index, delta: Some(delta), ..Event::default() };
        self.events.send("response.refusal.delta", &event);
        part.refusal.push(delta);
        Ok(())
    }

    /// Opens a message, and in it a part, unless such a one is open.
    fn begin_part(&mut self, is: impl Fn(&Part) -> bool, make: impl Fn() -> Part) -> Result<(), TooLong> {
        if !matches!(self.open, Some(Item::Message(_))) {
            self.close(Status::Completed);
            let id = self.next_id("msg")?;
            let status = Status::InProgress;
            let item = Item::Message(Message { id, status, role: "assistant", content: Vec::new() });
            self.added(&item);
            self.open = Some(item);
        }
        let output_index = self.items.len();
        let Some(Item::Message(message)) = &mut self.open else { return Ok(()) };
        if !message.content.last().is_some_and(is) {
            end_part(message, output_index, &mut self.events);
            message.content.push(make());
            let content_index = message.content.len().checked_sub(1);
            let event = Event {
                item_id: Some(&message.id),
                output_index: Some(output_index),
                content_index,
                part: message.content.last().map(AnyPart::Content),
                ..Event::default()
            };
            self.events.send("response.content_part.added", &event);
        }
        Ok(())
    }

    /// Adds sources to the last text. It may be over: some providers tell them at the very end.
    fn annotations(&mut self, message: &Object) -> Result<(), TooLong> {
        for annotation in said::annotations(message) {
            self.take(OVERHEAD.saturating_add(annotation.title.len()).saturating_add(annotation.url.len()))?;
            let is_message = |(_, item): &(usize, &mut Item)| matches!(item, Item::Message(_));
            let items = self.items.iter_mut().chain(&mut self.open).enumerate();
            let last = items.filter(is_message).last();
            let Some((output_index, Item::Message(Message { id, content, .. }))) = last else { break };
            let parts = content.iter_mut().enumerate();
            let text = parts.filter_map(|(at, part)| match part {
                Part::OutputText(text) => Some((at, text)),
                Part::Refusal(_) => None,
            });
            let Some((content_index, part)) = text.last() else { break };
            let event = Event {
                item_id: Some(id),
                output_index: Some(output_index),
                content_index: Some(content_index),
                annotation_index: Some(part.annotations.len()),
                annotation: Some(&annotation),
                ..Event::default()
            };
            self.events.send("response.output_text.annotation.added", &event);
            part.annotations.push(annotation);
        }
        Ok(())
    }

    /// Ends the reasoning or the text that is open.
    pub(super) fn close(&mut self, status: Status) {
        let Some(mut item) = self.open.take() else { return };
        let index = self.items.len();
        match &mut item {
            Item::Reasoning(reasoning) => {
                reasoning::end(reasoning, index, &mut self.events);
                reasoning.encrypted_content = reasoning::sealed(self.details.take(), std::mem::take(&mut self.kept));
            }
            Item::Message(message) => end_part(message, index, &mut self.events),
            Item::FunctionCall(_) | Item::CustomToolCall(_) => {}
        }
        item.end(status);
        self.items.push(item);
        self.done(index);
    }

    /// An item has ended.
    pub(super) fn done(&mut self, index: usize) {
        let event = Event { output_index: Some(index), item: self.items.get(index), ..Event::default() };
        self.events.send("response.output_item.done", &event);
    }

    /// The answer has ended. The item that was cut off, if one was, is the last.
    pub(super) fn finish(&mut self, last: Status) {
        // Open text stands behind all calls, else the first of them would have ended it.
        let cut_text = if self.open.is_some() { last } else { Status::Completed };
        let cut_call = if self.open.is_some() { Status::Completed } else { last };
        self.end_calls(cut_call);
        self.close(cut_text);
    }

    /// The stream has broken off. What is open stays as it is, for the response that tells of it.
    pub(super) fn abandon(&mut self) {
        self.items.extend(self.open.take());
        for item in &mut self.items {
            item.abandon();
        }
    }
}

/// Ends the last part of a message, if it has any.
fn end_part(message: &Message, output_index: usize, events: &mut Events) {
    let Some(part) = message.content.last() else { return };
    let place = || Event {
        item_id: Some(&message.id),
        output_index: Some(output_index),
        content_index: message.content.len().checked_sub(1),
        ..Event::default()
    };
    match part {
        Part::OutputText(OutputText { text, logprobs, .. }) => {
            let event = Event { text: Some(text), logprobs: Some(logprobs), ..place() };
            events.send("response.output_text.done", &event);
        }
        Part::Refusal(Refusal { refusal }) => {
            events.send("response.refusal.done", &Event { refusal: Some(refusal), ..place() });
        }
    }
    events.send("response.content_part.done", &Event { part: Some(AnyPart::Content(part)), ..place() });
}
