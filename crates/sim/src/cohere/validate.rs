//! The members of a chat request and their ranges. Messages and tools have files of their own.

use serde_json::Value;

use super::error::{invalid, unknown_field};
use crate::look::Look;
use crate::reply::Reply;

const MEMBERS: [&str; 22] = [
    "model",
    "messages",
    "stream",
    "tools",
    "strict_tools",
    "tool_choice",
    "documents",
    "citation_options",
    "response_format",
    "safety_mode",
    "max_tokens",
    "stop_sequences",
    "temperature",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "k",
    "p",
    "logprobs",
    "thinking",
    "priority",
    "raw_prompting",
];

pub(super) fn chat(body: &Value) -> Result<(), Reply> {
    members(body, &MEMBERS, "chat")?;
    if body["model"].as_str().is_none_or(str::is_empty) {
        return Err(invalid("invalid request: model is required"));
    }
    for (name, least, most) in [
        ("temperature", 0.0, f64::MAX),
        ("p", 0.01, 0.99),
        ("k", 0.0, 500.0),
        ("frequency_penalty", 0.0, 1.0),
        ("presence_penalty", 0.0, 1.0),
        ("max_tokens", 1.0, f64::MAX),
        ("priority", 0.0, 999.0),
        ("seed", 0.0, f64::MAX),
    ] {
        range(body, name, least, most)?;
    }
    one_of(&body["safety_mode"], "safety_mode", &["CONTEXTUAL", "STRICT", "OFF"])?;
    let modes = ["ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF"];
    one_of(body.at("/citation_options/mode"), "citation_options.mode", &modes)?;
    one_of(body.at("/thinking/type"), "thinking.type", &["enabled", "disabled"])?;
    one_of(body.at("/response_format/type"), "response_format.type", &["text", "json_object"])?;
    if body["stop_sequences"].as_array().is_some_and(|stops| stops.len() > 5) {
        return Err(invalid("invalid request: stop_sequences must have at most 5 elements"));
    }
    let has = |name: &str| body[name].as_array().is_some_and(|items| !items.is_empty());
    if !has("tools") && !has("documents") {
        return Ok(());
    }
    if body.at("/response_format/type") == "json_object" {
        return Err(invalid("invalid request: json response format is not supported with tools or documents"));
    }
    if !body["safety_mode"].is_null() {
        return Err(invalid("invalid request: safety_mode is not supported with tools or documents"));
    }
    Ok(())
}

/// Refuses the first member that is not known.
pub(super) fn members(value: &Value, known: &[&str], page: &str) -> Result<(), Reply> {
    let mut names = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    match names.find(|name| !known.contains(name)) {
        Some(name) => Err(unknown_field(name, page)),
        None => Ok(()),
    }
}

/// Refuses a text that is there and not one of these.
pub(super) fn one_of(value: &Value, name: &str, known: &[&str]) -> Result<(), Reply> {
    if value.is_null() || value.as_str().is_some_and(|text| known.contains(&text)) {
        return Ok(());
    }
    Err(invalid(&format!("invalid request: {name} must be one of {}", known.join(", "))))
}

fn range(body: &Value, name: &str, least: f64, most: f64) -> Result<(), Reply> {
    let value = &body[name];
    if value.is_null() || value.as_f64().is_some_and(|number| (least..=most).contains(&number)) {
        return Ok(());
    }
    if most == f64::MAX {
        return Err(invalid(&format!("invalid request: {name} must be at least {least}")));
    }
    Err(invalid(&format!("invalid request: {name} must be between {least} and {most} inclusive")))
}
