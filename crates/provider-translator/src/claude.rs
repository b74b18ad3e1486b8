//! Calls in Anthropic's own words (`/v1/messages`), at whoever serves Claude: nothing of them is translated, and each
//! host is told in its way what Anthropic is told by the path, the headers and two members.
//!
//! | | Anthropic | Bedrock's InvokeModel | Vertex AI's `rawPredict` |
//! | --- | --- | --- | --- |
//! | `model` | in the body | in the path | in the path; of a count in the body |
//! | `stream` | in the body | in the path | in both |
//! | `anthropic-version` | a header | `anthropic_version` | `anthropic_version` |
//! | `anthropic-beta` | a header | `anthropic_beta`, a list | a header |
//! | `/v1/messages/count_tokens` | as it is | none | the model `count-tokens` |
//! | a stream | server-sent events | the same events in AWS's frames | server-sent events |
//!
//! The oldest version has a name of each host's own (`bedrock-2023-05-31`, `vertex-2023-10-16`); later ones go by
//! their date everywhere.
//!
//! Source: `anthropic.lib.bedrock` and `anthropic.lib.vertex` of Anthropic's Python SDK 1.17.0 and 2.11.0, read on
//! 2026-11-21.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, Response};
use llm_layers_core::{Body, Failure, head};
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Deserialize;

use crate::{framing::Framing, inbound, translate::Translate};

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    /// How many tokens a message would be.
    Count,
}

/// A call in Anthropic's words, to be made ready for who serves the model.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) kind: Kind,
    /// The id by which the provider knows the model. Empty if the call names none.
    pub(crate) model: &'a str,
    /// The provider's name.
    pub(crate) provider: &'a Arc<str>,
    pub(crate) object: &'a mut Object,
    pub(crate) headers: &'a mut HeaderMap,
}

/// Where such a call goes, and how a stream of its answer comes.
pub(crate) struct Outgoing {
    /// What follows the base URL.
    pub(crate) path: String,
    /// What makes server-sent events of a stream, where it is none.
    pub(crate) stream: Option<(Framing, Box<dyn Translate>)>,
}

static VERSION: HeaderName = HeaderName::from_static("anthropic-version");

impl Call<'_> {
    /// Whether the answer is to be streamed.
    pub(crate) fn is_stream(&self) -> Result<bool, Failure> {
        Ok(ChatRequest::new(self.object).is_stream()?)
    }

    /// Says the version in the body, unless it is there. `oldest` is the host's name of 2023-06-01.
    pub(crate) fn put_version(&mut self, oldest: &str) {
        let given = self.headers.remove(&VERSION);
        if self.object.get("anthropic_version").is_some_and(|version| version != b"null") {
            return;
        }
        let given = given.as_ref().and_then(|given| given.to_str().ok());
        self.object.set("anthropic_version", given.filter(|given| !given.starts_with("2023-")).unwrap_or(oldest));
    }
}

/// Whether an answer is an error as Anthropic's clients know it.
pub(crate) fn is_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Told<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(rename = "error")]
        _error: Error,
    }
    #[derive(Deserialize)]
    struct Error {
        #[serde(rename = "type")]
        _kind: String,
        #[serde(rename = "message")]
        _message: String,
    }
    serde_json::from_slice(body).is_ok_and(|told: Told<'_>| told.kind == "error")
}

/// A failure, as Anthropic's clients know it.
pub(crate) fn refusal(failure: Failure) -> Response<Body> {
    let (status, bytes) = inbound::messages_failure(failure.status(), failure.error());
    let mut response = failure.into_response();
    *response.status_mut() = status;
    *response.body_mut() = Body::from(bytes);
    let (mut head, body) = response.into_parts();
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}
