//! What a decoder of Go and a few checks behind it refuse. Members that are not known pass without a word.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::error::invalid;
use super::{models, options};
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn chat(body: &Value, model: &str) -> Result<(), Reply> {
    models::can(model, "completion", "chat")?;
    options::check(&body["options"])?;
    format(&body["format"])?;
    for message in items(body, "messages", "ChatRequest.messages", "[]api.Message")? {
        self::message(message)?;
    }
    let uses = |name: &str| body[name].as_array().is_some_and(|items| !items.is_empty());
    items(body, "tools", "ChatRequest.tools", "api.Tools")?;
    if uses("tools") {
        models::can(model, "tools", "tools")?;
    }
    let mut messages = body["messages"].as_array().into_iter().flatten();
    if messages.any(|message| message["images"].as_array().is_some_and(|images| !images.is_empty())) {
        models::can(model, "vision", "images")?;
    }
    match &body["think"] {
        Value::Null | Value::Bool(false) => Ok(()),
        Value::Bool(true) => models::can(model, "thinking", "thinking"),
        Value::String(level) if ["low", "medium", "high", "max"].contains(&level.as_str()) => {
            models::can(model, "thinking", "thinking")
        }
        other => Err(invalid(&format!(
            "invalid think value: {other} (must be \"high\", \"medium\", \"low\", true, or false)"
        ))),
    }
}

fn format(format: &Value) -> Result<(), Reply> {
    match format {
        Value::Null | Value::Object(_) => Ok(()),
        Value::String(name) if name.is_empty() || name == "json" => Ok(()),
        other => Err(invalid(&format!("invalid format: {other}; expected \"json\" or a valid JSON Schema object"))),
    }
}

fn message(message: &Value) -> Result<(), Reply> {
    let role = text(message, "role", "ChatRequest.messages.role")?.unwrap_or_default();
    if !["system", "user", "assistant", "tool"].contains(&role) {
        return Err(invalid("invalid role: must be one of [\"system\", \"user\", \"assistant\", \"tool\"]"));
    }
    for name in ["content", "thinking", "tool_name", "tool_call_id"] {
        text(message, name, &format!("ChatRequest.messages.{name}"))?;
    }
    for image in items(message, "images", "ChatRequest.messages.images", "[]api.ImageData")? {
        let data = image.as_str().unwrap_or_default();
        if STANDARD.decode(data).is_err() {
            // A data URL fails at its colon.
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
            let place = data.bytes().position(|byte| !legal(byte)).unwrap_or(data.len());
            return Err(invalid(&format!("illegal base64 data at input byte {place}")));
        }
    }
    for call in items(message, "tool_calls", "ChatRequest.messages.tool_calls", "[]api.ToolCall")? {
        let arguments = call.at("/function/arguments");
        if !arguments.is_object() {
            return Err(cannot(
                arguments,
                "ToolCallFunction.messages.tool_calls.function.arguments",
                "api.ToolCallFunctionArguments",
            ));
        }
    }
    Ok(())
}

/// A text, or nothing; anything else does not fit.
pub(super) fn text<'v>(value: &'v Value, name: &str, field: &str) -> Result<Option<&'v str>, Reply> {
    match &value[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => Err(cannot(other, field, "string")),
    }
}

fn items<'v>(value: &'v Value, name: &str, field: &str, wanted: &str) -> Result<&'v [Value], Reply> {
    match &value[name] {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(cannot(other, field, wanted)),
    }
}

fn cannot(value: &Value, field: &str, wanted: &str) -> Reply {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    invalid(&format!("json: cannot unmarshal {given} into Go struct field {field} of type {wanted}"))
}
