//! Messages: their members and parts, and results that answer calls.

use serde_json::Value;

use super::error::invalid;
use super::validate::members;
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn check(body: &Value) -> Result<(), Reply> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return Err(invalid("invalid request: at least one message must be specified."));
    }
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if role != "tool" && !open.is_empty() {
            return Err(unanswered(&open));
        }
        match role {
            "system" => {
                members(message, &["role", "content"], "chat")?;
                content(message, &["text"])?;
            }
            "user" => {
                members(message, &["role", "content"], "chat")?;
                if !content(message, &["text", "image_url"])? {
                    return Err(invalid(
                        "invalid request: message must be at least 1 token long or tool results must be specified.",
                    ));
                }
            }
            "assistant" => {
                members(message, &["role", "content", "tool_calls", "tool_plan", "citations"], "chat")?;
                open = calls(message)?;
                if !content(message, &["text", "thinking"])? && open.is_empty() {
                    return Err(invalid("invalid request: all elements in history must have a message."));
                }
            }
            "tool" => {
                members(message, &["role", "content", "tool_call_id"], "chat")?;
                let id = message["tool_call_id"].as_str().unwrap_or_default();
                let known = open.iter().position(|open| *open == id);
                let Some(known) = known else {
                    return Err(invalid(&format!(
                        "invalid request: tool_call_id '{id}' at messages[{at}] answers no tool call of the previous \
                         message"
                    )));
                };
                open.remove(known);
                content(message, &["text", "document"])?;
            }
            other => return Err(invalid(&format!("invalid request: messages[{at}] has an invalid role '{other}'"))),
        }
    }
    if open.is_empty() { Ok(()) } else { Err(unanswered(&open)) }
}

fn unanswered(ids: &[&str]) -> Reply {
    invalid(&format!(
        "invalid request: all elements in tool calls must be followed by tool messages. Missing: {}",
        ids.join(", ")
    ))
}

/// Whether there is any content; parts must be of these kinds.
fn content(message: &Value, kinds: &[&str]) -> Result<bool, Reply> {
    match &message["content"] {
        Value::Null => Ok(false),
        Value::String(text) => Ok(!text.is_empty()),
        Value::Array(parts) => {
            for part in parts {
                let kind = part["type"].as_str().unwrap_or_default();
                // A part is a type and a member of the same name.
                if !kinds.contains(&kind) || part.get(kind).is_none() {
                    return Err(invalid(&format!("invalid request: invalid content part of type '{kind}'")));
                }
                members(part, &["type", kind], "chat")?;
            }
            Ok(!parts.is_empty())
        }
        _ => Err(invalid("invalid request: content must be a string or a list")),
    }
}

fn calls(message: &Value) -> Result<Vec<&str>, Reply> {
    let mut ids: Vec<&str> = Vec::new();
    for call in message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice) {
        members(call, &["id", "type", "function"], "chat")?;
        let id = call["id"].as_str().unwrap_or_default();
        if id.is_empty() || ids.contains(&id) {
            return Err(invalid("invalid request: every tool call must have an id of its own"));
        }
        ids.push(id);
        let arguments = call.at("/function/arguments").as_str().unwrap_or_default();
        if !serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object()) {
            return Err(invalid("invalid request: the arguments of a tool call must be the JSON of an object"));
        }
    }
    Ok(ids)
}
