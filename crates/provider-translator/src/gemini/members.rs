//! The members of a request that are left out or refused; the rest is read where it is translated.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use super::extensions;
use crate::{params::is_text_only, place::Place, warnings::Warnings};

/// Looks at every member, and leaves none out in silence that could change an answer.
pub(super) fn check(request: &Object, warnings: &mut Warnings) -> Result<(), Failure> {
    for (name, value) in request.iter().filter(|(_, value)| *value != b"null") {
        let place = Place::new(&name);
        match name.as_ref() {
            // Translated elsewhere.
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
            | "n"
            | "frequency_penalty"
            | "presence_penalty"
            | "logprobs"
            | "top_logprobs"
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
            | "web_search_options" => {}
            name if extensions::is_one(name) => {}
            // Without any bearing on what is answered.
            "metadata"
            | "store"
            | "user"
            | "safety_identifier"
            | "prompt_cache_key"
            | "prompt_cache_options"
            | "prompt_cache_retention" => {}
            // The answer would not have the shape that is asked for.
            "audio" => return Err(place.unsupported("it gives text only")),
            "modalities" if !is_text_only(value) => return Err(place.unsupported("it gives text only")),
            "modalities" => {}
            "logit_bias" if value == b"{}" => {}
            "verbosity" if value == b"\"medium\"" => {}
            "logit_bias" | "prediction" | "verbosity" | "moderation" => warnings.dropped(&name, "unsupported")?,
            _ => warnings.dropped(&name, "unknown")?,
        }
    }
    Ok(())
}
