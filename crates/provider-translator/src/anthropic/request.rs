//! A request of OpenAI's as one of Anthropic's.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::{Failure, digest};
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Answer, Host, NAMES,
    blocks::{self, Block, Message, Offered, ToolChoice},
    format::{self, Binding, Format},
    members, messages,
    models::Model,
    sampling::Sampling,
    thinking::Thinking,
    tools,
};
use crate::{
    ApiVersion,
    conversation::{Conversation, Tools},
    format::Call,
    ir::Shape,
    names::Names,
    params,
    warnings::Warnings,
};

/// Marks for the prompt cache that a request may have.
const MOST_MARKS: usize = 4;
/// What `metadata.user_id` may hold.
const MOST_OF_USER: usize = 256;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anthropic_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anthropic_beta: Option<&'a RawValue>,
    max_tokens: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    system: &'a [Block<'a>],
    messages: &'a [Message<'a>],
    #[serde(skip_serializing_if = "Offered::is_empty")]
    tools: Offered<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
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

#[derive(Serialize)]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
}

#[derive(Serialize)]
struct Metadata {
    user_id: String,
}

/// Translates a chat completion request, for whoever serves the model.
///
/// # Errors
/// It is not what OpenAI's API takes, or asks for what Anthropic's cannot give: 400, with the member's path.
pub(crate) fn request(call: &Call<'_>, version: ApiVersion, host: Host) -> Result<(Bytes, Warnings, Answer), Failure> {
    let object = call.object;
    let mut warnings = Warnings::new(call.strict);
    members::check(object, host, &mut warnings)?;
    let raw = |name: &str| object.read::<&RawValue>(name).ok().flatten();
    let view = ChatRequest::new(object);
    let stream = view.is_stream()?;
    let model = Model::of(call.model);
    let asked = params::max_tokens(object)?;

    let conversation = Conversation::read(object, &mut warnings)?;
    let tools = Tools::read_with(object, tools::is_native)?;
    let native = tools.native.clone();
    if !host.is_anthropic() {
        messages::refuse_links(&conversation)?;
    }
    let shape = Shape { include_usage: stream && view.include_usage()?, legacy_function: tools.legacy };
    let mut names = Names::of(&NAMES, &tools, &conversation);
    let has_tools = !(tools.tools.is_empty() && native.is_empty());
    let (mut tools, mut tool_choice) = tools::write(tools, model, &conversation, &mut names, &mut warnings)?;
    let mut written = messages::write(conversation, &mut names, &mut warnings)?;
    let binding = format::read(object, model, has_tools, &mut written.system, &mut warnings)?;
    let is_bound = !matches!(binding, Binding::Nothing);
    let (format, answers) = match binding {
        Binding::Nothing => (None, None),
        Binding::Format(format) => (Some(format), None),
        Binding::Tool(tool, wrap) => {
            tool_choice = Some(ToolChoice::Tool { name: tool.name.clone(), single: true });
            // One that the history knows by this name is of no use now.
            tools.retain(|known| known.name != tool.name);
            tools.push(tool);
            (None, Some(wrap))
        }
    };

    let mut thinking = Thinking::read(object, model, asked, &mut warnings)?;
    if thinking.is_on && tool_choice.as_ref().is_some_and(ToolChoice::is_forced) {
        thinking.give_up("forced_tool_choice", &mut warnings)?;
    }
    if thinking.is_budgeted() && written.lacks_reasoning {
        thinking.give_up("reasoning_not_in_messages", &mut warnings)?;
    }
    if written.is_begun && !written.is_paused {
        if model.continues() && !thinking.is_on && !is_bound {
            written.trim_end();
        } else {
            written.ask_to_continue();
            warnings.emulated("messages", "last_turn");
        }
    }
    let sampling = Sampling::read(object, version, model, thinking.is_on, &mut warnings)?;
    // Where the client sets no bound, thinking comes on top of what an answer may have.
    let max_tokens = asked.unwrap_or_else(|| u64::from(call.default_max_tokens).saturating_add(thinking.room));

    let whole_request = raw("cache_control");
    let most = MOST_MARKS - usize::from(whole_request.is_some());
    if blocks::limit_marks(&mut tools, &mut written.system, &mut written.messages, most) {
        warnings.dropped("cache_control", "too_many")?;
    }
    let output_config = OutputConfig { effort: thinking.effort, format };
    let is_set = output_config.effort.is_some() || output_config.format.is_some();
    let own = |name: &str| raw(name).filter(|_| host.is_anthropic());
    let body = Body {
        model: host.is_anthropic().then_some(call.model),
        anthropic_version: host.version(),
        anthropic_beta: raw("anthropic_beta").filter(|_| !host.is_anthropic()),
        max_tokens,
        system: &written.system,
        messages: &written.messages,
        tools: Offered { defined: &tools, native: &native },
        tool_choice,
        stop_sequences: stop(object, &mut warnings)?,
        stream: (stream && host.says_stream()).then_some(true),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        thinking: thinking.thinking,
        output_config: is_set.then_some(output_config),
        metadata: user(object)?.filter(|_| host.is_anthropic()).map(|user_id| Metadata { user_id }),
        service_tier: if host.is_anthropic() { service_tier(object, &mut warnings)? } else { None },
        cache_control: whole_request,
        container: own("container"),
        diagnostics: own("diagnostics"),
        inference_geo: own("inference_geo"),
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    Ok((body, warnings, Answer::new(names, answers, shape, call)))
}

/// `stop`: Anthropic takes no sequence that is blank.
pub(crate) fn stop(request: &Object, warnings: &mut Warnings) -> Result<Vec<String>, Failure> {
    let mut stops = params::stops(request)?;
    let before = stops.len();
    stops.retain(|stop| !stop.trim().is_empty());
    if stops.len() < before {
        warnings.dropped("stop", "blank")?;
    }
    Ok(stops)
}

/// `metadata.user_id` must name nobody: what looks like an address or a number to call is hashed.
fn user(request: &Object) -> Result<Option<String>, Failure> {
    let user = match request.read::<String>("safety_identifier")? {
        Some(user) => Some(user),
        None => request.read::<String>("user")?,
    };
    let hashed = |user: String| {
        let digits = user.bytes().filter(u8::is_ascii_digit).count();
        let dialled = user.bytes().all(|byte| byte.is_ascii_digit() || b" +-().".contains(&byte));
        let names_somebody = user.contains('@') || (dialled && (7..=15).contains(&digits));
        if names_somebody || user.len() > MOST_OF_USER { format!("user_{}", digest([&*user], 16)) } else { user }
    };
    Ok(user.filter(|user| !user.is_empty()).map(hashed))
}

fn service_tier(request: &Object, warnings: &mut Warnings) -> Result<Option<&'static str>, Failure> {
    match request.read::<String>("service_tier")?.as_deref() {
        None => Ok(None),
        // Anthropic gives priority to whom it has sold it, where it is not forbidden to.
        Some("auto" | "priority" | "fast") => Ok(Some("auto")),
        Some("default") => Ok(Some("standard_only")),
        Some(_) => {
            warnings.dropped("service_tier", "unsupported")?;
            Ok(None)
        }
    }
}
