//! A conversation as Ollama's messages: content is one text, and images stand beside it.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    conversation::{self, Assistant, Conversation, File, Image, Part, Text, ToolResult, Turn},
    functions,
    names::Names,
    place::Place,
    warnings::Warnings,
};

const NO_RESULT: &str = "No result was provided.";

#[derive(Debug, Default, Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    /// Servers know a result by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<String>,
    /// Newer ones know the call too, and older ones do not mind.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToolCall {
    id: String,
    function: Function,
}

#[derive(Debug, Serialize)]
struct Function {
    name: String,
    arguments: Box<RawValue>,
}

pub(super) fn write<'a>(
    conversation: Conversation<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Vec<Message<'a>>, Failure> {
    let mut writer = Writer { names, warnings, called: Vec::new(), messages: Vec::new() };
    writer.system(conversation.preamble);
    for turn in conversation.turns {
        writer.turn(turn)?;
    }
    Ok(writer.messages)
}

struct Writer<'n, 'a> {
    names: &'n mut Names,
    warnings: &'n mut Warnings,
    /// Ids and names of the last turn's calls.
    called: Vec<(String, String)>,
    messages: Vec<Message<'a>>,
}

impl<'a> Writer<'_, 'a> {
    fn turn(&mut self, turn: Turn<'a>) -> Result<(), Failure> {
        match turn {
            Turn::System(texts) => self.system(texts),
            Turn::User(parts) => {
                let (content, images) = self.parts(parts)?;
                self.messages.push(Message { role: "user", content, images, ..Message::default() });
            }
            Turn::Assistant(assistant) => self.assistant(assistant),
            Turn::Results(results) => {
                let called = std::mem::take(&mut self.called);
                for ((id, name), result) in called.into_iter().zip(results) {
                    let content = self.result(result)?;
                    let (tool_name, tool_call_id) = (Some(name), Some(id));
                    self.messages.push(Message {
                        role: "tool",
                        content,
                        tool_name,
                        tool_call_id,
                        ..Message::default()
                    });
                }
            }
        }
        Ok(())
    }

    fn system(&mut self, texts: Vec<Text<'a>>) {
        if !texts.is_empty() {
            self.messages.push(Message { role: "system", content: join(texts), ..Message::default() });
        }
    }

    fn assistant(&mut self, assistant: Assistant<'a>) {
        let Assistant { thoughts: thinking, texts, calls, .. } = assistant;
        if texts.is_empty() && calls.is_empty() {
            return;
        }
        let mut tool_calls = Vec::with_capacity(calls.len());
        for call in calls {
            let (id, name) = (call.id.into_owned(), self.names.wire(&call.name));
            self.called.push((id.clone(), name.clone()));
            let arguments = functions::arguments(call.input, self.names.wrap(&call.name));
            tool_calls.push(ToolCall { id, function: Function { name, arguments } });
        }
        let content = join(texts);
        self.messages.push(Message { role: "assistant", content, thinking, tool_calls, ..Message::default() });
    }

    fn result(&mut self, mut result: ToolResult<'a>) -> Result<Cow<'a, str>, Failure> {
        if result.is_missing {
            return Ok(Cow::Borrowed(NO_RESULT));
        }
        result.tell_error();
        for part in &result.parts {
            if let Part::Image { path, .. } = part {
                return Err(unsupported(path, "a tool's result may hold text only"));
            }
        }
        self.parts(result.parts).map(|(content, _)| content)
    }

    fn parts(&mut self, parts: Vec<Part<'a>>) -> Result<(Cow<'a, str>, Vec<Cow<'a, str>>), Failure> {
        let (mut texts, mut images) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Text(text) => texts.push(text),
                Part::Image { image: Image::Data(data), path, .. } => {
                    if conversation::sniff_image(&data).is_none() {
                        let message = format!("`{path}` is invalid: it is no JPEG, PNG, GIF or WebP image.");
                        return Err(Place::new(&path).refused("invalid_image_url", message));
                    }
                    images.push(data);
                }
                Part::Image { image: Image::Url(_), path, .. } => {
                    return Err(unsupported(&path, "it takes images as data URLs only"));
                }
                Part::File { file: File::Text { text, name }, cache, .. } => {
                    self.warnings.emulated("messages", "file_as_text");
                    let text = match name.filter(|name| !name.is_empty()) {
                        Some(name) => format!("{name}\n\n{text}"),
                        None => text,
                    };
                    texts.push(Text { text: Cow::Owned(text), cache });
                }
                Part::File { path, .. } => return Err(unsupported(&path, "it takes text and images only")),
                Part::Audio { path, .. } => return Err(unsupported(&path, "it has no audio")),
            }
        }
        Ok((join(texts), images))
    }
}

fn unsupported(path: &str, why: &str) -> Failure {
    Place::new(path).unsupported(why)
}

/// Texts as one, a line each.
fn join(mut texts: Vec<Text<'_>>) -> Cow<'_, str> {
    match (texts.len(), texts.pop()) {
        (1, Some(text)) => text.text,
        (_, None) => Cow::Borrowed(""),
        (_, Some(last)) => {
            let all: Vec<&str> = texts.iter().chain([&last]).map(|text| text.text.as_ref()).collect();
            Cow::Owned(all.join("\n"))
        }
    }
}
