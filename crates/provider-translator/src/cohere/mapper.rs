//! What happens in a message of Cohere's, as events of ours: one mapping for streams and whole answers.

use llm_layers_core::Rng;
use serde_json::value::RawValue;

use super::{
    calls::Calls,
    native::{self, Citation, Content, Message, Source, ToolCall, Usage},
    usage,
};
use crate::{
    ir::{self, Event, Finish, List, Native},
    names::Names,
};

/// A message that cannot be read. What it holds is not told.
#[derive(Debug)]
pub(super) struct Unreadable;

impl From<serde_json::Error> for Unreadable {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// The provider says that it has failed, in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    Error,
    Timeout,
}

impl Failed {
    /// The status that says the same.
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Error => 500,
            Self::Timeout => 504,
        }
    }
}

#[derive(Debug)]
pub(super) struct Mapper {
    calls: Calls,
    /// Characters of text so far.
    characters: usize,
    /// Where the blocks of content begin, for sources that are told by place in one of them.
    starts: Vec<usize>,
    native: Native,
    /// Citations that annotations do not tell all of.
    cited: List,
}

impl Mapper {
    pub(super) fn new(names: Names, single: bool, rng: Rng) -> Self {
        let calls = Calls::new(names, single, rng);
        Self { calls, characters: 0, starts: Vec::new(), native: Native::default(), cited: List::default() }
    }

    /// A whole message.
    pub(super) fn message(&mut self, message: Message<'_>, out: &mut Vec<Event>) -> Result<(), Unreadable> {
        self.plan(message.tool_plan, out);
        for content in native::items(message.content)? {
            self.open(content, out);
        }
        self.cite(message.citations, out);
        for call in native::items::<ToolCall>(message.tool_calls)? {
            self.calls.start(None, call, out);
            self.calls.end(None, out);
        }
        Ok(())
    }

    /// What the model means to do by its calls is reasoning, and no answer.
    pub(super) fn plan(&mut self, plan: Option<String>, out: &mut Vec<Event>) {
        out.extend(plan.map(|text| Event::Reasoning { choice: 0, text }));
    }

    /// A block of content begins.
    pub(super) fn open(&mut self, content: Content, out: &mut Vec<Event>) {
        self.starts.push(self.characters);
        self.grow(content, out);
    }

    /// A block of content grows.
    pub(super) fn grow(&mut self, content: Content, out: &mut Vec<Event>) {
        out.extend(content.thinking.map(|text| Event::Reasoning { choice: 0, text }));
        if let Some(text) = content.text {
            self.characters += text.chars().count();
            out.push(Event::Text { choice: 0, text });
        }
    }

    /// Sources of the text. Those with a URL are told as annotations, and a citation that has others leaves as it
    /// came. None of them is worth an answer's failure.
    pub(super) fn cite(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) {
        for raw in native::raw_items(raw) {
            let Ok(citation) = serde_json::from_str::<Citation>(raw.get()) else { continue };
            let has_url = |source: &Source| source.described().is_some_and(|described| described.url.is_some());
            let is_of_text = citation.kind.as_ref().is_none_or(|kind| kind == "TEXT_CONTENT");
            if !is_of_text || !citation.sources.iter().all(has_url) {
                self.cited.push(raw.get());
            }
            if !is_of_text {
                continue;
            }
            let Citation { start, end, content_index, sources, .. } = citation;
            let block = content_index.map_or(self.starts.last(), |index| self.starts.get(index));
            let base = block.copied().unwrap_or_default();
            let place = |at: Option<usize>| base.saturating_add(at.unwrap_or_default());
            for source in sources.into_iter().filter_map(|source| source.document.or(source.tool_output)) {
                if let Some(url) = source.url {
                    let title = source.title.unwrap_or_default();
                    let citation = ir::Citation { start: place(start), end: place(end), title, url };
                    out.push(Event::Citation { choice: 0, citation });
                }
            }
        }
    }

    /// A call begins.
    pub(super) fn call(
        &mut self,
        at: Option<u64>,
        raw: Option<&RawValue>,
        out: &mut Vec<Event>,
    ) -> Result<(), Unreadable> {
        for call in native::items(raw)? {
            self.calls.start(at, call, out);
        }
        Ok(())
    }

    /// A call grows.
    pub(super) fn input(
        &mut self,
        at: Option<u64>,
        raw: Option<&RawValue>,
        out: &mut Vec<Event>,
    ) -> Result<(), Unreadable> {
        for call in native::items::<ToolCall>(raw)? {
            let fragment = call.function.and_then(|function| function.arguments);
            self.calls.grow(at, fragment.unwrap_or_default(), out);
        }
        Ok(())
    }

    /// A call ends.
    pub(super) fn end_call(&mut self, at: Option<u64>, out: &mut Vec<Event>) {
        self.calls.end(at, out);
    }

    /// The message is over.
    pub(super) fn finish(
        &mut self,
        reason: Option<&str>,
        usage: Option<Usage>,
        out: &mut Vec<Event>,
    ) -> Result<(), Failed> {
        // What OpenAI's reasons do not tell apart.
        if let Some(reason) = reason.filter(|reason| !matches!(*reason, "COMPLETE" | "TOOL_CALL" | "MAX_TOKENS")) {
            self.native.tell_text("finish_reason", reason);
        }
        let reason = match reason {
            Some("ERROR") => return Err(Failed::Error),
            Some("TIMEOUT") => return Err(Failed::Timeout),
            Some("MAX_TOKENS") => Finish::Length,
            Some("ERROR_TOXIC") => Finish::ContentFilter,
            _ => Finish::Natural,
        };
        self.calls.end_all(out);
        self.native.tell_list("citations", std::mem::take(&mut self.cited));
        self.native.of_answer(out);
        out.push(Event::Finish { choice: 0, reason });
        out.extend(usage.and_then(usage::of).map(Event::Usage));
        out.push(Event::Done);
        Ok(())
    }
}
