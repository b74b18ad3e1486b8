//! Anthropic's Messages API: chat completions in, messages out, and their answers back.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request; `members` what is left out or refused of it |
//! | `messages`, `tools`, `format`, `thinking`, `sampling` | a part of it each |
//! | `order`, `handed` | `native.content` of a message: as it leaves, and as it comes back |
//! | `blocks`, `native` | the shapes that are written, and read |
//! | `models` | what a model can do, by its id |
//! | `answer` | an answer, whole or streamed, by way of `mapper`, `calls` and `usage` |
//! | `errors` | errors |
//!
//! Source: the types of Anthropic's Python SDK 1.17.0 and 2.11.0, and its public documentation, read in November 2026.

mod answer;
mod blocks;
mod calls;
mod errors;
pub(crate) mod format;
mod handed;
mod list;
mod mapper;
mod members;
mod messages;
pub(crate) mod models;
mod native;
mod order;
mod request;
pub(crate) mod sampling;
#[cfg(test)]
mod tests;
pub(crate) mod thinking;
mod tools;
mod usage;

pub(crate) use answer::Answer;
#[cfg(feature = "bedrock")]
pub(crate) use errors::in_stream;
pub(crate) use errors::{class_of, failure};
pub(crate) use request::{request, stop};

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use llm_layers_core::{Failure, Operation};

use crate::{
    ApiVersion,
    claude::{self, Kind},
    format::{Call, Format, Outgoing, Refusal},
    names::Rule,
    params,
};

/// `^[a-zA-Z0-9_-]{1,128}$`, of names and of ids.
const NAMES: Rule = Rule { max: 128, marks: b"_-", begins_with_letter: false };

/// Who serves Claude. They all take Anthropic's messages, and differ in what stands around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// Anthropic itself: model, version and betas as its own API has them.
    Anthropic,
    /// Amazon Bedrock's InvokeModel: the model and whether to stream are said by the path.
    #[cfg(feature = "bedrock")]
    Bedrock,
    /// Google Cloud's `rawPredict`: the model is said by the path.
    Vertex,
}

impl Host {
    /// `anthropic_version`, where the body says it. Anthropic reads it from a header.
    const fn version(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => None,
            #[cfg(feature = "bedrock")]
            Self::Bedrock => Some("bedrock-2023-05-31"),
            Self::Vertex => Some("vertex-2023-10-16"),
        }
    }

    /// Whether it is Anthropic's own API: the body names the model, images are fetched, and users and tiers known.
    const fn is_anthropic(self) -> bool {
        matches!(self, Self::Anthropic)
    }

    /// Whether the body says that the answer is to be streamed.
    const fn says_stream(self) -> bool {
        match self {
            Self::Anthropic | Self::Vertex => true,
            #[cfg(feature = "bedrock")]
            Self::Bedrock => false,
        }
    }
}

/// The Messages API, in one of its versions.
#[derive(Debug)]
pub(crate) struct Anthropic {
    version: ApiVersion,
}

impl Anthropic {
    pub(crate) const fn new(version: ApiVersion) -> Self {
        Self { version }
    }

    /// What names the version, with each call.
    pub(crate) const fn header(version: ApiVersion) -> (HeaderName, HeaderValue) {
        (HeaderName::from_static("anthropic-version"), HeaderValue::from_static(version.as_str()))
    }
}

impl Format for Anthropic {
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        match call.operation {
            Operation::ChatCompletion => {
                let (body, warnings, answer) = request(call, self.version, Host::Anthropic)?;
                let copies = params::copies(call.object)?;
                Ok(Outgoing { copies, ..Outgoing::post("/v1/messages", body, warnings, Box::new(answer)) })
            }
            Operation::Models => Ok(list::request(call)),
            _ => Err(call.unsupported()),
        }
    }

    fn failure(&self, refusal: &Refusal<'_>) -> Failure {
        failure(refusal)
    }

    fn in_version(&self, version: &str) -> Option<Arc<dyn Format>> {
        Some(Arc::new(Self::new(ApiVersion::of(version)?)))
    }

    fn takes_messages(&self, _: &str) -> bool {
        true
    }

    fn messages(&self, call: &mut claude::Call<'_>) -> Result<claude::Outgoing, Failure> {
        let path = match call.kind {
            Kind::Message => "/v1/messages",
            Kind::Count => "/v1/messages/count_tokens",
        };
        Ok(claude::Outgoing { path: path.into(), stream: None })
    }
}
