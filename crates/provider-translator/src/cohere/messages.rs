//! A conversation as Cohere's messages.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Serialize;

use super::IDS;
use crate::{
    conversation::{self, Assistant, Conversation, File, Image, Text, ToolResult, Turn},
    functions,
    names::{Ids, Names},
    place::Place,
    warnings::Warnings,
};

const NO_RESULT: &str = "No result was provided.";

#[derive(Debug, Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    System {
        content: Content<'a>,
    },
    User {
        content: Content<'a>,
    },
    Assistant {
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<Content<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tool_plan: Option<Cow<'a, str>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    Tool {
        tool_call_id: String,
        content: Content<'a>,
    },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    Text { text: Cow<'a, str> },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Debug, Serialize)]
pub(super) struct ImageUrl<'a> {
    url: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
pub(super) struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function,
}

#[derive(Debug, Serialize)]
struct Function {
    name: String,
    arguments: String,
}

/// Whether a model takes back the plan that came with its calls. Those that are newer than these think instead, and
/// refuse it (`RubyLLM`'s `lib/ruby_llm/protocols/cohere/chat.rb`, read in November 2026); it need not be sent to any.
fn takes_plans(model: &str) -> bool {
    let marks = ["command-r-", "command-r+", "command-r7b", "command-a-03-2025"];
    model.ends_with("command-r") || marks.iter().any(|mark| model.contains(mark))
}

pub(super) fn write<'a>(
    conversation: Conversation<'a>,
    model: &str,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Vec<Message<'a>>, Failure> {
    let mut writer = Writer {
        names,
        warnings,
        plans: takes_plans(model),
        ids: Ids::new(&IDS),
        called: Vec::new(),
        messages: Vec::new(),
    };
    writer.system(conversation.preamble);
    for turn in conversation.turns {
        writer.turn(turn)?;
    }
    Ok(writer.messages)
}

struct Writer<'n, 'a> {
    names: &'n mut Names,
    warnings: &'n mut Warnings,
    plans: bool,
    ids: Ids,
    /// The ids of the last turn's calls.
    called: Vec<String>,
    messages: Vec<Message<'a>>,
}

impl<'a> Writer<'_, 'a> {
    fn turn(&mut self, turn: Turn<'a>) -> Result<(), Failure> {
        match turn {
            Turn::System(texts) => self.system(texts),
            Turn::User(parts) => {
                let parts = parts.into_iter().map(|part| self.part(part)).collect::<Result<_, _>>()?;
                self.messages.push(Message::User { content: content(parts) });
            }
            Turn::Assistant(assistant) => self.assistant(assistant),
            Turn::Results(results) => {
                let ids = std::mem::take(&mut self.called);
                for (tool_call_id, result) in ids.into_iter().zip(results) {
                    let content = self.result(result)?;
                    self.messages.push(Message::Tool { tool_call_id, content });
                }
            }
        }
        Ok(())
    }

    fn system(&mut self, said: Vec<Text<'a>>) {
        if !said.is_empty() {
            self.messages.push(Message::System { content: content(texts(said)) });
        }
    }

    fn assistant(&mut self, assistant: Assistant<'a>) {
        let Assistant { thoughts, texts: said, calls, .. } = assistant;
        if said.is_empty() && calls.is_empty() {
            return;
        }
        let mut tool_calls = Vec::with_capacity(calls.len());
        for call in calls {
            let id = self.ids.wire(&call.id);
            self.called.push(id.clone());
            let name = self.names.wire(&call.name);
            let arguments = functions::arguments(call.input, self.names.wrap(&call.name)).get().to_owned();
            tool_calls.push(ToolCall { id, kind: "function", function: Function { name, arguments } });
        }
        // A plan belongs to calls. What was thought for an answer is not wanted back.
        let tool_plan = thoughts.filter(|_| self.plans && !tool_calls.is_empty());
        let content = (!said.is_empty()).then(|| content(texts(said)));
        self.messages.push(Message::Assistant { content, tool_plan, tool_calls });
    }

    fn result(&mut self, mut result: ToolResult<'a>) -> Result<Content<'a>, Failure> {
        if result.is_missing {
            return Ok(Content::Text(Cow::Borrowed(NO_RESULT)));
        }
        result.tell_error();
        let mut parts = Vec::with_capacity(result.parts.len());
        for part in result.parts {
            if let conversation::Part::Image { path, .. } = &part {
                return Err(unsupported(path, "a tool's result may hold text only"));
            }
            parts.push(self.part(part)?);
        }
        Ok(content(parts))
    }

    fn part(&mut self, part: conversation::Part<'a>) -> Result<Part<'a>, Failure> {
        Ok(match part {
            conversation::Part::Text(Text { text, .. }) => Part::Text { text },
            conversation::Part::Image { image, path, .. } => {
                Part::ImageUrl { image_url: ImageUrl { url: image_url(image, &path)? } }
            }
            conversation::Part::File { file: File::Text { text, name }, .. } => {
                self.warnings.emulated("messages", "file_as_text");
                let text = match name.filter(|name| !name.is_empty()) {
                    Some(name) => format!("{name}\n\n{text}"),
                    None => text,
                };
                Part::Text { text: Cow::Owned(text) }
            }
            conversation::Part::File { path, .. } => {
                return Err(unsupported(&path, "it takes text and images only"));
            }
            conversation::Part::Audio { path, .. } => return Err(unsupported(&path, "it has no audio")),
        })
    }
}

fn unsupported(path: &str, why: &str) -> Failure {
    Place::new(path).unsupported(why)
}

fn image_url<'a>(image: Image<'a>, path: &str) -> Result<Cow<'a, str>, Failure> {
    match image {
        Image::Url(url) => Ok(url),
        Image::Data(data) => match conversation::sniff_image(&data) {
            Some(media_type) => Ok(Cow::Owned(format!("data:{media_type};base64,{data}"))),
            None => {
                let message = format!("`{path}` is invalid: it is no JPEG, PNG, GIF or WebP image.");
                Err(Place::new(path).refused("invalid_image_url", message))
            }
        },
    }
}

fn texts(texts: Vec<Text<'_>>) -> Vec<Part<'_>> {
    texts.into_iter().map(|Text { text, .. }| Part::Text { text }).collect()
}

/// Parts, or their text if there is one only, as Cohere's own clients send it.
fn content(mut parts: Vec<Part<'_>>) -> Content<'_> {
    match parts.pop() {
        None => Content::Text(Cow::Borrowed("")),
        Some(Part::Text { text }) if parts.is_empty() => Content::Text(text),
        Some(last) => {
            parts.push(last);
            Content::Parts(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_go_back_to_the_models_that_are_known_to_take_them() {
        for model in ["command-r", "command-r-plus-08-2024", "command-r7b-12-2024", "command-a-03-2025"] {
            assert!(takes_plans(model), "{model}");
        }
        for model in ["command-a-reasoning-08-2025", "command-a-vision-07-2025", "command-reasoning", "something-new"] {
            assert!(!takes_plans(model), "{model}");
        }
    }
}
