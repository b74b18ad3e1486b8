//! The checks that the real API makes, in its words: members, limits, thinking. Messages and tools have files of
//! their own.

use serde_json::Value;

use super::error::invalid;
use super::{Version, block, schema, tools, turns};
use crate::look::Look;
use crate::reply::Reply;

/// The members that are known; any other is refused, which is how a translator's leftovers come to light.
const MEMBERS: [&str; 21] = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "stop_sequences",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "thinking",
    "output_config",
    "tools",
    "tool_choice",
    "metadata",
    "service_tier",
    "speed",
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "mcp_servers",
];
/// More than any model gives.
const MAX_TOKENS: u64 = 128_000;

pub(super) fn messages(body: &Value, version: Version) -> Result<(), Reply> {
    match &body["max_tokens"] {
        Value::Null => return Err(invalid("max_tokens: Field required")),
        value => match value.as_u64() {
            None => {
                return Err(invalid("max_tokens: Input should be a valid non-negative integer"));
            }
            Some(tokens) if tokens > MAX_TOKENS => {
                let model = body["model"].as_str().unwrap_or_default();
                let text = format!(
                    "max_tokens: {tokens} > {MAX_TOKENS}, which is the maximum allowed number of output tokens for {model}"
                );
                return Err(invalid(&text));
            }
            Some(_) => {}
        },
    }
    count(body, version)
}

/// The checks for counting tokens: all but those of `max_tokens`.
pub(super) fn count(body: &Value, version: Version) -> Result<(), Reply> {
    if !body["model"].is_string() {
        return Err(invalid("model: Field required"));
    }
    members(body, version)?;
    sampling(body)?;
    stop_sequences(body)?;
    system(body)?;
    tools::check(body)?;
    turns::check(body, version)?;
    thinking(body)?;
    if cache_marks(body) > 4 {
        let text = format!("A maximum of 4 blocks with cache_control may be provided. Found {}.", cache_marks(body));
        return Err(invalid(&text));
    }
    match body.at("/output_config/format/type").as_str() {
        Some("json_schema") => schema::check("output_config.format.schema", body.at("/output_config/format/schema")),
        Some(_) => Err(invalid("output_config.format.type: Input should be 'json_schema'")),
        None => Ok(()),
    }
}

fn members(body: &Value, version: Version) -> Result<(), Reply> {
    for name in body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        let gone = version == Version::V2026 && ["temperature", "top_p", "top_k"].contains(&name);
        if gone || !MEMBERS.contains(&name) {
            return Err(invalid(&format!("{name}: Extra inputs are not permitted")));
        }
    }
    Ok(())
}

fn sampling(body: &Value) -> Result<(), Reply> {
    for name in ["temperature", "top_p"] {
        let value = &body[name];
        if !value.is_null() && !value.as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)) {
            return Err(invalid(&format!("{name}: range: 0..1")));
        }
    }
    let model = body["model"].as_str().unwrap_or_default();
    if model.contains("-4-") && !body["temperature"].is_null() && !body["top_p"].is_null() {
        return Err(invalid("`temperature` and `top_p` cannot both be specified for this model. Please use only one."));
    }
    Ok(())
}

fn stop_sequences(body: &Value) -> Result<(), Reply> {
    let stops = match &body["stop_sequences"] {
        Value::Null => return Ok(()),
        Value::Array(stops) => stops,
        _ => return Err(invalid("stop_sequences: Input should be a valid list")),
    };
    for (at, stop) in stops.iter().enumerate() {
        match stop.as_str() {
            None => {
                return Err(invalid(&format!("stop_sequences.{at}: Input should be a valid string")));
            }
            Some(stop) if stop.trim().is_empty() => {
                return Err(invalid("stop_sequences: each stop sequence must contain non-whitespace"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn system(body: &Value) -> Result<(), Reply> {
    match &body["system"] {
        Value::Null => Ok(()),
        Value::String(text) if text.is_empty() => Err(invalid("system: text content blocks must be non-empty")),
        Value::String(_) => Ok(()),
        Value::Array(blocks) => {
            for (at, block) in blocks.iter().enumerate() {
                if block["type"] != "text" {
                    return Err(invalid(&format!("system.{at}.type: Input should be 'text'")));
                }
                block::text("system", block)?;
            }
            Ok(())
        }
        _ => Err(invalid("system: Input should be a valid list")),
    }
}

fn thinking(body: &Value) -> Result<(), Reply> {
    let thinking = &body["thinking"];
    let kind = match thinking["type"].as_str() {
        None if thinking.is_null() => return Ok(()),
        Some("disabled" | "between_tools") => return Ok(()),
        Some(kind @ ("enabled" | "adaptive")) => kind,
        _ => {
            return Err(invalid(
                "thinking: Input tag does not match any of the expected tags: 'adaptive', 'enabled', 'disabled', \
                 'between_tools'",
            ));
        }
    };
    if kind == "enabled" {
        match thinking["budget_tokens"].as_u64() {
            None => return Err(invalid("thinking.enabled.budget_tokens: Field required")),
            Some(budget) if budget < 1024 => {
                return Err(invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"));
            }
            Some(budget) if body["max_tokens"].as_u64().is_some_and(|max| budget >= max) => {
                return Err(invalid("`max_tokens` must be greater than `thinking.budget_tokens`."));
            }
            Some(_) => {}
        }
    }
    let temperature = &body["temperature"];
    if !temperature.is_null() && temperature.as_f64() != Some(1.0) {
        return Err(invalid("`temperature` may only be set to 1 when thinking is enabled."));
    }
    if body["top_p"].as_f64().is_some_and(|value| value < 0.95) {
        return Err(invalid("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled."));
    }
    if !body["top_k"].is_null() {
        return Err(invalid("`top_k` must be unset when thinking is enabled."));
    }
    if matches!(body.at("/tool_choice/type").as_str(), Some("any" | "tool")) {
        return Err(invalid("Thinking may not be enabled when tool_choice forces tool use."));
    }
    Ok(())
}

/// How many blocks and tools are marked for the prompt cache.
pub(super) fn cache_marks(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(cache_marks).sum(),
        Value::Object(members) => {
            let here = usize::from(members.get("cache_control").is_some_and(Value::is_object));
            let inside = ["system", "messages", "tools", "content"].iter().filter_map(|name| members.get(*name));
            here + inside.map(cache_marks).sum::<usize>()
        }
        _ => 0,
    }
}
