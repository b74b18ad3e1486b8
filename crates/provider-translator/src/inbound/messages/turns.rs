//! `system` and `messages`, as chat messages.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    chat::{Called, Content, Detail, Message, ToolCall},
    content::{self, Block, string},
    seals::{self, Extra},
};
use crate::{place::Place, warnings::Warnings};

#[derive(Deserialize)]
struct Turn<'a> {
    #[serde(borrow)]
    role: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// Reads the whole conversation.
pub(super) fn read<'a>(request: &'a Object, warnings: &mut Warnings) -> Result<Vec<Message<'a>>, Failure> {
    let raw = |name: &str| request.read::<&RawValue>(name).ok().flatten();
    let mut messages = Vec::new();
    if let Some(raw) = raw("system") {
        messages.extend(system(Some(raw), &Place::new("system"), warnings)?);
    }
    let place = Place::new("messages");
    let turns = place.list(raw("messages").ok_or_else(|| place.missing())?)?;
    if turns.is_empty() {
        return Err(place.invalid("it is empty"));
    }
    for (index, raw) in turns.into_iter().enumerate() {
        let place = place.item(index);
        let turn: Turn<'a> = place.members(raw)?;
        let role = place.member("role");
        let content = place.member("content");
        match role.text(turn.role.ok_or_else(|| role.missing())?)?.as_ref() {
            "user" => user(turn.content, &content, warnings, &mut messages)?,
            "assistant" => messages.push(assistant(turn.content, &content, warnings)?),
            "system" => messages.extend(system(turn.content, &content, warnings)?),
            _ => return Err(role.invalid("it is neither user nor assistant")),
        }
    }
    Ok(messages)
}

fn system<'a>(
    raw: Option<&'a RawValue>,
    place: &Place<'_>,
    warnings: &mut Warnings,
) -> Result<Option<Message<'a>>, Failure> {
    let parts = content::parts(raw, place, warnings, |_, kind, place, _| match kind {
        "text" => Ok(false),
        _ => Err(place.member("type").invalid("it is not text")),
    })?;
    let message = Message { role: "system", ..Message::default() };
    Ok((!parts.is_empty()).then(|| Message { content: Some(parts.into()), ..message }))
}

/// A user's turn: the results of tools come first, as messages of their own, for they answer the turn before.
fn user<'a>(
    raw: Option<&'a RawValue>,
    place: &Place<'_>,
    warnings: &mut Warnings,
    out: &mut Vec<Message<'a>>,
) -> Result<(), Failure> {
    let before = out.len();
    let parts = content::parts(raw, place, warnings, |block, kind, place, warnings| {
        if kind == "tool_result" {
            out.push(tool_result(block, place, warnings)?);
        }
        Ok(kind == "tool_result")
    })?;
    if !parts.is_empty() {
        out.push(Message { role: "user", content: Some(parts.into()), ..Message::default() });
    } else if out.len() == before {
        return Err(place.invalid("it is empty"));
    }
    Ok(())
}

fn tool_result<'a>(block: &Block<'a>, place: &Place<'_>, warnings: &mut Warnings) -> Result<Message<'a>, Failure> {
    let content = match block.content {
        Some(raw) => content::parts(Some(raw), &place.member("content"), warnings, |_, _, _, _| Ok(false))?.into(),
        None => Content::Empty(""),
    };
    Ok(Message {
        role: "tool",
        tool_call_id: Some(string(block.tool_use_id, &place.member("tool_use_id"))?),
        content: Some(content),
        is_error: block.is_error.filter(|is_error| *is_error),
        cache_control: block.cache_control,
        ..Message::default()
    })
}

fn assistant<'a>(
    raw: Option<&'a RawValue>,
    place: &Place<'_>,
    warnings: &mut Warnings,
) -> Result<Message<'a>, Failure> {
    let mut message = Message { role: "assistant", ..Message::default() };
    let mut extras: Vec<Extra> = Vec::new();
    let parts = content::parts(raw, place, warnings, |block, kind, place, _| {
        match kind {
            "thinking" => thinking(block, place, &mut message)?,
            "redacted_thinking" => {
                let place = place.member("data");
                let data = place.text(block.data.ok_or_else(|| place.missing())?)?;
                match Extra::read(&data) {
                    Some(extra) => extras.push(extra),
                    None => redacted(data, &mut message),
                }
            }
            "tool_use" => {
                message.tool_calls.push(tool_use(block, place, &mut extras)?);
                // A call has no place for a mark; it stands at the message, which ends with the call.
                message.cache_control = block.cache_control.or(message.cache_control);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let is_silent = parts.is_empty() && !message.tool_calls.is_empty();
    message.content = (!is_silent).then(|| parts.into());
    Ok(message)
}

/// Reasoning without a seal comes from models that have none, and some of them want it back.
fn thinking<'a>(block: &Block<'a>, place: &Place<'_>, message: &mut Message<'a>) -> Result<(), Failure> {
    let text = place.member("thinking");
    let text = text.text(block.thinking.ok_or_else(|| text.missing())?)?;
    let signature = block.signature.map(|raw| place.member("signature").text(raw)).transpose()?.unwrap_or_default();
    if signature.is_empty() {
        message.reasoning_content.push_str(&text);
        return Ok(());
    }
    let (signature, format) = seals::unmark(signature);
    let (index, kind) = (message.reasoning_details.len(), "reasoning.text");
    let detail = Detail { kind, index, text: Some(text), signature: Some(signature), data: None, format };
    message.reasoning_details.push(detail);
    Ok(())
}

fn redacted<'a>(data: Cow<'a, str>, message: &mut Message<'a>) {
    let (data, format) = seals::unmark(data);
    let (index, kind) = (message.reasoning_details.len(), "reasoning.encrypted");
    message.reasoning_details.push(Detail { kind, index, text: None, signature: None, data: Some(data), format });
}

fn tool_use<'a>(block: &Block<'a>, place: &Place<'_>, extras: &mut Vec<Extra>) -> Result<ToolCall<'a>, Failure> {
    let id = place.member("id");
    let id = id.text(block.id.ok_or_else(|| id.missing())?)?;
    let name = string(block.name, &place.member("name"))?;
    let arguments = match block.input {
        None => "{}",
        Some(raw) if raw.get().starts_with('{') => raw.get(),
        Some(_) => return Err(place.member("input").expected("an object")),
    };
    let extra = extras.iter().position(|extra| extra.id == id).map(|at| extras.swap_remove(at).extra_content);
    Ok(ToolCall { id, kind: "function", function: Called { name, arguments }, extra_content: extra })
}
