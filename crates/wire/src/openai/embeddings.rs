use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::{Object, ReadError};

/// An embeddings request: what layers read of it.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingRequest<'a> {
    object: &'a Object,
}

/// What is to be embedded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EmbeddingInput {
    /// One text.
    Text(String),
    /// Several texts, 2048 at most.
    Texts(Vec<String>),
    /// One text as token ids.
    Tokens(Vec<u32>),
    /// Several texts as token ids.
    TokenArrays(Vec<Vec<u32>>),
}

impl<'a> EmbeddingRequest<'a> {
    /// Looks at an object as a request. Nothing is checked before it is read.
    #[must_use]
    pub const fn new(object: &'a Object) -> Self {
        Self { object }
    }

    /// `model`.
    #[must_use]
    pub fn model(&self) -> Option<Cow<'a, str>> {
        self.object.text("model")
    }

    /// `input`.
    ///
    /// # Errors
    /// It is there and of none of the four shapes.
    pub fn input(&self) -> Result<Option<EmbeddingInput>, ReadError> {
        self.object.read("input")
    }

    /// Whether vectors are to be sent as base64, which OpenAI's SDKs ask for when their caller says nothing.
    #[must_use]
    pub fn wants_base64(&self) -> bool {
        self.object.text("encoding_format").as_deref() == Some("base64")
    }
}

/// The answer to an embeddings request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddingResponse {
    /// Always `list`.
    pub object: String,
    /// One vector for each input, in order.
    pub data: Vec<Embedding>,
    /// The model that made them.
    pub model: String,
    /// What it took.
    pub usage: EmbeddingUsage,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// What an embeddings call took. Unlike a completion's usage it has no output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddingUsage {
    /// Input tokens.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// The same.
    #[serde(default)]
    pub total_tokens: u64,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// One vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Embedding {
    /// Always `embedding`.
    pub object: String,
    /// Which input it belongs to.
    pub index: usize,
    /// The numbers.
    pub embedding: Vector,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// A vector in one of its two encodings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Vector {
    /// As numbers.
    Floats(Vec<f32>),
    /// As base64 of little-endian 32-bit floats.
    Base64(String),
}

impl Vector {
    /// The numbers. `None` when the base64 is none, or not of whole numbers.
    #[must_use]
    pub fn to_floats(&self) -> Option<Cow<'_, [f32]>> {
        match self {
            Self::Floats(floats) => Some(Cow::Borrowed(floats)),
            Self::Base64(text) => {
                let bytes = STANDARD.decode(text).ok()?;
                let (numbers, []) = bytes.as_chunks::<4>() else { return None };
                Some(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
            }
        }
    }

    /// The same vector as base64.
    #[must_use]
    pub fn to_base64(&self) -> Cow<'_, str> {
        match self {
            Self::Base64(text) => Cow::Borrowed(text),
            Self::Floats(floats) => {
                let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
                Cow::Owned(STANDARD.encode(bytes))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_survives_both_encodings() {
        let floats = Vector::Floats(vec![0.5, -1.0, f32::MIN_POSITIVE]);
        let base64 = Vector::Base64(floats.to_base64().into_owned());
        assert_eq!(base64.to_floats(), floats.to_floats());
        assert_eq!(Vector::Base64("AAA=".into()).to_floats(), None);
        assert_eq!(Vector::Base64("?".into()).to_floats(), None);
    }

    #[test]
    fn the_four_inputs_are_told_apart() {
        let input = |text: &str| {
            let object = Object::parse(format!("{{\"input\":{text}}}")).expect("valid");
            EmbeddingRequest::new(&object).input().expect("an input").expect("present")
        };
        assert_eq!(input("\"a\""), EmbeddingInput::Text("a".into()));
        assert_eq!(input("[\"a\"]"), EmbeddingInput::Texts(vec!["a".into()]));
        assert_eq!(input("[1]"), EmbeddingInput::Tokens(vec![1]));
        assert_eq!(input("[[1]]"), EmbeddingInput::TokenArrays(vec![vec![1]]));
    }
}
