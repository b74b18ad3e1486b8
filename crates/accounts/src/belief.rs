//! What is believed of a provider's report. One that is nonsense must not use up anybody's money, and one that says
//! nothing of dollars must not count as dollars.

use llm_layers_catalogue::Model;
use llm_layers_core::metering::Tokens;
use llm_layers_tokens::OutputBound;
use rust_decimal::Decimal;

/// Providers whose `usage.cost` is what they charge, in US dollars: OpenRouter ("Usage accounting" of its documentation,
/// whose credits are dollars; read in November 2026).
const REPORT_DOLLARS: [&str; 1] = [OPENROUTER];
pub(crate) const OPENROUTER: &str = "openrouter";

pub(crate) fn reports_dollars(provider: &str) -> bool {
    REPORT_DOLLARS.contains(&provider)
}

/// The most tokens that a call can have used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plausible {
    input: u64,
    output: u64,
}

impl Plausible {
    /// No context window is longer, where that of a model is not known.
    const WINDOW: u64 = 1 << 24;
    /// No answer is.
    const OUTPUT: u64 = 1 << 20;
    /// Tools that run at the provider make several calls of one, and catalogues are behind.
    const SLACK: u64 = 4;

    /// Of a request of so many bytes: a batch of texts may be longer than a window, and no token has less than a byte.
    pub(crate) fn of(model: Option<&Model>, bytes: u64, bound: OutputBound) -> Self {
        let window = model.and_then(|model| model.context_window);
        let longest = model.and_then(|model| model.max_output).max(window).unwrap_or(Self::OUTPUT);
        Self {
            input: window.unwrap_or(Self::WINDOW).max(bytes).saturating_mul(Self::SLACK),
            output: longest.saturating_mul(bound.answers).saturating_mul(Self::SLACK),
        }
    }

    /// What remains of tokens that were told, and whether that is all.
    pub(crate) fn of_tokens(self, told: Tokens) -> (Tokens, bool) {
        let mut tokens = told;
        if told.input > Some(self.input) {
            (tokens.input, tokens.cached_input, tokens.cache_write, tokens.cache_write_1h) = (None, None, None, None);
            (tokens.audio_input, tokens.cached_audio_input, tokens.image_input) = (None, None, None);
        }
        if told.output > Some(self.output) {
            (tokens.output, tokens.reasoning, tokens.audio_output, tokens.image_output) = (None, None, None, None);
        }
        (tokens, tokens == told)
    }
}

/// Whether a call can cost so much, beside what its tokens cost by the catalogue, if that is known.
pub(crate) fn is_plausible(told: Decimal, computed: Option<Decimal>) -> bool {
    /// What is billed beside tokens, searches above all, is more than some tokens cost, and less than this.
    const TIMES: Decimal = Decimal::ONE_THOUSAND;
    const BESIDE: Decimal = Decimal::ONE;
    const MOST: Decimal = Decimal::ONE_THOUSAND;
    let most = computed.map_or(MOST, |computed| computed.saturating_mul(TIMES).max(BESIDE).min(MOST.max(computed)));
    told <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(answers: u64) -> OutputBound {
        let mut bound = OutputBound::default();
        bound.answers = answers;
        bound
    }

    #[test]
    fn what_cannot_be_is_taken_off_and_the_rest_stays() {
        let model = Model::new("p", "m").with_context_window(1000).with_max_output(100);
        let told = |input, output| {
            let mut tokens = Tokens::new(input, output);
            (tokens.cached_input, tokens.reasoning) = (Some(1), Some(2));
            tokens
        };
        let left = |model: Option<&Model>, bytes, answers, tokens: Tokens| {
            let (left, is_all) = Plausible::of(model, bytes, bound(answers)).of_tokens(tokens);
            assert_eq!(is_all, left == tokens);
            (left.input, left.cached_input, left.output, left.reasoning)
        };
        let whole = |tokens: Tokens| (tokens.input, tokens.cached_input, tokens.output, tokens.reasoning);
        for (bytes, answers, tokens) in
            [(0, 1, told(4000, 4000)), (9000, 1, told(36_000, 1)), (0, 8, told(1, 32_000)), (0, 1, Tokens::default())]
        {
            assert_eq!(left(Some(&model), bytes, answers, tokens), whole(tokens));
        }
        assert_eq!(left(Some(&model), 0, 1, told(4001, 5)), (None, None, Some(5), Some(2)));
        assert_eq!(left(Some(&model), 0, 1, told(4, 4001)), (Some(4), Some(1), None, None));
        assert_eq!(left(None, 0, 1, told(1 << 60, 1 << 60)), (None, None, None, None));
        assert_eq!(left(None, 0, 1, told(10_000_000, 1_000_000)).2, Some(1_000_000));
    }

    #[test]
    fn no_call_costs_a_thousand_times_its_tokens() {
        let usd = |text: &str| text.parse::<Decimal>().unwrap();
        for (told, computed, is_believed) in [
            ("0.02", Some("0.00001"), true),
            ("1", Some("0"), true),
            ("1.01", Some("0"), false),
            ("99", Some("0.1"), true),
            ("101", Some("0.1"), false),
            ("1001", Some("50"), false),
            ("2000", Some("2000"), true),
            ("1000", None, true),
            ("1000.01", None, false),
            ("79228162514264337593543950335", Some("79228162514264337593543950335"), true),
        ] {
            assert_eq!(is_plausible(usd(told), computed.map(usd)), is_believed, "{told} {computed:?}");
        }
    }
}
