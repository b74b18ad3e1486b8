//! The order of turns, and of tool calls and their results.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::error::validation;
use super::operation::is_of;
use super::{claude, documents};
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn check(body: &Value, model: &str) -> Result<(), Reply> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.first().is_none_or(|message| message["role"] != "user") {
        return Err(validation(
            "A conversation must start with a user message. Try again with a conversation that starts with a user \
             message.",
        ));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut last = "";
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if role == "system" {
            return Err(validation("This model doesn't support the system role in messages."));
        }
        if role == last {
            return Err(validation(
                "A conversation must alternate between user and assistant roles. Make sure the conversation \
                 alternates between user and assistant roles and try again.",
            ));
        }
        last = role;
        let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
        if blocks.is_empty() {
            return Err(validation(&format!(
                "The content field in the Message object at messages.{at} is empty. Add a ContentBlock object to the \
                 content field and try again."
            )));
        }
        for (index, block) in blocks.iter().enumerate() {
            content(&format!("messages.{at}.content.{index}"), role, block, model)?;
        }
        results(at, &open, blocks, model)?;
        open = ids(at, blocks, "toolUse")?;
    }
    if !open.is_empty() {
        return Err(without_results(messages.len(), &open));
    }
    if last == "assistant" && !claude::is(model) {
        return Err(validation(
            "A conversation must end with a user message. Try again with a conversation that ends with a user \
             message.",
        ));
    }
    documents::check(messages)
}

/// A block of the turn of `role`, which stands at `place`.
fn content(place: &str, role: &str, block: &Value, model: &str) -> Result<(), Reply> {
    let kind = block.as_object().and_then(|members| members.keys().next()).map_or("", String::as_str);
    let of_assistant = ["toolUse", "reasoningContent", "citationsContent"].contains(&kind);
    let of_user = ["toolResult", "image", "document", "video", "audio", "searchResult"].contains(&kind);
    if (role == "user" && of_assistant) || (role == "assistant" && of_user) {
        return Err(validation(&format!(
            "The {kind} block at {place} is not allowed in a message of the {role} role. Remove it and try again."
        )));
    }
    let blank = |place: &str| {
        Err(validation(&format!(
            "The text field in the ContentBlock object at {place} is blank. Add text to the text field, and try again."
        )))
    };
    let no_object = |place: &str| {
        Err(validation(&format!(
            "The format of the value at {place} is invalid. Provide a json object for the field and try again."
        )))
    };
    match kind {
        "text" if block["text"].as_str().is_none_or(|text| text.trim().is_empty()) => blank(place),
        "toolUse" if !block.at("/toolUse/input").is_object() => no_object(&format!("{place}.toolUse.input")),
        "toolResult" => {
            let result = &block["toolResult"];
            let inner = result["content"].as_array().map_or(&[][..], Vec::as_slice);
            if inner.is_empty() && result["status"] == "error" {
                return Err(validation(&format!(
                    "The content field at {place}.toolResult cannot be empty when status value is error."
                )));
            }
            for (at, block) in inner.iter().enumerate() {
                let place = format!("{place}.toolResult.content.{at}");
                if block["text"].as_str().is_some_and(|text| text.trim().is_empty()) {
                    return blank(&place);
                }
                if block.get("json").is_some_and(|json| !json.is_object()) {
                    return no_object(&format!("{place}.json"));
                }
            }
            Ok(())
        }
        "image" => image(place, &block["image"]),
        "reasoningContent" => claude::reasoning(place, &block["reasoningContent"], model),
        _ => Ok(()),
    }
}

/// What the first bytes say must be what the format says. Pictures in tests may be a few bytes that say nothing.
fn image(place: &str, image: &Value) -> Result<(), Reply> {
    let data = image.at("/source/bytes").as_str().unwrap_or_default();
    let head = data.get(..16.min(data.len() / 4 * 4)).unwrap_or_default();
    let head = STANDARD.decode(head).unwrap_or_default();
    let magic: [(&[u8], &str); 4] =
        [(b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp")];
    match magic.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, format)) if image["format"] != *format => Err(validation(&format!(
            "The model returned the following errors: {place}.image.source.base64: The image was specified using the \
             image/{} media type, but the image appears to be a image/{format} image",
            image["format"].as_str().unwrap_or_default()
        ))),
        _ => Ok(()),
    }
}

/// The results must answer all open calls and nothing else, in one turn.
fn results(at: usize, open: &[&str], blocks: &[Value], model: &str) -> Result<(), Reply> {
    let answered = ids(at, blocks, "toolResult")?;
    let missing: Vec<&str> = open.iter().copied().filter(|id| !answered.contains(id)).collect();
    if !missing.is_empty() {
        return Err(without_results(at, &missing));
    }
    if answered.len() > open.len() {
        return Err(validation(&format!(
            "The number of toolResult blocks at messages.{at}.content exceeds the number of toolUse blocks of previous \
             turn."
        )));
    }
    if answered.is_empty() {
        return Ok(());
    }
    let is_other = |block: &Value| block.get("toolResult").is_none() && block.get("cachePoint").is_none();
    if ["meta.", "mistral."].iter().any(|family| is_of(model, family)) && blocks.iter().any(is_other) {
        return Err(validation(&format!(
            "messages.{at}.content: Conversation blocks and tool result blocks cannot be provided in the same turn."
        )));
    }
    let leading = blocks.iter().take_while(|block| block.get("toolResult").is_some()).count();
    if claude::is(model) && leading < answered.len() {
        return Err(claude::error(&format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            at - 1,
            open.join(", ")
        )));
    }
    Ok(())
}

fn without_results(at: usize, ids: &[&str]) -> Reply {
    validation(&format!(
        "Expected toolResult blocks at messages.{at}.content for the following Ids: {}",
        ids.join(", ")
    ))
}

/// The ids of the calls, or of the results, of one turn.
fn ids<'a>(at: usize, blocks: &'a [Value], kind: &str) -> Result<Vec<&'a str>, Reply> {
    let mut ids: Vec<&str> = Vec::new();
    for id in blocks.iter().filter_map(|block| block.get(kind)?["toolUseId"].as_str()) {
        if ids.contains(&id) {
            return Err(validation(&format!("The {kind} blocks at messages.{at}.content contain duplicate Ids: {id}")));
        }
        ids.push(id);
    }
    Ok(ids)
}
