//! What happens in an answer of Converse's, as events of ours: one mapping for streams and whole answers.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    calls::{Call, Pass},
    native::{Block, Citation, Delta, Incoming, Reasoning, ToolUse},
    usage::Usage,
};
use crate::{
    compact::compact,
    ir::{self, Event, Finish, List, MOST_HELD, MOST_NATIVE, MOST_OPEN, MOST_SOURCES, Native, Seal},
    names::Names,
};

/// Whose seals these are, for whoever gets them back.
pub(super) const FORMAT: &str = "bedrock-v1";

/// The model has answered with what is no answer.
#[derive(Debug)]
pub(super) struct Malformed;

#[derive(Debug)]
pub(super) struct Mapper {
    names: Names,
    pass: Pass,
    /// Blocks that have begun and not ended, by their index; in practice one.
    open: Vec<(u64, Open)>,
    calls: u32,
    /// Characters of text so far: where the sources of a block begin and end.
    characters: usize,
    usage: Option<Usage>,
    finish: Option<Finish>,
    native: Native,
    /// Sources that have no URL.
    sources: List,
    /// Bytes of all sources that have waited for the end of their text.
    sources_held: usize,
}

/// A source that has no URL: a document of the request's, or what a search there has found.
#[derive(Serialize)]
struct Source<'a> {
    start_index: usize,
    end_index: usize,
    citation: &'a RawValue,
}

#[derive(Debug)]
enum Cited {
    Web {
        url: String,
        title: String,
    },
    /// As it came.
    Other(Box<RawValue>),
}

/// Only calls are told to begin. The other blocks are known by what they first grow by.
#[derive(Debug)]
enum Open {
    Text {
        start: usize,
        citations: Vec<Cited>,
    },
    Reasoning {
        signature: String,
    },
    Call(Call),
    /// Of the server's own tools, which no client can answer, and what the client has not asked for.
    Ignored,
}

impl Mapper {
    pub(super) fn new(names: Names, pass: Pass) -> Self {
        Self {
            names,
            pass,
            open: Vec::new(),
            calls: 0,
            characters: 0,
            usage: None,
            finish: None,
            native: Native::default(),
            sources: List::default(),
            sources_held: 0,
        }
    }

    /// A block that is whole.
    pub(super) fn block(&mut self, index: u64, block: Block<'_>, out: &mut Vec<Event>) {
        if let Some(text) = block.text {
            self.text(index, text, out);
        }
        if let Some(cited) = block.citations_content {
            for part in cited.content {
                self.text(index, part.text.unwrap_or_default(), out);
            }
            for citation in cited.citations {
                self.cite(index, citation);
            }
        }
        if let Some(reasoning) = block.reasoning_content {
            self.reasoning(index, reasoning, out);
        }
        if let Some(call) = block.tool_use {
            let input = call.input.map(|input| compact(input.get())).filter(|input| input != "{}");
            self.call(index, call, out);
            self.input(index, input.unwrap_or_default(), out);
        }
        self.close(index, out);
    }

    /// A call begins.
    pub(super) fn call(&mut self, index: u64, call: ToolUse<'_>, out: &mut Vec<Event>) {
        let open = if call.is_of_server() {
            None
        } else {
            let name = call.name.as_deref().unwrap_or_default();
            Call::open(self.pass, &mut self.calls, call.tool_use_id, name, &self.names, out)
        };
        self.open.push((index, open.map_or(Open::Ignored, Open::Call)));
    }

    /// Whether more blocks are open at once than any answer has.
    pub(super) const fn is_flooded(&self) -> bool {
        self.open.len() > MOST_OPEN
    }

    /// A block grows.
    pub(super) fn grow(&mut self, index: u64, delta: Delta<'_>, out: &mut Vec<Event>) {
        if let Some(text) = delta.text {
            self.text(index, text, out);
        }
        if let Some(reasoning) = delta.reasoning_content {
            self.reasoning(index, reasoning, out);
        }
        if let Some(input) = delta.tool_use.and_then(|tool| tool.input) {
            self.input(index, input, out);
        }
        if let Some(citation) = delta.citation {
            self.cite(index, citation);
        }
    }

    fn block_mut(&mut self, index: u64) -> Option<&mut Open> {
        self.open.iter_mut().rfind(|(at, _)| *at == index).map(|(_, open)| open)
    }

    fn text(&mut self, index: u64, text: String, out: &mut Vec<Event>) {
        if self.block_mut(index).is_none() {
            self.open.push((index, Open::Text { start: self.characters, citations: Vec::new() }));
        }
        self.characters += text.chars().count();
        out.push(Event::Text { choice: 0, text });
    }

