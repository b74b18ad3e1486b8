//! One message of OpenAI's.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Assistant, CacheMark, Native, Part, Text, ToolResult, calls, parts, reasoning};
use crate::{place::Place, warnings::Warnings};

/// A message, not yet in its place.
pub(super) enum Message<'a> {
    System(Vec<Text<'a>>),
    User(Vec<Part<'a>>),
    Assistant(Assistant<'a>),
    Result { of: Of<'a>, result: ToolResult<'a> },
}

/// Which call a result answers.
pub(super) enum Of<'a> {
    Id(Cow<'a, str>),
    /// OpenAI's old functions are called by their name alone.
    Function(Cow<'a, str>),
}

/// The members that mean something to a provider other than OpenAI. All others are echoes of answers.
#[derive(Deserialize)]
pub(super) struct Members<'a> {
    #[serde(borrow)]
    role: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    audio: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) function_call: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_call_id: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) reasoning_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) thinking_blocks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) provider_specific_fields: Option<&'a RawValue>,
    #[serde(borrow)]
    native: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
    #[serde(default)]
    is_error: Option<bool>,
}

pub(super) fn read<'a>(
    raw: &'a RawValue,
    index: usize,
    place: &Place<'_>,
    warnings: &mut Warnings,
) -> Result<Message<'a>, Failure> {
    let members: Members<'a> = place.members(raw)?;
    let role_place = place.member("role");
    let role = role_place.text(members.role.ok_or_else(|| role_place.missing())?)?;
    if members.name.is_some() && role != "function" {
        warnings.dropped("messages.name", "unsupported")?;
    }
    let cache =
        members.cache_control.map(|raw| parts::cache_control(raw, &place.member("cache_control"))).transpose()?;
    let content = place.member("content");
    let message = match role.as_ref() {
        "system" | "developer" => Message::System(mark(parts::texts(members.content, &content)?, cache)),
        "user" => {
            if members.content.is_none() {
                return Err(content.missing());
            }
            let mut parts = parts::parts(members.content, &content)?;
            if let (Some(last), Some(_)) = (parts.last_mut(), cache) {
                *last.cache_mut() = cache;
            }
            Message::User(parts)
        }
        "assistant" => Message::Assistant(assistant(&members, index, place, cache)?),
        "tool" => {
            let id = place.member("tool_call_id");
            let of = Of::Id(id.text(members.tool_call_id.ok_or_else(|| id.missing())?)?);
            result(of, &members, &content, cache)?
        }
        "function" => {
            let name = place.member("name");
            let of = Of::Function(name.text(members.name.ok_or_else(|| name.missing())?)?);
            result(of, &members, &content, cache)?
        }
        _ => return Err(role_place.invalid("it is none of system, developer, user, assistant, tool and function")),
    };
    Ok(message)
}

fn assistant<'a>(
    members: &Members<'a>,
    index: usize,
    place: &Place<'_>,
    cache: Option<CacheMark>,
) -> Result<Assistant<'a>, Failure> {
    if members.audio.is_some() {
        return Err(place.member("audio").unsupported("it has no audio"));
    }
    let mut reasoning = reasoning::read(members, place)?;
    let mut texts = parts::said(members.content, &place.member("content"), &mut reasoning)?;
    if let Some(raw) = members.refusal {
        let text = place.member("refusal").text(raw)?;
        texts.extend((!text.trim().is_empty()).then_some(Text { text, cache: None }));
    }
    // Told for the client's own use: one of another shape is not worth a refusal.
    let thoughts = members.reasoning_content.and_then(|raw| place.text(raw).ok());
    let thoughts = thoughts.filter(|thoughts| !thoughts.trim().is_empty());
    let mut calls = calls::read(members, index, place)?;
    // A message ends with its calls, if it has some.
    let texts = match calls.last_mut() {
        Some(last) => {
            last.cache = cache;
            texts
        }
        None => mark(texts, cache),
    };
    let native = members.native.map(|raw| Native { raw, path: place.member("native").to_string() });
    Ok(Assistant { reasoning, thoughts, texts, calls, native: native.into_iter().collect() })
}

/// A result's cache mark may stand at the message or at one of its parts; a result has one at most.
fn result<'a>(
    of: Of<'a>,
    members: &Members<'a>,
    place: &Place<'_>,
    cache: Option<CacheMark>,
) -> Result<Message<'a>, Failure> {
    let mut parts = parts::parts(members.content, place)?;
    let cache = parts.iter_mut().filter_map(|part| part.cache_mut().take()).next_back().or(cache);
    let is_error = members.is_error.unwrap_or_default();
    Ok(Message::Result { of, result: ToolResult { parts, cache, is_error, is_missing: false } })
}

fn mark<'a>(mut texts: Vec<Text<'a>>, cache: Option<CacheMark>) -> Vec<Text<'a>> {
    if let (Some(last), Some(_)) = (texts.last_mut(), cache) {
        last.cache = cache;
    }
    texts
}
