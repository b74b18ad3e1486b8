//! Providers that need no more than a key: the translator's catalogue, and the few that speak dialects of their own.

use llm_layers_provider_translator::catalogue;

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
    /// The environment variable that its documentation puts the key into; `None` of a server that needs no key.
    pub key_variable: Option<&'static str>,
    /// Whether it has `/v1/responses`.
    pub has_responses: bool,
}

/// Base URLs and variables: the vendors' pages named beside each row, looked up on 2026-11-21.
const OTHERS: [Known; 3] = [
    // https://docs.anthropic.com/en/api/overview
    other("anthropic", Dialect::Anthropic, "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    // https://ai.google.dev/gemini-api/docs/api-key
    other("gemini", Dialect::Gemini, "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    // https://docs.cohere.com/reference/about
    other("cohere", Dialect::Cohere, "https://api.cohere.com", "CO_API_KEY"),
];

const fn other(name: &'static str, dialect: Dialect, base_url: &'static str, key_variable: &'static str) -> Known {
    Known { name, dialect, base_url, key_variable: Some(key_variable), has_responses: false }
}

/// All of them, those of other dialects first: some offer OpenAI's as well, and their own says more.
pub(super) fn all() -> impl Iterator<Item = Known> + Clone {
    let compatible = catalogue().iter().map(|row| Known {
        name: row.name(),
        dialect: Dialect::OpenAi,
        base_url: row.base_url(),
        key_variable: row.key_variable(),
        has_responses: row.has_responses(),
    });
    OTHERS.into_iter().chain(compatible)
}

/// The provider known by this name.
pub(super) fn find(name: &str) -> Option<Known> {
    all().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_usable() {
        for known in all() {
            let url = crate::config::base_url::parse(known.base_url).unwrap();
            assert!(url.host().is_some());
            assert_eq!(all().filter(|other| other.name == known.name).count(), 1, "{}", known.name);
            assert!(known.key_variable.is_none_or(crate::config::env::is_name));
        }
    }
}
