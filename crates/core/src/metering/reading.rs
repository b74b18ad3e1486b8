use http::{HeaderMap, Response};
use llm_layers_wire::{json::Object, openai::Usage};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{Tokens, reasons::Reasons, shown::Shown};
use crate::{End, encoding, head};

/// Bytes of a token, about, in English and in code: what is shown and not told counts by it.
pub const BYTES_PER_TOKEN: u64 = 4;

/// In what shape an answer came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A stream of events.
    Stream,
    /// One JSON text.
    Whole,
    /// A compressed answer, or one of another media type: nothing of it was read.
    Unread,
    /// No head of an answer has come.
    #[default]
    Awaited,
}

impl Shape {
    /// What a head says of it.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let content_type = head::content_type(headers);
        let shape = if head::names_type(content_type, "application/json") {
            Self::Whole
        } else if head::names_type(content_type, "text/event-stream") {
            Self::Stream
        } else {
            return Self::Unread;
        };
        if encoding::is_encoded(headers) { Self::Unread } else { shape }
    }
}

/// What an answer has told, or shown, of itself so far.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub(super) shape: Shape,
    pub(super) told: Told,
    pub(super) shown: Shown,
    pub(super) cost: Option<Decimal>,
    pub(super) model: Option<Box<str>>,
    pub(super) service_tier: Option<Box<str>>,
    pub(super) reasons: Reasons,
    pub(super) first_word: Option<Instant>,
    pub(super) is_over: bool,
    pub(super) is_error: bool,
}

/// Tokens as they were told; each telling takes the place of the one before, member by member.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// All but `input`.
    pub(super) kinds: Tokens,
    /// `prompt_tokens`: all of the input.
    pub(super) prompt: Option<u64>,
    /// `input_tokens`: all of it in OpenAI's words, in Anthropic's without what is read from a cache or written to one.
    pub(super) input: Option<u64>,
    /// What Anthropic counts apart.
    pub(super) apart: [Option<u64>; 2],
    pub(super) total: Option<u64>,
}

impl Told {
    fn tokens(&self) -> Tokens {
        let apart = self.apart.iter().flatten().fold(0u64, |sum, tokens| sum.saturating_add(*tokens));
        let input = self.prompt.or_else(|| Some(self.input?.saturating_add(apart)));
        // Some count reasoning into the total alone (xAI's `completion_tokens`, Gemini's OpenAI surface).
        let rest = self.total.and_then(|total| total.checked_sub(input?));
        let output = self.kinds.output.max(rest);
        match (input, output, self.total) {
            (None, None, Some(total)) => Tokens { input: Some(total), output: Some(0), ..self.kinds },
            _ => Tokens { input, output, ..self.kinds },
        }
    }
}

/// What a call is expected to use: what counts where the answer does not tell. As an extension of a request, a router's
/// word for the deployment that it has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

/// What a call has used, by all that is known at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// The tokens. Input and output are always there.
    pub tokens: Tokens,
    /// Not all of it was told: the rest is what was expected, or shown.
    pub is_estimated: bool,
}

impl Reading {
    /// What the head of an answer tells: in what shape it comes, and whether it is an error.
    #[must_use]
    pub fn begun<B>(response: &Response<B>) -> Self {
        Self { shape: Shape::of(response.headers()), is_error: !response.status().is_success(), ..Self::default() }
    }

    /// What a whole answer tells.
    #[must_use]
    pub fn of(answer: &Object) -> Self {
        let mut reading = Self { shape: Shape::Whole, ..Self::default() };
        reading.whole(answer);
        reading
    }

    pub(super) fn whole(&mut self, answer: &Object) {
        self.first_word = Some(Instant::now());
        self.object(answer);
    }

    /// In what shape the answer came.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The tokens that it has told.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        self.told.tokens()
    }

    /// The tokens that it has told, in OpenAI's words; nothing if it told none.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let tokens = self.tokens();
        (!tokens.is_unknown()).then(|| Usage::from(&tokens))
    }

    /// Bytes of text, reasoning and calls of tools so far, in UTF-8. Sound and pictures show none.
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.shown.bytes()
    }

    /// What the provider says that it costs, in US dollars: `usage.cost`, where it is a number.
    #[must_use]
    pub const fn cost(&self) -> Option<Decimal> {
        self.cost
    }

    /// The model that the provider says it is.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The service tier that the answer was made in, in the provider's word.
    #[must_use]
    pub fn service_tier(&self) -> Option<&str> {
        self.service_tier.as_deref()
    }

    /// Why the choices ended, each reason once: `stop`, `length`, `end_turn`, `max_tokens` and others, at most eight.
    pub fn finish_reasons(&self) -> impl Iterator<Item = &str> {
        self.reasons.all().iter().map(|reason| &**reason)
    }

    /// When the first word of the answer passed.
    #[must_use]
    pub const fn first_word(&self) -> Option<Instant> {
        self.first_word
    }

    /// Whether it has said that nothing more comes.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether it is an error, whatever its status.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.is_error
    }

    /// What the call has used.
    ///
    /// What failed before it said anything has used nothing. Of a stream that broke off, or was left, the output is what
    /// was told or shown, whichever is more: Anthropic tells 1 at the beginning, and the rest at an end that has not come.
    /// Any other answer was made before it was sent, and has used all of it whatever became of it on its way.
    #[must_use]
    pub fn billed(&self, expected: Expected, end: End) -> Billed {
        self.billed_by(self.tokens(), || expected, end)
    }

    /// What the call has used, for somebody who does not believe all that was told: `told` is what remains of it. What
    /// is expected may take time to find out, and is asked for only where it counts.
    #[must_use]
    pub fn billed_by(&self, told: Tokens, expected: impl FnOnce() -> Expected, end: End) -> Billed {
        let shown = || self.shown().div_ceil(BYTES_PER_TOKEN);
        let says_nothing = told.is_unknown() && self.shown() == 0;
        let is_made = matches!(self.shape, Shape::Whole | Shape::Unread) && !self.is_error;
        if says_nothing && (self.is_error || end == End::Failed && !is_made) {
            return Billed { tokens: Tokens::new(0, 0), is_estimated: false };
        }
        let is_told = told.input.is_some() && told.output.is_some();
        let expected = if is_told { Expected::default() } else { expected() };
        let output = match (told.output, end) {
            (Some(output), End::Complete) => output,
            (Some(output), _) => output.max(shown()),
            (None, end) if says_nothing && (is_made || end == End::Complete) => expected.output,
            (None, _) => shown(),
        };
        let input = told.input.unwrap_or(expected.input);
        let is_estimated = told.input.is_none() || told.output.unwrap_or_default() != output;
        Billed { tokens: Tokens { input: Some(input), output: Some(output), ..told }, is_estimated }
    }
}
