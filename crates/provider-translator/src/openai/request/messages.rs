//! Messages, one by one: what a provider refuses in them is taken out, or said in its way.

use bytes::Bytes;
use llm_layers_core::{Failure, digest};
use llm_layers_wire::json::{Array, Object};
use serde::Deserialize;

use super::{LIMITS, foreign, order, remove_nulls};
use crate::{
    openai::quirks::{Names, Quirks, Reasoning, Text},
    warnings::Warnings,
};

/// What a provider takes of a call in the history, where it takes no more.
const CALL_MEMBERS: [&str; 3] = ["id", "type", "function"];

/// Where clients and gateways put reasoning.
const REASONING: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_details"];

pub(super) fn repair(request: &mut Object, quirks: &Quirks, warnings: &mut Warnings) -> Result<(), Failure> {
    // What is no list of objects the provider refuses in its own words.
    let Some(messages) = request.get_bytes("messages").and_then(|list| Array::parse_with(list, &LIMITS).ok()) else {
        return Ok(());
    };
    let needs_reasoning = needs_reasoning(request, quirks);
    let mut made = Vec::with_capacity(messages.len());
    let mut edited = false;
    for text in messages.iter() {
        let Ok(mut message) = Object::parse_with(text, &LIMITS) else { return Ok(()) };
        self::message(&mut message, quirks, needs_reasoning, warnings)?;
        edited |= message.is_edited();
        made.push(message);
    }
    edited |= order::repair(&mut made, quirks.order, warnings);
    if edited {
        let mut list = vec![b'['];
        for (index, message) in made.iter().enumerate() {
            if index > 0 {
                list.push(b',');
            }
            list.extend_from_slice(&message.to_bytes());
        }
        list.push(b']');
        let _ = request.set_raw("messages", list);
    }
    Ok(())
}

/// Whether the model thinks, and will have its thoughts again.
fn needs_reasoning(request: &Object, quirks: &Quirks) -> bool {
    #[derive(Deserialize)]
    struct Thinking {
        #[serde(rename = "type")]
        kind: String,
    }
    let Reasoning::WithCalls(models) = quirks.reasoning else { return false };
    let model = request.text("model").unwrap_or_default();
    let thinks = models.is_empty() || models.iter().any(|part| model.contains(part));
    let off = request.read::<Thinking>("thinking").ok().flatten().is_some_and(|thinking| thinking.kind == "disabled");
    thinks && !off && request.text("reasoning_effort").as_deref() != Some("none")
}

fn message(
    message: &mut Object,
    quirks: &Quirks,
    needs_reasoning: bool,
    warnings: &mut Warnings,
) -> Result<(), Failure> {
    let role = message.text("role").unwrap_or_default().into_owned();
    if quirks.no_developer && role == "developer" {
        message.set("role", "system");
    }
    let may_have_name = match quirks.names {
        Names::Any => true,
        Names::OfTools => matches!(role.as_str(), "tool" | "function"),
        // A function is nothing without its name.
        Names::None => role == "function",
    };
    if !may_have_name && message.contains("name") {
        if message.get("name") != Some(b"null") {
            warnings.dropped("messages.name", "unsupported")?;
        }
        message.remove("name");
    }
    let is_assistant = role == "assistant";
    if is_assistant && quirks.reasoning == Reasoning::Dropped {
        for name in REASONING {
            message.remove(name);
        }
    }
    if is_assistant && needs_reasoning && has_calls(message) {
        hand_back_reasoning(message);
    }
    if let Some(known) = quirks.message_members {
        if role == "tool" {
            foreign::tell_error(message);
        }
        only(message, known);
    }
    if quirks.no_nulls {
        remove_nulls(message);
    }
    if quirks.text == Text::All || quirks.text == Text::OfTools && role == "tool" {
        text_only(message);
    }
    calls(message, quirks);
    if quirks.short_ids
        && let Some(id) = message.text("tool_call_id").map(|id| short(&id))
        && message.text("tool_call_id").as_deref() != Some(&id)
    {
        message.set("tool_call_id", &id);
    }
    Ok(())
}

fn has_calls(message: &Object) -> bool {
    message.get("tool_calls").is_some_and(|calls| !matches!(calls, b"null" | b"[]"))
}

/// The thoughts behind a call. Where a client has lost them a space stands for them, which is the least that is taken.
fn hand_back_reasoning(message: &mut Object) {
    if message.text("reasoning_content").is_some_and(|said| !said.is_empty()) {
        return;
    }
    let said = message.get_bytes("reasoning").filter(|said| said.starts_with(b"\"") && said != "\"\"");
    let _ = message.set_raw("reasoning_content", said.unwrap_or(Bytes::from_static(b"\" \"")));
}

/// Removes members that are not among these. A refusal is what was said in place of the content.
fn only(message: &mut Object, known: &[&str]) {
    let refusal = message.get_bytes("refusal").filter(|refusal| refusal.starts_with(b"\""));
    let unknown: Vec<String> =
        message.iter().map(|(name, _)| name.into_owned()).filter(|name| !known.contains(&name.as_str())).collect();
    for name in unknown {
        message.remove(&name);
    }
    if let Some(refusal) = refusal
        && message.get("content").is_none_or(|content| content == b"null")
    {
        let _ = message.set_raw("content", refusal);
    }
}

/// Parts of text as one text. What is more than text stays, and the provider says what it thinks of it.
fn text_only(message: &mut Object) {
    #[derive(Deserialize)]
    struct Part {
        #[serde(rename = "type")]
        kind: String,
        text: String,
    }
    let Some(list) = message.get("content").filter(|content| content.starts_with(b"[")) else { return };
    let Ok(parts) = serde_json::from_slice::<Vec<Part>>(list) else { return };
    if parts.iter().all(|part| part.kind == "text") {
        let texts: Vec<String> = parts.into_iter().map(|part| part.text).collect();
        message.set("content", &texts.join("\n"));
    }
}

fn calls(message: &mut Object, quirks: &Quirks) {
    if !quirks.short_ids && quirks.message_members.is_none() || !has_calls(message) {
        return;
    }
    let Some(mut calls) = message.get_bytes("tool_calls").and_then(|calls| Array::parse_with(calls, &LIMITS).ok())
    else {
        return;
    };
    let mut edited = false;
    for index in 0..calls.len() {
        let Some(mut call) = calls.get(index).and_then(|call| Object::parse_with(call, &LIMITS).ok()) else { continue };
        if quirks.message_members.is_some() {
            only(&mut call, &CALL_MEMBERS);
        }
        if quirks.short_ids
            && let Some(id) = call.text("id").map(|id| short(&id))
            && call.text("id").as_deref() != Some(&id)
        {
            call.set("id", &id);
        }
        if call.is_edited() {
            edited |= calls.set(index, call.to_bytes()).is_ok();
        }
    }
    if edited {
        let _ = message.set_raw("tool_calls", calls.to_bytes());
    }
}

/// An id of nine letters or digits: as it is if it is one, else made of its hash, so that a call and its result, and
/// the same conversation's next turn, are given the same. An answer's ids are the provider's own: none needs a way back.
fn short(id: &str) -> String {
    if id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    let mut short = digest([id], 5);
    short.truncate(9);
    short
}
