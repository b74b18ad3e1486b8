//! Members of a request that chat completions have no equivalent of.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use crate::{place::Place, warnings::Warnings};

/// Members that are translated, echoed, or mean nothing where OpenAI runs no tools itself.
const KNOWN: [&str; 29] = [
    "background",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// Members that OpenAI knows, and chat completions not in this form.
const UNSUPPORTED: [&str; 4] = ["access_programs", "context_management", "image", "moderation"];

/// What `include` may hold that asks for nothing here: it is told anyway, or is of tools that are refused.
const INCLUDED: [&str; 7] = [
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
];

/// Refuses what cannot be done without, and takes note of what is left out.
pub(super) fn check(object: &Object, warnings: &mut Warnings) -> Result<(), Failure> {
    stateless(object)?;
    for (name, value) in object.iter() {
        if value == b"null" || KNOWN.contains(&name.as_ref()) {
            continue;
        }
        let reason = if UNSUPPORTED.contains(&name.as_ref()) { "unsupported" } else { "unknown" };
        warnings.dropped(&name, reason)?;
    }
    if object.read::<bool>("store")?.unwrap_or_default() {
        warnings.dropped("store", "not_stored")?;
    }
    match object.read::<String>("truncation")?.as_deref() {
        None | Some("disabled") => Ok(()),
        Some("auto") => warnings.dropped("truncation", "unsupported"),
        Some(_) => Err(Place::new("truncation").invalid("it is neither auto nor disabled")),
    }
}

/// Left out, what these refer to would be missing from the conversation.
fn stateless(object: &Object) -> Result<(), Failure> {
    let refused = |name: &str, advice: &str| {
        let message = format!("`{name}` is not supported: nothing is stored between calls. {advice}");
        Err(Place::new(name).refused("unsupported_parameter", message))
    };
    let given = |name: &str| object.get(name).is_some_and(|value| value != b"null");
    for name in ["previous_response_id", "conversation"] {
        if given(name) {
            return refused(name, "Send the whole conversation in `input`.");
        }
    }
    if given("prompt") {
        return refused("prompt", "Send the prompt itself in `instructions` and `input`.");
    }
    if object.read::<bool>("background")?.unwrap_or_default() {
        return refused("background", "Wait for the answer, or stream it.");
    }
    Ok(())
}

/// Whether `include` asks for log probabilities.
pub(super) fn includes_logprobs(object: &Object, warnings: &mut Warnings) -> Result<bool, Failure> {
    let mut logprobs = false;
    for wish in object.read::<Vec<String>>("include")?.unwrap_or_default() {
        match wish.as_str() {
            "message.output_text.logprobs" => logprobs = true,
            known if INCLUDED.contains(&known) => {}
            _ => warnings.dropped("include", "unknown")?,
        }
    }
    Ok(logprobs)
}
