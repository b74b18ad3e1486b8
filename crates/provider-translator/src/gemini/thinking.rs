//! How much a model is to think.
//!
//! Source: ai.google.dev on OpenAI compatibility, whose table of budgets this is (low 1024, medium 8192, high 24576),
//! and on thinking; read in November 2026.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::models::{Model, Thinking};
use crate::{
    params::{self, Effort, Reasoning},
    place::Place,
    warnings::Warnings,
};

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// `thinking`, as clients of Anthropic's send it.
#[derive(Default, Deserialize)]
struct Claude {
    #[serde(rename = "type")]
    kind: Option<String>,
    budget_tokens: Option<u64>,
}

/// Reads `thinkingConfig`. `own` is Google's own word for it: whoever says it means it.
pub(super) fn read<'a>(
    request: &Object,
    own: Option<&'a RawValue>,
    model: Model,
    max_tokens: Option<u64>,
    warnings: &mut Warnings,
) -> Result<Option<Cow<'a, RawValue>>, Failure> {
    let asked = asked(request)?;
    if let Some(own) = own {
        return Ok(Some(Cow::Borrowed(own)));
    }
    let Some(asked) = asked else { return Ok(None) };
    let is_off = asked == Reasoning::Effort(Effort::None);
    let mut config = Config { include_thoughts: !is_off, ..Config::default() };
    match model.thinking() {
        Thinking::Never if is_off => return Ok(None),
        Thinking::Never => {
            warnings.dropped("reasoning_effort", "unsupported_by_model")?;
            return Ok(None);
        }
        Thinking::Budget { least, most, off } => {
            if is_off && !off {
                warnings.dropped("reasoning_effort", "cannot_be_off")?;
            }
            let budget = match asked {
                Reasoning::Effort(effort) => budget_of(effort).unwrap_or(most),
                Reasoning::Budget(budget) => budget,
            };
            // What the client allows for the whole answer is never raised, and half of it is the answer's.
            let half = max_tokens.map_or(most, |max| max / 2);
            config.thinking_budget = Some(if budget == 0 && off { 0 } else { budget.min(half).clamp(least, most) });
        }
        Thinking::Level { minimal, medium } => {
            if is_off {
                warnings.dropped("reasoning_effort", "cannot_be_off")?;
            }
            let effort = match asked {
                Reasoning::Effort(effort) => effort,
                Reasoning::Budget(budget) => effort_of(budget),
            };
            config.thinking_level = Some(match effort {
                Effort::None | Effort::Minimal if minimal => "MINIMAL",
                Effort::None | Effort::Minimal | Effort::Low => "LOW",
                Effort::Medium if medium => "MEDIUM",
                // `XHIGH` is in the SDK, and by the documentation no model's.
                Effort::Medium | Effort::High | Effort::XHigh | Effort::Max => "HIGH",
            });
        }
    }
    // Words and a number: writing them cannot fail.
    Ok(Some(Cow::Owned(serde_json::value::to_raw_value(&config).unwrap_or_default())))
}

/// By OpenAI's word, by Anthropic's, or by `OpenRouter`'s.
fn asked(request: &Object) -> Result<Option<Reasoning>, Failure> {
    match params::raw(request, "thinking") {
        Some(raw) if params::raw(request, "reasoning_effort").is_none() => {
            let claude: Claude = Place::new("thinking").read(raw, "an object as Anthropic's API has it")?;
            Ok(Some(match (claude.kind.as_deref(), claude.budget_tokens) {
                (Some("disabled"), _) => Reasoning::Effort(Effort::None),
                (_, Some(budget)) => Reasoning::Budget(budget),
                (_, None) => Reasoning::Effort(Effort::Medium),
            }))
        }
        _ => Reasoning::read(request),
    }
}

/// The least and the most are the model's.
const fn budget_of(effort: Effort) -> Option<u64> {
    match effort {
        Effort::None => Some(0),
        Effort::Minimal => Some(1),
        Effort::Low => Some(1024),
        Effort::Medium => Some(8192),
        Effort::High => Some(24_576),
        Effort::XHigh | Effort::Max => None,
    }
}

const fn effort_of(budget: u64) -> Effort {
    match budget {
        0 => Effort::Minimal,
        1..=1024 => Effort::Low,
        1025..=8192 => Effort::Medium,
        _ => Effort::High,
    }
}
