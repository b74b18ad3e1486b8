use std::borrow::Cow;

use llm_layers_wire::json::{Array, Object, items};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::{
    UNBOUNDED, Unfit,
    check::{Offered, is_json_object, read},
};

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    /// Of a message.
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    /// Of a call.
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// Whether a response may be kept, in view of the request that it answers.
pub(in crate::shape) fn check(answer: &Object, request: &Object) -> Result<(), Unfit> {
    let output = answer.get_bytes("output").and_then(|raw| Array::parse_with(raw, &UNBOUNDED).ok());
    let is_response = answer.text("object").as_deref() == Some("response") && !is_told(answer.get("error"));
    let output = output.filter(|_| is_response).ok_or(Unfit::Malformed)?;
    match answer.text("status").as_deref() {
        Some("completed") => {}
        Some("incomplete") if is_filtered(answer) => return Err(Unfit::Refused),
        _ => return Err(Unfit::Unfinished),
    }
    if output.is_empty() {
        return Err(Unfit::Unfinished);
    }
    let mut offered = None;
    for raw in output.iter() {
        let item: Item<'_> = read(&raw)?;
        match item.status.as_deref() {
            None | Some("completed") => {}
            Some("failed") => return Err(Unfit::Malformed),
            Some(_) => return Err(Unfit::Unfinished),
        }
        // What a tool of the provider's has failed with: the next call of it may succeed.
        if is_told(item.error.map(|error| error.get().as_bytes())) {
            return Err(Unfit::Malformed);
        }
        match &*item.kind {
            "message" => message(&item)?,
            "function_call" | "custom_tool_call" => call(&item, offered.get_or_insert_with(|| offers(request)))?,
            _ => {}
        }
    }
    Ok(())
}

fn is_told(raw: Option<&[u8]>) -> bool {
    raw.is_some_and(|raw| raw != b"null")
}

fn is_filtered(answer: &Object) -> bool {
    #[derive(Deserialize)]
    struct Details<'a> {
        #[serde(borrow)]
        reason: Option<Cow<'a, str>>,
    }
    let details = answer.read::<Details<'_>>("incomplete_details").ok().flatten();
    details.is_some_and(|details| details.reason.as_deref() == Some("content_filter"))
}

fn message(item: &Item<'_>) -> Result<(), Unfit> {
    #[derive(Deserialize)]
    struct Part<'a> {
        #[serde(rename = "type", borrow)]
        kind: Cow<'a, str>,
    }
    let content = item.content.map(RawValue::get).filter(|content| content.starts_with('[')).ok_or(Unfit::Malformed)?;
    for part in items(content.as_bytes()) {
        if read::<Part<'_>>(part)?.kind == "refusal" {
            return Err(Unfit::Refused);
        }
    }
    Ok(())
}

fn call(item: &Item<'_>, offered: &Offered) -> Result<(), Unfit> {
    let name = item.name.as_deref().ok_or(Unfit::InvalidCall)?;
    let is_valid = if item.kind == "function_call" {
        let arguments = item.arguments.and_then(|raw| serde_json::from_str::<Cow<'_, str>>(raw.get()).ok());
        arguments.is_some_and(|arguments| is_json_object(&arguments)) && offered.has_function(name)
    } else {
        offered.has_custom(name)
    };
    if is_valid { Ok(()) } else { Err(Unfit::InvalidCall) }
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    /// Of a namespace.
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

/// What a request offers for the client to run. Calls of what OpenAI runs are items of other types.
fn offers(request: &Object) -> Offered {
    let mut offered = Offered::default();
    for tool in items(request.get("tools").unwrap_or_default()) {
        match read(tool) {
            Ok(Tool { kind, tools: Some(tools), .. }) if kind == "namespace" => {
                items(tools.get().as_bytes()).for_each(|tool| add(&mut offered, tool));
            }
            _ => add(&mut offered, tool),
        }
    }
    // These may bring tools that the request itself does not list: a stored prompt, an earlier response or conversation.
    let brings = |name| is_told(request.get(name));
    offered.is_open |= ["prompt", "previous_response_id", "conversation"].into_iter().any(brings);
    offered.is_open |= items(request.get("input").unwrap_or_default()).any(adds_tools);
    offered
}

fn add(offered: &mut Offered, tool: &[u8]) {
    match read(tool) {
        Ok(Tool { kind, name: Some(name), .. }) if kind == "function" => offered.function(name),
        Ok(Tool { kind, name: Some(name), .. }) if kind == "custom" => offered.custom(name),
        // A search may find further ones.
        Ok(Tool { kind, .. }) if !matches!(&*kind, "function" | "custom" | "namespace" | "tool_search") => {}
        _ => offered.is_open = true,
    }
}

/// Whether an item of the input brings tools.
fn adds_tools(item: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Item<'a> {
        #[serde(rename = "type", borrow)]
        kind: Cow<'a, str>,
    }
    let kind = serde_json::from_slice::<Item<'_>>(item);
    kind.is_ok_and(|item| matches!(&*item.kind, "tool_search_output" | "additional_tools"))
}
