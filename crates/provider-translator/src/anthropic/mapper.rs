//! What happens in a message of Anthropic's, as events of ours: one mapping for streams and whole answers.

use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use super::{
    format,
    native::{Block, Citation, Delta, Message, MessageDelta},
    usage::Tally,
};
use crate::{
    compact::compact,
    ir::{self, Event, Finish, Seal},
    names::{Names, Wrap},
};

/// Whose seals these are, for whoever gets them back.
pub(super) const FORMAT: &str = "anthropic-v1";

/// A block that cannot be read. What it holds is not told.
#[derive(Debug)]
pub(super) struct Unreadable;

impl From<serde_json::Error> for Unreadable {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

#[derive(Debug)]
pub(super) struct Mapper {
    names: Names,
    /// How the tool is wrapped by which the model gives its answer, if it does.
    answers: Option<Wrap>,
    /// Blocks that have begun and not ended, by their index; in practice one.
    open: Vec<(u64, Open)>,
    calls: u32,
    /// Characters of text so far: where the sources of a block begin and end.
    characters: usize,
    usage: Tally,
    finish: Option<(Finish, Option<String>)>,
    /// Members of `native`, by their names there.
    native: Vec<(&'static str, Box<str>)>,
    /// Blocks of the server's own tools, whole.
    foreign: Vec<Box<RawValue>>,
    foreign_bytes: usize,
}

/// Sources of one text.
const MOST_SOURCES: usize = 4096;

/// Blocks that may be open at once.
const MOST_OPEN: usize = 64;

/// The most that is kept of a signature, of what must be whole before it is unwrapped, and of sources.
const MOST_HELD: usize = 4 << 20;

/// The most that is kept of blocks that OpenAI's shape has no room for.
const MOST_FOREIGN: usize = 1 << 20;

#[derive(Debug)]
enum Open {
    Text {
        start: usize,
        citations: Vec<ir::Citation>,
    },
    Thinking {
        signature: String,
    },
    Tool(Tool),
    /// Of the server's own tools, which no client can answer, and whatever is not known: the block as it began, and
    /// the input that it grew by.
    Foreign {
        block: Box<RawValue>,
        input: String,
    },
    Ignored,
}

#[derive(Debug)]
struct Tool {
    /// None of one by which the answer is given: its input is text.
    index: Option<u32>,
    wrap: Wrap,
    /// What the block began with, for providers that send the input there.
    initial: Option<String>,
    /// Input that must be whole before it can be unwrapped.
    held: String,
    has_input: bool,
}

impl Mapper {
    pub(super) fn new(names: Names, answers: Option<Wrap>) -> Self {
        let (open, calls, characters) = (Vec::new(), 0, 0);
        Self {
            names,
            answers,
            open,
            calls,
            characters,
            usage: Tally::default(),
            finish: None,
            native: Vec::new(),
            foreign: Vec::new(),
            foreign_bytes: 0,
        }
    }

    /// The message begins. Without an id it gets one that says so.
    pub(super) fn start(&mut self, message: &Message<'_>, model: &str, created: u64, out: &mut Vec<Event>) {
        let id = message.id.as_deref().unwrap_or("unknown");
        let id = format!("chatcmpl-{}", id.strip_prefix("msg_").unwrap_or(id));
        let model = message.model.clone().unwrap_or_else(|| model.to_owned());
        out.push(Event::Start { id, model, created });
        if let Some(usage) = message.usage {
            self.usage.overwrite(usage);
        }
        if let Some(container) = message.container.filter(|raw| raw.get() != "null") {
            out.push(Event::Native { name: "container", json: container.get().into() });
        }
    }

    /// A block begins; a whole answer's blocks hold all that they ever will.
    pub(super) fn open(&mut self, index: u64, raw: &RawValue, out: &mut Vec<Event>) -> Result<(), Unreadable> {
        // One is, in practice; a look at each delta's among many would be a provider's way to keep us busy.
        if self.open.len() >= MOST_OPEN {
            return Err(Unreadable);
        }
        let block: Block<'_> = serde_json::from_str(raw.get())?;
        let open = match block.kind.as_str() {
            "text" => {
                let open = Open::Text { start: self.characters, citations: Vec::new() };
                self.open.push((index, open));
                self.text(block.text.unwrap_or_default(), out);
                for citation in block.citations.unwrap_or_default() {
                    self.cite(index, citation);
                }
                return Ok(());
            }
            "thinking" => {
                out.push(Event::Reasoning { choice: 0, text: block.thinking.unwrap_or_default() });
                Open::Thinking { signature: block.signature.unwrap_or_default() }
            }
            "redacted_thinking" => {
                if let Some(data) = block.data {
                    out.push(Event::Seal { choice: 0, seal: Seal::Encrypted(data), format: FORMAT });
                }
                Open::Ignored
            }
            "tool_use" => Open::Tool(self.call(block, out)),
            _ => Open::Foreign { block: raw.to_owned(), input: String::new() },
        };
        self.open.push((index, open));
        Ok(())
    }

