//! The members of a call by Converse that are left out or refused; the rest is read where it is translated.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use super::OWN;
use crate::{
    params::{self, is_zero},
    place::Place,
    warnings::Warnings,
};

/// Looks at every member, and leaves none out in silence that could change an answer.
pub(super) fn check(request: &Object, warnings: &mut Warnings) -> Result<(), Failure> {
    for (name, value) in request.iter().filter(|(_, value)| *value != b"null") {
        match name.as_ref() {
            // Translated elsewhere.
            "model"
            | "messages"
            | "max_tokens"
            | "max_completion_tokens"
            | "n"
            | "stream"
            | "stream_options"
            | "stop"
            | "temperature"
            | "top_p"
            | "top_k"
            | "tools"
            | "tool_choice"
            | "parallel_tool_calls"
            | "functions"
            | "function_call"
            | "response_format"
            | "reasoning_effort"
            | "reasoning"
            | "thinking"
            | "anthropic_beta"
            | "service_tier" => {}
            name if OWN.contains(&name) => {}
            "logprobs" if value != b"false" => {
                return Err(Place::new("logprobs").unsupported("it tells no probabilities"));
            }
            "seed" => warnings.dropped("seed", "unsupported")?,
            "frequency_penalty" | "presence_penalty" if !is_zero(value) => warnings.dropped(&name, "unsupported")?,
            name => params::other(name, value, warnings)?,
        }
    }
    Ok(())
}