    fn reasoning(&mut self, index: u64, reasoning: Reasoning, out: &mut Vec<Event>) {
        let Reasoning { reasoning_text, text, signature, redacted_content } = reasoning;
        if let Some(data) = redacted_content {
            out.push(Event::Seal { choice: 0, seal: Seal::Encrypted(data), format: FORMAT });
        }
        let (text, signature) = match reasoning_text {
            Some(whole) => (whole.text, whole.signature),
            None => (text, signature),
        };
        if text.is_none() && signature.is_none() {
            return;
        }
        if self.block_mut(index).is_none() {
            self.open.push((index, Open::Reasoning { signature: String::new() }));
        }
        if let Some(text) = text {
            out.push(Event::Reasoning { choice: 0, text });
        }
        if let (Some(Open::Reasoning { signature: known }), Some(signature)) = (self.block_mut(index), signature)
            && known.len() < MOST_HELD
        {
            known.push_str(&signature);
        }
    }

    fn input(&mut self, index: u64, fragment: String, out: &mut Vec<Event>) {
        if let Some(Open::Call(call)) = self.block_mut(index).filter(|_| !fragment.is_empty()) {
            call.input(fragment, out);
        }
    }

    fn cite(&mut self, index: u64, raw: &RawValue) {
        // None of them is worth an answer's failure.
        let read = serde_json::from_str::<Citation>(raw.get()).ok();
        let url = |citation: Citation| Some((citation.location?.web?.url?, citation.title.unwrap_or_default()));
        let (bytes, cited) = match read.and_then(url) {
            Some((url, title)) => (url.len() + title.len(), Cited::Web { url, title }),
            None => (raw.get().len(), Cited::Other(raw.to_owned())),
        };
        if self.block_mut(index).is_none() {
            self.open.push((index, Open::Text { start: self.characters, citations: Vec::new() }));
        }
        self.sources_held = self.sources_held.saturating_add(bytes);
        let is_full = self.sources_held > MOST_NATIVE;
        match self.block_mut(index) {
            Some(Open::Text { citations, .. }) if citations.len() < MOST_SOURCES && !is_full => citations.push(cited),
            Some(Open::Text { .. }) => self.sources.give_up(),
            _ => {}
        }
    }

    /// What stands beside the answer, whole or in a stream's last two events, and OpenAI's shape has no room for.
    pub(super) fn extras(&mut self, incoming: &Incoming<'_>) {
        self.native.tell("additionalModelResponseFields", incoming.additional_model_response_fields);
        self.native.tell("metrics", incoming.metrics);
        self.native.tell("trace", incoming.trace);
        self.native.tell("performanceConfig", incoming.performance_config);
        self.native.tell("serviceTier", incoming.service_tier);
    }

    /// A block ends.
    pub(super) fn close(&mut self, index: u64, out: &mut Vec<Event>) {
        let Some(at) = self.open.iter().rposition(|(open, _)| *open == index) else { return };
        match self.open.remove(at).1 {
            Open::Text { start, citations } => {
                let end = self.characters;
                for cited in citations {
                    match cited {
                        Cited::Web { url, title } => {
                            out.push(Event::Citation { choice: 0, citation: ir::Citation { start, end, title, url } });
                        }
                        Cited::Other(raw) => {
                            let source = Source { start_index: start, end_index: end, citation: &raw };
                            // Numbers and JSON: writing them cannot fail.
                            self.sources.push(&serde_json::to_string(&source).unwrap_or_default());
                        }
                    }
                }
            }
            Open::Reasoning { signature } if signature.is_empty() => out.push(Event::Unsealed { choice: 0 }),
            Open::Reasoning { signature } => {
                out.push(Event::Seal { choice: 0, seal: Seal::Signature(signature), format: FORMAT });
            }
            Open::Call(call) => call.close(out),
            Open::Ignored => {}
        }
    }

    /// What the answer ends for, once it is known; in a stream before the usage is told.
    pub(super) fn ending(&mut self, reason: Option<&str>) -> Result<(), Malformed> {
        // What OpenAI's reasons do not tell apart.
        if let Some(reason) = reason.filter(|reason| !matches!(*reason, "end_turn" | "tool_use" | "max_tokens")) {
            self.native.tell_text("stopReason", reason);
        }
        self.finish = Some(match reason {
            Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
            Some("guardrail_intervened" | "content_filtered") => Finish::ContentFilter,
            Some("malformed_model_output" | "malformed_tool_use") => return Err(Malformed),
            _ => Finish::Natural,
        });
        Ok(())
    }

    pub(super) const fn usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
    }

    /// Whether the reason of the end was told, so that at most the usage is missing.
    pub(super) const fn is_ending(&self) -> bool {
        self.finish.is_some()
    }

    /// The answer is over.
    pub(super) fn finish(&mut self, out: &mut Vec<Event>) {
        for index in self.open.iter().map(|(index, _)| *index).collect::<Vec<_>>() {
            self.close(index, out);
        }
        self.native.tell_list("citations", std::mem::take(&mut self.sources));
        self.native.of_answer(out);
        out.push(Event::Finish { choice: 0, reason: self.finish.unwrap_or(Finish::Natural) });
        out.extend(self.usage.map(|usage| Event::Usage(usage.total())));
        out.push(Event::Done);
    }
}
