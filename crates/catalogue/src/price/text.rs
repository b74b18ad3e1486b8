//! Text, which is what nearly all calls take: priced without a walk over the other meters.

use super::meter::{Meter, Quantities};
use super::sheet::Rates;

/// What a call takes that has nothing but text: [`Quantities`] without the kinds that few calls have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TextQuantities {
    /// Tokens of [`Meter::Input`].
    pub input: u64,
    /// Tokens of [`Meter::CachedInput`].
    pub cached_input: u64,
    /// Tokens of [`Meter::CacheWrite`].
    pub cache_write: u64,
    /// Tokens of [`Meter::Output`].
    pub output: u64,
    /// Calls of [`Meter::Request`].
    pub requests: u64,
}

impl TextQuantities {
    /// Up to here no prompt's length and no sum overflows: five products of less than 2^124 are less than 2^128.
    const MOST: u64 = 1 << 60;

    /// The prompt's length, if all of it is small enough to be added up without a check.
    pub(super) const fn small_prompt(&self) -> Option<u64> {
        let all = self.input | self.cached_input | self.cache_write | self.output | self.requests;
        if all < Self::MOST { Some(self.input + self.cached_input + self.cache_write) } else { None }
    }
}

impl From<TextQuantities> for Quantities {
    fn from(text: TextQuantities) -> Self {
        let TextQuantities { input, cached_input, cache_write, output, requests } = text;
        Self { input, cached_input, cache_write, output, requests, ..Self::default() }
    }
}

impl Quantities {
    /// These, where they are nothing but text.
    pub(super) fn text(&self) -> Option<TextQuantities> {
        let Self { input, cached_input, cache_write, output, requests, .. } = *self;
        let text = TextQuantities { input, cached_input, cache_write, output, requests };
        (Self::from(text) == *self).then_some(text)
    }
}

/// The rates of text, side by side, where they depend on nothing but the length of the prompt: for those who keep the
/// prices of many together, to compare them ([`Price::text_rates`](super::Price::text_rates)).
#[derive(Debug, Clone, Copy)]
pub struct TextRates {
    /// For longer prompts there are others.
    up_to: u64,
    // In femtos.
    input: u64,
    cached_input: u64,
    cache_write: u64,
    /// `None` where answers have no price, as of embeddings.
    output: Option<u64>,
    request: u64,
}

impl TextRates {
    /// `None` where text has no price.
    pub(super) fn new(billed: &Rates) -> Option<Self> {
        let rate = |meter: Meter| billed.get(meter as usize).copied().flatten();
        Some(Self {
            up_to: u64::MAX,
            input: rate(Meter::Input)?,
            cached_input: rate(Meter::CachedInput)?,
            cache_write: rate(Meter::CacheWrite)?,
            output: rate(Meter::Output),
            // A call without a price is no charge.
            request: rate(Meter::Request).unwrap_or(0),
        })
    }

    pub(super) const fn up_to(mut self, prompt: u64) -> Self {
        self.up_to = prompt;
        self
    }

    /// What a call of text costs, in 10^-15 USD. `None` where these rates do not tell: [`Price::text_femtos`] does.
    ///
    /// [`Price::text_femtos`]: super::Price::text_femtos
    #[inline]
    pub fn femtos(&self, text: &TextQuantities) -> Option<u128> {
        if text.small_prompt()? > self.up_to {
            return None;
        }
        let output = match self.output {
            None if text.output > 0 => return None,
            rate => rate.unwrap_or(0),
        };
        let product = |quantity: u64, rate: u64| u128::from(quantity) * u128::from(rate);
        Some(
            product(text.input, self.input)
                + product(text.cached_input, self.cached_input)
                + product(text.cache_write, self.cache_write)
                + product(text.output, output)
                + product(text.requests, self.request),
        )
    }
}
