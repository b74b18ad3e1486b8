//! How answers end, by the reason that they give.

use crate::judge::End;

/// A choice of a chat; `None` where this is no reason: some servers write an empty one into each chunk. `length` and
/// `content_filter` are OpenAI's; `model_length` and `error` are Mistral's (the finish reasons of its chat API, November
/// 2026); `max_tokens` is how servers put it that translate from Anthropic's or Google's words.
pub(crate) fn chat(reason: &str) -> Option<End> {
    match reason {
        "" => None,
        "length" | "content_filter" | "model_length" | "error" | "max_tokens" | "MAX_TOKENS" => Some(End::CutOff),
        _ => Some(End::Complete),
    }
}

/// A message, and whether neither text nor a call is to be expected of it. What nobody knows is taken for an end in the
/// middle: nothing is mended then.
pub(crate) fn message(reason: &str) -> (End, bool) {
    match reason {
        "end_turn" | "stop_sequence" | "tool_use" => (End::Complete, false),
        // The client is to let it go on.
        "pause_turn" | "compaction" => (End::Complete, true),
        "refusal" => (End::CutOff, true),
        _ => (End::CutOff, false),
    }
}
