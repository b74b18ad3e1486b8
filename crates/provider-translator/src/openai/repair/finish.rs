use llm_layers_wire::openai::ChunkChoice;

/// Puts `finish_reason` right: there in every chunk, `null` until the end, and then one of OpenAI's. Says whether
/// the choice is over.
pub(super) fn repair(choice: &mut ChunkChoice) -> bool {
    let right = match choice.object().get("finish_reason") {
        Some(b"null") => return false,
        None | Some(b"\"\"") => None,
        Some(_) => match choice.finish_reason().as_deref() {
            Some("stop" | "length" | "tool_calls" | "content_filter" | "function_call") => return true,
            Some("max_tokens" | "max_output_tokens" | "model_length" | "model_context_window_exceeded") => {
                Some("length")
            }
            Some("tool_use" | "tool_call" | "tool-calls") => Some("tool_calls"),
            Some("safety" | "refusal" | "content-filter" | "sensitive") => Some("content_filter"),
            // `eos`, `end_turn`, `stop_sequence` and what else providers call a natural end.
            _ => Some("stop"),
        },
    };
    choice.object_mut().set("finish_reason", &right);
    right.is_some()
}

/// Whether a choice ends because the provider failed: OpenRouter says so, and a client would take it for the end.
pub(super) fn is_error(choice: &ChunkChoice) -> bool {
    choice.object().get("finish_reason") == Some(b"\"error\"")
}
