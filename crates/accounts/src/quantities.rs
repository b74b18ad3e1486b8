//! Tokens as they are told, and as they are billed.

use llm_layers_catalogue::Quantities;
use llm_layers_core::metering::Tokens;

/// The quantities of a call. Details that claim more than their total are cut down to it, the dearer kinds last.
pub(crate) fn quantities(tokens: &Tokens) -> Quantities {
    let mut input = Rest(tokens.input.unwrap_or_default());
    let cached = input.take(tokens.cached_input);
    let written = input.take(tokens.cache_write);
    let written_1h = tokens.cache_write_1h.unwrap_or_default().min(written);
    let audio = tokens.audio_input.unwrap_or_default();
    let cached_audio = tokens.cached_audio_input.unwrap_or_default().min(cached).min(audio);
    let audio = input.take(Some(audio - cached_audio));
    let image = input.take(tokens.image_input);
    let mut output = Rest(tokens.output.unwrap_or_default());
    let reasoning = output.take(tokens.reasoning);
    let audio_output = output.take(tokens.audio_output);
    let image_output = output.take(tokens.image_output);
    Quantities {
        input: input.0,
        cached_input: cached - cached_audio,
        cache_write: written - written_1h,
        cache_write_1h: written_1h,
        audio_input: audio,
        cached_audio_input: cached_audio,
        image_input: image,
        output: output.0,
        reasoning,
        audio_output,
        image_output,
        requests: 1,
        ..Quantities::default()
    }
}

/// What of a total no kind has claimed yet.
struct Rest(u64);

impl Rest {
    fn take(&mut self, claimed: Option<u64>) -> u64 {
        let taken = claimed.unwrap_or_default().min(self.0);
        self.0 -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(numbers: [Option<u64>; 11]) -> Tokens {
        let mut tokens = Tokens::default();
        [
            tokens.input,
            tokens.cached_input,
            tokens.cache_write,
            tokens.cache_write_1h,
            tokens.audio_input,
            tokens.cached_audio_input,
            tokens.image_input,
            tokens.output,
            tokens.reasoning,
            tokens.audio_output,
            tokens.image_output,
        ] = numbers;
        tokens
    }

    #[test]
    fn no_token_is_in_two_kinds() {
        let told = tokens([1000, 300, 200, 50, 100, 40, 60, 500, 120, 30, 20].map(Some));
        let expected = Quantities {
            input: 1000 - 300 - 200 - 60 - 60,
            cached_input: 260,
            cache_write: 150,
            cache_write_1h: 50,
            audio_input: 60,
            cached_audio_input: 40,
            image_input: 60,
            output: 500 - 120 - 30 - 20,
            reasoning: 120,
            audio_output: 30,
            image_output: 20,
            requests: 1,
            ..Quantities::default()
        };
        assert_eq!(quantities(&told), expected);
    }

    fn number() -> impl Strategy<Value = Option<u64>> {
        prop_oneof![Just(None), Just(Some(u64::MAX)), (0..200u64).prop_map(Some), any::<u64>().prop_map(Some)]
    }

    proptest! {
        #[test]
        fn the_kinds_add_up_to_the_totals(numbers in prop::array::uniform11(number())) {
            let told = tokens(numbers);
            let made = quantities(&told);
            prop_assert_eq!(u128::from(made.prompt()), u128::from(told.input.unwrap_or_default()));
            prop_assert_eq!(u128::from(made.completion()), u128::from(told.output.unwrap_or_default()));
        }
    }
}
