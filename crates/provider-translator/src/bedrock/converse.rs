//! A request of OpenAI's as a call by Converse.

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::openai::ChatRequest;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    answer::Answer,
    blocks::{self, Block, Marks, Message, ToolChoice},
    effort::{Around, Fields, Settings},
    format::{self, TextFormat},
    members, messages,
    model::Model,
    tools,
};
use crate::{
    anthropic,
    conversation::{Conversation, Tools},
    format::{Call, Outgoing},
    framing::Framing,
    ir::Shape,
    names::{Names, Rule},
    params,
    warnings::Warnings,
};

/// `[a-zA-Z0-9_-]+` of names, 64 at most.
const NAMES: Rule = Rule { max: 64, marks: b"_-", begins_with_letter: false };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    messages: &'a [Message<'a>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    system: &'a [Block<'a>],
    #[serde(skip_serializing_if = "Inference::is_empty")]
    inference_config: Inference,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<tools::Written<'a, 'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    additional_model_request_fields: &'a Fields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guardrail_config: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance_config: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_variables: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_metadata: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<Tier>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inference {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
}

impl Inference {
    const fn is_empty(&self) -> bool {
        self.max_tokens.is_none()
            && self.temperature.is_none()
            && self.top_p.is_none()
            && self.stop_sequences.is_empty()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    text_format: Option<TextFormat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
}

#[derive(Serialize)]
struct Tier {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Claude's own `tool_choice`, whose one member Converse has no place for.
#[derive(Serialize)]
struct Single<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    disable_parallel_tool_use: bool,
}

/// Translates a chat completion request.
///
/// # Errors
/// It is not what OpenAI's API takes, or asks for what the model cannot give: 400, with the member's path.
pub(super) fn call(call: &Call<'_>, model: Model<'_>) -> Result<Outgoing, Failure> {
    let object = call.object;
    let mut warnings = Warnings::new(call.strict);
    members::check(object, &mut warnings)?;
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;
    let asked = params::max_tokens(object)?;
    let copies = params::copies(object)?;
    let path = super::path(call.model, if stream { "converse-stream" } else { "converse" })?;

    let conversation = Conversation::read(object, &mut warnings)?;
    let tools = Tools::read(object)?;
    let shape = Shape { include_usage: stream && view.include_usage()?, legacy_function: tools.legacy };
    let mut names = Names::of(&NAMES, &tools, &conversation);
    let mut told = Vec::new();
    let mut config = tools::write(tools, &conversation, model, &mut names, &mut told, &mut warnings)?;
    let text_format = format::read(object, model, &mut config, &mut told, &mut warnings)?;
    let mut written = messages::write(conversation, model, &mut names, &mut warnings)?;
    written.system.extend(told);

    let around =
        Around { max_tokens: asked, forces_call: config.is_forced(), lacks_reasoning: written.lacks_reasoning };
    let (mut settings, thinks) = Settings::read(object, model, around, &mut warnings)?;
    if written.is_begun() {
        let continues = model.is_claude() && model.claude().continues();
        if continues && !thinks && text_format.is_none() {
            written.trim_end();
        } else {
            written.ask_to_continue();
            warnings.emulated("messages", "last_turn");
        }
    }
    if config.single {
        let (kind, name) = match &config.choice {
            Some(ToolChoice::Any {}) => ("any", None),
            Some(ToolChoice::Tool { name }) => ("tool", Some(name.as_str())),
            None => ("auto", None),
        };
        settings.field("tool_choice", &Single { kind, name, disable_parallel_tool_use: true });
    }
    settings.overwrite(object)?;
    match blocks::limit_marks(&mut config.tools, &mut written.system, &mut written.messages, model.caches()) {
        Marks::Kept => {}
        Marks::Fewer => warnings.dropped("cache_control", "too_many")?,
        Marks::Unknown => warnings.dropped("cache_control", "unsupported_by_model")?,
    }

    // Where the client sets no bound the model has one of its own, into which a budget may not fit.
    let thought = (settings.budget > 0).then(|| u64::from(call.default_max_tokens).saturating_add(settings.budget));
    let inference_config = Inference {
        max_tokens: asked.or(thought),
        temperature: settings.temperature,
        top_p: settings.top_p,
        stop_sequences: anthropic::stop(object, &mut warnings)?,
    };
    let output_config = OutputConfig { text_format, effort: settings.effort };
    let is_set = output_config.text_format.is_some() || output_config.effort.is_some();
    let body = Body {
        messages: &written.messages,
        system: &written.system,
        inference_config,
        tool_config: config.written(),
        output_config: is_set.then_some(output_config),
        additional_model_request_fields: &settings.fields,
        guardrail_config: params::raw(object, "guardrailConfig"),
        performance_config: params::raw(object, "performanceConfig"),
        prompt_variables: params::raw(object, "promptVariables"),
        request_metadata: params::raw(object, "requestMetadata"),
        service_tier: super::service_tier(object, &mut warnings)?.map(|kind| Tier { kind }),
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    let answer = Box::new(Answer::new(names, shape, config.pass, call));
    let outgoing = Outgoing::post(path, body, warnings, answer);
    Ok(Outgoing { framing: Framing::Aws, copies, ..outgoing })
}
