//! What an answer repeats of its request, with OpenAI's defaults for what was left out.

use std::collections::BTreeMap;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use super::request::raw;
use crate::place::Place;

/// Members as they were spelled. What the provider makes of `temperature` and the like where none is given is not
/// known here, and so is not told.
#[derive(Debug, Serialize)]
pub(super) struct Echo {
    instructions: Option<Box<RawValue>>,
    max_output_tokens: Option<u64>,
    max_tool_calls: Option<u64>,
    metadata: BTreeMap<String, String>,
    parallel_tool_calls: bool,
    prompt_cache_key: Option<String>,
    reasoning: Option<Box<RawValue>>,
    safety_identifier: Option<String>,
    temperature: Option<Box<RawValue>>,
    text: Option<Box<RawValue>>,
    tool_choice: Option<Box<RawValue>>,
    tools: Option<Box<RawValue>>,
    top_logprobs: Option<u64>,
    top_p: Option<Box<RawValue>>,
    user: Option<String>,
    /// Nothing is kept, refers to anything kept, runs behind anybody's back or is cut off.
    background: bool,
    previous_response_id: (),
    store: bool,
    truncation: &'static str,
}

impl Echo {
    /// Reads it from a request, and refuses what an answer could not repeat.
    pub(super) fn read(object: &Object) -> Result<Self, Failure> {
        let owned = |name: &str| raw(object, name).map(ToOwned::to_owned);
        let or = |name: &str, default: &str| owned(name).or_else(|| RawValue::from_string(default.to_owned()).ok());
        for name in ["temperature", "top_p"] {
            object.read::<f64>(name)?;
        }
        for name in ["reasoning", "text"] {
            if raw(object, name).is_some_and(|raw| !raw.get().starts_with('{')) {
                return Err(Place::new(name).expected("an object"));
            }
        }
        Ok(Self {
            instructions: owned("instructions"),
            max_output_tokens: object.read("max_output_tokens")?,
            max_tool_calls: object.read("max_tool_calls")?,
            metadata: object.read("metadata")?.unwrap_or_default(),
            parallel_tool_calls: object.read("parallel_tool_calls")?.unwrap_or(true),
            prompt_cache_key: object.read("prompt_cache_key")?,
            reasoning: or("reasoning", r#"{"effort":null,"summary":null}"#),
            safety_identifier: object.read("safety_identifier")?,
            temperature: owned("temperature"),
            text: or("text", r#"{"format":{"type":"text"}}"#),
            tool_choice: or("tool_choice", r#""auto""#),
            tools: or("tools", "[]"),
            top_logprobs: object.read("top_logprobs")?,
            top_p: owned("top_p"),
            user: object.read("user")?,
            background: false,
            previous_response_id: (),
            store: false,
            truncation: "disabled",
        })
    }
}
