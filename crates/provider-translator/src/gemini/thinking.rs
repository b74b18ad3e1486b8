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
use crate::{place::Place, warnings::Warnings};

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// `reasoning`, as clients of `OpenRouter` send it.
#[derive(Default, Deserialize)]
struct Reasoning {
    effort: Option<String>,
    max_tokens: Option<u64>,
    enabled: Option<bool>,
}

/// `thinking`, as clients of Anthropic's send it.
#[derive(Default, Deserialize)]
struct Claude {
    #[serde(rename = "type")]
    kind: Option<String>,
    budget_tokens: Option<u64>,
}

/// What was asked for: an effort, or a budget.
#[derive(Clone, Copy)]
enum Asked {
    Nothing,
    None,
    Effort(Effort),
    Budget(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    Minimal,
    Low,
    Medium,
    High,
    Highest,
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
    let config = match (asked, model.thinking()) {
        (Asked::Nothing, _) | (Asked::None, Thinking::Never) => return Ok(None),
        (_, Thinking::Never) => {
            warnings.dropped("reasoning_effort", "unsupported_by_model")?;
            return Ok(None);
        }
        (asked, Thinking::Budget { least, most, off }) => {
            let budget = match asked {
                Asked::None if off => 0,
                Asked::None => {
                    warnings.dropped("reasoning_effort", "cannot_be_off")?;
                    least
                }
                Asked::Budget(budget) => budget,
                Asked::Effort(effort) => budget_of(effort).unwrap_or(most),
                Asked::Nothing => return Ok(None),
            };
            let include_thoughts = !matches!(asked, Asked::None);
            // What the client allows for the whole answer is never raised, and half of it is the answer's.
            let half = max_tokens.map_or(most, |max| max / 2);
            let budget = if budget == 0 && off { 0 } else { budget.min(half).clamp(least, most) };
            Config { include_thoughts, thinking_budget: Some(budget), thinking_level: None }
        }
        (asked, Thinking::Level { minimal, medium }) => {
            let (effort, include_thoughts) = match asked {
                Asked::None => {
                    warnings.dropped("reasoning_effort", "cannot_be_off")?;
                    (Effort::Minimal, false)
                }
                Asked::Budget(budget) => (effort_of(budget), true),
                Asked::Effort(effort) => (effort, true),
                Asked::Nothing => return Ok(None),
            };
            let level = match effort {
                Effort::Minimal if minimal => "MINIMAL",
                Effort::Minimal | Effort::Low => "LOW",
                Effort::Medium if medium => "MEDIUM",
                // `XHIGH` is in the SDK, and by the documentation no model's.
                Effort::Medium | Effort::High | Effort::Highest => "HIGH",
            };
            Config { include_thoughts, thinking_budget: None, thinking_level: Some(level) }
        }
    };
    // Words and a number: writing them cannot fail.
    Ok(Some(Cow::Owned(serde_json::value::to_raw_value(&config).unwrap_or_default())))
}

fn asked(request: &Object) -> Result<Asked, Failure> {
    if let Some(word) = request.read::<String>("reasoning_effort")? {
        return effort(&word, &Place::new("reasoning_effort"));
    }
    if let Some(raw) = request.read::<&RawValue>("thinking").ok().flatten() {
        let claude: Claude = Place::new("thinking").read(raw, "an object as Anthropic's API has it")?;
        return Ok(match (claude.kind.as_deref(), claude.budget_tokens) {
            (Some("disabled"), _) => Asked::None,
            (_, Some(budget)) => Asked::Budget(budget),
            (_, None) => Asked::Effort(Effort::Medium),
        });
    }
    let reasoning: Reasoning = request.read("reasoning")?.unwrap_or_default();
    match (reasoning.effort, reasoning.max_tokens, reasoning.enabled) {
        (_, _, Some(false)) => Ok(Asked::None),
        (Some(word), ..) => effort(&word, &Place::new("reasoning").member("effort")),
        (None, Some(budget), _) => Ok(Asked::Budget(budget)),
        (None, None, Some(true)) => Ok(Asked::Effort(Effort::Medium)),
        (None, None, None) => Ok(Asked::Nothing),
    }
}

fn effort(word: &str, place: &Place<'_>) -> Result<Asked, Failure> {
    Ok(Asked::Effort(match word {
        "none" => return Ok(Asked::None),
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Highest,
        _ => return Err(place.invalid("it is none of none, minimal, low, medium, high, xhigh and max")),
    }))
}

/// The least and the most are the model's.
const fn budget_of(effort: Effort) -> Option<u64> {
    match effort {
        Effort::Minimal => Some(1),
        Effort::Low => Some(1024),
        Effort::Medium => Some(8192),
        Effort::High => Some(24_576),
        Effort::Highest => None,
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
