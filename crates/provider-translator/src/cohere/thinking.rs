//! How much a model is to think.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    params::{self, Effort, Reasoning},
    place::Place,
};

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Thinking<'a> {
    /// Cohere's own word: whoever says it means it.
    Verbatim(&'a RawValue),
    Config(Config),
}

#[derive(Debug, Serialize)]
pub(super) struct Config {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_budget: Option<u64>,
}

/// Reads it. Models think without being asked, if they can; so nothing is sent where nothing is asked for.
pub(super) fn read(request: &Object, max_tokens: Option<u64>) -> Result<Option<Thinking<'_>>, Failure> {
    if let Some(raw) = params::raw(request, "thinking") {
        if !raw.get().starts_with('{') {
            return Err(Place::new("thinking").expected("an object as Cohere's API has it"));
        }
        return Ok(Some(Thinking::Verbatim(raw)));
    }
    let budget = match Reasoning::read(request)? {
        None => return Ok(None),
        Some(Reasoning::Effort(Effort::None)) => {
            return Ok(Some(Thinking::Config(Config { kind: "disabled", token_budget: None })));
        }
        Some(Reasoning::Effort(effort)) => effort.budget(),
        Some(Reasoning::Budget(budget)) => budget,
    };
    // Something must be left for the answer of what the client allows for both.
    let most = max_tokens.map_or(u64::MAX, |max| max.saturating_sub(1));
    let token_budget = Some(budget.min(most).max(1));
    Ok(Some(Thinking::Config(Config { kind: "enabled", token_budget })))
}
