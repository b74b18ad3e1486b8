//! The order of turns, and of tool calls and their results.

use serde_json::Value;

use super::error::invalid;
use super::{Version, block};
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn check(body: &Value, version: Version) -> Result<(), Reply> {
    let messages = match &body["messages"] {
        Value::Null => return Err(invalid("messages: Field required")),
        Value::Array(messages) if messages.is_empty() => {
            return Err(invalid("messages: at least one message is required"));
        }
        Value::Array(messages) => messages,
        _ => return Err(invalid("messages: Input should be a valid list")),
    };
    let mut open: Vec<&str> = Vec::new();
    let last = messages.len() - 1;
    for (at, message) in messages.iter().enumerate() {
        let role = role(at, message)?;
        let blocks = content(at, last, role, message)?;
        for (index, block) in blocks.iter().enumerate() {
            block::check(&format!("messages.{at}.content.{index}"), role, block, version)?;
        }
        results(at, &open, blocks)?;
        open = calls(at, blocks)?;
    }
    if !open.is_empty() {
        return Err(without_results(last, &open));
    }
    needs_tools(body, messages)?;
    ending(body, messages)
}

fn role(at: usize, message: &Value) -> Result<&str, Reply> {
    match message["role"].as_str() {
        Some("assistant") if at == 0 => Err(invalid("messages: first message must use the \"user\" role")),
        Some(role @ ("user" | "assistant")) => Ok(role),
        Some("system") => Err(invalid(
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \
             \"system\" as an input message role.",
        )),
        _ => Err(invalid(&format!("messages.{at}.role: Input should be 'user' or 'assistant'"))),
    }
}

/// The blocks; none for a plain string. Only the last message, of the assistant, may be empty.
fn content<'a>(at: usize, last: usize, role: &str, message: &'a Value) -> Result<&'a [Value], Reply> {
    let may_be_empty = at == last && role == "assistant";
    let empty = || {
        Err(invalid(&format!(
            "messages.{at}: all messages must have non-empty content except for the optional final assistant message"
        )))
    };
    match &message["content"] {
        Value::String(text) if text.is_empty() && !may_be_empty => empty(),
        Value::String(text) if !text.is_empty() && text.trim().is_empty() => {
            Err(invalid("messages: text content blocks must contain non-whitespace text"))
        }
        Value::String(_) => Ok(&[]),
        Value::Array(blocks) if blocks.is_empty() && !may_be_empty => empty(),
        Value::Array(blocks) => Ok(blocks),
        Value::Null => Err(invalid(&format!("messages.{at}.content: Field required"))),
        _ => Err(invalid(&format!("messages.{at}.content: Input should be a valid list"))),
    }
}

/// The results must come first, answer all open calls, and nothing else.
fn results(at: usize, open: &[&str], blocks: &[Value]) -> Result<(), Reply> {
    let is_result = |block: &Value| block["type"] == "tool_result";
    let leading = blocks.iter().take_while(|block| is_result(block));
    let answered: Vec<&str> = leading.filter_map(|block| block["tool_use_id"].as_str()).collect();
    let missing: Vec<&str> = open.iter().copied().filter(|id| !answered.contains(id)).collect();
    if !missing.is_empty() {
        return Err(without_results(at - 1, &missing));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| is_result(block)) {
        let id = block["tool_use_id"].as_str().unwrap_or_default();
        if !open.contains(&id) {
            return Err(invalid(&format!(
                "messages.{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each \
                 `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )));
        }
        if seen.contains(&id) {
            return Err(invalid(&format!(
                "messages.{at}.content.{index}: each tool_use must have a single result. Found multiple \
                 `tool_result` blocks with id: {id}"
            )));
        }
        seen.push(id);
    }
    Ok(())
}

fn without_results(at: usize, ids: &[&str]) -> Reply {
    invalid(&format!(
        "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message.",
        ids.join(", ")
    ))
}

fn calls(at: usize, blocks: &[Value]) -> Result<Vec<&str>, Reply> {
    let mut ids: Vec<&str> = Vec::new();
    for block in blocks.iter().filter(|block| block["type"] == "tool_use") {
        let id = block["id"].as_str().unwrap_or_default();
        if ids.contains(&id) {
            return Err(invalid(&format!("messages.{at}: `tool_use` ids must be unique")));
        }
        ids.push(id);
    }
    Ok(ids)
}

fn needs_tools(body: &Value, messages: &[Value]) -> Result<(), Reply> {
    let is_tool = |block: &Value| block["type"] == "tool_use" || block["type"] == "tool_result";
    let used =
        messages.iter().any(|message| message["content"].as_array().is_some_and(|blocks| blocks.iter().any(is_tool)));
    if used && body["tools"].as_array().is_none_or(Vec::is_empty) {
        return Err(invalid("Requests which have `tool_use` or `tool_result` blocks in messages must define tools."));
    }
    Ok(())
}

/// Rules about the last turn of the assistant.
fn ending(body: &Value, messages: &[Value]) -> Result<(), Reply> {
    if let Some(last) = messages.last().filter(|last| last["role"] == "assistant") {
        let text = match &last["content"] {
            Value::String(text) => Some(text.as_str()),
            content => content.as_array().and_then(|blocks| blocks.last()).and_then(|block| block["text"].as_str()),
        };
        if text.is_some_and(|text| text.ends_with(char::is_whitespace)) {
            return Err(invalid("messages: final assistant content cannot end with trailing whitespace"));
        }
    }
    if body.at("/thinking/type") != "enabled" {
        return Ok(());
    }
    // Within a loop of tool calls the thinking that led to them must be sent back.
    let Some(at) = messages.iter().rposition(|message| message["role"] == "assistant") else {
        return Ok(());
    };
    let blocks = messages.get(at).and_then(|message| message["content"].as_array()).map_or(&[][..], Vec::as_slice);
    let calls = blocks.iter().any(|block| block["type"] == "tool_use");
    let first = blocks.first().and_then(|block| block["type"].as_str()).unwrap_or_default();
    if calls && !["thinking", "redacted_thinking"].contains(&first) {
        return Err(invalid(&format!(
            "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When \
             `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the \
             lastmost set of `tool_use` and `tool_result` blocks)."
        )));
    }
    Ok(())
}
