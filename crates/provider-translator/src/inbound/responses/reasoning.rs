//! The reasoning of an answer.

use llm_layers_wire::{
    assemble::Assembler,
    json::Object,
    openai::{Chunk, ChunkChoice, Completion},
};
use serde_json::value::RawValue;

use super::{
    events::{AnyPart, Event, Events},
    items::{Growing, Item, Reasoning, Status, Summary},
    output::{Output, TooLong},
    seal,
};

impl Output {
    /// Adds text of reasoning.
    pub(super) fn reasoning(&mut self, text: &RawValue) -> Result<(), TooLong> {
        self.take(text.get().len())?;
        self.begin_reasoning()?;
        let output_index = Some(self.items.len());
        let Some(Item::Reasoning(Reasoning { id, summary, .. })) = &mut self.open else { return Ok(()) };
        let place = || Event { item_id: Some(id), output_index, summary_index: Some(0), ..Event::default() };
        if summary.is_empty() {
            summary.push(Summary { text: Growing::default() });
            let part = summary.first().map(AnyPart::Summary);
            self.events.send("response.reasoning_summary_part.added", &Event { part, ..place() });
        }
        if let Some(summary) = summary.first_mut() {
            summary.text.push(text);
        }
        self.events.send("response.reasoning_summary_text.delta", &Event { delta: Some(text), ..place() });
        Ok(())
    }

    /// Adds what reasoning can be handed back by.
    pub(super) fn details(&mut self, details: &RawValue) -> Result<(), TooLong> {
        self.take(details.get().len())?;
        self.begin_reasoning()?;
        if !self.events.wanted {
            // A whole answer has it in one piece.
            self.kept.extend(serde_json::from_str::<Vec<Box<RawValue>>>(details.get()).unwrap_or_default());
            return Ok(());
        }
        // Joined as chunks are joined anywhere: a block may come in pieces.
        let (mut choice, mut delta) = (Object::new(), Object::new());
        choice.set("index", &0);
        delta.set("reasoning_details", details);
        let chunk = Chunk::new(Object::new(), vec![ChunkChoice::new(choice, delta)]);
        // Pieces that do not fit together cannot be handed back; that is noticed at the end.
        let _ = self.details.get_or_insert_default().push(&chunk);
        Ok(())
    }

    /// Adds what the call that comes next must be handed back with.
    pub(super) fn hang(&mut self, call_id: &str, extra: &RawValue) -> Result<(), TooLong> {
        self.take(call_id.len().saturating_add(extra.get().len()))?;
        self.begin_reasoning()?;
        self.kept.extend(seal::of_call(call_id, extra));
        Ok(())
    }

    fn begin_reasoning(&mut self) -> Result<(), TooLong> {
        if !matches!(self.open, Some(Item::Reasoning(_))) {
            self.close(Status::Completed);
            let id = self.next_id("rs")?;
            let status = Status::InProgress;
            let item = Item::Reasoning(Reasoning { id, summary: Vec::new(), encrypted_content: None, status });
            self.added(&item);
            self.open = Some(item);
        }
        Ok(())
    }
}

/// Ends the summary, if there is any.
pub(super) fn end(reasoning: &Reasoning, output_index: usize, events: &mut Events) {
    for (index, summary) in reasoning.summary.iter().enumerate() {
        let place = || Event {
            item_id: Some(&reasoning.id),
            output_index: Some(output_index),
            summary_index: Some(index),
            ..Event::default()
        };
        events.send("response.reasoning_summary_text.done", &Event { text: Some(&summary.text), ..place() });
        let part = Some(AnyPart::Summary(summary));
        events.send("response.reasoning_summary_part.done", &Event { part, ..place() });
    }
}

/// All that must be handed back, in one piece.
pub(super) fn sealed(details: Option<Assembler>, kept: Vec<Box<RawValue>>) -> Option<String> {
    let mut list = details.and_then(joined).unwrap_or_default();
    list.extend(kept);
    seal::close(&list)
}

fn joined(details: Assembler) -> Option<Vec<Box<RawValue>>> {
    let completion = Completion::parse(details.finish().ok()?.to_bytes()).ok()?;
    completion.choices().first()?.message().read("reasoning_details").ok()?
}
