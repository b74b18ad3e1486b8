//! What there is to know of a wire format that is not OpenAI's: how a call is said in it, and its answer understood.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use llm_layers_core::{Clock, Failure, Operation, Rng};
use llm_layers_wire::json::Object;

use crate::{claude, framing::Framing, translate::Translate, warnings::Warnings};

/// A wire format. One value serves all calls of a provider.
pub(crate) trait Format: Send + Sync + 'static {
    /// Says a call in this format.
    ///
    /// # Errors
    /// It is not what OpenAI's API takes, or asks for what this provider cannot give: 400, with the member's path.
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure>;

    /// What the client is told of an answer that is an error.
    fn failure(&self, refusal: &Refusal<'_>) -> Failure;

    /// How many texts it embeds in one call with this model. A longer list is split into several calls.
    fn most_texts(&self, model: &str) -> usize {
        let _ = model;
        usize::MAX
    }

    /// The same in another version of the API. Nothing if there is no such version.
    fn in_version(&self, version: &str) -> Option<Arc<dyn Format>> {
        let _ = version;
        None
    }

    /// Whether it serves this model in Anthropic's own words.
    fn takes_messages(&self, model: &str) -> bool {
        let _ = model;
        false
    }

    /// Makes a call in Anthropic's own words what goes out.
    ///
    /// # Errors
    /// The model is not served in these words, or it has no such call.
    fn messages(&self, call: &mut claude::Call<'_>) -> Result<claude::Outgoing, Failure> {
        Err(unsupported(call.provider, Operation::Message))
    }
}

/// A call in OpenAI's shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// Its body; empty for a call that has none.
    pub(crate) object: &'a Object,
    /// The id by which the provider knows the model.
    pub(crate) model: &'a str,
    /// The provider's name, for errors.
    pub(crate) provider: &'a Arc<str>,
    /// Refuses what would otherwise be left out with a warning.
    pub(crate) strict: bool,
    /// The bound of an answer's length for providers that demand one, where the client sets none.
    pub(crate) default_max_tokens: u32,
    /// The time, for `created`.
    pub(crate) clock: Clock,
    /// Chance, for ids that the provider does not give.
    pub(crate) rng: &'a Rng,
}

/// What goes to the provider, and what its answer needs.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    /// What follows the base URL: a path that begins with a slash, and its query.
    pub(crate) path: String,
    /// Headers of this call alone. Those of all calls are the provider's.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    pub(crate) warnings: Warnings,
    /// How a streamed answer is cut into events.
    pub(crate) framing: Framing,
    pub(crate) answer: Box<dyn Translate>,
    /// How often the provider is asked, for as many choices: 1 where it gives them all at once.
    pub(crate) copies: u32,
}

impl Outgoing {
    /// A JSON body that is posted, and answered in server-sent events if streamed.
    pub(crate) fn post(path: impl Into<String>, body: Bytes, warnings: Warnings, answer: Box<dyn Translate>) -> Self {
        let (method, headers) = (Method::POST, Vec::new());
        Self { method, path: path.into(), headers, body, warnings, framing: Framing::Sse, answer, copies: 1 }
    }
}

impl Call<'_> {
    /// This provider has no such operation.
    pub(crate) fn unsupported(&self) -> Failure {
        unsupported(self.provider, self.operation)
    }
}

pub(crate) fn unsupported(provider: &str, operation: Operation) -> Failure {
    let message = format!("The provider `{provider}` has no such operation: {}.", operation.as_str());
    Failure::bad_request(message).with_code("unsupported_operation")
}

/// An answer that is an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// Decoded; empty if it could not be read.
    pub(crate) body: &'a [u8],
    /// The provider's name.
    pub(crate) provider: &'a str,
}
