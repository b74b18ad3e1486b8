//! A request of OpenAI's as one of Ollama's.

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    NAMES,
    answer::Answer,
    messages::{self, Message},
    options::Options,
    think::{self, Think},
    tools,
};
use crate::{
    conversation::{Conversation, Tools},
    format::{Call, Outgoing},
    framing::Framing,
    functions::Tool,
    ir::Shape,
    names::Names,
    params::{self, Bound},
    place::Place,
    warnings::Warnings,
};

/// Alternatives to each token that can be told.
const MOST_ALTERNATIVES: u32 = 20;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message<'a>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tools: &'a [Tool<'a>],
    /// Always said: a server that is not told streams.
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Options::is_empty")]
    options: Options<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Think<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_alive: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Format<'a> {
    Word(&'static str),
    Schema(&'a RawValue),
}

/// Translates a chat completion request.
///
/// # Errors
/// It is not what OpenAI's API takes, or asks for what Ollama's cannot give: 400, with the member's path.
pub(super) fn request(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let object = call.object;
    let mut warnings = Warnings::new(call.strict);
    members(object, &mut warnings)?;
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;

    let conversation = Conversation::read(object, &mut warnings)?;
    let tools = Tools::read(object)?;
    let shape = Shape { include_usage: stream && view.include_usage()?, legacy_function: tools.legacy };
    let single = !tools.parallel;
    let mut names = Names::of(&NAMES, &tools, &conversation);
    let tools = tools::write(tools, &mut names, &mut warnings)?;
    let messages = messages::write(conversation, &mut names, &mut warnings)?;
    let format = match Bound::read(object)? {
        Bound::Text => None,
        Bound::Json => Some(Format::Word("json")),
        Bound::Schema(schema) => Some(Format::Schema(schema)),
    };
    let body = Body {
        model: call.model,
        messages: &messages,
        tools: &tools,
        stream,
        format,
        options: Options::read(object)?,
        think: think::read(object, &mut warnings)?,
        logprobs: object.read::<bool>("logprobs")?.filter(|wanted| *wanted),
        top_logprobs: alternatives(object)?,
        keep_alive: keep_alive(object)?,
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    let answer = Box::new(Answer::new(names, single, shape, call));
    let outgoing = Outgoing::post("/api/chat", body, warnings, answer);
    Ok(Outgoing { framing: Framing::Ndjson, copies: params::copies(object)?, ..outgoing })
}

/// Looks at every member, and leaves none out in silence that could change an answer.
fn members(request: &Object, warnings: &mut Warnings) -> Result<(), Failure> {
    for (name, value) in request.iter().filter(|(_, value)| *value != b"null") {
        match name.as_ref() {
            "model"
            | "messages"
            | "max_tokens"
            | "max_completion_tokens"
            | "stream"
            | "stream_options"
            | "stop"
            | "temperature"
            | "top_p"
            | "seed"
            | "frequency_penalty"
            | "presence_penalty"
            | "n"
            | "tools"
            | "tool_choice"
            | "parallel_tool_calls"
            | "functions"
            | "function_call"
            | "response_format"
            | "reasoning_effort"
            | "reasoning"
            | "logprobs"
            | "top_logprobs"
            | "options"
            | "think"
            | "keep_alive" => {}
            name if Options::is_own(name) => {}
            name => params::other(name, value, warnings)?,
        }
    }
    Ok(())
}

fn alternatives(request: &Object) -> Result<Option<u32>, Failure> {
    match request.read::<u32>("top_logprobs")? {
        Some(count) if count > MOST_ALTERNATIVES => Err(Place::new("top_logprobs").invalid("it must be at most 20")),
        // None is what a server tells that is not asked.
        count => Ok(count.filter(|count| *count > 0)),
    }
}

/// How long the model stays loaded: seconds, or a duration of Go's.
pub(super) fn keep_alive(request: &Object) -> Result<Option<&RawValue>, Failure> {
    let raw = params::raw(request, "keep_alive");
    match raw.and_then(|raw| raw.get().bytes().next()) {
        Some(b'{' | b'[' | b't' | b'f') => Err(Place::new("keep_alive").expected("a number or a string")),
        _ => Ok(raw),
    }
}
