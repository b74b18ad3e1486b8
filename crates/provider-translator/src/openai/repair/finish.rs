use llm_layers_wire::openai::ChunkChoice;
use serde::Deserialize;

/// How a choice ended, by whatever words a provider says it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::openai) enum Finish {
    /// Not yet.
    Open,
    /// By one of OpenAI's reasons.
    By(&'static str),
    /// The provider failed, and a client would take it for the end.
    Failed,
    /// The same, for want of capacity.
    Overloaded,
}

/// Reads a `finish_reason`.
pub(in crate::openai) fn read(raw: Option<&[u8]>) -> Finish {
    // SGLang's, before it learned OpenAI's.
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    let Some(raw) = raw.filter(|raw| !matches!(*raw, b"null" | b"\"\"")) else { return Finish::Open };
    let typed = || serde_json::from_slice::<Typed>(raw).map(|typed| typed.kind);
    let word = serde_json::from_slice::<String>(raw).or_else(|_| typed()).unwrap_or_default();
    Finish::By(match word.as_str() {
        "length" | "max_tokens" | "max_output_tokens" | "model_length" | "model_context_window_exceeded" => "length",
        "tool_calls" | "tool_use" | "tool_call" | "tool-calls" => "tool_calls",
        "content_filter" | "safety" | "refusal" | "content-filter" | "sensitive" => "content_filter",
        "function_call" => "function_call",
        "error" | "network_error" | "abort" => return Finish::Failed,
        "insufficient_system_resource" => return Finish::Overloaded,
        // `eos`, `eos_token`, `end_turn`, `stop_sequence` and what else providers call a natural end.
        _ => "stop",
    })
}

/// The reason of a natural end, where there have been calls.
pub(in crate::openai) const fn with_calls(reason: &'static str, calls: bool) -> &'static str {
    if calls && matches!(reason.as_bytes(), b"stop") { "tool_calls" } else { reason }
}

/// Puts `finish_reason` right: there in every chunk, `null` until the end, and then one of OpenAI's. Says whether
/// the choice is over.
pub(super) fn repair(choice: &mut ChunkChoice, calls: bool) -> bool {
    let right = match read(choice.object().get("finish_reason")) {
        Finish::By(reason) => Some(with_calls(reason, calls)),
        _ => None,
    };
    let is_right = match right {
        None => choice.object().get("finish_reason") == Some(b"null"),
        Some(reason) => choice.finish_reason().as_deref() == Some(reason),
    };
    if !is_right {
        choice.object_mut().set("finish_reason", &right);
    }
    right.is_some()
}
