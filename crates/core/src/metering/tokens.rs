use llm_layers_wire::openai::{CompletionTokensDetails, PromptTokensDetails, Usage};

/// Tokens by kind, in OpenAI's sense: `input` and `output` include all that the others name. What nobody has told is
/// `None`, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// All of the input: cached, written to a cache, audio and pictures included.
    pub input: Option<u64>,
    /// Input read from the provider's prompt cache.
    pub cached_input: Option<u64>,
    /// Input written to the provider's prompt cache, for whatever time.
    pub cache_write: Option<u64>,
    /// Of what was written, what is to stay for an hour.
    pub cache_write_1h: Option<u64>,
    /// Input that is audio.
    pub audio_input: Option<u64>,
    /// Audio read from the provider's prompt cache.
    pub cached_audio_input: Option<u64>,
    /// Input that is pictures.
    pub image_input: Option<u64>,
    /// All of the output: reasoning, audio and pictures included.
    pub output: Option<u64>,
    /// Output that is reasoning.
    pub reasoning: Option<u64>,
    /// Output that is audio.
    pub audio_output: Option<u64>,
    /// Output that is pictures.
    pub image_output: Option<u64>,
}

impl Tokens {
    /// So many tokens of input and output, and nothing more is known.
    #[must_use]
    pub fn new(input: u64, output: u64) -> Self {
        Self { input: Some(input), output: Some(output), ..Self::default() }
    }

    /// Input and output together, as far as they are known.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input.unwrap_or_default().saturating_add(self.output.unwrap_or_default())
    }

    /// Whether neither input nor output is known.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.input.is_none() && self.output.is_none()
    }
}

/// In OpenAI's words.
impl From<&Tokens> for Usage {
    fn from(tokens: &Tokens) -> Self {
        let mut usage = Self::new(tokens.input.unwrap_or_default(), tokens.output.unwrap_or_default());
        let mut input = PromptTokensDetails::default();
        input.cached_tokens = tokens.cached_input;
        input.cache_write_tokens = tokens.cache_write;
        input.audio_tokens = tokens.audio_input;
        input.image_tokens = tokens.image_input;
        let mut output = CompletionTokensDetails::default();
        output.reasoning_tokens = tokens.reasoning;
        output.audio_tokens = tokens.audio_output;
        usage.prompt_tokens_details = (input != PromptTokensDetails::default()).then_some(input);
        usage.completion_tokens_details = (output != CompletionTokensDetails::default()).then_some(output);
        usage
    }
}
