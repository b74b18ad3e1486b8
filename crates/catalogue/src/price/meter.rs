//! What providers measure of a call, and how much of it a call has.

use std::fmt;

/// One thing that providers count and charge for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Meter {
    /// Tokens of text that go in, but for those of the next three.
    Input,
    /// Tokens of the prompt that the provider had cached.
    CachedInput,
    /// Tokens of the prompt that the provider now keeps, for five minutes or as long as it likes.
    CacheWrite,
    /// Tokens of the prompt that the provider now keeps for an hour.
    CacheWrite1h,
    /// Tokens of sound that go in.
    AudioInput,
    /// Tokens of sound that go in and that the provider had cached.
    CachedAudioInput,
    /// Tokens of images that go in, where the provider counts them by themselves.
    ImageInput,
    /// Tokens of text that come out, but for thoughts.
    Output,
    /// Tokens of thoughts.
    Reasoning,
    /// Tokens of sound that come out.
    AudioOutput,
    /// Tokens of images that come out.
    ImageOutput,
    /// Characters that go in.
    InputCharacter,
    /// Characters that come out.
    OutputCharacter,
    /// Images that come out, by the piece.
    Image,
    /// Calls.
    Request,
    /// Time that goes in (a recording), in milliseconds.
    InputMillis,
    /// Time that comes out (speech, film), in milliseconds.
    OutputMillis,
}

/// How many meters there are.
pub(crate) const METERS: usize = 17;

impl Meter {
    /// All of them, in the order in which a bill has them.
    pub const ALL: [Self; METERS] = [
        Self::Input,
        Self::CachedInput,
        Self::CacheWrite,
        Self::CacheWrite1h,
        Self::AudioInput,
        Self::CachedAudioInput,
        Self::ImageInput,
        Self::Output,
        Self::Reasoning,
        Self::AudioOutput,
        Self::ImageOutput,
        Self::InputCharacter,
        Self::OutputCharacter,
        Self::Image,
        Self::Request,
        Self::InputMillis,
        Self::OutputMillis,
    ];

    /// The member of a row that has its price.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CachedInput => "cached_input",
            Self::CacheWrite => "cache_write",
            Self::CacheWrite1h => "cache_write_1h",
            Self::AudioInput => "audio_input",
            Self::CachedAudioInput => "cached_audio_input",
            Self::ImageInput => "image_input",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::AudioOutput => "audio_output",
            Self::ImageOutput => "image_output",
            Self::InputCharacter => "input_character",
            Self::OutputCharacter => "output_character",
            Self::Image => "image",
            Self::Request => "request",
            Self::InputMillis => "input_second",
            Self::OutputMillis => "output_second",
        }
    }

    /// What it is billed as where it has no price of its own. Sound and images that come out have no stand-in: they
    /// cost a multiple of text.
    pub(crate) const fn stand_in(self) -> Option<Self> {
        match self {
            Self::CachedInput | Self::CacheWrite | Self::ImageInput => Some(Self::Input),
            Self::CacheWrite1h => Some(Self::CacheWrite),
            Self::CachedAudioInput => Some(Self::AudioInput),
            Self::Reasoning => Some(Self::Output),
            _ => None,
        }
    }

    /// Whether it measures a call once more that is priced by tokens already.
    pub(crate) const fn is_beside_tokens(self) -> bool {
        matches!(
            self,
            Self::InputCharacter
                | Self::OutputCharacter
                | Self::Image
                | Self::Request
                | Self::InputMillis
                | Self::OutputMillis
        )
    }

    /// Decimals from a price as a row has it to one of a single unit in [`FEMTOS`](super::amount::FEMTOS): rows have
    /// prices for a million tokens or characters, for a second, and for one call or image.
    pub(crate) const fn shift(self) -> u32 {
        match self {
            Self::Image | Self::Request => 15,
            Self::InputMillis | Self::OutputMillis => 12,
            _ => 9,
        }
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call took, by kind. No token is in two of them: `input` is without what was cached, written to the cache,
/// heard or seen, and `output` without thoughts, sound and images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Quantities {
    /// Tokens of [`Meter::Input`].
    pub input: u64,
    /// Tokens of [`Meter::CachedInput`].
    pub cached_input: u64,
    /// Tokens of [`Meter::CacheWrite`].
    pub cache_write: u64,
    /// Tokens of [`Meter::CacheWrite1h`].
    pub cache_write_1h: u64,
    /// Tokens of [`Meter::AudioInput`].
    pub audio_input: u64,
    /// Tokens of [`Meter::CachedAudioInput`].
    pub cached_audio_input: u64,
    /// Tokens of [`Meter::ImageInput`].
    pub image_input: u64,
    /// Tokens of [`Meter::Output`].
    pub output: u64,
    /// Tokens of [`Meter::Reasoning`].
    pub reasoning: u64,
    /// Tokens of [`Meter::AudioOutput`].
    pub audio_output: u64,
    /// Tokens of [`Meter::ImageOutput`].
    pub image_output: u64,
    /// Characters of [`Meter::InputCharacter`].
    pub input_characters: u64,
    /// Characters of [`Meter::OutputCharacter`].
    pub output_characters: u64,
    /// Images of [`Meter::Image`].
    pub images: u64,
    /// Calls of [`Meter::Request`].
    pub requests: u64,
    /// Milliseconds of [`Meter::InputMillis`].
    pub input_millis: u64,
    /// Milliseconds of [`Meter::OutputMillis`].
    pub output_millis: u64,
}

impl Quantities {
    /// Tokens of the prompt, of all kinds: what decides the tier of a price by length.
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cached_input)
            .saturating_add(self.cache_write)
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.audio_input)
            .saturating_add(self.cached_audio_input)
            .saturating_add(self.image_input)
    }

    /// Tokens of the answer, of all kinds.
    pub const fn completion(&self) -> u64 {
        self.output.saturating_add(self.reasoning).saturating_add(self.audio_output).saturating_add(self.image_output)
    }

    /// How much of one kind there is.
    pub fn of(&self, meter: Meter) -> u64 {
        let mut copy = *self;
        *copy.of_mut(meter)
    }

    /// The same, to be set.
    pub const fn of_mut(&mut self, meter: Meter) -> &mut u64 {
        match meter {
            Meter::Input => &mut self.input,
            Meter::CachedInput => &mut self.cached_input,
            Meter::CacheWrite => &mut self.cache_write,
            Meter::CacheWrite1h => &mut self.cache_write_1h,
            Meter::AudioInput => &mut self.audio_input,
            Meter::CachedAudioInput => &mut self.cached_audio_input,
            Meter::ImageInput => &mut self.image_input,
            Meter::Output => &mut self.output,
            Meter::Reasoning => &mut self.reasoning,
            Meter::AudioOutput => &mut self.audio_output,
            Meter::ImageOutput => &mut self.image_output,
            Meter::InputCharacter => &mut self.input_characters,
            Meter::OutputCharacter => &mut self.output_characters,
            Meter::Image => &mut self.images,
            Meter::Request => &mut self.requests,
            Meter::InputMillis => &mut self.input_millis,
            Meter::OutputMillis => &mut self.output_millis,
        }
    }

    /// All of them, in the order of [`Meter::ALL`].
    pub(crate) const fn all(&self) -> [u64; METERS] {
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
            self.input_characters,
            self.output_characters,
            self.images,
            self.requests,
            self.input_millis,
            self.output_millis,
        ]
    }
}
