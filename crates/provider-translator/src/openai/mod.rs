//! OpenAI's own dialect, and that of the many that are compatible with it.
//!
//! A provider without quirks gets a request with at most its `model` changed, and its whole answers leave untouched.
//!
//! | file | holds |
//! | --- | --- |
//! | `catalogue` | the providers that are known, a row each |
//! | `quirks` | in what they may differ, as switches |
//! | `request` | a request with the quirks of its provider applied |
//! | `repair` | a stream with whatever its provider got wrong put right; `whole` does the same to a whole answer |
//! | `said`, `usage` | what both share |
//! | `errors` | errors |
//! | `azure` | where Azure has its models |

pub(crate) mod azure;
pub(crate) mod catalogue;
pub(crate) mod errors;
pub(crate) mod quirks;
mod repair;
mod request;
mod said;
#[cfg(test)]
mod tests;
mod usage;
mod whole;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::HeaderValue;
use llm_layers_core::{Body, Failure, Operation};
use llm_layers_wire::{json::Object, openai::ChatRequest};
use memchr::memmem::Finder;

use self::{
    quirks::{Answers, Quirks, StreamOptions},
    repair::{Asked, Repair},
    whole::Whole,
};
use crate::{layer::Settings, provider::Provider, translate::Translate, warnings::Warnings};

/// A request that has been made ready, and what its answer needs.
pub(crate) struct Ready {
    /// How often the provider is to be asked, for as many choices.
    pub(crate) copies: u32,
    pub(crate) warnings: Option<HeaderValue>,
    asked: Option<Asked>,
    stream: bool,
    answers: Answers,
}

/// What reads an answer.
pub(crate) enum Reader {
    /// Nothing: it leaves as it came.
    None,
    /// A stream was asked for.
    Stream(Box<dyn Translate>),
    Whole(Box<dyn Translate>),
}

impl Ready {
    /// One for each answer.
    pub(crate) fn reader(&self, settings: &Settings) -> Reader {
        match &self.asked {
            Some(asked) if self.stream => Reader::Stream(Box::new(Repair::new(asked.clone(), settings))),
            Some(asked) if self.answers == Answers::Repaired => {
                Reader::Whole(Box::new(Whole::new(asked.clone(), settings)))
            }
            _ => Reader::None,
        }
    }
}

/// Makes a request what the provider takes: the model's id as it is known there, and the provider's quirks.
pub(crate) fn request(
    object: &mut Object,
    model: Option<&str>,
    operation: Operation,
    provider: &Arc<Provider>,
    quirks: &'static Quirks,
    is_inbound: bool,
) -> Result<Ready, Failure> {
    set_model(object, model);
    let answers = quirks.answers;
    if operation != Operation::ChatCompletion {
        return Ok(Ready { copies: 1, warnings: None, asked: None, stream: false, answers });
    }
    let request = ChatRequest::new(object);
    let (stream, include_usage, n) = (request.is_stream()?, request.include_usage()?, request.choices()?);
    let mut warnings = Warnings::new(provider.is_strict());
    match answers {
        Answers::OpenAi if is_inbound => request::foreign::leave_out(object, &mut warnings),
        Answers::OpenAi => request::foreign::leave_out_native(object),
        Answers::Plain | Answers::Repaired => {}
    }
    let copies = request::apply(object, quirks, &mut warnings)?;
    let asked = Asked {
        include_usage,
        usage_is_ours: stream && !include_usage && quirks.stream_options == StreamOptions::Usage,
        // Asked several times it gives one choice each time.
        choices: if copies > 1 { 1 } else { n },
        stop_is_meant: answers == Answers::OpenAi,
        cites: quirks.cites,
        provider: Arc::clone(provider.shared_name()),
    };
    Ok(Ready { copies, warnings: warnings.into_header(), asked: Some(asked), stream, answers })
}

/// A whole answer that leaves as it came is looked at if it is no longer than this: errors are short.
pub(crate) const GLANCE: u64 = 16 << 10;

/// The error that a whole answer is, in spite of its status: one that has an `error`, and nothing that was asked for.
///
/// Most answers do not hold the word, and are not parsed for it.
pub(crate) fn hidden_error(answer: &Bytes, provider: &Provider) -> Option<Failure> {
    // Made once: for an answer of 1 KB making it costs as much as searching.
    static WORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"error\""));
    WORD.find(answer)?;
    let read = Object::parse(answer.clone()).ok()?;
    let is_answer = ["choices", "data", "output"].iter().any(|name| read.contains(name));
    (!is_answer && whole::is_error(&read)).then(|| errors::in_stream(answer, provider.name()))
}

/// A whole answer in place of the stream that was asked for, as that stream.
pub(crate) fn into_stream(answer: Bytes, provider: &Provider, settings: &Settings) -> Result<Body, Failure> {
    let provider = Arc::clone(provider.shared_name());
    // What is left to repair, and left out, is the business of the stream's reader.
    let asked =
        Asked { include_usage: true, usage_is_ours: false, choices: 1, stop_is_meant: true, cites: false, provider };
    Whole::new(asked, settings).into_stream(answer)
}

/// Puts the model's id at the provider in place.
pub(crate) fn set_model(object: &mut Object, model: Option<&str>) {
    if let Some(model) = model
        && object.text("model").as_deref() != Some(model)
    {
        object.set("model", model);
    }
}
