//! A request for a response, as a request for a chat completion.

use llm_layers_core::{Body, Failure};
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    answer::Answer,
    echo::Echo,
    format::{self, ResponseFormat},
    input, members,
    message::Message,
    tools::{self, Choice, Tool},
};
use crate::{
    inbound::{Inbound, Options},
    place::Place,
    warnings::Warnings,
};

/// Translates a request.
pub(crate) fn request(object: &Object, options: &Options<'_>) -> Result<Inbound, Failure> {
    let mut warnings = Warnings::new(false);
    members::check(object, &mut warnings)?;
    let chat = Chat::read(object, &mut warnings)?;
    let echo = Echo::read(object)?;
    let model = object.text("model").unwrap_or_default();
    let answer = Answer::new(echo, &model, options);
    // Strings, and JSON that has been read: writing them cannot fail.
    let body = Body::from(serde_json::to_vec(&chat).unwrap_or_default());
    Ok(Inbound { body, warnings, answer: Box::new(answer) })
}

/// What is sent. What means the same in both APIs keeps its spelling.
#[derive(Serialize)]
struct Chat<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a RawValue>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_identifier: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_options: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_retention: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a RawValue>,
}

/// The last event of a stream of responses tells the usage always.
#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Chat<'a> {
    fn read(object: &'a Object, warnings: &mut Warnings) -> Result<Self, Failure> {
        let raw = |name: &str| raw(object, name);
        let messages = input::messages(object, warnings)?;
        let tools = tools::tools(raw("tools"), warnings)?;
        let choice = raw("tool_choice").map(|raw| tools::choice(raw, &Place::new("tool_choice"))).transpose()?;
        // Chat completions refuse both of them where there are no tools, and clients send them all the same.
        let parallel_tool_calls = raw("parallel_tool_calls").filter(|_| !tools.is_empty());
        let tool_choice = choice.filter(|choice| !tools.is_empty() || choice.demands_a_call());
        let text = format::text(raw("text"), warnings)?;
        let top_logprobs = object.read::<u64>("top_logprobs")?;
        let logprobs = members::includes_logprobs(object, warnings)? || top_logprobs.is_some_and(|top| top > 0);
        let stream = object.read::<bool>("stream")?.unwrap_or_default();
        Ok(Self {
            model: raw("model"),
            messages,
            tools,
            tool_choice,
            parallel_tool_calls,
            max_completion_tokens: raw("max_output_tokens"),
            temperature: raw("temperature"),
            top_p: raw("top_p"),
            logprobs,
            top_logprobs: top_logprobs.filter(|_| logprobs),
            response_format: text.format,
            verbosity: text.verbosity,
            reasoning_effort: format::effort(raw("reasoning"), warnings)?,
            stream,
            stream_options: stream.then_some(StreamOptions { include_usage: true }),
            user: raw("user"),
            safety_identifier: raw("safety_identifier"),
            prompt_cache_key: raw("prompt_cache_key"),
            prompt_cache_options: raw("prompt_cache_options"),
            prompt_cache_retention: raw("prompt_cache_retention"),
            service_tier: raw("service_tier"),
        })
    }
}

/// A member as it is spelled, unless it is `null`.
pub(super) fn raw<'a>(object: &'a Object, name: &str) -> Option<&'a RawValue> {
    object.read(name).ok().flatten()
}
