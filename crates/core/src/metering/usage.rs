//! The object `usage` of an answer, in one pass over its text: it is read for every call, and most of what it says is
//! asked for by nobody here.

use llm_layers_wire::json::members;

/// What it says. What is no number where one should be is not said; of what is said twice the last counts.
#[derive(Debug, Default)]
pub(super) struct Usage<'a> {
    pub(super) prompt_tokens: Option<u64>,
    pub(super) completion_tokens: Option<u64>,
    pub(super) input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    pub(super) total_tokens: Option<u64>,
    /// Anthropic's `cache_read_input_tokens` and `cache_creation_input_tokens`.
    pub(super) cache_read: Option<u64>,
    pub(super) cache_creation: Option<u64>,
    /// Of these, what is kept for an hour.
    pub(super) cache_write_1h: Option<u64>,
    /// DeepSeek's `prompt_cache_hit_tokens`.
    pub(super) cache_hit: Option<u64>,
    /// Moonshot's `cached_tokens`.
    pub(super) cached: Option<u64>,
    /// `prompt_tokens_details`, `input_tokens_details`, `completion_tokens_details`, `output_tokens_details`.
    pub(super) prompt: Option<Details>,
    pub(super) input: Option<Details>,
    pub(super) completion: Option<Details>,
    pub(super) output: Option<Details>,
    /// As they are written.
    pub(super) cost: Option<&'a [u8]>,
    pub(super) service_tier: Option<&'a [u8]>,
}

/// Tokens by kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Details {
    pub(super) cached: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) audio: Option<u64>,
    pub(super) image: Option<u64>,
    pub(super) reasoning: Option<u64>,
    pub(super) thinking: Option<u64>,
    pub(super) cached_audio: Option<u64>,
}

impl<'a> Usage<'a> {
    pub(super) fn read(text: &'a [u8]) -> Self {
        let mut usage = Self::default();
        for (name, value) in members(text) {
            match name {
                b"prompt_tokens" => usage.prompt_tokens = number(value),
                b"completion_tokens" => usage.completion_tokens = number(value),
                b"input_tokens" => usage.input_tokens = number(value),
                b"output_tokens" => usage.output_tokens = number(value),
                b"total_tokens" => usage.total_tokens = number(value),
                b"cache_read_input_tokens" => usage.cache_read = number(value),
                b"cache_creation_input_tokens" => usage.cache_creation = number(value),
                b"cache_creation" => usage.cache_write_1h = number_in(value, b"ephemeral_1h_input_tokens"),
                b"prompt_cache_hit_tokens" => usage.cache_hit = number(value),
                b"cached_tokens" => usage.cached = number(value),
                b"prompt_tokens_details" => usage.prompt = Details::read(value),
                b"input_tokens_details" => usage.input = Details::read(value),
                b"completion_tokens_details" => usage.completion = Details::read(value),
                b"output_tokens_details" => usage.output = Details::read(value),
                b"cost" => usage.cost = Some(value),
                b"service_tier" => usage.service_tier = Some(value),
                _ => {}
            }
        }
        usage
    }
}

impl Details {
    fn read(text: &[u8]) -> Option<Self> {
        if !text.starts_with(b"{") {
            return None;
        }
        let mut details = Self::default();
        for (name, value) in members(text) {
            match name {
                b"cached_tokens" => details.cached = number(value),
                b"cache_write_tokens" => details.cache_write = number(value),
                b"audio_tokens" => details.audio = number(value),
                b"image_tokens" => details.image = number(value),
                b"reasoning_tokens" => details.reasoning = number(value),
                b"thinking_tokens" => details.thinking = number(value),
                b"cached_tokens_details" => details.cached_audio = number_in(value, b"audio_tokens"),
                _ => {}
            }
        }
        Some(details)
    }
}

/// A whole number from 0 on, written as one.
fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn number_in(object: &[u8], member: &[u8]) -> Option<u64> {
    members(object).filter(|(name, _)| *name == member).last().and_then(|(_, value)| number(value))
}
