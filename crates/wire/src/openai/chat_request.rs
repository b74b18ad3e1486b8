use std::borrow::Cow;

use serde::Deserialize;

use crate::json::{Array, Object, ReadError};

/// A chat completion request: what layers read of it.
///
/// ```
/// use llm_layers_wire::{json::Object, openai::ChatRequest};
///
/// let body = Object::parse(r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#)?;
/// let request = ChatRequest::new(&body);
/// assert_eq!(request.model()?.as_deref(), Some("m"));
/// assert!(request.is_stream()? && request.include_usage()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    object: &'a Object,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StreamOptions {
    include_usage: Option<bool>,
}

impl<'a> ChatRequest<'a> {
    /// Looks at an object as a request. Nothing is checked before it is read.
    #[must_use]
    pub const fn new(object: &'a Object) -> Self {
        Self { object }
    }

    /// `model`: the alias, deployment or model that is asked for.
    ///
    /// # Errors
    /// It is there and no string.
    pub fn model(&self) -> Result<Option<Cow<'a, str>>, ReadError> {
        match self.object.text("model") {
            Some(model) => Ok(Some(model)),
            None => self.object.read::<String>("model").map(|model| model.map(Cow::Owned)),
        }
    }

    /// `stream`: whether the answer is to be streamed. Default `false`.
    ///
    /// # Errors
    /// It is there and no boolean.
    pub fn is_stream(&self) -> Result<bool, ReadError> {
        self.object.read("stream").map(Option::unwrap_or_default)
    }

    /// `stream_options.include_usage`: whether a stream is to end with a chunk of usage. Default `false`.
    ///
    /// # Errors
    /// `stream_options` is there and not of its shape.
    pub fn include_usage(&self) -> Result<bool, ReadError> {
        let options: Option<StreamOptions> = self.object.read("stream_options")?;
        Ok(options.and_then(|options| options.include_usage).unwrap_or_default())
    }

    /// `n`: how many choices are asked for. Default 1.
    ///
    /// # Errors
    /// It is there and no such number.
    pub fn choices(&self) -> Result<u32, ReadError> {
        self.object.read("n").map(|n| n.unwrap_or(1))
    }

    /// The bound on output tokens: `max_completion_tokens`, or `max_tokens`, its deprecated name.
    ///
    /// # Errors
    /// One is there and no such number.
    pub fn max_tokens(&self) -> Result<Option<u64>, ReadError> {
        match self.object.read("max_completion_tokens")? {
            Some(tokens) => Ok(Some(tokens)),
            None => self.object.read("max_tokens"),
        }
    }

    /// `messages`, split into its items and no deeper. `None` when absent or no array.
    #[must_use]
    pub fn messages(&self) -> Option<Array> {
        Array::parse(self.object.get_bytes("messages")?).ok()
    }

    /// `tools`, split into its items and no deeper. `None` when absent or no array.
    #[must_use]
    pub fn tools(&self) -> Option<Array> {
        Array::parse(self.object.get_bytes("tools")?).ok()
    }

    /// `user`: the caller's own name for the end user.
    #[must_use]
    pub fn user(&self) -> Option<Cow<'a, str>> {
        self.object.text("user")
    }
}
