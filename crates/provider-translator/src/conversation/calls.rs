//! The calls of an assistant's message.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Call, Input, message::Members};
use crate::place::Place;

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
    #[serde(borrow)]
    custom: Option<&'a RawValue>,
    #[serde(borrow)]
    extra_content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Called<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

/// Reads `tool_calls`, and `function_call` as one more of them.
pub(super) fn read<'a>(members: &Members<'a>, index: usize, place: &Place<'_>) -> Result<Vec<Call<'a>>, Failure> {
    let mut calls = Vec::new();
    if let Some(raw) = members.tool_calls {
        let place = place.member("tool_calls");
        for (at, raw) in place.list(raw)?.into_iter().enumerate() {
            calls.push(call(raw, &place.item(at))?);
        }
    }
    if let Some(raw) = members.function_call {
        let place = place.member("function_call");
        let (name, input) = function(raw, &place)?;
        calls.push(Call { id: Cow::Owned(format!("call_{index}")), name, input, signature: None, cache: None });
    }
    Ok(calls)
}

fn call<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Call<'a>, Failure> {
    let call: ToolCall<'a> = place.members(raw)?;
    let id = place.member("id");
    let id = id.text(call.id.ok_or_else(|| id.missing())?)?;
    let (name, input) = match (call.kind.as_deref(), call.custom) {
        (Some("custom"), Some(raw)) => custom(raw, &place.member("custom"))?,
        (Some("function") | None, _) => {
            let place = place.member("function");
            function(call.function.ok_or_else(|| place.missing())?, &place)?
        }
        _ => return Err(place.member("type").unsupported("it is neither function nor custom")),
    };
    let signature = call.extra_content.map(|raw| signature(raw, &place.member("extra_content"))).transpose()?;
    Ok(Call { id, name, input, signature: signature.flatten(), cache: None })
}

/// `extra_content.google.thought_signature`, as Google's own OpenAI-compatible API puts it there. What others put
/// there is theirs.
fn signature<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Option<Cow<'a, str>>, Failure> {
    #[derive(Deserialize)]
    struct Extra<'a> {
        #[serde(borrow)]
        google: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Google<'a> {
        #[serde(borrow)]
        thought_signature: Option<&'a RawValue>,
    }
    let extra: Extra<'a> = place.members(raw)?;
    let Some(google) = extra.google else { return Ok(None) };
    let place = place.member("google");
    let google: Google<'a> = place.members(google)?;
    let place = place.member("thought_signature");
    google.thought_signature.map(|raw| place.text(raw)).transpose()
}

fn custom<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<(Cow<'a, str>, Input<'a>), Failure> {
    let called: Called<'a> = place.members(raw)?;
    let input = called.input.map(|raw| place.member("input").text(raw)).transpose()?;
    Ok((name(&called, place)?, Input::Text(input.unwrap_or_default())))
}

fn function<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<(Cow<'a, str>, Input<'a>), Failure> {
    let called: Called<'a> = place.members(raw)?;
    let place_of_arguments = place.member("arguments");
    let arguments = match called.arguments {
        // Some clients send the object itself.
        Some(raw) if raw.get().starts_with('{') => raw.to_owned(),
        Some(raw) => object(place_of_arguments.text(raw)?, &place_of_arguments)?,
        None => object(Cow::Borrowed(""), &place_of_arguments)?,
    };
    Ok((name(&called, place)?, Input::Json(arguments)))
}

fn name<'a>(called: &Called<'a>, place: &Place<'_>) -> Result<Cow<'a, str>, Failure> {
    let place = place.member("name");
    place.text(called.name.ok_or_else(|| place.missing())?)
}

/// Arguments as they were spelled: read by nobody, so that no number is rounded.
fn object(arguments: Cow<'_, str>, place: &Place<'_>) -> Result<Box<RawValue>, Failure> {
    let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments.into_owned() };
    let raw = RawValue::from_string(arguments).map_err(|_| place.invalid("it is not JSON"))?;
    if raw.get().starts_with('{') { Ok(raw) } else { Err(place.invalid("it is not a JSON object")) }
}
