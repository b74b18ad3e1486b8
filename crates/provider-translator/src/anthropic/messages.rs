//! A conversation as Anthropic's messages.

use std::borrow::Cow;

use llm_layers_core::Failure;

use super::{
    NAMES,
    blocks::{Block, Message, Source},
    handed::{self, Handed},
    mapper::FORMAT,
};
use crate::{
    conversation::{self, Assistant, Call, Conversation, File, Image, Part, Reasoning, Seal, Text, ToolResult, Turn},
    functions,
    names::{Ids, Names},
    place::Place,
    warnings::Warnings,
};

/// What a user says where Anthropic demands a user's turn, and there is none.
const FILLER: &str = "Continue.";
const NO_RESULT: &str = "No result was provided.";

/// The conversation, written.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Message<'a>>,
    /// The last turn is the assistant's, for the model to go on with.
    pub(super) is_begun: bool,
    /// The last turn is one that Anthropic has paused, and goes on with as it is.
    pub(super) is_paused: bool,
    /// The assistant's last turn has calls, and the client has lost the reasoning that led to them.
    pub(super) lacks_reasoning: bool,
}

pub(super) fn write<'a>(
    conversation: Conversation<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Written<'a>, Failure> {
    let mut writer = Writer {
        names,
        ids: Ids::new(&NAMES),
        called: Vec::new(),
        messages: Vec::new(),
        is_paused: false,
        lacks_reasoning: false,
    };
    let system = conversation.preamble.into_iter().map(text).collect();
    for turn in conversation.turns {
        writer.turn(turn, warnings)?;
    }
    let Writer { mut messages, is_paused, lacks_reasoning, .. } = writer;
    if messages.first().is_none_or(|message| message.role == "assistant") {
        let filler = Block::Text { text: Cow::Borrowed(FILLER), mark: None };
        messages.insert(0, Message { role: "user", content: vec![filler] });
        warnings.emulated("messages", "first_turn");
    }
    let is_begun = messages.last().is_some_and(|message| message.role == "assistant");
    Ok(Written { system, messages, is_begun, is_paused: is_begun && is_paused, lacks_reasoning })
}

impl Written<'_> {
    /// Leaves the last turn to the assistant: without white space at its end, which Anthropic refuses.
    pub(super) fn trim_end(&mut self) {
        let last = self.messages.last_mut().and_then(|message| message.content.last_mut());
        if let Some(Block::Text { text, .. } | Block::Cited { text, .. }) = last {
            *text = Cow::Owned(text.trim_end().to_owned());
        }
    }

    /// Asks the model to go on in a turn of the user's, where it cannot go on with its own.
    pub(super) fn ask_to_continue(&mut self) {
        let filler = Block::Text { text: Cow::Borrowed(FILLER), mark: None };
        self.messages.push(Message { role: "user", content: vec![filler] });
    }
}

struct Writer<'n, 'a> {
    names: &'n mut Names,
    ids: Ids,
    /// The ids of the last turn's calls.
    called: Vec<String>,
    messages: Vec<Message<'a>>,
    /// The assistant's last turn was.
    is_paused: bool,
    lacks_reasoning: bool,
}

impl<'a> Writer<'_, 'a> {
    fn turn(&mut self, turn: Turn<'a>, warnings: &mut Warnings) -> Result<(), Failure> {
        match turn {
            Turn::System(texts) => {
                // Moved to the front it would mean something else, and no cached prompt would fit.
                let blocks = texts.into_iter().map(|Text { text, cache }| Block::Text {
                    text: Cow::Owned(format!("<system>{text}</system>")),
                    mark: cache.map(Into::into),
                });
                self.add("user", blocks.collect());
                warnings.emulated("messages", "system_in_conversation");
            }
            Turn::User(parts) => {
                let blocks = parts.into_iter().map(part).collect::<Result<_, _>>()?;
                self.add("user", blocks);
            }
            Turn::Assistant(assistant) => self.assistant(assistant)?,
            // Right behind the calls, and so the first of a turn's content, as Anthropic demands.
            Turn::Results(results) => {
                let ids = std::mem::take(&mut self.called);
                let blocks = ids.into_iter().zip(results).map(|(id, result)| tool_result(id, result));
                let blocks = blocks.collect::<Result<_, _>>()?;
                self.add("user", blocks);
            }
        }
        Ok(())
    }

    /// Turns of one role become one: Anthropic merges them too, but not before it has looked for results.
    fn add(&mut self, role: &'static str, content: Vec<Block<'a>>) {
        match self.messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(content),
            _ if content.is_empty() => {}
            _ => self.messages.push(Message { role, content }),
        }
    }

    fn assistant(&mut self, assistant: Assistant<'a>) -> Result<(), Failure> {
        let Assistant { reasoning, texts, calls, native, .. } = assistant;
        let handed = Handed::read(&native)?;
        // A turn may not consist of reasoning alone, nor end with it.
        if texts.is_empty() && calls.is_empty() && !handed.has_blocks() {
            return Ok(());
        }
        let seals: Vec<Option<Block<'a>>> = reasoning.into_iter().map(seal).collect();
        self.lacks_reasoning = !calls.is_empty() && seals.iter().all(Option::is_none);
        let calls: Vec<Block<'a>> = calls.into_iter().map(|call| self.call(call)).collect();
        let is_paused = handed.is_paused;
        let mut blocks = handed::arrange(handed, seals, texts, calls);
        while matches!(blocks.last(), Some(Block::Thinking { .. } | Block::RedactedThinking { .. })) {
            blocks.pop();
        }
        self.is_paused = is_paused || matches!(blocks.last(), Some(Block::Foreign(_)));
        self.add("assistant", blocks);
        Ok(())
    }

    fn call(&mut self, call: Call<'a>) -> Block<'a> {
        let name = self.names.wire(&call.name);
        let id = self.ids.wire(&call.id);
        self.called.push(id.clone());
        let input = functions::arguments(call.input, self.names.wrap(&call.name));
        let mark = call.cache.map(Into::into);
        Block::ToolUse { id, name, input, caller: None, toolset_name: None, mark }
    }
}

