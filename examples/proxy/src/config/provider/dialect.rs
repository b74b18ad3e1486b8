//! `dialect`, and the members that only some dialects have.

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's, and that of the many that are compatible with it.
    OpenAi,
    /// Azure OpenAI.
    Azure,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// Google's Vertex AI.
    Vertex,
    /// Amazon Bedrock.
    Bedrock,
    /// Cohere's API, version 2.
    Cohere,
    /// Ollama's own API.
    Ollama,
}

/// Every dialect, by its name in the file.
pub(super) const DIALECTS: [(&str, Dialect); 8] = [
    ("openai", Dialect::OpenAi),
    ("azure", Dialect::Azure),
    ("anthropic", Dialect::Anthropic),
    ("gemini", Dialect::Gemini),
    ("vertex", Dialect::Vertex),
    ("bedrock", Dialect::Bedrock),
    ("cohere", Dialect::Cohere),
    ("ollama", Dialect::Ollama),
];

impl Dialect {
    /// The dialect's name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        DIALECTS.iter().find(|(_, dialect)| *dialect == self).map_or("", |(name, _)| name)
    }

    /// Where its provider is, if there is but one.
    pub(super) const fn base_url(self) -> Option<&'static str> {
        match self {
            Self::Gemini => Some("https://generativelanguage.googleapis.com"),
            Self::Cohere => Some("https://api.cohere.com"),
            Self::Ollama => Some("http://localhost:11434"),
            Self::OpenAi | Self::Azure | Self::Anthropic | Self::Vertex | Self::Bedrock => None,
        }
    }

    /// Whether where it is follows from a region or project.
    pub(super) const fn is_regional(self) -> bool {
        matches!(self, Self::Vertex | Self::Bedrock)
    }

    /// Whether it is OpenAI's API, or Azure's form of it.
    #[must_use]
    pub const fn is_compatible(self) -> bool {
        matches!(self, Self::OpenAi | Self::Azure)
    }

    /// Whether its API has versions that are asked for.
    pub(super) const fn has_versions(self) -> bool {
        matches!(self, Self::Azure | Self::Anthropic | Self::Gemini)
    }

    /// The members that it must have, and no other dialect has.
    pub(super) const fn own_members(self) -> &'static [&'static str] {
        match self {
            Self::Vertex => &["project", "location"],
            Self::Bedrock => &["aws_region"],
            _ => &[],
        }
    }
}
