//! Members that a provider refuses.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use super::refused;
use crate::{openai::quirks::Formats, params, place::Place, warnings::Warnings};

/// Removes a member. What says no more than the default goes in silence, what is no more than a wish is told of, and
/// what the answer's shape depends on is refused.
pub(super) fn leave_out(request: &mut Object, name: &str, warnings: &mut Warnings) -> Result<(), Failure> {
    let Some(value) = request.get(name) else { return Ok(()) };
    if value != b"null" {
        check(name, value, warnings)?;
    }
    request.remove(name);
    Ok(())
}

fn check(name: &str, value: &[u8], warnings: &mut Warnings) -> Result<(), Failure> {
    match name {
        "n" if value == b"1" => Ok(()),
        "n" => Err(refused(name, "it gives one choice only")),
        "logprobs" if value == b"true" => Err(refused(name, "it tells no probabilities")),
        "tools" | "functions" if value != b"[]" => Err(refused(name, "it calls none")),
        "tools" | "functions" => Ok(()),
        "tool_choice" | "function_call" if matches!(value, b"\"auto\"" | b"\"none\"") => Ok(()),
        "tool_choice" | "function_call" => Err(refused(name, "it calls none")),
        "parallel_tool_calls" if value == b"true" => Ok(()),
        "response_format" if is_text(value) => Ok(()),
        "response_format" => Err(refused(name, "it answers in plain text only")),
        "seed" | "stop" | "reasoning_effort" | "parallel_tool_calls" | "top_p" => warnings.dropped(name, "unsupported"),
        "frequency_penalty" | "presence_penalty" if serde_json::from_slice(value).is_ok_and(|n: f64| n != 0.0) => {
            warnings.dropped(name, "unsupported")
        }
        _ => params::other(name, value, warnings),
    }
}

/// Refuses a kind of `response_format` that the provider lacks: without it the answer would have another shape.
pub(super) fn response_format(request: &Object, formats: Formats) -> Result<(), Failure> {
    let (lacking, why) = match formats {
        Formats::All => return Ok(()),
        Formats::NoJsonObject => ("json_object", "it takes a `json_schema`"),
        Formats::NoJsonSchema => ("json_schema", "it takes `json_object`"),
    };
    match request.get("response_format").and_then(kind) {
        Some(kind) if kind == lacking => Err(Place::new("response_format").member("type").unsupported(why)),
        _ => Ok(()),
    }
}

/// Leaves the first of several stops.
pub(super) fn one_stop(request: &mut Object, warnings: &mut Warnings) -> Result<(), Failure> {
    let Some(stops) = request.get("stop").filter(|stops| stops.starts_with(b"[")) else { return Ok(()) };
    let Ok(stops) = serde_json::from_slice::<Vec<String>>(stops) else { return Ok(()) };
    if let [first, _, ..] = stops.as_slice() {
        warnings.dropped("stop", "all_but_the_first")?;
        request.set("stop", &[first]);
    }
    Ok(())
}

fn is_text(value: &[u8]) -> bool {
    kind(value).is_some_and(|kind| kind == "text")
}

fn kind(value: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Format {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_slice::<Format>(value).ok().map(|format| format.kind)
}
