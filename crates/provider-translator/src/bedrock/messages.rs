//! A conversation as Converse's messages.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use llm_layers_core::Failure;

use super::{
    blocks::{self, Block, CachePoint, Document, Media, Message, Source, ToolUse},
    documents::{self, Documents},
    mapper::FORMAT,
    media,
    model::Model,
};
use crate::{
    conversation::{Assistant, CacheMark, Call, Conversation, File, Part, Reasoning, Seal, Text, ToolResult, Turn},
    functions,
    names::{Ids, Names, Rule},
    place::Place,
    warnings::Warnings,
};

/// `[a-zA-Z0-9_.:-]+` of ids, 64 at most.
const IDS: Rule = Rule { max: 64, marks: b"_.:-", begins_with_letter: false };

/// What a user says where Bedrock demands a user's turn, and there is none.
const FILLER: &str = "Continue.";
/// What an assistant says between results and the user's next words, where they may not stand in one turn.
const BETWEEN: &str = "Understood.";
const NO_RESULT: &str = "No result was provided.";
const EMPTY: &str = "(empty)";
const SEE_DOCUMENT: &str = "(see document)";

/// The conversation, written.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Message<'a>>,
    /// The assistant's last turn has calls, and the client has lost the reasoning that led to them.
    pub(super) lacks_reasoning: bool,
}

pub(super) fn write<'a>(
    conversation: Conversation<'a>,
    model: Model<'_>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Written<'a>, Failure> {
    let mut writer = Writer {
        model,
        names,
        ids: Ids::new(&IDS),
        documents: Documents::default(),
        called: Vec::new(),
        messages: Vec::new(),
        lacks_reasoning: false,
    };
    let mut system = Vec::new();
    for Text { text, cache } in conversation.preamble {
        system.push(Block::Text(text));
        system.extend(mark(cache, model, warnings)?);
    }
    for turn in conversation.turns {
        writer.turn(turn, warnings)?;
    }
    let Writer { mut messages, lacks_reasoning, .. } = writer;
    if messages.first().is_none_or(|message| message.role == "assistant") {
        messages.insert(0, Message { role: "user", content: vec![Block::Text(FILLER.into())] });
        warnings.emulated("messages", "first_turn");
    }
    for message in messages.iter_mut().filter(|message| message.role == "user") {
        let has = |kind: fn(&Block<'_>) -> bool| message.content.iter().any(kind);
        if has(|block| matches!(block, Block::Document(_))) && !has(|block| matches!(block, Block::Text(_))) {
            message.content.push(Block::Text(SEE_DOCUMENT.into()));
        }
    }
    Ok(Written { system, messages, lacks_reasoning })
}

impl Written<'_> {
    /// Whether the last turn is the assistant's, for the model to go on with.
    pub(super) fn is_begun(&self) -> bool {
        self.messages.last().is_some_and(|message| message.role == "assistant")
    }

    /// Leaves the last turn to the assistant: without white space at its end, which is refused.
    pub(super) fn trim_end(&mut self) {
        let last = self.messages.last_mut().and_then(|message| message.content.last_mut());
        if let Some(Block::Text(text)) = last {
            *text = Cow::Owned(text.trim_end().to_owned());
        }
    }

    /// Asks the model to go on in a turn of the user's, where it cannot go on with its own.
    pub(super) fn ask_to_continue(&mut self) {
        self.messages.push(Message { role: "user", content: vec![Block::Text(FILLER.into())] });
    }
}

struct Writer<'n, 'm, 'a> {
    model: Model<'m>,
    names: &'n mut Names,
    ids: Ids,
    documents: Documents,
    /// The ids of the last turn's calls.
    called: Vec<String>,
    messages: Vec<Message<'a>>,
    lacks_reasoning: bool,
}

impl<'a> Writer<'_, '_, 'a> {
    fn turn(&mut self, turn: Turn<'a>, warnings: &mut Warnings) -> Result<(), Failure> {
        match turn {
            Turn::System(texts) => {
                // Moved to the front it would mean something else, and no cached prompt would fit.
                let mut blocks = Vec::new();
                for Text { text, cache } in texts {
                    blocks.push(Block::Text(format!("<system>{text}</system>").into()));
                    blocks.extend(mark(cache, self.model, warnings)?);
                }
                self.user(blocks, warnings);
                warnings.emulated("messages", "system_in_conversation");
            }
            Turn::User(parts) => {
                let blocks = self.parts(parts, warnings)?;
                self.user(blocks, warnings);
            }
            Turn::Assistant(assistant) => self.assistant(assistant, warnings)?,
            Turn::Results(results) => {
                let mut blocks = Vec::new();
                let mut last = None;
                for (id, result) in std::mem::take(&mut self.called).into_iter().zip(results) {
                    last = result.cache.or(last);
                    let result = self.result(id, result, warnings)?;
                    blocks.push(Block::ToolResult(result));
                }
                // Behind all of them: nothing may stand between results.
                blocks.extend(mark(last, self.model, warnings)?);
                self.add("user", blocks);
            }
        }
        Ok(())
    }

    /// What the user says, and not what a tool gave.
    fn user(&mut self, blocks: Vec<Block<'a>>, warnings: &mut Warnings) {
        let ends_with_result =
            |message: &Message<'_>| message.content.iter().any(|block| matches!(block, Block::ToolResult(_)));
        if self.model.parts_calls() && self.messages.last().is_some_and(ends_with_result) {
            self.add("assistant", vec![Block::Text(BETWEEN.into())]);
            warnings.emulated("messages", "results_apart");
        }
        self.add("user", blocks);
    }

