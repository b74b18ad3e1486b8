//! Twelve deployments with the catalogue's prices, and how they behave here: assumptions of ours, printed with the
//! table.

use std::sync::Arc;

use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::Deployment;
use llm_layers_cost_router::Routes;
use llm_layers_tokens::Tokenizer;

pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) deployment: Deployment,
    pub(crate) model: Arc<Model>,
    pub(crate) tokenizer: Tokenizer,
    /// Median of the time to the first word of a short prompt, in seconds.
    pub(crate) first_word: f64,
    /// Seconds that 10,000 tokens of the prompt add.
    pub(crate) prefill: f64,
    /// Tokens a second.
    pub(crate) speed: f64,
    /// The share of calls that fail.
    pub(crate) failures: f64,
    /// Calls in flight at which it is twice as slow.
    pub(crate) room: f64,
}

type Row = (&'static str, &'static str, &'static str, [f64; 5]);

/// Name, provider, model; first word, prefill, speed, failures, room.
const ROWS: [Row; 12] = [
    ("opus", "anthropic", "claude-opus-5-5", [1.4, 0.5, 60.0, 0.006, 60.0]),
    ("sonnet", "anthropic", "claude-sonnet-5-5", [0.9, 0.4, 80.0, 0.005, 80.0]),
    ("haiku", "anthropic", "claude-haiku-5-5", [0.5, 0.2, 150.0, 0.004, 100.0]),
    ("gpt", "openai", "gpt-5.1", [1.2, 0.4, 70.0, 0.004, 100.0]),
    ("gpt-mini", "openai", "gpt-5-mini", [0.7, 0.3, 110.0, 0.004, 100.0]),
    ("gpt-nano", "openai", "gpt-5-nano", [0.5, 0.2, 170.0, 0.004, 100.0]),
    ("gemini-pro", "gemini", "gemini-2.5-pro", [1.5, 0.3, 90.0, 0.006, 80.0]),
    ("gemini-flash", "gemini", "gemini-2.5-flash-lite", [0.4, 0.1, 220.0, 0.006, 100.0]),
    ("deepseek", "deepseek", "deepseek-flash", [1.6, 0.6, 50.0, 0.015, 30.0]),
    ("mistral", "mistral", "mistral-small-latest", [0.6, 0.3, 120.0, 0.007, 50.0]),
    ("groq", "groq", "openai/gpt-oss-20b", [0.2, 0.1, 500.0, 0.010, 20.0]),
    ("grok", "xai", "grok-4.3", [0.9, 0.4, 90.0, 0.008, 60.0]),
];

pub(crate) fn fleet() -> Result<Vec<Member>, String> {
    let member = |(name, provider, id, [first_word, prefill, speed, failures, room]): Row| {
        let model =
            Catalogue::builtin().find(provider, id).ok_or(format!("no `{id}` of {provider} in the catalogue"))?;
        if model.price.is_none() {
            return Err(format!("the catalogue knows no price of `{id}`"));
        }
        let (deployment, tokenizer) = (Deployment::new(name, provider, id), Tokenizer::of(provider, id));
        let model = Arc::clone(model);
        Ok(Member { name, deployment, model, tokenizer, first_word, prefill, speed, failures, room })
    };
    ROWS.into_iter().map(member).collect()
}

pub(crate) fn routes(fleet: &[Member]) -> Routes {
    fleet.iter().fold(Routes::new(), |routes, member| routes.deployment(member.deployment.clone()))
}
