//! Tokens: OpenAI counts in what Anthropic counts apart.

use llm_layers_wire::openai;
use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Usage {
    /// Neither read from a cache nor written to one.
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Details {
    thinking_tokens: u64,
}

impl From<&openai::Usage> for Usage {
    fn from(usage: &openai::Usage) -> Self {
        let (read, written) = (usage.cached_tokens(), usage.cache_write_tokens());
        let details = usage.completion_tokens_details.as_ref();
        let thinking = details.and_then(|details| details.reasoning_tokens);
        Self {
            input_tokens: usage.prompt_tokens.saturating_sub(read).saturating_sub(written),
            cache_creation_input_tokens: written,
            cache_read_input_tokens: read,
            output_tokens: usage.completion_tokens,
            output_tokens_details: thinking.map(|thinking_tokens| Details { thinking_tokens }),
        }
    }
}
