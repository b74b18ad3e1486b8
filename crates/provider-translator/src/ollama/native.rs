//! What of Ollama's answers is read. All else is ignored: new members may appear at any time.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A whole answer, or a line of a stream, which has the same shape.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    pub(super) error: Option<String>,
    pub(super) model: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    #[serde(default)]
    pub(super) done: Option<bool>,
    pub(super) done_reason: Option<String>,
    pub(super) prompt_eval_count: Option<u64>,
    pub(super) eval_count: Option<u64>,
    pub(super) logprobs: Option<Vec<Logprob>>,
    /// Nanoseconds, as all of them.
    #[serde(borrow)]
    pub(super) total_duration: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) load_duration: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) prompt_eval_duration: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) eval_duration: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
pub(super) struct Message<'a> {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct ToolCall<'a> {
    pub(super) id: Option<String>,
    #[serde(borrow)]
    pub(super) function: Function<'a>,
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    pub(super) name: String,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// How likely a token was. OpenAI says the same, and demands all of it.
#[derive(Deserialize, Serialize)]
pub(super) struct Logprob {
    #[serde(flatten)]
    pub(super) token: Token,
    #[serde(default)]
    pub(super) top_logprobs: Vec<Token>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) logprob: f64,
    pub(super) bytes: Option<Vec<u8>>,
}
