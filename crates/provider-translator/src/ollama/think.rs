//! Whether a model is to think, and how much.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    params::{self, Effort, Reasoning},
    place::Place,
    warnings::Warnings,
};

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Think<'a> {
    /// Ollama's own word: whoever says it means it.
    Verbatim(&'a RawValue),
    Level(&'static str),
    Switch(bool),
}

/// Reads it. A level is a switch to models that have none.
pub(super) fn read<'a>(request: &'a Object, warnings: &mut Warnings) -> Result<Option<Think<'a>>, Failure> {
    if let Some(raw) = params::raw(request, "think") {
        return match raw.get() {
            "true" | "false" => Ok(Some(Think::Verbatim(raw))),
            text if text.starts_with('"') => Ok(Some(Think::Verbatim(raw))),
            _ => Err(Place::new("think").expected("a boolean or a level")),
        };
    }
    let think = match Reasoning::read(request)? {
        None => return Ok(None),
        Some(Reasoning::Effort(Effort::None)) => Think::Switch(false),
        Some(Reasoning::Effort(Effort::Minimal | Effort::Low)) => Think::Level("low"),
        Some(Reasoning::Effort(Effort::Medium)) => Think::Level("medium"),
        Some(Reasoning::Effort(Effort::High | Effort::XHigh)) => Think::Level("high"),
        Some(Reasoning::Effort(Effort::Max)) => Think::Level("max"),
        Some(Reasoning::Budget(_)) => {
            warnings.dropped("reasoning.max_tokens", "unsupported")?;
            Think::Switch(true)
        }
    };
    Ok(Some(think))
}
