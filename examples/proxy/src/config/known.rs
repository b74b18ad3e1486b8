//! Providers that need no more than a key: their dialect, base URL and usual variable.

use super::provider::Dialect;

/// A provider known by name.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The name to use in `[providers.NAME]`.
    pub name: &'static str,
    /// The wire format it speaks.
    pub dialect: Dialect,
    /// What its official SDK takes as its base URL.
    pub base_url: &'static str,
    /// The environment variable that its documentation puts the key into.
    pub key_variable: &'static str,
}

const fn row(name: &'static str, dialect: Dialect, base_url: &'static str, key_variable: &'static str) -> Known {
    Known { name, dialect, base_url, key_variable }
}

use Dialect::{Anthropic, OpenAi};

/// Base URLs: the project's table of compatible providers, cross-checked there against LiteLLM
/// 1.106.2, Portkey and rust-genai. Variables: what the vendors' pages named beside each row use,
/// where possible compared with <https://github.com/mozilla-ai/any-llm> (`ENV_API_KEY_NAME`).
/// Looked up on 2026-11-21. Left out on purpose: providers whose base URL depends on the customer's
/// region, and those whose variable means more than models (`GITHUB_TOKEN`, `HF_TOKEN`).
#[rustfmt::skip]
pub const KNOWN: [Known; 15] = [
    // https://platform.openai.com/docs/api-reference
    row("openai", OpenAi, "https://api.openai.com/v1", "OPENAI_API_KEY"),
    // https://docs.anthropic.com/en/api/overview
    row("anthropic", Anthropic, "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    // https://console.groq.com/docs/openai
    row("groq", OpenAi, "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    // https://docs.mistral.ai/api
    row("mistral", OpenAi, "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    // https://api-docs.deepseek.com
    row("deepseek", OpenAi, "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    // https://openrouter.ai/docs
    row("openrouter", OpenAi, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    // https://docs.together.ai/docs/openai-api-compatibility
    row("together", OpenAi, "https://api.together.ai/v1", "TOGETHER_API_KEY"),
    // https://docs.fireworks.ai/tools-sdks/openai-compatibility
    row("fireworks", OpenAi, "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    // https://docs.x.ai/docs/api-reference
    row("xai", OpenAi, "https://api.x.ai/v1", "XAI_API_KEY"),
    // https://inference-docs.cerebras.ai
    row("cerebras", OpenAi, "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    // https://docs.sambanova.ai
    row("sambanova", OpenAi, "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    // https://docs.perplexity.ai
    row("perplexity", OpenAi, "https://api.perplexity.ai", "PERPLEXITY_API_KEY"),
    // https://studio.nebius.ai
    row("nebius", OpenAi, "https://api.studio.nebius.ai/v1", "NEBIUS_API_KEY"),
    // https://platform.moonshot.ai/docs
    row("moonshot", OpenAi, "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"),
    // https://docs.z.ai/guides/develop/http/introduction
    row("zai", OpenAi, "https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
];

/// The provider known by this name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_usable() {
        for known in KNOWN {
            let url = crate::config::base_url::parse(known.base_url).unwrap();
            assert_eq!(url.scheme_str(), Some("https"));
            assert_eq!(KNOWN.iter().filter(|other| other.name == known.name).count(), 1);
            assert!(crate::config::env::is_name(known.key_variable));
        }
    }
}
