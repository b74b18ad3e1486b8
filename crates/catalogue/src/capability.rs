//! What models can do.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a model can do beyond text in and text out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// Calls tools.
    Tools,
    /// Takes images.
    Vision,
    /// Keeps to a JSON Schema.
    JsonSchema,
    /// Takes or makes sound.
    Audio,
    /// Thinks before it answers.
    Reasoning,
    /// Answers word by word.
    Streaming,
    /// Takes a prompt's beginning from a cache, for less.
    PromptCache,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Tools, Self::Vision, Self::JsonSchema, Self::Audio, Self::Reasoning, Self::Streaming, Self::PromptCache];

    /// As rows and configurations spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Vision => "vision",
            Self::JsonSchema => "json_schema",
            Self::Audio => "audio",
            Self::Reasoning => "reasoning",
            Self::Streaming => "streaming",
            Self::PromptCache => "prompt_cache",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of [`Capability`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u16);

impl Capabilities {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// Whether this one is among them.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 >> capability as u16 & 1 == 1
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u16)
    }

    /// Those of these that `other` has not.
    #[must_use]
    pub const fn missing_from(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |capability| self.contains(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// `tools, vision`.
impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, capability) in self.iter().enumerate() {
            write!(f, "{}{capability}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Capabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Capability>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
