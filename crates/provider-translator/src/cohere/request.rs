//! A request of OpenAI's as one of Cohere's.

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    NAMES,
    answer::Answer,
    messages::{self, Message},
    sampling::Sampling,
    thinking::{self, Thinking},
    tools,
};
use crate::{
    conversation::{Conversation, Tools},
    format::{Call, Outgoing},
    functions::Tool,
    ir::Shape,
    names::Names,
    params::{self, Bound},
    place::Place,
    warnings::Warnings,
};

/// Sequences that a request may have to stop at.
const MOST_STOPS: usize = 5;
/// The lowest priority; 0 is the highest, and the default.
const LEAST_PRIORITY: u64 = 999;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message<'a>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tools: &'a [Tool<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict_tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation_options: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_mode: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(flatten)]
    sampling: Sampling<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u64>,
    stream: bool,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<&'a RawValue>,
}

/// Translates a chat completion request.
///
/// # Errors
/// It is not what OpenAI's API takes, or asks for what Cohere's cannot give: 400, with the member's path.
pub(super) fn request(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let object = call.object;
    let mut warnings = Warnings::new(call.strict);
    members(object, &mut warnings)?;
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;
    let max_tokens = params::max_tokens(object)?;

    let conversation = Conversation::read(object, &mut warnings)?;
    let tools = Tools::read(object)?;
    let shape = Shape { include_usage: stream && view.include_usage()?, legacy_function: tools.legacy };
    let single = !tools.parallel;
    let mut names = Names::of(&NAMES, &tools, &conversation);
    let tools = tools::write(tools, &mut names, &mut warnings)?;
    let messages = messages::write(conversation, call.model, &mut names, &mut warnings)?;
    let documents = list(object, "documents")?;
    let body = Body {
        model: call.model,
        messages: &messages,
        tools: &tools.tools,
        tool_choice: tools.choice,
        strict_tools: tools.strict.then_some(true),
        documents,
        citation_options: params::raw(object, "citation_options"),
        response_format: response_format(object, !tools.tools.is_empty() || documents.is_some())?,
        safety_mode: params::raw(object, "safety_mode"),
        max_tokens,
        stop_sequences: stops(object)?,
        sampling: Sampling::read(object, &mut warnings)?,
        thinking: thinking::read(object, max_tokens)?,
        priority: priority(object, &mut warnings)?,
        stream,
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    let answer = Box::new(Answer::new(names, single, shape, call));
    let outgoing = Outgoing::post("/v2/chat", body, warnings, answer);
    Ok(Outgoing { copies: params::copies(object)?, ..outgoing })
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
            | "top_k"
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
            | "thinking"
            | "service_tier"
            | "documents"
            | "citation_options"
            | "safety_mode"
            | "priority" => {}
            // Cohere tells them by its own pieces of text, each of several tokens.
            "logprobs" if value != b"false" => {
                return Err(Place::new("logprobs").unsupported("it tells probabilities of no single tokens"));
            }
            name => params::other(name, value, warnings)?,
        }
    }
    Ok(())
}

fn list<'a>(request: &'a Object, name: &str) -> Result<Option<&'a RawValue>, Failure> {
    let raw = params::raw(request, name);
    match raw.is_some_and(|raw| !raw.get().starts_with('[')) {
        true => Err(Place::new(name).expected("a list")),
        false => Ok(raw),
    }
}

fn response_format(request: &Object, is_grounded: bool) -> Result<Option<ResponseFormat<'_>>, Failure> {
    let json_schema = match Bound::read(request)? {
        Bound::Text => return Ok(None),
        Bound::Json => None,
        Bound::Schema(schema) => Some(schema),
    };
    if is_grounded {
        return Err(Place::new("response_format").unsupported("it is not bound to JSON along with tools or documents"));
    }
    Ok(Some(ResponseFormat { kind: "json_object", json_schema }))
}

fn stops(request: &Object) -> Result<Vec<String>, Failure> {
    let stops = params::stops(request)?;
    if stops.len() > MOST_STOPS { Err(Place::new("stop").invalid("it has more than 5 items")) } else { Ok(stops) }
}

/// `priority`, Cohere's own word, or what comes nearest to `service_tier`.
fn priority(request: &Object, warnings: &mut Warnings) -> Result<Option<u64>, Failure> {
    let place = Place::new("priority");
    if let Some(priority) = request.read::<u64>("priority").map_err(|_| place.expected("an integer"))? {
        return if priority > LEAST_PRIORITY {
            Err(place.invalid("it must be at most 999"))
        } else {
            Ok(Some(priority))
        };
    }
    match request.read::<String>("service_tier")?.as_deref() {
        None | Some("auto" | "default") => Ok(None),
        Some("priority" | "fast") => {
            warnings.emulated("service_tier", "priority");
            Ok(Some(0))
        }
        Some("flex") => {
            warnings.emulated("service_tier", "priority");
            Ok(Some(500))
        }
        Some(_) => {
            warnings.dropped("service_tier", "unsupported")?;
            Ok(None)
        }
    }
}
