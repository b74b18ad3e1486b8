//! `price` as a row or a configuration has it.

use serde::Deserialize;

use super::amount::Amount;
use super::meter::{METERS, Meter};
use crate::capacity::Committed;
use crate::hours::{Day, Minute, Zone};

/// A struct with a member for each meter and a few of its own. Serde's `flatten` would take unknown members.
macro_rules! amounts {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $member:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$attribute])* pub(crate) $member: $type,)*
            input: Option<Amount>,
            cached_input: Option<Amount>,
            cache_write: Option<Amount>,
            cache_write_1h: Option<Amount>,
            audio_input: Option<Amount>,
            cached_audio_input: Option<Amount>,
            image_input: Option<Amount>,
            output: Option<Amount>,
            reasoning: Option<Amount>,
            audio_output: Option<Amount>,
            image_output: Option<Amount>,
            input_character: Option<Amount>,
            output_character: Option<Amount>,
            image: Option<Amount>,
            request: Option<Amount>,
            input_second: Option<Amount>,
            output_second: Option<Amount>,
        }

        impl $name {
            /// What it names, in the order of [`Meter::ALL`].
            pub(crate) const fn amounts(&self) -> [Option<Amount>; METERS] {
                [
                    self.input,
                    self.cached_input,
                    self.cache_write,
                    self.cache_write_1h,
                    self.audio_input,
                    self.cached_audio_input,
                    self.image_input,
                    self.output,
                    self.reasoning,
                    self.audio_output,
                    self.image_output,
                    self.input_character,
                    self.output_character,
                    self.image,
                    self.request,
                    self.input_second,
                    self.output_second,
                ]
            }
        }
    };
}

amounts! {
    /// The price of a model.
    PriceRow {
        discount: Option<Amount>,
        #[serde(default)] above: Vec<AboveRow>,
        batch: Option<ServiceRow>,
        flex: Option<ServiceRow>,
        priority: Option<ServiceRow>,
        #[serde(default)] off_peak: Vec<WindowRow>,
        committed: Option<Committed>,
    }
}

amounts! {
    /// What is different in another service tier.
    ServiceRow {
        discount: Option<Amount>,
        #[serde(default)] above: Vec<AboveRow>,
        #[serde(default)] off_peak: Vec<WindowRow>,
    }
}

amounts! {
    /// What is different for prompts of more tokens than these.
    AboveRow {
        tokens: u64,
    }
}

amounts! {
    /// What is different at some hours.
    WindowRow {
        zone: Zone,
        #[serde(default)] days: Vec<Day>,
        from: Minute,
        to: Minute,
        discount: Option<Amount>,
        #[serde(default)] above: Vec<AboveRow>,
    }
}

impl PriceRow {
    /// Whether it is nothing but a factor on what the catalogue says, or what is paid for in advance.
    pub(crate) fn is_bare(&self) -> bool {
        let services = [&self.batch, &self.flex, &self.priority];
        let is_bare = self.above.is_empty() && self.off_peak.is_empty() && services.iter().all(|other| other.is_none());
        (self.discount.is_some() || self.committed.is_some()) && is_bare && !self.has_amounts()
    }

    pub(crate) fn has_amounts(&self) -> bool {
        self.amounts().iter().any(Option::is_some)
    }
}

/// Why a price is none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceError {
    /// No single amount is named.
    Empty,
    /// An amount has more than nine decimals for a million tokens (12 for a second, 15 for an image or a call), is more
    /// than 18,000 USD for a single one, or negative.
    Range {
        /// The member of `price` that it is in, and empty for `price` itself.
        within: &'static str,
        /// What it is the price of.
        meter: Meter,
    },
    /// Two entries of `above` are for the same length.
    Twice {
        /// The length in tokens.
        tokens: u64,
    },
    /// `discount` is there, and nothing that it could be of.
    NothingToDiscount,
}

impl std::fmt::Display for PriceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("`price` names no amount"),
            Self::Range { within: "", meter } => write!(f, "`price.{meter}`: too large, or too many decimals"),
            Self::Range { within, meter } => write!(f, "`price.{within}.{meter}`: too large, or too many decimals"),
            Self::Twice { tokens } => write!(f, "`above` has {tokens} tokens twice"),
            Self::NothingToDiscount => f.write_str("`discount` and `committed` are of nothing: the price is not known"),
        }
    }
}

impl std::error::Error for PriceError {}
