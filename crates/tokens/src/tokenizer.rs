use llm_layers_core::cut;

use crate::{counter::Counter, estimate::Estimator, exact, family::Family, images::Images, text::Text};

/// How a model cuts its prompts into tokens.
///
/// ```
/// use llm_layers_tokens::Tokenizer;
///
/// let tokenizer = Tokenizer::of("openai", "gpt-4o");
/// assert_eq!(tokenizer.count("Hello, world!"), 4);
/// assert!(tokenizer.is_exact());
/// assert!(!Tokenizer::of("anthropic", "claude-sonnet-5").is_exact());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokenizer {
    family: Family,
    images: Images,
}

impl Tokenizer {
    /// The tokenizer of a model, by the name that its provider gives it.
    #[must_use]
    pub fn of(provider: &str, model: &str) -> Self {
        // Clients choose names, and longer ones are no model's.
        let model = cut(model, 256);
        let family = Family::of(provider, model);
        Self { family, images: Images::of(family, model) }
    }

    /// Reads the vocabulary that it counts by, if there is one. Where nobody has called this, the first call that counts
    /// waits for it.
    pub fn warm(self) {
        exact::count(self.family, "");
    }

    /// Which models cut text alike.
    #[must_use]
    pub const fn family(self) -> Family {
        self.family
    }

    /// Whether texts are counted by the tokenizer that the model itself uses, and not estimated.
    ///
    /// A text of more than 32 KiB is sampled: evenly spread windows are counted.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        exact::is_known(self.family)
    }

    /// The tokens of a text.
    #[must_use]
    pub fn count(self, text: &str) -> u64 {
        Counter::new(self.family).count(Text::verbatim(text.as_bytes()))
    }

    /// The tokens of a text, estimated by the classes of its characters even where they could be counted.
    #[must_use]
    pub fn estimate(self, text: &str) -> u64 {
        Estimator::of(self.family).tokens(text)
    }

    pub(crate) const fn images(self) -> Images {
        self.images
    }
}
