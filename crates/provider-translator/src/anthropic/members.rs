//! The members of a request that are left out or refused; the rest is read where it is translated.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use super::Host;
use crate::{
    params::{is_text_only, is_zero},
    place::Place,
    warnings::Warnings,
};

/// Looks at every member, and leaves none out in silence that could change an answer.
pub(super) fn check(request: &Object, host: Host, warnings: &mut Warnings) -> Result<(), Failure> {
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
            | "n"
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
            | "user"
            | "safety_identifier"
            | "cache_control" => {}
            "service_tier" | "container" | "diagnostics" | "inference_geo" if host.is_anthropic() => {}
            "anthropic_beta" if !host.is_anthropic() => {}
            // What of it there is, is said by a header.
            #[cfg(feature = "bedrock")]
            "service_tier" if host == Host::Bedrock => {}
            // Without any bearing on what is answered.
            "metadata" | "store" | "prompt_cache_key" | "prompt_cache_options" | "prompt_cache_retention" => {}
            // The answer would not have the shape that is asked for.
            "logprobs" if value != b"false" => return Err(place.unsupported("it tells no probabilities")),
            "audio" => return Err(place.unsupported("it has no audio")),
            "modalities" if !is_text_only(value) => return Err(place.unsupported("it gives text only")),
            "web_search_options" => return Err(place.unsupported("its web search is not switched on")),
            "logprobs" | "modalities" => {}
            "frequency_penalty" | "presence_penalty" | "top_logprobs" if is_zero(value) => {}
            "logit_bias" if value == b"{}" => {}
            "verbosity" if value == b"\"medium\"" => {}
            // Hosts that are not Anthropic have none of the first four.
            "service_tier" | "container" | "diagnostics" | "inference_geo" | "frequency_penalty"
            | "presence_penalty" | "top_logprobs" | "logit_bias" | "seed" | "prediction" | "verbosity"
            | "moderation" => warnings.dropped(&name, "unsupported")?,
            _ => warnings.dropped(&name, "unknown")?,
        }
    }
    Ok(())
}
