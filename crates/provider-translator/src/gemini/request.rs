//! A request of OpenAI's as one of Google's.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    NAMES, Surface,
    answer::Answer,
    config::{self, Config, Form},
    contents,
    extensions::Extensions,
    members,
    models::Model,
    parts::{Content, Data, Tool, ToolConfig},
    thinking, tools,
};
use crate::{
    conversation::{Conversation, Tools},
    format::Call,
    ir::Shape,
    names::Names,
    warnings::Warnings,
};

/// What is sent, and what reads the answer to it.
pub(super) struct Request {
    pub(super) body: Bytes,
    pub(super) warnings: Warnings,
    pub(super) answer: Answer,
    /// How often it is to be sent.
    pub(super) copies: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_config: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_settings: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_content: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

/// Translates a chat completion request.
///
/// # Errors
/// It is not what OpenAI's API takes, or asks for what Google's cannot give: 400, with the member's path.
pub(super) fn request(call: &Call<'_>, surface: &Surface) -> Result<Request, Failure> {
    let object = call.object;
    let mut warnings = Warnings::new(call.strict);
    members::check(object, &mut warnings)?;
    let own = Extensions::read(object, &mut warnings)?;
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;
    let model = Model::of(call.model);

    let conversation = Conversation::read(object, &mut warnings)?;
    let tools = Tools::read(object)?;
    let shape = Shape { include_usage: stream && view.include_usage()?, legacy_function: tools.legacy };
    // Google has no switch for it, and so all calls but the first are left out of the answer.
    let single = !tools.parallel && !tools.tools.is_empty();
    let mut names = Names::of(&NAMES, &tools, &conversation);
    let tools = tools::write(object, tools, &mut names, &mut warnings)?;
    let mut written = contents::write(conversation, model, &mut names, &mut warnings)?;

    let mut config = Config::read(object, model, &mut warnings)?;
    let form = Form::read(object)?;
    if tools.tools.is_empty() || model.binds_beside_tools() {
        if let Form::Json { schema } = form {
            config.response_mime_type = Some("application/json");
            config.response_json_schema = schema;
        }
    } else if let Some(instruction) = form.instruction() {
        written.system.push(Data::Text(Cow::Owned(instruction)).into());
        warnings.emulated("response_format", "instruction");
    }
    let max_tokens = config.max_tokens();
    config.thinking_config = thinking::read(object, own.thinking_config, model, max_tokens, &mut warnings)?;
    // Several choices at once are given whole, and streamed one by one.
    let n = config::choices(object)?;
    config.candidate_count = (n > 1 && !stream).then_some(n);
    let copies = if stream { n } else { 1 };

    let system = written.system;
    let body = Body {
        contents: written.contents,
        system_instruction: (!system.is_empty()).then_some(Content { role: None, parts: system }),
        tools: tools.tools,
        tool_config: tools.config,
        generation_config: serde_json::value::to_raw_value(&config).ok().filter(|config| config.get() != "{}"),
        safety_settings: own.safety_settings,
        cached_content: own.cached_content,
        labels: labels(own.labels, surface, &mut warnings)?,
        service_tier: service_tier(object, &mut warnings)?,
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    Ok(Request { body, warnings, answer: Answer::new(names, shape, single, call), copies })
}

/// Google Cloud's, for its bills.
fn labels<'a>(
    labels: Option<&'a RawValue>,
    surface: &Surface,
    warnings: &mut Warnings,
) -> Result<Option<&'a RawValue>, Failure> {
    if labels.is_some() && !surface.is_vertex() {
        warnings.dropped("labels", "unsupported")?;
        return Ok(None);
    }
    Ok(labels)
}

fn service_tier(request: &Object, warnings: &mut Warnings) -> Result<Option<&'static str>, Failure> {
    match request.read::<String>("service_tier")?.as_deref() {
        None | Some("auto") => Ok(None),
        Some("default") => Ok(Some("standard")),
        Some("flex") => Ok(Some("flex")),
        Some("priority" | "fast") => Ok(Some("priority")),
        Some(_) => {
            warnings.dropped("service_tier", "unsupported")?;
            Ok(None)
        }
    }
}
