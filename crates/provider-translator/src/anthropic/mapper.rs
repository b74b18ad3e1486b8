//! What happens in a message of Anthropic's, as events of ours: one mapping for streams and whole answers.

use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use super::{
    calls::Tool,
    format,
    native::{Block, Citation, Delta, Message, MessageDelta, StopDetails},
    order::Order,
    usage::Tally,
};
use crate::{
    ir::{self, Event, Finish, MOST_HELD, MOST_NATIVE, MOST_OPEN, MOST_SOURCES, Native, Seal},
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
    /// What only Anthropic says of an answer, and of a message that is to be handed back.
    native: Native,
    to_hand_back: Native,
    order: Order,
}

#[derive(Debug)]
enum Open {
    Text {
        start: usize,
        citations: Vec<Cited>,
        /// Of all citations.
        bytes: usize,
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

/// A source, as it came, and as OpenAI has it if it is on the web.
#[derive(Debug)]
struct Cited {
    raw: Box<RawValue>,
    url: Option<(String, String)>,
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
            native: Native::default(),
            to_hand_back: Native::default(),
            order: Order::default(),
        }
    }

    /// The message begins. Without an id it gets one that says so.
    pub(super) fn start(&mut self, message: &Message<'_>, model: &str, created: u64, out: &mut Vec<Event>) {
        let id = message.id.as_deref().unwrap_or("unknown");
        let id = format!("chatcmpl-{}", id.strip_prefix("msg_").unwrap_or(id));
        let model = message.model.clone().unwrap_or_else(|| model.to_owned());
        out.push(Event::Start { id, model, created });
        if let Some(usage) = &message.usage {
            self.usage.overwrite(usage);
        }
        self.native.tell("container", message.container);
    }

    /// A block begins; a whole answer's blocks hold all that they ever will.
    pub(super) fn open(&mut self, index: u64, raw: &RawValue, out: &mut Vec<Event>) -> Result<(), Unreadable> {
        if self.open.len() >= MOST_OPEN {
            return Err(Unreadable);
        }
        let block = Block::read(raw)?;
        let open = match block.kind.as_str() {
            "text" => {
                let open = Open::Text { start: self.characters, citations: Vec::new(), bytes: 0 };
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
                    self.order.reasoning();
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
        if let Some(wrap) = self.answers.filter(|_| block.name.as_deref() == Some(format::TOOL)) {
            return Tool::of_answer(&block, wrap);
        }
        let index = self.calls;
        self.calls += 1;
        Tool::open(block, index, &self.names, out)
    }

    /// A block grows.
    pub(super) fn grow(&mut self, index: u64, raw: &RawValue, out: &mut Vec<Event>) -> Result<(), Unreadable> {
        let delta: Delta<'_> = serde_json::from_str(raw.get())?;
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
            ("input_json_delta", Some(Open::Foreign { input, .. })) if input.len() <= MOST_NATIVE => {
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

    fn cite(&mut self, index: u64, raw: &RawValue) {
        // None of them is worth an answer's failure.
        if !raw.get().starts_with('{') {
            return;
        }
        let Citation { url, title } = serde_json::from_str(raw.get()).unwrap_or_default();
        let open = self.open.iter_mut().rfind(|(at, _)| *at == index);
        if let Some((_, Open::Text { citations, bytes, .. })) = open {
            *bytes = bytes.saturating_add(raw.get().len());
            if citations.len() >= MOST_SOURCES || *bytes > MOST_NATIVE {
                self.order.give_up();
                return;
            }
            citations.push(Cited { raw: raw.to_owned(), url: url.map(|url| (url, title.unwrap_or_default())) });
        }
    }

    /// A block ends.
    pub(super) fn close(&mut self, index: u64, out: &mut Vec<Event>) {
        let Some(at) = self.open.iter().rposition(|(open, _)| *open == index) else { return };
        match self.open.remove(at).1 {
            Open::Text { start, citations, .. } => {
                let end = self.characters;
                let annotated = citations.iter().all(|cited| cited.url.is_some());
                let (raw, urls): (Vec<_>, Vec<_>) = citations.into_iter().map(|cited| (cited.raw, cited.url)).unzip();
                let citation = |(url, title)| ir::Citation { start, end, title, url };
                let cited = urls.into_iter().flatten().map(citation);
                out.extend(cited.map(|citation| Event::Citation { choice: 0, citation }));
                if end > start {
                    self.order.text(end - start, &raw, annotated);
                }
            }
            Open::Thinking { signature } if signature.is_empty() => out.push(Event::Unsealed { choice: 0 }),
            Open::Thinking { signature } => {
                self.order.reasoning();
                out.push(Event::Seal { choice: 0, seal: Seal::Signature(signature), format: FORMAT });
            }
            Open::Tool(tool) => {
                tool.stood(&mut self.order);
                tool.close(out);
            }
            Open::Foreign { input, .. } if input.len() > MOST_NATIVE => self.order.give_up(),
            Open::Foreign { block, input } => self.order.foreign(&match RawValue::from_string(input) {
                Ok(input) => with_input(&block, &input).unwrap_or(block),
                Err(_) => block,
            }),
            Open::Ignored => {}
        }
    }

    /// What a message ends for, once it is known; in a stream before the message is over.
    pub(super) fn ending(&mut self, delta: MessageDelta<'_>) {
        self.native.tell("container", delta.container);
        if let Some(reason) = delta.stop_reason {
            // What OpenAI's reasons do not tell apart.
            if !matches!(reason.as_str(), "end_turn" | "tool_use" | "max_tokens") {
                self.native.tell_text("stop_reason", &reason);
            }
            if let Some(stop) = delta.stop_sequence {
                self.native.tell_text("stop_sequence", &stop);
            }
            self.native.tell("stop_details", delta.stop_details);
            let details = delta.stop_details.and_then(|raw| serde_json::from_str::<StopDetails>(raw.get()).ok());
            self.finish = Some(match reason.as_str() {
                "max_tokens" | "model_context_window_exceeded" | "compaction" => (Finish::Length, None),
                "refusal" => (Finish::ContentFilter, details.and_then(|details| details.explanation)),
                // Anthropic's own tools are not done, and go on when the message is handed back. The field has it as
                // an end like any other: Vercel's AI SDK (@ai-sdk/anthropic 3.0.58, `mapAnthropicStopReason`),
                // LiteLLM (`map_finish_reason`, what it does not know) and Pydantic AI, read 2026-11-21.
                "pause_turn" => {
                    self.to_hand_back.tell_text("stop_reason", &reason);
                    (Finish::Natural, None)
                }
                _ => (Finish::Natural, None),
            });
        }
    }

    pub(super) fn usage(&mut self, usage: &super::native::Usage<'_>) {
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
        std::mem::take(&mut self.order).tell(&mut self.to_hand_back);
        self.to_hand_back.of_message(0, out);
        self.native.tell("usage", self.usage.beside().as_deref());
        self.native.of_answer(out);
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
