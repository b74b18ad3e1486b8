//! Tokens: Google counts thoughts apart from the answer, and what its tools have put into the prompt.

use llm_layers_wire::openai::{self, CompletionTokensDetails, PromptTokensDetails};

use super::native::{Modality, Usage};

/// The usage of an answer, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Tally {
    known: Option<Usage>,
}

impl Tally {
    /// Takes over what a later report says; it replaces, and is never added. Some reports hold next to nothing.
    pub(super) fn overwrite(&mut self, later: Usage) {
        let known = self.known.take().unwrap_or_default();
        self.known = Some(Usage {
            prompt_token_count: later.prompt_token_count.or(known.prompt_token_count),
            cached_content_token_count: later.cached_content_token_count.or(known.cached_content_token_count),
            candidates_token_count: later.candidates_token_count.or(known.candidates_token_count),
            thoughts_token_count: later.thoughts_token_count.or(known.thoughts_token_count),
            tool_use_prompt_token_count: later.tool_use_prompt_token_count.or(known.tool_use_prompt_token_count),
            total_token_count: later.total_token_count.or(known.total_token_count),
            prompt_tokens_details: later.prompt_tokens_details.or(known.prompt_tokens_details),
            candidates_tokens_details: later.candidates_tokens_details.or(known.candidates_tokens_details),
        });
    }

    /// In OpenAI's sense: output includes thoughts, and input what was read from the cache.
    pub(super) fn total(&self) -> Option<openai::Usage> {
        let known = self.known.as_ref()?;
        let thoughts = known.thoughts_token_count.unwrap_or_default();
        let candidates = known.candidates_token_count.unwrap_or_default();
        let tools = known.tool_use_prompt_token_count.unwrap_or_default();
        let input = known.prompt_token_count.unwrap_or_default().saturating_add(tools);
        // Some count thoughts in already; then the sum is right without them.
        let counted_in = known.total_token_count == Some(input.saturating_add(candidates));
        let output = if counted_in { candidates } else { candidates.saturating_add(thoughts) };

        let mut usage = openai::Usage::new(input, output);
        let of = |list: &Option<Vec<Modality>>, kind: &str| {
            let list = list.as_deref().unwrap_or_default();
            let found = list.iter().find(|item| item.modality.as_deref() == Some(kind));
            found.and_then(|item| item.token_count)
        };
        let mut details = PromptTokensDetails::default();
        details.cached_tokens = Some(known.cached_content_token_count.unwrap_or_default());
        details.text_tokens = of(&known.prompt_tokens_details, "TEXT");
        details.audio_tokens = of(&known.prompt_tokens_details, "AUDIO");
        details.image_tokens = of(&known.prompt_tokens_details, "IMAGE");
        usage.prompt_tokens_details = Some(details);
        let mut details = CompletionTokensDetails::default();
        details.reasoning_tokens = Some(thoughts);
        details.text_tokens = of(&known.candidates_tokens_details, "TEXT");
        details.audio_tokens = of(&known.candidates_tokens_details, "AUDIO");
        usage.completion_tokens_details = Some(details);
        Some(usage)
    }
}
