//! Tokens: Anthropic counts apart what OpenAI counts in.

use llm_layers_wire::openai::{self, CompletionTokensDetails, PromptTokensDetails};

use super::native::{OutputDetails, Usage};

/// The usage of an answer, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Tally {
    known: Option<Usage>,
}

impl Tally {
    /// Takes over what a later report says; it replaces, and is never added.
    pub(super) fn overwrite(&mut self, later: Usage) {
        let known = self.known.get_or_insert_default();
        *known = Usage {
            input_tokens: later.input_tokens.or(known.input_tokens),
            cache_creation_input_tokens: later.cache_creation_input_tokens.or(known.cache_creation_input_tokens),
            cache_read_input_tokens: later.cache_read_input_tokens.or(known.cache_read_input_tokens),
            output_tokens: later.output_tokens.or(known.output_tokens),
            output_tokens_details: later.output_tokens_details.or(known.output_tokens_details),
        };
    }

    /// In OpenAI's sense: input includes what was read from the cache and written to it.
    pub(super) fn total(&self) -> Option<openai::Usage> {
        let known = self.known?;
        let cached = known.cache_read_input_tokens.unwrap_or_default();
        let written = known.cache_creation_input_tokens.unwrap_or_default();
        let input = known.input_tokens.unwrap_or_default().saturating_add(cached).saturating_add(written);
        let mut usage = openai::Usage::new(input, known.output_tokens.unwrap_or_default());
        let mut details = PromptTokensDetails::default();
        details.cached_tokens = Some(cached);
        details.cache_write_tokens = Some(written);
        usage.prompt_tokens_details = Some(details);
        if let Some(OutputDetails { thinking_tokens: Some(thinking) }) = known.output_tokens_details {
            let mut details = CompletionTokensDetails::default();
            details.reasoning_tokens = Some(thinking);
            usage.completion_tokens_details = Some(details);
        }
        Some(usage)
    }
}
