use std::{borrow::Cow, fmt};

use bytes::Bytes;

use super::{Usage, choice};
use crate::json::{Error, Limits, Object};

/// A whole chat completion, split down to each choice's `message`.
#[derive(Clone)]
pub struct Completion {
    object: Object,
    choices: Vec<CompletionChoice>,
}

/// One choice of a [`Completion`].
#[derive(Clone)]
pub struct CompletionChoice {
    object: Object,
    message: Object,
}

impl Completion {
    /// Splits a completion's text.
    ///
    /// # Errors
    /// The text is no JSON object, or a choice or its `message` is none.
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::LENIENT)
    }

    /// Splits a completion's text within limits of your own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: impl Into<Bytes>, limits: &Limits) -> Result<Self, Error> {
        let new = |object, message| CompletionChoice { object, message };
        let (object, choices) = choice::split(&text.into(), limits, "message", new)?;
        Ok(Self { object, choices })
    }

    /// The completion's own members.
    #[must_use]
    pub const fn object(&self) -> &Object {
        &self.object
    }

    /// The choices.
    #[must_use]
    pub fn choices(&self) -> &[CompletionChoice] {
        &self.choices
    }

    /// `usage`, when the provider told it in OpenAI's shape.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.object.read("usage").ok().flatten()
    }
}

impl CompletionChoice {
    /// The choice's own members.
    #[must_use]
    pub const fn object(&self) -> &Object {
        &self.object
    }

    /// The message.
    #[must_use]
    pub const fn message(&self) -> &Object {
        &self.message
    }

    /// `index`, or `None` where a provider has left it out.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.object.read("index").ok().flatten()
    }

    /// `finish_reason`.
    #[must_use]
    pub fn finish_reason(&self) -> Option<Cow<'_, str>> {
        self.object.text("finish_reason")
    }
}

/// Names members, and shows no value.
impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completion").field("object", &self.object).field("choices", &self.choices).finish()
    }
}

/// Names members, and shows no value.
impl fmt::Debug for CompletionChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionChoice").field("object", &self.object).field("message", &self.message).finish()
    }
}
