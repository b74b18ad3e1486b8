use std::borrow::Cow;

use llm_layers_wire::json::{Array, Object, items};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::{
    UNBOUNDED, Unfit,
    check::{Offered, read},
};

/// What the types of tools begin with that Anthropic itself runs; a date follows.
const HOSTED: [&str; 6] = ["web_search", "web_fetch", "code_execution", "tool_search_tool", "advisor", "mcp_toolset"];

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// Whether a message may be kept, in view of the request that it answers.
pub(in crate::shape) fn check(answer: &Object, request: &Object) -> Result<(), Unfit> {
    let content = answer.get_bytes("content").and_then(|raw| Array::parse_with(raw, &UNBOUNDED).ok());
    let content = content.filter(|_| answer.text("type").as_deref() == Some("message")).ok_or(Unfit::Malformed)?;
    let reason = answer.text("stop_reason");
    match reason.as_deref() {
        Some("end_turn" | "max_tokens" | "stop_sequence" | "tool_use") => {}
        Some("refusal") => return Err(Unfit::Refused),
        // Among them `pause_turn`, `model_context_window_exceeded`, `compaction`, and those to come.
        _ => return Err(Unfit::Unfinished),
    }
    // Such an answer warms the provider's cache, and has to come from there.
    if content.is_empty() {
        return Err(Unfit::Unfinished);
    }
    let mut offered = None;
    let mut ends_in_call = false;
    for raw in content.iter() {
        let block: Block<'_> = read(&raw)?;
        ends_in_call = block.kind == "tool_use";
        if ends_in_call {
            let name = block.name.as_deref().ok_or(Unfit::InvalidCall)?;
            let is_object = block.input.is_some_and(|input| input.get().starts_with('{'));
            if !is_object || !offered.get_or_insert_with(|| offers(request)).has_function(name) {
                return Err(Unfit::InvalidCall);
            }
        } else if is_error(&block) {
            return Err(Unfit::Malformed);
        }
    }
    // The limit may have cut the call off.
    if ends_in_call && reason.as_deref() == Some("max_tokens") { Err(Unfit::Unfinished) } else { Ok(()) }
}

/// Whether a block is what a tool of Anthropic's own has failed with: the next call of it may succeed.
fn is_error(block: &Block<'_>) -> bool {
    #[derive(Deserialize)]
    struct Content<'a> {
        #[serde(rename = "type", borrow)]
        kind: Cow<'a, str>,
    }
    let is_result = block.kind.ends_with("_tool_result");
    let content = block.content.filter(|content| is_result && content.get().starts_with('{'));
    let content = content.and_then(|content| serde_json::from_str::<Content<'_>>(content.get()).ok());
    content.is_some_and(|content| content.kind.ends_with("_error"))
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

/// What a request offers for the client to run. Calls of what Anthropic runs are blocks of other types.
fn offers(request: &Object) -> Offered {
    let mut offered = Offered::default();
    for tool in items(request.get("tools").unwrap_or_default()) {
        match read(tool) {
            Ok(Tool { kind: Some(kind), .. }) if HOSTED.iter().any(|hosted| kind.starts_with(hosted)) => {}
            Ok(Tool { name: Some(name), .. }) => offered.function(name),
            // A toolset, which tells the names of its tools to the model alone.
            _ => offered.is_open = true,
        }
    }
    // Tools that are added within the conversation (beta).
    let adds = |messages| memmem::find(messages, br#""tool_addition""#).is_some();
    offered.is_open |= request.get("messages").is_some_and(adds);
    offered
}
