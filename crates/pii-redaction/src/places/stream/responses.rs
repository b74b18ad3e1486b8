use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};

use super::{
    Channel, Deltas, Kind, index_of, object,
    open::{Left, Open},
    show_data, show_whole, text_of,
};
use crate::places::shape::Shape;

/// The events of OpenAI's Responses API.
#[derive(Default)]
pub(super) struct Responses {
    open: Open,
    is_named: bool,
    /// The number of the last event that came.
    last: Option<u64>,
    /// By how much the numbers of events have moved, for those that were put between them or left out.
    shift: i64,
}

/// The running texts: the beginning of their events' types, what they are, and what numbers a part of an item.
///
/// Source: the event types of openai 3.52.0 for Python, read in November 2026.
const TEXTS: [(&str, Kind, &str); 9] = [
    ("response.output_text", Kind::Text, "content_index"),
    ("response.refusal", Kind::Refusal, "content_index"),
    ("response.function_call_arguments", Kind::Arguments, ""),
    ("response.reasoning_text", Kind::Reasoning, "content_index"),
    ("response.reasoning_summary_text", Kind::ReasoningSummary, "summary_index"),
    ("response.custom_tool_call_input", Kind::CustomInput, ""),
    ("response.mcp_call_arguments", Kind::McpArguments, ""),
    ("response.code_interpreter_call_code", Kind::Code, ""),
    ("response.audio.transcript", Kind::Transcript, ""),
];

/// What ends a whole response.
const ENDS: [&str; 5] = ["response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"];

impl Responses {
    pub(super) fn event(&mut self, mut event: Event, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        let Some(mut object) = object(&event) else {
            show_data(&mut event, deltas);
            return out.push(event);
        };
        self.is_named = event.name().is_some();
        let kind = text_of(object.get("type").unwrap_or_default()).unwrap_or_default().into_owned();
        let item = index_of(object.get("output_index")).unwrap_or_default();
        let channel = |of: &str| {
            let (_, kind, part) = TEXTS.iter().find(|(name, ..)| *name == of)?;
            Some(Channel::new(*kind, item, index_of(object.get(part)).unwrap_or_default()))
        };
        let shape = match kind.rsplit_once('.') {
            Some((of, "delta")) => match channel(of) {
                Some(channel) => {
                    if !self.goes_on(channel, &mut event, &mut object, deltas, out) {
                        return;
                    }
                    Shape::DeltaEvent
                }
                // Sound is no text.
                None if of == "response.audio" => Shape::DeltaEvent,
                None => Shape::Event,
            },
            Some((of, "done")) => {
                let whole_item = of == "response.output_item";
                let part = if of == "response.content_part" { index_of(object.get("content_index")) } else { None };
                let one = channel(of);
                self.end(
                    |open| Some(open) == one || open.of == item && (whole_item || Some(open.part) == part),
                    deltas,
                    out,
                );
                Shape::Event
            }
            // Calls of tools have such ends, too, in the middle of a text.
            _ => {
                if ENDS.contains(&kind.as_str()) {
                    self.end(|_| true, deltas, out);
                }
                Shape::Event
            }
        };
        show_whole(&mut event, &mut object, shape, deltas);
        self.number(&mut event, object);
        out.push(event);
    }

    pub(super) fn finish(&mut self, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        self.end(|_| true, deltas, out);
    }

    /// The number of an event that comes after those that have gone out.
    pub(super) fn next_number(&self) -> u64 {
        self.last.map_or(0, |last| last.saturating_add_signed(self.shift.saturating_add(1)))
    }

    /// Takes a piece of a running text; whether its event is still worth sending.
    fn goes_on(
        &mut self,
        channel: Channel,
        event: &mut Event,
        object: &mut Object,
        deltas: &mut impl Deltas,
        out: &mut Vec<Event>,
    ) -> bool {
        let Some(text) = object.get("delta").and_then(text_of).filter(|text| !text.is_empty()) else { return true };
        let replaced = deltas.delta(channel, &text);
        if let Some(left) = self.open.goes_on(channel, event.data().unwrap_or_default(), deltas) {
            out.push(self.extra(left));
        }
        let Some(replaced) = replaced else { return true };
        object.set("delta", replaced.as_str());
        event.set_data(object.to_bytes());
        // Probabilities are of the pieces as the model made them: they go with whatever is sent.
        let is_sent = !replaced.is_empty() || object.get("logprobs").is_some_and(|logprobs| logprobs.len() > 4);
        if !is_sent && let Ok(Some(number)) = object.read("sequence_number") {
            self.last = Some(number);
            self.shift -= 1;
        }
        is_sent
    }

    fn end(&mut self, is_over: impl Fn(Channel) -> bool, deltas: &mut impl Deltas, out: &mut Vec<Event>) {
        for left in self.open.end(is_over, deltas) {
            out.push(self.extra(left));
        }
    }

    /// An event with what is left of a text, like the last that it came in.
    fn extra(&mut self, left: Left) -> Event {
        let Channel { of, kind, part } = left.channel;
        let text = TEXTS.iter().find(|(_, other, _)| *other == kind);
        let (name, index) = text.map_or(("", ""), |(name, _, index)| (*name, *index));
        let name = format!("{name}.delta");
        let mut object = Object::parse_with(left.shape, &Limits::LENIENT).unwrap_or_default();
        if !object.contains("type") {
            // It was too long to be kept.
            object.set("type", name.as_str());
            object.set("output_index", &of);
            if !index.is_empty() {
                object.set(index, &part);
            }
        }
        object.set("delta", left.text.as_str());
        object.remove("obfuscation");
        if object.contains("logprobs") {
            let _ = object.set_raw("logprobs", "[]");
        }
        if let Some(last) = self.last {
            self.shift += 1;
            object.set("sequence_number", &last.saturating_add_signed(self.shift));
        }
        let event = Event::new(object.to_bytes());
        if self.is_named { event.with_name(name) } else { event }
    }

    /// Numbers go up by one, as they came.
    fn number(&mut self, event: &mut Event, mut object: Object) {
        let Ok(Some(number)) = object.read::<u64>("sequence_number") else { return };
        let next = number.saturating_add_signed(self.shift);
        self.last = Some(number);
        if next != number {
            object.set("sequence_number", &next);
            event.set_data(object.to_bytes());
        }
    }
}