pub(super) fn text(text: Text<'_>) -> Block<'_> {
    Block::Text { text: text.text, mark: text.cache.map(Into::into) }
}

/// A seal goes back to whom it came from, and to nobody else.
fn seal(reasoning: Reasoning<'_>) -> Option<Block<'_>> {
    if reasoning.format.is_some_and(|format| format != FORMAT) {
        return None;
    }
    Some(match reasoning.seal {
        Seal::Signed { text, signature } => Block::Thinking { thinking: text, signature },
        Seal::Encrypted(data) => Block::RedactedThinking { data },
    })
}

fn part(part: Part<'_>) -> Result<Block<'_>, Failure> {
    Ok(match part {
        Part::Text(part) => text(part),
        Part::Image { image, cache, path } => {
            Block::Image { source: image_source(image, &path)?, mark: cache.map(Into::into) }
        }
        Part::Audio { path, .. } => return Err(unsupported(&path, "it has no audio")),
        Part::File { file, cache, path } => {
            let (source, title) = match file {
                File::Id(_) => return Err(unsupported(&path, "it does not know OpenAI's files")),
                File::Pdf { data, name } => (Source::Base64 { media_type: "application/pdf", data }, name),
                File::Text { text, name } => (Source::Text { media_type: "text/plain", data: text }, name),
            };
            Block::Document { source, title: title.filter(|title| !title.is_empty()), mark: cache.map(Into::into) }
        }
    })
}

/// Refuses images that somebody would have to fetch: only Anthropic itself does.
pub(super) fn refuse_links(conversation: &Conversation<'_>) -> Result<(), Failure> {
    let parts = conversation.turns.iter().flat_map(|turn| match turn {
        Turn::User(parts) => vec![parts],
        Turn::Results(results) => results.iter().map(|result| &result.parts).collect(),
        Turn::System(_) | Turn::Assistant(_) => Vec::new(),
    });
    for part in parts.flatten() {
        if let Part::Image { image: Image::Url(_), path, .. } = part {
            return Err(unsupported(path, "it fetches no images; send them as data URLs"));
        }
    }
    Ok(())
}

fn unsupported(path: &str, why: &str) -> Failure {
    Place::new(path).unsupported(why)
}

fn image_source<'a>(image: Image<'a>, path: &str) -> Result<Source<'a>, Failure> {
    match image {
        Image::Url(url) => Ok(Source::Url { url }),
        Image::Data(data) => match conversation::sniff_image(&data) {
            Some(media_type) => Ok(Source::Base64 { media_type, data }),
            None => {
                let message = format!("`{path}` is invalid: it is no JPEG, PNG, GIF or WebP image.");
                Err(Failure::bad_request(message).with_param(path).with_code("invalid_image_url"))
            }
        },
    }
}

fn tool_result<'a>(tool_use_id: String, result: ToolResult<'a>) -> Result<Block<'a>, Failure> {
    let content = if result.is_missing {
        vec![Block::Text { text: Cow::Borrowed(NO_RESULT), mark: None }]
    } else {
        result.parts.into_iter().map(part).collect::<Result<_, _>>()?
    };
    Ok(Block::ToolResult { tool_use_id, content, is_error: result.is_error, mark: result.cache.map(Into::into) })
}
