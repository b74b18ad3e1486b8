//! One content block of a request.

use serde_json::Value;

use super::error::invalid;
use super::{Version, signature};
use crate::reply::Reply;

const KINDS: [&str; 12] = [
    "text",
    "image",
    "document",
    "search_result",
    "tool_use",
    "tool_result",
    "thinking",
    "redacted_thinking",
    "server_tool_use",
    "web_search_tool_result",
    "container_upload",
    "tool_reference",
];

/// Texts must not be empty.
pub(super) fn text(place: &str, block: &Value) -> Result<(), Reply> {
    match block["text"].as_str() {
        None => Err(invalid(&format!("{place}.text: Field required"))),
        Some("") => Err(invalid(&format!("{place}: text content blocks must be non-empty"))),
        Some(text) if text.trim().is_empty() => {
            Err(invalid(&format!("{place}: text content blocks must contain non-whitespace text")))
        }
        Some(_) => Ok(()),
    }
}

/// Checks a block of the turn of `role`, which stands at `place`.
pub(super) fn check(place: &str, role: &str, block: &Value, version: Version) -> Result<(), Reply> {
    let kind = block["type"].as_str().unwrap_or_default();
    if !KINDS.contains(&kind) {
        let known = KINDS.map(|kind| format!("'{kind}'")).join(", ");
        let text =
            format!("{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {known}");
        return Err(invalid(&text));
    }
    let of_assistant = ["tool_use", "thinking", "redacted_thinking", "server_tool_use"].contains(&kind);
    let of_user = ["image", "tool_result", "search_result", "container_upload"].contains(&kind)
        || (kind == "document" && version == Version::V2026);
    if (role == "user" && of_assistant) || (role == "assistant" && of_user) {
        return Err(invalid(&format!("{place}: `{kind}` blocks are not allowed in `{role}` messages")));
    }
    match kind {
        "text" => {
            text("messages", block)?;
            let cited = block["citations"].as_array().is_some_and(|list| !list.is_empty());
            if cited && role == "user" && version == Version::V2026 {
                return Err(invalid(&format!("{place}.text.citations: Extra inputs are not permitted")));
            }
            Ok(())
        }
        "image" => image(place, &block["source"]),
        "tool_use" => tool_use(place, block),
        "tool_result" => tool_result(place, block, version),
        "thinking" => {
            let (Some(thinking), Some(signed)) = (block["thinking"].as_str(), block["signature"].as_str()) else {
                return Err(invalid(&format!("{place}.thinking.signature: Field required")));
            };
            if signature::is_valid(thinking, signed) {
                return Ok(());
            }
            Err(invalid(&format!("{place}: Invalid `signature` in `thinking` block")))
        }
        _ => Ok(()),
    }
}

fn image(place: &str, source: &Value) -> Result<(), Reply> {
    let fail = |text: &str| Err(invalid(&format!("{place}.image.source{text}")));
    match source["type"].as_str() {
        Some("base64") => {
            let media = source["media_type"].as_str().unwrap_or_default();
            if !["image/jpeg", "image/png", "image/gif", "image/webp"].contains(&media) {
                return fail(
                    ".base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
                );
            }
            if source["data"].as_str().is_none_or(str::is_empty) {
                fail(".base64: image cannot be empty")
            } else {
                Ok(())
            }
        }
        Some("url") if source["url"].is_string() => Ok(()),
        Some("file") if source["file_id"].is_string() => Ok(()),
        _ => fail(": Input tag does not match any of the expected tags: 'base64', 'url', 'file'"),
    }
}

fn tool_use(place: &str, block: &Value) -> Result<(), Reply> {
    let id = block["id"].as_str().unwrap_or_default();
    if !is_name(id, usize::MAX) {
        return Err(invalid(&format!("{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")));
    }
    if !is_name(block["name"].as_str().unwrap_or_default(), 200) {
        return Err(invalid(&format!("{place}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{{1,200}}$'")));
    }
    if !block["input"].is_object() {
        return Err(invalid(&format!("{place}.tool_use.input: Input should be a valid dictionary")));
    }
    Ok(())
}

fn tool_result(place: &str, block: &Value, version: Version) -> Result<(), Reply> {
    if !block["tool_use_id"].is_string() {
        return Err(invalid(&format!("{place}.tool_result.tool_use_id: Field required")));
    }
    match &block["content"] {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(blocks) => {
            for (at, inner) in blocks.iter().enumerate() {
                let kind = inner["type"].as_str().unwrap_or_default();
                let place = format!("{place}.tool_result.content.{at}");
                if !["text", "image", "document", "search_result", "tool_reference"].contains(&kind) {
                    return Err(invalid(&format!("{place}: `{kind}` blocks are not allowed in tool results")));
                }
                check(&place, "user", inner, version)?;
            }
            Ok(())
        }
        _ => Err(invalid(&format!("{place}.tool_result.content: Input should be a valid string or list"))),
    }
}

/// Letters, digits, `_` and `-`, one at least.
pub(super) fn is_name(text: &str, max: usize) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=max).contains(&text.len()) && text.bytes().all(legal)
}
