//! What a call is expected to cost at a deployment: this very request, by kinds of tokens.

use llm_layers_catalogue::{Meter, Quantities, ServiceTier, Terms, TextQuantities, TextRates};
use llm_layers_tokens::Prompt;
use rust_decimal::Decimal;

use super::{Entry, marks::Marks, route::RouteMember};
use crate::{affinity::Warm, stats::Share};

/// Characters to the token, where a provider bills by characters: what English has on average, by OpenAI's own rule of
/// thumb (help.openai.com, "What are tokens and how to count them?").
const CHARACTERS: u64 = 4;

/// A prompt as one tokenizer counts it, added up as prices need it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) total: u64,
    text: u64,
    images: u64,
    audio: u64,
}

impl Counted {
    /// Nothing but text, of so many tokens.
    pub(super) fn text(tokens: u64) -> Self {
        Self { total: tokens, text: tokens, ..Self::default() }
    }
}

impl From<Prompt> for Counted {
    fn from(prompt: Prompt) -> Self {
        let text = prompt.text.saturating_add(prompt.tools).saturating_add(prompt.framing);
        Self { total: prompt.total(), text, images: prompt.images, audio: prompt.audio }
    }
}

/// What of a deployment its price for a call depends on most, side by side with the others'.
#[derive(Debug)]
pub(super) struct Tariff {
    /// Where text is billed by tokens of input and output, at all hours the same.
    rates: Option<TextRates>,
    max_output: u64,
    caches: bool,
    /// Whether to keep a prompt has a price.
    pub(super) bills_writes: bool,
    /// Whether there is more to a bill than text.
    is_odd: bool,
}

impl Tariff {
    pub(super) fn new(entry: &Entry) -> Self {
        let price = entry.price();
        let is_prepaid = price.is_some_and(|price| price.capacity().is_some());
        let is_odd = entry.by_characters != (false, false) || entry.bills_thoughts || is_prepaid;
        Self {
            rates: price.filter(|_| !is_odd).and_then(|price| price.text_rates()),
            max_output: entry.model.as_ref().and_then(|model| model.max_output).unwrap_or(u64::MAX),
            caches: entry.caches,
            bills_writes: price.and_then(|price| price.usual(Meter::CacheWrite)).is_some(),
            is_odd,
        }
    }
}

/// What is expected of a call wherever it goes, found once for all deployments.
pub(super) struct Expected<'a> {
    /// Tokens of the answers, thoughts included.
    pub(super) output: u64,
    /// How many answers there are.
    pub(super) answers: u64,
    /// Where its conversation was.
    pub(super) warm: Option<&'a Warm>,
    /// What of the prompt it asks to be kept.
    pub(super) marks: Option<Marks>,
    pub(super) terms: Terms,
}

