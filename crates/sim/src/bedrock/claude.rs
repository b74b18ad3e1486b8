//! What Claude adds to the rules of Converse: thinking, its signatures, what goes along with it.

use serde_json::Value;

use super::error::validation;
use super::operation::is_of;
use crate::anthropic::signature;
use crate::look::Look;
use crate::reply::Reply;

pub(super) fn is(model: &str) -> bool {
    is_of(model, "anthropic.")
}

/// A refusal of the model behind the service.
pub(super) fn error(message: &str) -> Reply {
    validation(&format!("The model returned the following errors: {message}"))
}

/// What of the additional fields goes to Claude; any other member is refused.
const FIELDS: [&str; 9] = [
    "thinking",
    "reasoning_config",
    "top_k",
    "anthropic_beta",
    "tools",
    "tool_choice",
    "output_config",
    "metadata",
    "speed",
];

/// The thinking that the request asks for: Claude's member, or the one that other models have.
pub(super) fn thinking(body: &Value) -> &Value {
    let fields = body.at("/additionalModelRequestFields");
    match fields.get("thinking") {
        Some(thinking) => thinking,
        None => fields.at("/reasoning_config"),
    }
}

pub(super) fn check(body: &Value) -> Result<(), Reply> {
    let fields = body.at("/additionalModelRequestFields").as_object();
    let extra = fields.into_iter().flatten().find(|(name, _)| !FIELDS.contains(&name.as_str()));
    if let Some((extra, _)) = extra {
        return Err(error(&format!("{extra}: Extra inputs are not permitted")));
    }
    let stops = body.at("/inferenceConfig/stopSequences").as_array();
    if stops.into_iter().flatten().filter_map(Value::as_str).any(|stop| stop.trim().is_empty()) {
        return Err(error("stop_sequences: each stop sequence must contain non-whitespace"));
    }
    if cache_points(body) > 4 {
        return Err(error("A maximum of 4 blocks with cache_control may be provided."));
    }
    let thinking = thinking(body);
    match thinking["type"].as_str() {
        Some("enabled") => budget(body, thinking)?,
        Some("adaptive") => {}
        _ => return Ok(()),
    }
    let temperature = body.at("/inferenceConfig/temperature");
    if !temperature.is_null() && temperature.as_f64() != Some(1.0) {
        return Err(error("`temperature` may only be set to 1 when thinking is enabled."));
    }
    if body.at("/inferenceConfig/topP").as_f64().is_some_and(|value| value < 0.95) {
        return Err(error("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled."));
    }
    let choice = body.at("/toolConfig/toolChoice");
    if choice.get("any").is_some() || choice.get("tool").is_some() {
        return Err(error("Thinking may not be enabled when tool_choice forces tool use."));
    }
    if thinking["type"] == "enabled" { thought_before_calls(body) } else { Ok(()) }
}

fn budget(body: &Value, thinking: &Value) -> Result<(), Reply> {
    let Some(budget) = thinking["budget_tokens"].as_u64() else {
        return Err(error("thinking.enabled.budget_tokens: Field required"));
    };
    if budget < 1024 {
        return Err(error("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"));
    }
    if body.at("/inferenceConfig/maxTokens").as_u64().unwrap_or(super::converse::MAX_TOKENS) <= budget {
        return Err(error("`max_tokens` must be greater than `thinking.budget_tokens`."));
    }
    Ok(())
}

/// Within a loop of tool calls the thinking that led to them must be sent back.
fn thought_before_calls(body: &Value) -> Result<(), Reply> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let Some((at, message)) = messages.iter().enumerate().rfind(|(_, message)| message["role"] == "assistant") else {
        return Ok(());
    };
    let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
    let calls = blocks.iter().any(|block| block.get("toolUse").is_some());
    if calls && blocks.first().is_none_or(|block| block.get("reasoningContent").is_none()) {
        return Err(error(&format!(
            "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found another block. When \
             `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the \
             lastmost set of `tool_use` and `tool_result` blocks)."
        )));
    }
    Ok(())
}

/// A block of reasoning that comes back must be as it was given out.
pub(super) fn reasoning(place: &str, reasoning: &Value, model: &str) -> Result<(), Reply> {
    let Some(text) = reasoning.at("/reasoningText/text").as_str().filter(|_| is(model)) else {
        return Ok(());
    };
    match reasoning.at("/reasoningText/signature").as_str() {
        None => Err(error(&format!("{place}.thinking.signature: Field required"))),
        Some(signed) if signature::is_valid(text, signed) => Ok(()),
        Some(_) => Err(error(&format!("{place}: Invalid `signature` in `thinking` block"))),
    }
}

/// How many points the prompt is to be cached up to.
pub(super) fn cache_points(body: &Value) -> usize {
    let blocks = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let messages = blocks(&body["messages"]);
    let turns = messages.iter().flat_map(|message| blocks(&message["content"]));
    let all = turns.chain(blocks(&body["system"])).chain(blocks(body.at("/toolConfig/tools")));
    all.filter(|block| block.get("cachePoint").is_some()).count()
}
