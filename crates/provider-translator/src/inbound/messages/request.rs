//! A request of Anthropic's as a chat completion request.

use llm_layers_core::{Body, Failure};
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    answer::Answer,
    chat::{JsonSchema, Message, ResponseFormat, Tool, ToolChoice},
    content::string,
    thinking::Thinking,
    tools::Tools,
    turns,
};
use crate::{
    inbound::{Inbound, Options},
    place::Place,
    warnings::Warnings,
};

#[derive(Serialize)]
struct Chat<'a> {
    model: &'a RawValue,
    messages: &'a [Message<'a>],
    /// Reasoning included, as in Anthropic's `max_tokens`.
    max_completion_tokens: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tools: &'a [Tool<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_geo: Option<&'a RawValue>,
}

/// Without it a stream would tell no tokens.
#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Default, Deserialize)]
struct OutputConfig<'a> {
    effort: Option<String>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

/// Translates a request.
///
/// # Errors
/// It is not what Anthropic's API takes, or asks for what chat completions cannot give: 400, with the member's path.
pub(in crate::inbound) fn request(object: &Object, options: &Options<'_>) -> Result<Inbound, Failure> {
    let mut warnings = Warnings::default();
    check(object, &mut warnings)?;
    let raw = |name: &str| object.read::<&RawValue>(name).ok().flatten();
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;
    let model = string(raw("model"), &Place::new("model"))?;
    let messages = turns::read(object, &mut warnings)?;
    let tools = Tools::read(object, &mut warnings)?;
    let config: OutputConfig<'_> = match raw("output_config") {
        Some(raw) => Place::new("output_config").members(raw)?,
        None => OutputConfig::default(),
    };
    let format = match config.format {
        Some(raw) => response_format(raw, &Place::new("output_config").member("format"))?,
        // As it was named while it was new.
        None => {
            raw("output_format").map(|raw| response_format(raw, &Place::new("output_format"))).transpose()?.flatten()
        }
    };
    let thinking = Thinking::read(object, config.effort.as_deref())?;
    let stops: Vec<String> = object.read("stop_sequences")?.unwrap_or_default();
    let chat = Chat {
        model,
        messages: &messages,
        max_completion_tokens: max_tokens(object)?,
        tools: &tools.tools,
        tool_choice: tools.choice,
        parallel_tool_calls: tools.parallel,
        stop: &stops,
        stream: stream.then_some(true),
        stream_options: stream.then_some(StreamOptions { include_usage: true }),
        temperature: number(object, "temperature")?,
        top_p: number(object, "top_p")?,
        top_k: number(object, "top_k")?,
        thinking: thinking.thinking,
        reasoning_effort: thinking.effort,
        response_format: format,
        user: user(object, &mut warnings)?,
        service_tier: service_tier(object)?,
        cache_control: raw("cache_control"),
        container: raw("container"),
        diagnostics: raw("diagnostics"),
        inference_geo: raw("inference_geo"),
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Body::from(serde_json::to_vec(&chat).unwrap_or_default());
    let model = view.model()?.unwrap_or_default();
    Ok(Inbound { body, warnings, answer: Box::new(Answer::new(&model, stops, options.rng.clone())) })
}

/// Looks at every member, and leaves none out in silence that could change an answer.
fn check(request: &Object, warnings: &mut Warnings) -> Result<(), Failure> {
    for (name, value) in request.iter().filter(|(_, value)| *value != b"null") {
        match name.as_ref() {
            "model" | "messages" | "system" | "max_tokens" | "stop_sequences" | "stream" | "temperature" | "top_p"
            | "top_k" | "tools" | "tool_choice" | "thinking" | "output_config" | "output_format" | "metadata"
            | "service_tier" | "cache_control" | "container" | "diagnostics" | "inference_geo" => {}
            "mcp_servers" if value != b"[]" => {
                return Err(Place::new("mcp_servers").unsupported("they are called by Anthropic's own servers"));
            }
            "mcp_servers" => {}
            "speed" if value == b"\"standard\"" => {}
            "speed" | "context_management" => warnings.dropped(&name, "unsupported")?,
            _ => warnings.dropped(&name, "unknown")?,
        }
    }
    Ok(())
}

fn max_tokens(request: &Object) -> Result<u64, Failure> {
    let place = Place::new("max_tokens");
    match request.read("max_tokens")? {
        None => Err(place.missing()),
        Some(0) => Err(place.invalid("it must be at least 1")),
        Some(tokens) => Ok(tokens),
    }
}

/// A number as it is spelled. Its range is for the provider to judge.
fn number<'a>(request: &'a Object, name: &str) -> Result<Option<&'a RawValue>, Failure> {
    request.read::<f64>(name)?;
    Ok(request.read(name)?)
}

fn response_format<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Option<ResponseFormat<'a>>, Failure> {
    #[derive(Deserialize)]
    struct Format<'a> {
        #[serde(rename = "type")]
        kind: Option<String>,
        #[serde(borrow)]
        schema: Option<&'a RawValue>,
    }
    let format: Format<'a> = place.members(raw)?;
    if format.kind.as_deref() != Some("json_schema") {
        return Err(place.member("type").invalid("it is not json_schema"));
    }
    let place = place.member("schema");
    let schema = format.schema.ok_or_else(|| place.missing())?;
    if !schema.get().starts_with('{') {
        return Err(place.expected("an object"));
    }
    // Not `strict`: OpenAI then takes no optional properties, which Anthropic's schemas may have.
    Ok(Some(ResponseFormat { kind: "json_schema", json_schema: JsonSchema { name: "response", schema } }))
}

/// `metadata.user_id`.
fn user<'a>(request: &'a Object, warnings: &mut Warnings) -> Result<Option<&'a RawValue>, Failure> {
    let Some(raw) = request.read::<&RawValue>("metadata").ok().flatten() else { return Ok(None) };
    let place = Place::new("metadata");
    let metadata: std::collections::BTreeMap<std::borrow::Cow<'_, str>, &RawValue> = place.members(raw)?;
    for name in metadata.keys().filter(|name| *name != "user_id") {
        warnings.dropped(&format!("metadata.{name}"), "unknown")?;
    }
    let user = metadata.get("user_id").copied().filter(|raw| raw.get() != "null");
    user.map(|raw| string(Some(raw), &place.member("user_id"))).transpose()
}

fn service_tier(request: &Object) -> Result<Option<&'static str>, Failure> {
    match request.read::<String>("service_tier")?.as_deref() {
        None => Ok(None),
        Some("auto") => Ok(Some("auto")),
        Some("standard_only") => Ok(Some("default")),
        Some(_) => Err(Place::new("service_tier").invalid("it is neither auto nor standard_only")),
    }
}
