//! The wire formats, by name.

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's API, and the many that are compatible with it.
    OpenAi,
    /// Azure's, which is OpenAI's at other places.
    Azure,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// Google Cloud's Vertex AI: Gemini, and Claude.
    Vertex,
    /// Cohere's API, version 2.
    Cohere,
    /// Ollama's own API.
    Ollama,
    /// Amazon Bedrock's Converse and InvokeModel.
    #[cfg(feature = "bedrock")]
    Bedrock,
}

/// The version of Anthropic's API that a provider is asked by, in `anthropic-version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum ApiVersion {
    /// `2023-06-01`: knows `temperature`, `top_p` and `top_k`.
    #[default]
    V2023_06_01,
    /// `2026-10-21`: refuses them, even at their defaults.
    V2026_10_21,
}

impl ApiVersion {
    /// The version of this date.
    pub(crate) fn of(date: &str) -> Option<Self> {
        [Self::V2023_06_01, Self::V2026_10_21].into_iter().find(|version| version.as_str() == date)
    }

    /// What is sent.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::V2023_06_01 => "2023-06-01",
            Self::V2026_10_21 => "2026-10-21",
        }
    }
}
