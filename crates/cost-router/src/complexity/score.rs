use super::Features;

/// What each feature says of how hard a prompt is.
///
/// A sum of all, put between 0 and 1 by the logistic function: 0 is a half. The defaults were set by hand on one half
/// of a small set of prompts (64, in the tests of this crate) and checked on the other; your own traffic knows better.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Weights {
    /// Of a prompt with nothing in it. Default -2.6.
    pub bias: f32,
    /// For each doubling of the tokens of the last message beyond 16. Default 0.3.
    pub ask: f32,
    /// For each doubling of the tokens of the whole prompt beyond 1,000. Default 0.15.
    pub context: f32,
    /// Of a message that is all code. Default 2.
    pub code: f32,
    /// Of a message that is all mathematics. Default 4.
    pub maths: f32,
    /// For each script beyond the first. Default 0.2.
    pub scripts: f32,
    /// For each doubling of the number of tools and of their calls. Default 0.35.
    pub tools: f32,
    /// For each doubling of the number of turns. Default 0.15.
    pub turns: f32,
    /// For each question, up to four. Default 0.2.
    pub question: f32,
    /// For each word of hard work, up to four. Default 2.7.
    pub hard_task: f32,
    /// For each word of light work, up to two. Default -1.3.
    pub easy_task: f32,
    /// For each step, up to six. Default 0.4.
    pub step: f32,
    /// For each condition, up to six. Default 0.35.
    pub constraint: f32,
    /// For each attachment, up to four. Default 0.4.
    pub attachment: f32,
    /// Of a schema for the answer, which helps a small model. Default -0.3.
    pub schema: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            bias: -2.6,
            ask: 0.3,
            context: 0.15,
            code: 2.0,
            maths: 4.0,
            scripts: 0.2,
            tools: 0.35,
            turns: 0.15,
            question: 0.2,
            hard_task: 2.7,
            easy_task: -1.3,
            step: 0.4,
            constraint: 0.35,
            attachment: 0.4,
            schema: -0.3,
        }
    }
}

/// How hard a prompt is, from 0 to 1.
///
/// ```
/// use llm_layers_cost_router::{Weights, features, score};
/// use llm_layers_core::Operation;
/// use llm_layers_wire::json::Object;
///
/// let difficulty = |text: &str| {
///     let body = serde_json::json!({"messages": [{"role": "user", "content": text}]}).to_string();
///     let call = Object::parse(body).expect("an object");
///     score(&features(Operation::ChatCompletion, &call), &Weights::default())
/// };
/// assert!(difficulty("Translate to French: good morning") < 0.2);
/// assert!(difficulty("Prove that there are infinitely many primes, then analyse how the proof could be formalised.") > 0.5);
/// ```
#[must_use]
pub fn score(features: &Features, weights: &Weights) -> f32 {
    let few = |number: u32, most: u16| f32::from(u16::try_from(number).unwrap_or(most).min(most));
    let schema = if features.has_schema { weights.schema } else { 0.0 };
    let sum = weights.bias
        + weights.ask * doublings(features.ask_tokens, 16)
        + weights.context * doublings(features.tokens, 1000)
        + weights.code * features.code
        + weights.maths * features.maths
        + weights.scripts * few(features.scripts.saturating_sub(1), 3)
        + weights.tools * doublings(u64::from(features.tools) + u64::from(features.tool_calls) + 1, 1)
        + weights.turns * doublings(features.turns.into(), 1)
        + weights.question * few(features.questions, 4)
        + weights.hard_task * few(features.hard_tasks, 4)
        + weights.easy_task * few(features.easy_tasks, 2)
        + weights.step * few(features.steps, 6)
        + weights.constraint * few(features.constraints, 6)
        + weights.attachment * few(features.attachments, 4)
        + schema;
    let score = 1.0 / (1.0 + (-sum).exp());
    // Weights that are no numbers say nothing.
    if score.is_nan() { 0.5 } else { score }
}

/// How often a number is doubled to get there, from `from` on.
fn doublings(number: u64, from: u64) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "an approximate number will do")]
    let ratio = number as f32 / from as f32;
    ratio.max(1.0).log2()
}
