//! Tokens: Anthropic counts apart what OpenAI counts in.

use llm_layers_wire::openai::{self, CompletionTokensDetails, PromptTokensDetails};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::native::{OutputDetails, Usage};

/// The usage of an answer, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Tally {
    is_known: bool,
    input: Option<u64>,
    written: Option<u64>,
    cached: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
    beside: Beside,
}

/// What OpenAI's usage has no members for, as it came.
#[derive(Debug, Default, Serialize)]
struct Beside {
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_use: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_geo: Option<Box<RawValue>>,
}

/// A later report replaces what it names, and is never added.
fn take<T>(known: &mut Option<T>, later: Option<T>) {
    if later.is_some() {
        *known = later;
    }
}

impl Tally {
    /// Takes over what a later report says.
    pub(super) fn overwrite(&mut self, later: &Usage<'_>) {
        self.is_known = true;
        take(&mut self.input, later.input_tokens);
        take(&mut self.written, later.cache_creation_input_tokens);
        take(&mut self.cached, later.cache_read_input_tokens);
        take(&mut self.output, later.output_tokens);
        let thinking = later.output_tokens_details.as_ref();
        take(&mut self.thinking, thinking.and_then(|OutputDetails { thinking_tokens }| *thinking_tokens));
        let raw = |raw: Option<&RawValue>| raw.map(RawValue::to_owned);
        take(&mut self.beside.server_tool_use, raw(later.server_tool_use));
        take(&mut self.beside.service_tier, raw(later.service_tier));
        take(&mut self.beside.cache_creation, raw(later.cache_creation));
        take(&mut self.beside.inference_geo, raw(later.inference_geo));
    }

    /// In OpenAI's sense: input includes what was read from the cache and written to it.
    pub(super) fn total(&self) -> Option<openai::Usage> {
        if !self.is_known {
            return None;
        }
        let (cached, written) = (self.cached.unwrap_or_default(), self.written.unwrap_or_default());
        let input = self.input.unwrap_or_default().saturating_add(cached).saturating_add(written);
        let mut usage = openai::Usage::new(input, self.output.unwrap_or_default());
        let mut details = PromptTokensDetails::default();
        details.cached_tokens = Some(cached);
        details.cache_write_tokens = Some(written);
        usage.prompt_tokens_details = Some(details);
        if let Some(thinking) = self.thinking {
            let mut details = CompletionTokensDetails::default();
            details.reasoning_tokens = Some(thinking);
            usage.completion_tokens_details = Some(details);
        }
        if let Some(by_time) = self.written_by_time() {
            usage.unknown.insert("cache_creation".to_owned(), by_time);
        }
        Some(usage)
    }

    /// What was written to the cache by the time that it is kept, under Anthropic's own name, where some is kept for an
    /// hour: that costs more than the five minutes that are usual.
    fn written_by_time(&self) -> Option<Value> {
        let by_time: Value = serde_json::from_str(self.beside.cache_creation.as_ref()?.get()).ok()?;
        (by_time.get("ephemeral_1h_input_tokens")?.as_u64()? > 0).then_some(by_time)
    }

    /// The rest of it, as one object.
    pub(super) fn beside(&self) -> Option<Box<RawValue>> {
        serde_json::value::to_raw_value(&self.beside).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_an_hour_is_told_apart() {
        let total = |text: &str| {
            let mut tally = Tally::default();
            tally.overwrite(&serde_json::from_str(text).unwrap());
            tally.total().unwrap()
        };
        let hour = r#"{"input_tokens":5,"cache_creation_input_tokens":30,"output_tokens":1,
            "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20}}"#;
        let usage = total(hour);
        assert_eq!(usage.prompt_tokens, 35);
        assert_eq!(usage.unknown["cache_creation"]["ephemeral_1h_input_tokens"], 20);
        for usual in [r#"{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":0}"#, "null", "7", r#"{}"#] {
            let text = format!(r#"{{"input_tokens":5,"output_tokens":1,"cache_creation":{usual}}}"#);
            assert!(total(&text).unknown.is_empty(), "{usual}");
        }
    }
}