    /// Turns of one role become one: Bedrock wants them to alternate.
    fn add(&mut self, role: &'static str, content: Vec<Block<'a>>) {
        match self.messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(content),
            _ if content.is_empty() => {}
            _ => self.messages.push(Message { role, content }),
        }
    }

    fn assistant(&mut self, assistant: Assistant<'a>, warnings: &mut Warnings) -> Result<(), Failure> {
        let Assistant { reasoning, mut texts, calls, .. } = assistant;
        // A turn may not consist of reasoning alone.
        if texts.is_empty() && calls.is_empty() {
            return Ok(());
        }
        if self.model.parts_calls() && !calls.is_empty() && !texts.is_empty() {
            warnings.dropped("messages.content", "with_tool_calls")?;
            texts.clear();
        }
        let mut blocks: Vec<Block<'a>> = reasoning.into_iter().filter_map(|block| seal(block, self.model)).collect();
        self.lacks_reasoning = !calls.is_empty() && blocks.is_empty();
        for Text { text, cache } in texts {
            blocks.push(Block::Text(text));
            blocks.extend(mark(cache, self.model, warnings)?);
        }
        for call in calls {
            let cache = call.cache;
            let block = self.call(call);
            blocks.push(block);
            blocks.extend(mark(cache, self.model, warnings)?);
        }
        self.add("assistant", blocks);
        Ok(())
    }

    fn call(&mut self, call: Call<'a>) -> Block<'a> {
        let name = self.names.wire(&call.name);
        let id = self.ids.wire(&call.id);
        self.called.push(id.clone());
        let input = functions::arguments(call.input, self.names.wrap(&call.name));
        Block::ToolUse(ToolUse { tool_use_id: id, name, input })
    }

    fn result(
        &mut self,
        tool_use_id: String,
        mut result: ToolResult<'a>,
        warnings: &mut Warnings,
    ) -> Result<blocks::ToolResult<'a>, Failure> {
        if !result.is_missing && !self.model.knows_status() {
            result.tell_error();
        }
        let mut content = self.parts(result.parts, warnings)?;
        // A result has one mark at most, which stands behind all results.
        content.retain(|block| !matches!(block, Block::CachePoint(_)));
        if content.is_empty() {
            // An empty text is refused, and so is no content.
            content.push(Block::Text(if result.is_missing { NO_RESULT } else { EMPTY }.into()));
        }
        let status = (result.is_error && self.model.knows_status()).then_some("error");
        Ok(blocks::ToolResult { tool_use_id, content, status })
    }

    fn parts(&mut self, parts: Vec<Part<'a>>, warnings: &mut Warnings) -> Result<Vec<Block<'a>>, Failure> {
        let mut blocks = Vec::with_capacity(parts.len());
        for part in parts {
            let (block, cache) = self.part(part)?;
            blocks.push(block);
            blocks.extend(mark(cache, self.model, warnings)?);
        }
        Ok(blocks)
    }

    fn part(&mut self, part: Part<'a>) -> Result<(Block<'a>, Option<CacheMark>), Failure> {
        Ok(match part {
            Part::Text(Text { text, cache }) => (Block::Text(text), cache),
            Part::Image { image, cache, path } => (Block::Image(media::image(image, &path)?), cache),
            Part::Audio { path, .. } if self.model.is_claude() => {
                return Err(Place::new(&path).unsupported("it hears nothing"));
            }
            Part::Audio { audio, cache, .. } => {
                (Block::Audio(Media { format: audio.format, source: Source { bytes: audio.data } }), cache)
            }
            Part::File { file: File::Id(_), path, .. } => {
                return Err(Place::new(&path).unsupported("it does not know OpenAI's files"));
            }
            Part::File { file: File::Pdf { data, name }, cache, .. } => {
                let name = self.documents.name(name.as_deref());
                (Block::Document(Document { format: "pdf", name, source: Source { bytes: data } }), cache)
            }
            Part::File { file: File::Text { text, name }, cache, .. } => {
                let format = documents::format(name.as_deref().unwrap_or_default());
                let name = self.documents.name(name.as_deref());
                let bytes = Cow::Owned(STANDARD.encode(text));
                (Block::Document(Document { format, name, source: Source { bytes } }), cache)
            }
        })
    }
}

/// A mark, as long as the model keeps it.
pub(super) fn mark<'a>(
    cache: Option<CacheMark>,
    model: Model<'_>,
    warnings: &mut Warnings,
) -> Result<Option<Block<'a>>, Failure> {
    let cache = match cache {
        Some(CacheMark::Long) if model.caches() && !model.caches_long() => {
            warnings.dropped("cache_control.ttl", "unsupported_by_model")?;
            Some(CacheMark::Default)
        }
        cache => cache,
    };
    Ok(cache.map(|cache| Block::CachePoint(CachePoint::from(cache))))
}

/// A seal goes back to whom it came from, and to nobody else. Claude vouches for its text in any shape.
fn seal<'a>(reasoning: Reasoning<'a>, model: Model<'_>) -> Option<Block<'a>> {
    let is_own = match reasoning.format.as_deref() {
        Some(format) => format == FORMAT,
        None => model.is_claude(),
    };
    if !is_own {
        return None;
    }
    Some(Block::ReasoningContent(match reasoning.seal {
        Seal::Signed { text, signature } => blocks::Reasoning::ReasoningText { text, signature },
        Seal::Encrypted(data) => blocks::Reasoning::RedactedContent(data),
    }))
}