impl Expected<'_> {
    /// What it costs at a deployment, in 10^-15 US dollars; prepaid capacity first. `None` if that is not known.
    #[inline]
    pub(super) fn cost(&self, member: &RouteMember, prompt: &Counted) -> Option<u64> {
        let text = self.text(member, prompt.text);
        let is_text = prompt.images | prompt.audio == 0 && !self.writes_for_an_hour();
        let rates = member.tariff.rates.as_ref().filter(|_| is_text && self.terms.service == ServiceTier::Standard);
        match rates.and_then(|rates| rates.femtos(&text)) {
            Some(femtos) => Some(clamp(femtos)),
            None => self.cost_by_price(member, prompt, text, is_text && !member.tariff.is_odd),
        }
    }

    fn writes_for_an_hour(&self) -> bool {
        self.marks.is_some_and(|marks| marks.for_an_hour)
    }

    /// The same by all that a price may depend on.
    fn cost_by_price(
        &self,
        member: &RouteMember,
        prompt: &Counted,
        text: TextQuantities,
        is_text: bool,
    ) -> Option<u64> {
        let (entry, price) = (&*member.entry, member.entry.price()?);
        if is_text {
            return price.text_femtos(&text, &self.terms).ok().map(clamp);
        }
        let mut quantities = Quantities::from(text);
        let (by_input, by_output) = entry.by_characters;
        if by_input {
            quantities.input_characters = prompt.text.saturating_mul(CHARACTERS);
            (quantities.input, quantities.cached_input, quantities.cache_write) = (0, 0, 0);
        }
        if entry.bills_thoughts {
            let share = entry.stats.thoughts.get().unwrap_or(0);
            quantities.reasoning = Share::of(share, quantities.output);
            quantities.output -= quantities.reasoning;
        }
        if by_output {
            quantities.output_characters = std::mem::take(&mut quantities.output).saturating_mul(CHARACTERS);
        }
        if self.writes_for_an_hour() {
            quantities.cache_write_1h = std::mem::take(&mut quantities.cache_write);
        }
        quantities.image_input = prompt.images;
        quantities.audio_input = prompt.audio;
        cost(entry, &quantities, &self.terms)
    }

    #[inline]
    fn text(&self, member: &RouteMember, prompt: u64) -> TextQuantities {
        let (tariff, entry) = (&member.tariff, &*member.entry);
        let cached_input = if tariff.caches { self.cached(entry, prompt) } else { 0 };
        let rest = prompt - cached_input;
        let cache_write = if tariff.bills_writes { self.written(entry, prompt, rest) } else { 0 };
        let output = self.output.min(tariff.max_output.saturating_mul(self.answers));
        TextQuantities { input: rest - cache_write, cached_input, cache_write, output, requests: 1 }
    }

    /// Tokens that are expected to be read from the cache: nothing that was not seen to be.
    ///
    /// Any deployment is expected to have what it has on average, also where the conversation would first have to move
    /// to: what that costs once the turns behind it bring in. So the one where it was is preferred for what is known of
    /// this conversation there, and for nothing else.
    #[inline]
    fn cached(&self, entry: &Entry, prompt: u64) -> u64 {
        let usual = entry.stats.cached.get().map_or(0, |share| Share::of(share, prompt));
        match self.warm {
            Some(warm) if warm.deployment == entry.name => {
                let share = warm.cached.or_else(|| entry.stats.warm.get());
                // The cache holds no more than the last prompt.
                usual.max(share.map_or(0, |share| Share::of(share, warm.prompt.min(prompt))))
            }
            _ => usual,
        }
    }

    /// Of those that are not, how many are expected to be written to the cache.
    fn written(&self, entry: &Entry, prompt: u64, rest: u64) -> u64 {
        match self.marks {
            Some(marks) => Share::of(marks.share, prompt).saturating_sub(prompt - rest),
            // Some providers write unasked: by what they tell.
            None => entry.stats.written.get().map_or(0, |share| Share::of(share, prompt).min(rest)),
        }
    }
}

/// What these cost at a deployment, in 10^-15 US dollars; prepaid capacity first.
fn cost(entry: &Entry, quantities: &Quantities, terms: &Terms) -> Option<u64> {
    entry.price()?.due_femtos(quantities, terms).ok().map(clamp)
}

/// 18,446 dollars are as dear as anything.
fn clamp(femtos: u128) -> u64 {
    u64::try_from(femtos).unwrap_or(u64::MAX - 1)
}

/// US dollars in 10^-15 of them; what is below nothing is nothing.
pub(super) fn femtos(usd: Decimal) -> u64 {
    let usd = usd.normalize();
    let mantissa = u128::try_from(usd.mantissa()).unwrap_or(0);
    let femtos = match 15_u32.checked_sub(usd.scale()) {
        Some(zeros) => mantissa.saturating_mul(10_u128.saturating_pow(zeros)),
        None => mantissa / 10_u128.saturating_pow(usd.scale() - 15),
    };
    u64::try_from(femtos).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_integers() {
        let of = |text: &str| femtos(text.parse().unwrap());
        assert_eq!(of("1"), 1_000_000_000_000_000);
        assert_eq!(of("0.000000000000001"), 1);
        assert_eq!(of("0.0000000000000019"), 1);
        assert_eq!(of("-3"), 0);
        assert_eq!(of("79228162514264337593543950335"), u64::MAX);
    }
}
