use llm_layers_core::Failure;
use llm_layers_wire::{openai::Chunk, sse::Event};

use super::{Checking, delta::Delta};

/// Whether clients take an event for an error. Those of OpenAI look at the member `error` alone, whatever the event is
/// called, and go on where it says nothing: what has choices then is a chunk like any other (`_streaming.py` of the
/// Python SDK and `core/streaming.ts` of the Node SDK, November 2026).
pub(super) fn is_error(event: &Event, chunk: &Chunk) -> bool {
    chunk.object().get("error").is_some_and(says_anything) || chunk.choices().is_empty() && Failure::is_told_by(event)
}

impl Checking {
    /// An error without the choices beside it, where they say anything that is to be checked: not every client stops here.
    pub(super) fn only_error(&self, mut event: Event) -> Event {
        if event.chunk().is_some_and(|chunk| self.says(chunk)) {
            event.edit_chunk(|chunk| chunk.set_choices(Vec::new()));
        }
        event
    }

    /// Whether any of it is to be checked.
    pub(super) fn says(&self, chunk: &Chunk) -> bool {
        let says = |delta: Delta| delta.has_calls() || self.is_structured() && !delta.text.is_empty();
        chunk.choices().iter().any(|choice| Delta::read(choice).map_or(true, says))
    }
}

/// Whether a value is true in Python: no `null`, `false`, zero, and nothing empty.
fn says_anything(value: &[u8]) -> bool {
    match value {
        [b'n' | b'f', ..] => false,
        [b'"', ..] => value != b"\"\"",
        [b'[' | b'{', inner @ .., _] => !inner.trim_ascii().is_empty(),
        [b'-' | b'0'..=b'9', ..] => {
            let mut digits = value.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
            digits.any(|byte| matches!(byte, b'1'..=b'9'))
        }
        _ => true,
    }
}
