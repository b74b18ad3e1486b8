//! How much a model is to think.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::models::{self, Model};
use crate::{
    params::{Effort, Reasoning},
    place::Place,
    warnings::Warnings,
};

/// What is sent of it.
#[derive(Debug, Default)]
pub(crate) struct Thinking<'a> {
    pub(crate) thinking: Option<Cow<'a, RawValue>>,
    pub(crate) effort: Option<&'static str>,
    /// The model may think, which rules out sampling and forced calls.
    pub(crate) is_on: bool,
    /// Tokens that thinking may take of `max_tokens`.
    pub(crate) budget: u64,
    /// Tokens that an answer should have besides, where the client sets no bound.
    pub(crate) room: u64,
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

/// The least that Anthropic takes for a budget.
const LEAST: u64 = 1024;

impl<'a> Thinking<'a> {
    pub(crate) fn read(
        request: &'a Object,
        model: Model,
        max_tokens: Option<u64>,
        warnings: &mut Warnings,
    ) -> Result<Self, Failure> {
        let asked = Reasoning::read(request)?;
        let is_adaptive = model.thinking() == models::Thinking::Adaptive;
        if let Some(raw) = request.read::<&RawValue>("thinking").ok().flatten() {
            // Anthropic's own word: whoever says it means it.
            let effort = match asked {
                Some(Reasoning::Effort(effort)) if is_adaptive && effort != Effort::None => Some(effort),
                _ => None,
            };
            return Self::verbatim(raw, effort);
        }
        let (effort, budget) = match asked {
            None => return Ok(Self::default()),
            Some(Reasoning::Effort(Effort::None)) => {
                let thinking = is_adaptive.then(|| config("disabled", None, None));
                return Ok(Self { thinking, ..Self::default() });
            }
            Some(Reasoning::Effort(effort)) => (effort, effort.budget()),
            Some(Reasoning::Budget(budget)) => (Effort::of_budget(budget), budget.max(LEAST)),
        };
        match model.thinking() {
            models::Thinking::Never => {
                warnings.dropped("reasoning_effort", "unsupported_by_model")?;
                Ok(Self::default())
            }
            models::Thinking::Adaptive => Ok(Self {
                thinking: Some(config("adaptive", None, Some("summarized"))),
                effort: Some(word(effort)),
                is_on: true,
                budget: 0,
                // It shares a bound with the answer, as a budget does.
                room: budget,
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
                let thinking = Some(config("enabled", Some(budget), None));
                Ok(Self { thinking, effort: None, is_on: true, budget, room: budget })
            }
        }
    }

    fn verbatim(raw: &'a RawValue, effort: Option<Effort>) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Given {
            #[serde(rename = "type")]
            kind: Option<String>,
            budget_tokens: Option<u64>,
        }
        let given: Given = Place::new("thinking").read(raw, "an object as Anthropic's API has it")?;
        let is_on = given.kind.as_deref() != Some("disabled");
        let budget = given.budget_tokens.unwrap_or_default();
        let room = match budget {
            _ if !is_on => 0,
            // What Anthropic takes for the effort if it is told none.
            0 => effort.unwrap_or(Effort::High).budget(),
            budget => budget,
        };
        Ok(Self { thinking: Some(Cow::Borrowed(raw)), effort: effort.map(word), is_on, budget, room })
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

/// Anthropic's word for it.
const fn word(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::XHigh => "xhigh",
        Effort::Max => "max",
    }
}
