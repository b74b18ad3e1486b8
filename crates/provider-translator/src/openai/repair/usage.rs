use bytes::Bytes;
use llm_layers_wire::{json::Object, openai::Chunk};

/// Takes usage off a chunk that is not for usage alone, and off all if it was not asked for.
pub(super) fn take(chunk: &mut Chunk, asked: bool) -> Option<Bytes> {
    let lifted = lift(chunk);
    let Some(usage) = chunk.object().get_bytes("usage") else { return lifted };
    let is_null = usage == "null";
    if !asked {
        chunk.object_mut().remove("usage");
    } else if !is_null && !chunk.choices().is_empty() {
        let _ = chunk.object_mut().set_raw("usage", "null");
    }
    if is_null { lifted } else { Some(usage) }
}

/// Usage where nobody looks for it: Groq has it in `x_groq`, and Moonshot in the choice.
fn lift(chunk: &mut Chunk) -> Option<Bytes> {
    let mut lifted = None;
    if let Some(groq) = chunk.object().get_bytes("x_groq").and_then(|groq| Object::parse(groq).ok()) {
        lifted = groq.get_bytes("usage").filter(|usage| usage != "null");
    }
    for choice in chunk.choices_mut() {
        if let Some(usage) = choice.object().get_bytes("usage") {
            choice.object_mut().remove("usage");
            lifted = Some(usage).filter(|usage| usage != "null").or(lifted);
        }
    }
    lifted
}
