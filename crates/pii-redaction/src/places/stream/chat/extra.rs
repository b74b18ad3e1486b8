use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};
use serde_json::json;

use super::pieces::OF_CHOICE;
use crate::places::stream::{Channel, Kind, open::Left};

/// A chunk with what is left of a text, like the last that it came in.
pub(super) fn extra(left: Left) -> Event {
    let mut object = Object::parse_with(left.shape, &Limits::LENIENT).unwrap_or_default();
    let Channel { of, kind, part } = left.channel;
    let text = left.text;
    let is_completion = kind == Kind::Text && part == OF_CHOICE;
    let delta = match kind {
        Kind::Refusal => json!({ "refusal": text }),
        Kind::Reasoning => json!({ "reasoning": text }),
        Kind::ReasoningContent => json!({ "reasoning_content": text }),
        Kind::Transcript => json!({ "audio": { "transcript": text } }),
        Kind::FunctionCall => json!({ "function_call": { "arguments": text } }),
        Kind::Arguments => json!({ "tool_calls": [{ "index": part, "function": { "arguments": text } }] }),
        Kind::CustomInput => json!({ "tool_calls": [{ "index": part, "custom": { "input": text } }] }),
        _ => json!({ "content": text }),
    };
    let choice = if is_completion {
        json!({ "index": of, "text": text, "logprobs": null, "finish_reason": null })
    } else {
        json!({ "index": of, "delta": delta, "finish_reason": null })
    };
    let names: Vec<String> = object.iter().map(|(name, _)| name.into_owned()).collect();
    for name in names {
        match name.as_str() {
            "id" | "object" | "created" | "model" | "system_fingerprint" | "service_tier" | "choices" => {}
            "usage" => object.set("usage", &()),
            _ => {
                object.remove(&name);
            }
        }
    }
    object.set("choices", &[&choice]);
    Event::new(object.to_bytes())
}