    fn call(&mut self, block: Block<'_>, out: &mut Vec<Event>) -> Tool {
        let input = block.input.map(|input| compact(input.get())).filter(|input| input.starts_with('{'));
        if let Some(wrap) = self.answers.filter(|_| block.name.as_deref() == Some(format::TOOL)) {
            return Tool { index: None, wrap, initial: input, held: String::new(), has_input: false };
        }
        let index = self.calls;
        self.calls += 1;
        let name = self.names.original(block.name.as_deref().unwrap_or_default()).to_owned();
        let wrap = self.names.wrap(&name);
        let id = block.id.unwrap_or_else(|| format!("call_{index}"));
        out.push(Event::ToolStart { choice: 0, index, id, name, kind: wrap.kind() });
        let initial = input.filter(|input| input != "{}");
        Tool { index: Some(index), wrap, initial, held: String::new(), has_input: false }
    }

    /// A block grows.
    pub(super) fn grow(&mut self, index: u64, raw: &RawValue, out: &mut Vec<Event>) -> Result<(), Unreadable> {
        let delta: Delta = serde_json::from_str(raw.get())?;
        let open = self.open.iter_mut().rfind(|(at, _)| *at == index).map(|(_, open)| open);
        match (delta.kind.as_str(), open) {
            ("text_delta", Some(Open::Text { .. }) | None) => self.text(delta.text.unwrap_or_default(), out),
            ("citations_delta", _) => {
                if let Some(citation) = delta.citation {
                    self.cite(index, citation);
                }
            }
            ("thinking_delta", Some(Open::Thinking { .. })) => {
                out.push(Event::Reasoning { choice: 0, text: delta.thinking.unwrap_or_default() });
            }
            ("signature_delta", Some(Open::Thinking { signature })) if signature.len() < MOST_HELD => {
                signature.push_str(&delta.signature.unwrap_or_default());
            }
            ("input_json_delta", Some(Open::Foreign { input, .. })) if input.len() < MOST_FOREIGN => {
                input.push_str(&delta.partial_json.unwrap_or_default());
            }
            ("input_json_delta", Some(Open::Tool(tool))) => {
                tool.input(delta.partial_json.unwrap_or_default(), out);
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: String, out: &mut Vec<Event>) {
        self.characters += text.chars().count();
        out.push(Event::Text { choice: 0, text });
    }

    fn cite(&mut self, index: u64, citation: Citation) {
        let open = self.open.iter_mut().rfind(|(at, _)| *at == index);
        if let (Some((_, Open::Text { start, citations })), Some(url)) = (open, citation.url)
            && citations.len() < MOST_SOURCES
        {
            let title = citation.title.unwrap_or_default();
            citations.push(ir::Citation { start: *start, end: *start, title, url });
        }
    }

    /// A block ends.
    pub(super) fn close(&mut self, index: u64, out: &mut Vec<Event>) {
        let Some(at) = self.open.iter().rposition(|(open, _)| *open == index) else { return };
        match self.open.remove(at).1 {
            Open::Text { citations, .. } => {
                let end = self.characters;
                let cited = citations.into_iter().map(|citation| ir::Citation { end, ..citation });
                out.extend(cited.map(|citation| Event::Citation { choice: 0, citation }));
            }
            Open::Thinking { signature } if signature.is_empty() => out.push(Event::Unsealed { choice: 0 }),
            Open::Thinking { signature } => {
                out.push(Event::Seal { choice: 0, seal: Seal::Signature(signature), format: FORMAT });
            }
            Open::Tool(tool) => tool.close(out),
            Open::Foreign { block, input } => self.keep(block, input),
            Open::Ignored => {}
        }
    }

    /// What the provider's own tools did leaves as it came, in `native`, within reason.
    fn keep(&mut self, block: Box<RawValue>, input: String) {
        let block = match RawValue::from_string(input) {
            Ok(input) => with_input(&block, &input).unwrap_or(block),
            Err(_) => block,
        };
        self.foreign_bytes += block.get().len();
        if self.foreign_bytes <= MOST_FOREIGN {
            self.foreign.push(block);
        }
    }

    /// The last word counts.
    fn tell(&mut self, name: &'static str, json: Box<str>) {
        self.native.retain(|(other, _)| *other != name);
        self.native.push((name, json));
    }

    /// What a message ends for, once it is known; in a stream before the message is over.
    pub(super) fn ending(&mut self, delta: MessageDelta) {
        if let Some(reason) = delta.stop_reason {
            // What OpenAI's reasons do not tell apart.
            if !matches!(reason.as_str(), "end_turn" | "tool_use" | "max_tokens") {
                self.tell("stop_reason", json(&reason));
            }
            if let Some(stop) = delta.stop_sequence {
                self.tell("stop_sequence", json(&stop));
            }
            let explanation = delta.stop_details.and_then(|details| details.explanation);
            self.finish = Some(match reason.as_str() {
                // `pause_turn`: the server's own tools are not done. Nobody here goes on, so it is cut off.
                "max_tokens" | "model_context_window_exceeded" | "compaction" | "pause_turn" => (Finish::Length, None),
                "refusal" => (Finish::ContentFilter, explanation),
                _ => (Finish::Natural, None),
            });
        }
    }

    pub(super) fn usage(&mut self, usage: super::native::Usage) {
        self.usage.overwrite(usage);
    }

    /// Whether the reason of the end was told, so that nothing is missing but the farewell.
    pub(super) const fn is_ending(&self) -> bool {
        self.finish.is_some()
    }

    /// The message is over.
    pub(super) fn finish(&mut self, out: &mut Vec<Event>) {
        for index in self.open.iter().map(|(index, _)| *index).collect::<Vec<_>>() {
            self.close(index, out);
        }
        let (reason, explanation) = self.finish.take().unwrap_or((Finish::Natural, None));
        if let Some(text) = explanation {
            out.push(Event::Refusal { choice: 0, text });
        }
        if !self.foreign.is_empty() {
            // JSON, as it came: writing it cannot fail.
            let blocks = serde_json::to_string(&self.foreign).unwrap_or_else(|_| "[]".into());
            self.native.push(("content", blocks.into()));
        }
        out.extend(self.native.drain(..).map(|(name, json)| Event::Native { name, json }));
        out.push(Event::Finish { choice: 0, reason });
        out.extend(self.usage.total().map(Event::Usage));
        out.push(Event::Done);
    }
}

/// A block with its `input` in place of the one that it began with.
fn with_input(block: &RawValue, input: &RawValue) -> Option<Box<RawValue>> {
    let mut block = Object::parse(block.get().to_owned()).ok()?;
    block.set_raw("input", input.get().to_owned()).ok()?;
    RawValue::from_string(String::from_utf8(block.to_bytes().to_vec()).ok()?).ok()
}

/// A string as JSON: writing it cannot fail.
fn json(text: &str) -> Box<str> {
    serde_json::to_string(text).unwrap_or_default().into()
}

impl Tool {
    fn input(&mut self, fragment: String, out: &mut Vec<Event>) {
        if fragment.is_empty() || self.held.len() > MOST_HELD {
            return;
        }
        self.has_input = true;
        if self.wrap == Wrap::Plain {
            self.say(fragment, out);
        } else {
            self.held.push_str(&fragment);
        }
    }

    fn close(mut self, out: &mut Vec<Event>) {
        if let Some(initial) = self.initial.take().filter(|_| !self.has_input) {
            self.input(initial, out);
        }
        if !self.held.is_empty() {
            let fragment = self.wrap.open(&self.held);
            self.say(fragment, out);
        }
        out.extend(self.index.map(|index| Event::ToolEnd { choice: 0, index }));
    }

    fn say(&self, fragment: String, out: &mut Vec<Event>) {
        out.push(match self.index {
            Some(index) => Event::ToolInput { choice: 0, index, fragment },
            None => Event::Text { choice: 0, text: fragment },
        });
    }
}
