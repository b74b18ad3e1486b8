use std::{fmt, time::Duration};

use llm_layers_catalogue::{Capability, Tier};

use crate::Class;

/// What removed a deployment from the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// It does something else: it makes embeddings, say, and a chat was asked for.
    Kind,
    /// Its provider serves it no longer.
    Deprecated,
    /// Its provider is not allowed.
    Provider,
    /// Its region is not allowed, or not known.
    Region,
    /// Its tier is too low, or not known.
    Tier {
        /// What was asked for.
        least: Tier,
    },
    /// It may be trained on what it is told, or that is not known.
    Training,
    /// It may keep what it is told, or that is not known.
    Logging,
    /// It is kept for calls of the other class.
    Class {
        /// The call's.
        class: Class,
    },
    /// It is not its hour.
    Hours,
    /// It cannot do what the request asks for.
    Capability(Capability),
    /// Prompt and answer do not fit.
    ContextWindow {
        /// Tokens of the prompt and of the answer that was asked for.
        needed: u64,
        /// Tokens that it takes.
        window: u64,
    },
    /// The call is expected to cost too much, or nobody knows what.
    Cost,
    /// Input costs too much, or nobody knows what.
    InputPrice,
    /// Output costs too much, or nobody knows what.
    OutputPrice,
    /// Of late it was too slow.
    Latency {
        /// The 99th percentile of its time to the first word.
        p99: Duration,
    },
}

impl Constraint {
    /// A short name, for metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Deprecated => "deprecated",
            Self::Provider => "provider",
            Self::Region => "region",
            Self::Tier { .. } => "tier",
            Self::Training => "no_training",
            Self::Logging => "no_logging",
            Self::Class { .. } => "class",
            Self::Hours => "hours",
            Self::Capability(_) => "capability",
            Self::ContextWindow { .. } => "context_window",
            Self::Cost => "max_cost",
            Self::InputPrice => "max_input_price",
            Self::OutputPrice => "max_output_price",
            Self::Latency { .. } => "max_p99",
        }
    }

    /// Whether it may be otherwise in a while, with the same request.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Hours | Self::Latency { .. })
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind => f.write_str("its model is of another kind"),
            Self::Deprecated => f.write_str("its model is no longer served"),
            Self::Provider => f.write_str("its provider is not allowed"),
            Self::Region => f.write_str("its region is not allowed, or not known"),
            Self::Tier { least } => write!(f, "its tier is below {}, or not known", least.name()),
            Self::Training => f.write_str("it is not known not to train on prompts"),
            Self::Logging => f.write_str("it is not known to keep no prompts"),
            Self::Class { class } => write!(f, "it takes no {} calls", class.as_str()),
            Self::Hours => f.write_str("it is not its hour"),
            Self::Capability(capability) => write!(f, "it lacks {}", capability.name()),
            Self::ContextWindow { needed, window } => {
                write!(f, "{needed} tokens do not fit into its context window of {window}")
            }
            Self::Cost => f.write_str("the call is expected to cost too much there, or its price is not known"),
            Self::InputPrice => f.write_str("its input price is too high, or not known"),
            Self::OutputPrice => f.write_str("its output price is too high, or not known"),
            Self::Latency { p99 } => write!(f, "its p99 time to the first word is {} ms", p99.as_millis()),
        }
    }
}
