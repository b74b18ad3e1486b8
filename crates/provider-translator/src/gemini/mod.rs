//! Google's `generateContent`, of the Gemini API for developers and of Vertex AI; and Claude as Vertex AI serves it.
//!
//! | file | holds |
//! | --- | --- |
//! | `surface` | which of the two it is, and its paths |
//! | `request` | the whole of a request; `members` what is left out or refused of it |
//! | `contents`, `results`, `media`, `tools`, `schema`, `config`, `thinking`, `extensions` | a part of it each |
//! | `parts`, `native` | the shapes that are written, and read |
//! | `models` | what a model can do, by its id |
//! | `answer` | an answer, whole or streamed, by way of `mapper`, `finish`, `citations` and `usage` |
//! | `errors` | errors |
//! | `embed`, `list` | embeddings, and the list of models |
//!
//! Sources: the types and converters of Google's Python SDK google-genai 3.4.0; ai.google.dev (thinking, thought
//! signatures, function calling, structured outputs) and docs.cloud.google.com (thinking, thought signatures, model
//! pages), all read in November 2026.

mod answer;
mod citations;
mod config;
mod contents;
mod embed;
mod errors;
mod extensions;
mod finish;
mod list;
mod mapper;
mod media;
mod members;
mod models;
mod native;
mod parts;
mod request;
mod results;
mod schema;
mod surface;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod usage;

use std::sync::Arc;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::openai::ChatRequest;

pub(crate) use self::surface::{Surface, base_url};
use crate::{
    ApiVersion,
    anthropic::{self, Host},
    claude::{self, Kind},
    format::{Call, Format, Outgoing, Refusal, unsupported},
    names::Rule,
    params,
};

/// What a function may be called. Both surfaces take 128 characters by now; older models took 64.
const NAMES: Rule = Rule { max: 64, marks: b"_.:-", begins_with_letter: true };

/// Of ids nothing is said; these are what others send.
const IDS: Rule = Rule { max: 128, marks: b"_.:-", begins_with_letter: false };

/// Whose seals these are, for whoever gets them back.
const FORMAT: &str = "gemini-v1";

/// Vertex AI's name of 2023-06-01, Anthropic's oldest version.
const CLAUDE_VERSION: &str = "vertex-2023-10-16";

/// Google's API, on one of its surfaces.
#[derive(Debug)]
pub(crate) struct Gemini {
    surface: Surface,
}

impl Gemini {
    pub(crate) const fn new(surface: Surface) -> Self {
        Self { surface }
    }

    fn chat(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        let stream = ChatRequest::new(call.object).is_stream()?;
        if let Some(claude) = self.surface.claude(call.model) {
            let method = if stream { "streamRawPredict" } else { "rawPredict" };
            let path = format!("{claude}:{method}");
            let (body, warnings, answer) = anthropic::request(call, ApiVersion::default(), Host::Vertex)?;
            let copies = params::copies(call.object)?;
            return Ok(Outgoing { copies, ..Outgoing::post(path, body, warnings, Box::new(answer)) });
        }
        // Without `alt=sse` a stream is one long JSON array.
        let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        let path = format!("{}:{method}", self.surface.model(call.model));
        let request::Request { body, warnings, answer, copies } = request::request(call, &self.surface)?;
        Ok(Outgoing { copies, ..Outgoing::post(path, body, warnings, Box::new(answer)) })
    }
}

impl Format for Gemini {
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        match call.operation {
            Operation::ChatCompletion => self.chat(call),
            Operation::Embedding => embed::request(call, &self.surface),
            Operation::Models => Ok(list::request(call, &self.surface)),
            _ => Err(call.unsupported()),
        }
    }

    fn most_texts(&self, model: &str) -> usize {
        embed::most_texts(&self.surface, model)
    }

    fn takes_messages(&self, model: &str) -> bool {
        self.surface.claude(model).is_some()
    }

    fn messages(&self, call: &mut claude::Call<'_>) -> Result<claude::Outgoing, Failure> {
        let no_claude = || unsupported(call.provider, Operation::Message);
        let path = self.surface.claude(call.model).ok_or_else(no_claude)?;
        call.put_version(CLAUDE_VERSION);
        let path = match call.kind {
            Kind::Message => {
                call.object.remove("model");
                format!("{path}:{}", if call.is_stream()? { "streamRawPredict" } else { "rawPredict" })
            }
            Kind::Count => {
                // There the model is named by its bare id.
                let name = call.model.rsplit('/').next();
                call.object.set("model", name.unwrap_or(call.model));
                self.surface.count_tokens()
            }
        };
        Ok(claude::Outgoing { path, stream: None })
    }

    fn failure(&self, refusal: &Refusal<'_>) -> Failure {
        errors::failure(refusal)
    }

    fn in_version(&self, version: &str) -> Option<Arc<dyn Format>> {
        Some(Arc::new(Self::new(self.surface.clone().in_version(version)?)))
    }
}
