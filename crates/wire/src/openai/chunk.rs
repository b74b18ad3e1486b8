use std::{borrow::Cow, fmt};

use bytes::Bytes;

use super::choice;
use crate::json::{Error, Limits, Object};

/// One chunk of a streamed chat completion, split down to each choice's `delta`.
///
/// A change is written into the text where it stands; all else stays as it came.
///
/// ```
/// use llm_layers_wire::openai::Chunk;
///
/// let mut chunk = Chunk::parse(r#"{"id":"a","choices":[{"index":0,"delta":{"content":"Hi"},"x":1}]}"#)?;
/// assert_eq!(chunk.choices()[0].delta().text("content").as_deref(), Some("Hi"));
///
/// chunk.choices_mut()[0].delta_mut().set("content", "Ho");
/// assert_eq!(chunk.to_bytes(), r#"{"id":"a","choices":[{"index":0,"delta":{"content":"Ho"},"x":1}]}"#);
/// # Ok::<(), llm_layers_wire::json::Error>(())
/// ```
#[derive(Clone)]
pub struct Chunk {
    object: Object,
    choices: Vec<ChunkChoice>,
    replaced: bool,
}

/// One choice of a [`Chunk`].
#[derive(Clone)]
pub struct ChunkChoice {
    object: Object,
    delta: Object,
}

impl Chunk {
    /// A chunk made of an object, whose `choices` are replaced by these.
    #[must_use]
    pub fn new(object: Object, choices: Vec<ChunkChoice>) -> Self {
        Self { object, choices, replaced: true }
    }

    /// Splits a chunk's text. Without an array of `choices` it has none: such are errors and pings.
    ///
    /// # Errors
    /// The text is no JSON object, or a choice or its `delta` is none.
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::LENIENT)
    }

    /// Splits a chunk's text within limits of your own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: impl Into<Bytes>, limits: &Limits) -> Result<Self, Error> {
        let (object, choices) =
            choice::split(&text.into(), limits, "delta", |object, delta| ChunkChoice { object, delta })?;
        Ok(Self { object, choices, replaced: false })
    }

    /// The chunk's own members. Its `choices` may be out of date: see [`choices`](Self::choices).
    #[must_use]
    pub const fn object(&self) -> &Object {
        &self.object
    }

    /// The chunk's own members, to be changed. For `choices` use [`choices_mut`](Self::choices_mut).
    pub const fn object_mut(&mut self) -> &mut Object {
        &mut self.object
    }

    /// The choices.
    #[must_use]
    pub fn choices(&self) -> &[ChunkChoice] {
        &self.choices
    }

    /// The choices, to be changed.
    pub fn choices_mut(&mut self) -> &mut [ChunkChoice] {
        &mut self.choices
    }

    /// Replaces all choices.
    pub fn set_choices(&mut self, choices: Vec<ChunkChoice>) {
        self.choices = choices;
        self.replaced = true;
    }

    /// Whether this is an error that a provider reports inside its stream: an `error` that is not `null` or empty.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.object.get("error").is_some_and(|error| !matches!(error, b"null" | b"{}" | b"\"\"" | b"false"))
    }

    /// Whether anything differs from the text that was split.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.object.is_edited() || self.choices_edited()
    }

    fn choices_edited(&self) -> bool {
        self.replaced || self.choices.iter().any(ChunkChoice::is_edited)
    }

    /// The chunk's text: the very buffer that was split while nothing was changed.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if !self.choices_edited() {
            return self.object.to_bytes();
        }
        let mut choices = vec![b'['];
        for (index, choice) in self.choices.iter().enumerate() {
            if index > 0 {
                choices.push(b',');
            }
            choices.extend_from_slice(&choice.to_bytes());
        }
        choices.push(b']');
        let mut object = self.object.clone();
        object.put("choices", Bytes::from(choices));
        object.to_bytes()
    }
}

impl ChunkChoice {
    /// A choice made of an object, whose `delta` is replaced by this one.
    #[must_use]
    pub fn new(mut object: Object, delta: Object) -> Self {
        object.put("delta", delta.to_bytes());
        Self { object, delta }
    }

    /// The choice's own members. Its `delta` may be out of date: see [`delta`](Self::delta).
    #[must_use]
    pub const fn object(&self) -> &Object {
        &self.object
    }

    /// The choice's own members, to be changed. For `delta` use [`delta_mut`](Self::delta_mut).
    pub const fn object_mut(&mut self) -> &mut Object {
        &mut self.object
    }

    /// What this chunk adds to the choice's message.
    #[must_use]
    pub const fn delta(&self) -> &Object {
        &self.delta
    }

    /// What this chunk adds, to be changed.
    pub const fn delta_mut(&mut self) -> &mut Object {
        &mut self.delta
    }

    /// `index`, or `None` where a provider has left it out.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.object.read("index").ok().flatten()
    }

    /// `finish_reason`, once the choice is over.
    #[must_use]
    pub fn finish_reason(&self) -> Option<Cow<'_, str>> {
        self.object.text("finish_reason")
    }

    fn is_edited(&self) -> bool {
        self.object.is_edited() || self.delta.is_edited()
    }

    /// The choice's text.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if !self.delta.is_edited() {
            return self.object.to_bytes();
        }
        let mut object = self.object.clone();
        object.put("delta", self.delta.to_bytes());
        object.to_bytes()
    }
}

/// Names members, and shows no value.
impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").field("object", &self.object).field("choices", &self.choices).finish_non_exhaustive()
    }
}

/// Names members, and shows no value.
impl fmt::Debug for ChunkChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkChoice").field("object", &self.object).field("delta", &self.delta).finish()
    }
}
