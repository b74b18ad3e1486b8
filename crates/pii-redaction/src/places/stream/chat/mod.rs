mod edit;
mod extra;
mod pieces;

use llm_layers_wire::{openai::ChunkChoice, sse::Event};

use self::{
    edit::Edit,
    extra::extra,
    pieces::{TEXTS, is_continued, pieces, pieces_of},
};
use super::{Channel, Deltas, object, open::Open, show_data, show_value, show_whole, text_of};
use crate::places::shape::Shape;

/// The chunks of chat completions, and of the older completions.
#[derive(Default)]
pub(super) struct Chat {
    open: Open,
}

impl Chat {
    pub(super) fn event(&mut self, mut event: Event, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let Some(chunk) = event.chunk() else {
            match object(&event) {
                Some(mut object) => show_whole(&mut event, &mut object, Shape::Answer, deltas),
                None => show_data(&mut event, deltas),
            }
            return out.push(event);
        };
        if chunk.is_error() {
            self.finish(deltas, out);
        }
        let data = event.data().unwrap_or_default();
        let mut edits = Vec::new();
        // Whether there is nothing in it but pieces, which may all be held back.
        let mut only_pieces = !chunk.choices().is_empty();
        for (name, value) in chunk.object().iter() {
            let shape = match &*name {
                "choices" | "id" | "object" | "created" | "model" | "system_fingerprint" | "service_tier"
                | "obfuscation" => continue,
                "usage" => {
                    only_pieces &= value == b"null";
                    continue;
                }
                other => Shape::Answer.member(other).unwrap_or(Shape::Unknown),
            };
            only_pieces &= value == b"null";
            if let Some(json) = show_value(value, shape, &name, deltas) {
                edits.push(Edit::OfChunk { name: name.into_owned(), json });
            }
        }
        for (at, choice) in chunk.choices().iter().enumerate() {
            only_pieces &= self.choice(at, choice, data, &mut edits, deltas, out);
        }
        if only_pieces && !edits.is_empty() && edits.iter().all(Edit::is_empty) && pieces_of(chunk) == edits.len() {
            return;
        }
        if !edits.is_empty() {
            event.edit_chunk(|chunk| edits.into_iter().for_each(|edit| edit.make(chunk)));
        }
        out.push(event);
    }

    pub(super) fn finish(&mut self, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let left = self.open.end(|_| true, deltas);
        out.extend(left.into_iter().map(extra));
    }

    /// Sees to a choice; whether it holds nothing but pieces of running texts.
    fn choice(
        &mut self,
        at: usize,
        choice: &ChunkChoice,
        data: &[u8],
        edits: &mut Vec<Edit>,
        deltas: &mut impl Deltas,
        out: &mut Vec<Event>,
    ) -> bool {
        let of = choice.index().and_then(|index| u32::try_from(index).ok());
        let of = of.unwrap_or(u32::try_from(at).unwrap_or(u32::MAX));
        // Some providers say "" until there is one.
        let is_over = choice.finish_reason().is_some_and(|reason| !reason.is_empty());
        let pieces = pieces(choice);
        if is_over || !pieces.is_empty() {
            // A thought is over when the answer begins. Tool calls may come by turns.
            let goes_on = |open: Channel| pieces.iter().any(|piece| open == piece.channel(of));
            let ends = |open: Channel| open.of == of && (is_over || open.is_prose()) && !goes_on(open);
            let left = self.open.end(ends, deltas);
            out.extend(left.into_iter().map(extra));
        }
        let nothing_else = show_the_rest(at, choice, edits, deltas);
        for (index, piece) in pieces.iter().enumerate() {
            let channel = piece.channel(of);
            // The parts of a content are one text.
            let is_last = pieces.iter().skip(index + 1).all(|later| later.channel(of) != channel);
            let mut replaced = deltas.delta(channel, &piece.text);
            if is_over && is_last {
                let left = deltas.end(channel);
                if !left.is_empty() {
                    replaced.get_or_insert_with(|| piece.text.clone().into_owned()).push_str(&left);
                }
                self.open.forget(channel);
            } else if !is_over && let Some(left) = self.open.goes_on(channel, data, deltas) {
                out.push(extra(left));
            }
            if let Some(text) = replaced.filter(|_| !channel.is_sealed()) {
                edits.push(Edit::Piece { choice: at, kind: piece.kind, at: piece.at, text });
            }
        }
        nothing_else && !is_over
    }
}

/// Shows what stands whole in a choice; whether there is nothing of the kind.
fn show_the_rest(at: usize, choice: &ChunkChoice, edits: &mut Vec<Edit>, deltas: &mut impl Deltas) -> bool {
    let mut nothing = true;
    for (name, value) in choice.object().iter() {
        match &*name {
            "index" | "delta" => continue,
            "text" if text_of(value).is_some() => continue,
            _ if value == b"null" => continue,
            _ => nothing = false,
        }
        let shape = Shape::Choice.member(&name).unwrap_or(Shape::Unknown);
        if let Some(json) = show_value(value, shape, &name, deltas) {
            edits.push(Edit::OfChoice { choice: at, name: name.into_owned(), json });
        }
    }
    for (name, value) in choice.delta().iter() {
        match &*name {
            name if TEXTS.iter().any(|(text, _)| *text == name) && text_of(value).is_some() => continue,
            "tool_calls" | "function_call" | "audio" | "content" => nothing &= is_continued(value),
            _ if value == b"null" => continue,
            _ => nothing = false,
        }
        if let Some(json) = show_value(value, shape_of_added(&name, value), &name, deltas) {
            edits.push(Edit::OfDelta { choice: at, name: name.into_owned(), json });
        }
    }
    nothing
}

/// What a member holds of what a choice adds: the pieces of running texts in it are seen to by themselves, where they
/// stand as they should.
fn shape_of_added(name: &str, value: &[u8]) -> Shape {
    let is_list = value.starts_with(b"[");
    match name {
        "content" if is_list => Shape::ContentDelta,
        "tool_calls" if is_list => Shape::CallDelta,
        "function_call" => Shape::FunctionDelta,
        "audio" => Shape::AudioDelta,
        // Their signature may come with a later piece, and holds for the text as it is.
        "reasoning_details" | "thinking_blocks" if is_list => Shape::ReasoningDelta,
        _ => Shape::Message.member(name).unwrap_or(Shape::Unknown),
    }
}
