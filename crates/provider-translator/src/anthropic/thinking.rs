//! How much a model is to think.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::models::{self, Model};
use crate::{place::Place, warnings::Warnings};

/// What is sent of it.
#[derive(Debug, Default)]
pub(crate) struct Thinking<'a> {
    pub(crate) thinking: Option<Cow<'a, RawValue>>,
    pub(crate) effort: Option<&'static str>,
    /// The model may think, which rules out sampling and forced calls.
    pub(crate) is_on: bool,
    /// Tokens that thinking may take of `max_tokens`.
    pub(crate) budget: u64,
}

#[derive(Serialize)]
struct Config {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'static str>,
}

/// `reasoning`, as clients of `OpenRouter` send it.
#[derive(Default, Deserialize)]
struct Reasoning {
    effort: Option<String>,
    max_tokens: Option<u64>,
    enabled: Option<bool>,
}

/// The least that Anthropic takes for a budget.
const LEAST: u64 = 1024;

/// What was asked for: an effort, or a budget.
enum Asked {
    Nothing,
    None,
    Effort(&'static str),
    Budget(u64),
}

impl<'a> Thinking<'a> {
    pub(crate) fn read(
        request: &'a Object,
        model: Model,
        max_tokens: Option<u64>,
        warnings: &mut Warnings,
    ) -> Result<Self, Failure> {
        let asked = asked(request)?;
        if let Some(raw) = request.read::<&RawValue>("thinking").ok().flatten() {
            // Anthropic's own word: whoever says it means it.
            let effort = match asked {
                Asked::Effort(effort) if model.thinking() == models::Thinking::Adaptive => Some(effort),
                _ => None,
            };
            return Self::verbatim(raw, effort);
        }
        let (effort, budget) = match asked {
            Asked::Nothing => return Ok(Self::default()),
            Asked::None if model.thinking() == models::Thinking::Adaptive => {
                let thinking = config("disabled", None, None);
                return Ok(Self { thinking: Some(thinking), ..Self::default() });
            }
            Asked::None => return Ok(Self::default()),
            Asked::Effort(effort) => (effort, budget_of(effort)),
            Asked::Budget(budget) => (effort_of(budget), budget.max(LEAST)),
        };
        match model.thinking() {
            models::Thinking::Never => {
                warnings.dropped("reasoning_effort", "unsupported_by_model")?;
                Ok(Self::default())
            }
            models::Thinking::Adaptive => Ok(Self {
                thinking: Some(config("adaptive", None, Some("summarized"))),
                effort: Some(effort),
                is_on: true,
                budget: 0,
            }),
            models::Thinking::Budget => {
                // What the client allows for the whole answer is never raised: it is what it pays for.
                let budget = match max_tokens {
                    Some(max) if max <= LEAST => {
                        warnings.dropped("reasoning_effort", "max_tokens_too_small")?;
                        return Ok(Self::default());
                    }
                    Some(max) => budget.min(max - 1),
                    None => budget,
                };
                Ok(Self { thinking: Some(config("enabled", Some(budget), None)), effort: None, is_on: true, budget })
            }
        }
    }

    fn verbatim(raw: &'a RawValue, effort: Option<&'static str>) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Given {
            #[serde(rename = "type")]
            kind: Option<String>,
            budget_tokens: Option<u64>,
        }
        let given: Given = Place::new("thinking").read(raw, "an object as Anthropic's API has it")?;
        let is_on = given.kind.as_deref() != Some("disabled");
        Ok(Self { thinking: Some(Cow::Borrowed(raw)), effort, is_on, budget: given.budget_tokens.unwrap_or_default() })
    }

    /// Does without it.
    pub(crate) fn give_up(&mut self, reason: &'static str, warnings: &mut Warnings) -> Result<(), Failure> {
        warnings.dropped("reasoning_effort", reason)?;
        *self = Self::default();
        Ok(())
    }

    /// Whether thinking is a matter of a budget, where a loop of calls must hand its reasoning back.
    pub(crate) const fn is_budgeted(&self) -> bool {
        self.is_on && self.budget > 0
    }
}

fn config(kind: &'static str, budget_tokens: Option<u64>, display: Option<&'static str>) -> Cow<'static, RawValue> {
    // Words and a number: writing them cannot fail.
    Cow::Owned(serde_json::value::to_raw_value(&Config { kind, budget_tokens, display }).unwrap_or_default())
}

fn asked(request: &Object) -> Result<Asked, Failure> {
    if let Some(word) = request.read::<String>("reasoning_effort")? {
        return effort(&word, &Place::new("reasoning_effort"));
    }
    let reasoning: Reasoning = request.read("reasoning")?.unwrap_or_default();
    match (reasoning.effort, reasoning.max_tokens, reasoning.enabled) {
        (_, _, Some(false)) => Ok(Asked::None),
        (Some(word), ..) => effort(&word, &Place::new("reasoning").member("effort")),
        (None, Some(budget), _) => Ok(Asked::Budget(budget)),
        (None, None, Some(true)) => Ok(Asked::Effort("medium")),
        (None, None, None) => Ok(Asked::Nothing),
    }
}

fn effort(word: &str, place: &Place<'_>) -> Result<Asked, Failure> {
    Ok(match word {
        "none" => Asked::None,
        "minimal" | "low" => Asked::Effort("low"),
        "medium" => Asked::Effort("medium"),
        "high" => Asked::Effort("high"),
        "xhigh" => Asked::Effort("xhigh"),
        "max" => Asked::Effort("max"),
        _ => return Err(place.invalid("it is none of none, minimal, low, medium, high, xhigh and max")),
    })
}

/// `LiteLLM`'s table, which many clients are tuned to.
fn budget_of(effort: &str) -> u64 {
    match effort {
        "low" => LEAST,
        "medium" => 2048,
        "high" => 4096,
        "xhigh" => 8192,
        _ => 16384,
    }
}

fn effort_of(budget: u64) -> &'static str {
    ["low", "medium", "high", "xhigh"].into_iter().find(|effort| budget <= budget_of(effort)).unwrap_or("max")
}
