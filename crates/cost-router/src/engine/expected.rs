//! What a call is expected to cost at a deployment: this very request, by kinds of tokens.

use llm_layers_catalogue::{Quantities, Terms};
use llm_layers_tokens::Prompt;
use rust_decimal::Decimal;

use super::Entry;
use crate::{affinity::Warm, stats::Share};

/// Characters to the token, where a provider bills by characters: what English has on average, by OpenAI's own rule of
/// thumb (help.openai.com, "What are tokens and how to count them?").
const CHARACTERS: u64 = 4;

/// The share of a prompt that is expected to be cached where the last call of its conversation went, while nothing was
/// seen yet.
const WARM: u64 = Share::WHOLE / 2;

/// What a call is expected to take at a deployment.
pub(super) fn quantities(entry: &Entry, prompt: &Prompt, output: u64, cached: u64) -> Quantities {
    let text = prompt.text.saturating_add(prompt.tools).saturating_add(prompt.framing);
    let (by_input, by_output) = entry.by_characters;
    let output = entry.model.as_ref().and_then(|model| model.max_output).map_or(output, |most| output.min(most));
    let mut quantities = Quantities { requests: 1, ..Quantities::default() };
    if by_input {
        quantities.input_characters = text.saturating_mul(CHARACTERS);
    } else {
        quantities.cached_input = (u128::from(text) * u128::from(cached) / u128::from(Share::WHOLE)) as u64;
        quantities.input = text - quantities.cached_input;
    }
    if by_output {
        quantities.output_characters = output.saturating_mul(CHARACTERS);
    } else {
        quantities.output = output;
    }
    quantities.image_input = prompt.images;
    quantities.audio_input = prompt.audio;
    quantities
}

/// The share of a prompt that is expected to be read from the cache, in parts of [`Share::WHOLE`].
pub(super) fn cached_share(entry: &Entry, warm: Option<&Warm>) -> u64 {
    if !entry.caches {
        return 0;
    }
    match warm.filter(|warm| warm.deployment == entry.name) {
        Some(warm) => warm.cached.or_else(|| entry.stats.warm.get()).unwrap_or(WARM),
        None => entry.stats.cold.get().unwrap_or(0),
    }
}

/// What these cost there, in 10^-15 US dollars; prepaid capacity first. `None` if that is not known.
pub(super) fn cost(entry: &Entry, quantities: &Quantities, terms: &Terms) -> Option<u64> {
    let price = entry.model.as_ref()?.price.as_ref()?;
    let femtos = match price.capacity() {
        None => price.femtos(quantities, terms).ok()?,
        Some(capacity) => price.femtos(&capacity.peek(quantities, terms.at), terms).ok()?,
    };
    // 18,446 dollars are as dear as anything.
    Some(u64::try_from(femtos).unwrap_or(u64::MAX - 1))
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
