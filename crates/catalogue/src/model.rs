//! One model at one provider.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::capability::{Capabilities, Capability};
use crate::price::Price;

/// What a model is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// An answer to a conversation.
    #[default]
    Chat,
    /// The rest of a text.
    Completion,
    /// Embeddings.
    Embedding,
    /// Images.
    Image,
    /// The text of a recording.
    AudioIn,
    /// Speech.
    AudioOut,
    /// An order of documents.
    Rerank,
    /// A judgement of a text.
    Moderation,
}

impl Kind {
    /// As rows spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Image => "image",
            Self::AudioIn => "audio_in",
            Self::AudioOut => "audio_out",
            Self::Rerank => "rerank",
            Self::Moderation => "moderation",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How good a model is, in four steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// For short and simple prompts.
    Small,
    /// Between small and large.
    Medium,
    /// For most work.
    Large,
    /// The best there is.
    Frontier,
}

impl Tier {
    /// As rows and configurations spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Frontier => "frontier",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One model at one provider. `None` is not known.
///
/// It is written as a row is, with `provider`, and with `null` for what is not known.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Model {
    /// Who serves it, by the name that the proxy's configuration has for them.
    pub provider: Box<str>,
    /// The id that the provider knows it by.
    pub id: Box<str>,
    /// Other ids of the same.
    pub aliases: Vec<Box<str>>,
    /// What it is asked for.
    pub kind: Kind,
    /// What it costs.
    pub price: Option<Price>,
    /// Tokens that go into one call, input and output together.
    pub context_window: Option<u64>,
    /// Tokens that come out at most.
    pub max_output: Option<u64>,
    /// What it can do.
    pub capabilities: Option<Capabilities>,
    /// Where it runs; empty where that is not known.
    pub regions: Vec<Box<str>>,
    /// How good it is.
    pub tier: Option<Tier>,
    /// By whose word it is that good.
    pub tier_source: Option<Box<str>>,
    /// The day from which it is gone, or not to be used.
    pub deprecated: Option<Date>,
    /// Whether the provider trains models with what is sent.
    pub trains: Option<bool>,
    /// Whether the provider keeps what is sent.
    pub retains: Option<bool>,
    /// The page that says so.
    pub source: Option<Box<str>>,
    /// When somebody last looked.
    pub date: Option<Date>,
}

impl Model {
    /// A model of which nothing is known.
    pub fn new(provider: &str, id: &str) -> Self {
        Self {
            provider: provider.into(),
            id: id.into(),
            aliases: Vec::new(),
            kind: Kind::default(),
            price: None,
            context_window: None,
            max_output: None,
            capabilities: None,
            regions: Vec::new(),
            tier: None,
            tier_source: None,
            deprecated: None,
            trains: None,
            retains: None,
            source: None,
            date: None,
        }
    }

    /// With one more id that it is known by.
    #[must_use]
    pub fn with_alias(mut self, alias: &str) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// With what it is asked for.
    #[must_use]
    pub const fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// With what it costs.
    #[must_use]
    pub fn with_price(mut self, price: Price) -> Self {
        self.price = Some(price);
        self
    }

    /// With the tokens that go into one call.
    #[must_use]
    pub const fn with_context_window(mut self, tokens: u64) -> Self {
        self.context_window = Some(tokens);
        self
    }

    /// With the tokens that come out at most.
    #[must_use]
    pub const fn with_max_output(mut self, tokens: u64) -> Self {
        self.max_output = Some(tokens);
        self
    }

    /// With what it can do, and nothing else.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.capabilities = Some(capabilities.into_iter().collect());
        self
    }

    /// With one more place where it runs.
    #[must_use]
    pub fn with_region(mut self, region: &str) -> Self {
        self.regions.push(region.into());
        self
    }

    /// With how good it is.
    #[must_use]
    pub const fn with_tier(mut self, tier: Tier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// With the day from which it is gone.
    #[must_use]
    pub const fn with_deprecated(mut self, day: Date) -> Self {
        self.deprecated = Some(day);
        self
    }

    /// With whether the provider trains with what is sent, and whether it keeps it.
    #[must_use]
    pub const fn with_data_policy(mut self, trains: bool, retains: bool) -> Self {
        self.trains = Some(trains);
        self.retains = Some(retains);
        self
    }
}
