//! How much a model is to think: `thinking` and `output_config.effort`.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::place::Place;

/// What is sent of it.
///
/// `thinking` goes along as it is, for whoever knows it; `reasoning_effort` says nearly the same to all others.
#[derive(Default)]
pub(super) struct Thinking<'a> {
    pub(super) thinking: Option<&'a RawValue>,
    pub(super) effort: Option<&'static str>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "type")]
    kind: Option<String>,
    budget_tokens: Option<u64>,
}

impl<'a> Thinking<'a> {
    pub(super) fn read(request: &'a Object, effort: Option<&str>) -> Result<Self, Failure> {
        let effort = effort.map(known).transpose()?;
        let Some(raw) = request.read::<&RawValue>("thinking").ok().flatten() else {
            return Ok(Self { thinking: None, effort });
        };
        let place = Place::new("thinking");
        let config: Config = place.members(raw)?;
        let effort = match config.kind.as_deref() {
            // A model that cannot do without would refuse to be told so; one that can does not think unasked.
            Some("disabled") => None,
            Some("enabled") => {
                let budget = place.member("budget_tokens");
                effort.or(Some(effort_of(config.budget_tokens.ok_or_else(|| budget.missing())?)))
            }
            Some("adaptive" | "between_tools") => effort,
            _ => return Err(place.member("type").invalid("Anthropic's API has no such thinking")),
        };
        Ok(Self { thinking: Some(raw), effort })
    }
}

fn known(effort: &str) -> Result<&'static str, Failure> {
    let known = ["low", "medium", "high", "xhigh", "max"].into_iter().find(|known| *known == effort);
    let place = Place::new("output_config");
    known.ok_or_else(|| place.member("effort").invalid("it is none of low, medium, high, xhigh and max"))
}

/// The effort that stands for a budget, by the table that makes budgets of efforts on the way to Anthropic; no more
/// than `high`, the most that every model with efforts takes.
const fn effort_of(budget: u64) -> &'static str {
    match budget {
        0..=1024 => "low",
        1025..=2048 => "medium",
        _ => "high",
    }
}
