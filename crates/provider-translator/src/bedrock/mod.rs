//! Amazon Bedrock's runtime: Converse for all models, InvokeModel for Claude and for embeddings.
//!
//! | file | holds |
//! | --- | --- |
//! | `converse` | a call by Converse; `members` what is left out or refused of it |
//! | `messages`, `media`, `documents`, `tools`, `format`, `effort` | a part of it each |
//! | `blocks`, `native` | the shapes that are written, and read |
//! | `model` | what a model can do, by its id |
//! | `answer` | an answer of Converse's, whole or streamed, by way of `mapper`, `calls` and `usage` |
//! | `invoke` | Claude's own messages, in Bedrock's wrapping; `unframed` streams of them for Claude's own clients |
//! | `embeddings` | embeddings by Titan and Cohere |
//! | `errors` | errors, in answers and in streams |
//!
//! Claude, from 4.5 on, goes by InvokeModel unless the call has a member of Converse's own: there Converse loses
//! things. It knows no `tool_choice` of `none`, and calls one at a time only by a field that it does not look at itself;
//! it has no place for a document's title as it is, and gives thinking and sources in another shape. Through InvokeModel
//! all of that is said as Anthropic says it, by the translation that serves Anthropic's own API. Nothing is lost the
//! other way: the same permission is asked for, and guardrails and the like bring their call to Converse. Older models
//! refuse what that translation takes for granted (answers bound to a schema, strict tools, a cache of an hour), and
//! Converse's has other means.
//!
//! Source: the service model `bedrock-runtime` 2023-09-30 of botocore 1.44.5, AWS's user guide on tool use, prompt
//! caching and structured outputs, and issues of gateways on what it does not say; read in November 2026.

mod answer;
mod blocks;
mod calls;
mod converse;
mod documents;
mod effort;
mod embeddings;
mod errors;
mod format;
mod invoke;
mod mapper;
mod media;
mod members;
mod messages;
mod model;
mod native;
#[cfg(test)]
mod tests;
mod tools;
mod unframed;
mod usage;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::Object;

use self::model::Model;
use crate::{
    claude::{self, Kind},
    format::{Call, Format, Outgoing, Refusal, unsupported},
    place::Place,
    segment::segment,
};

/// Bedrock's runtime.
#[derive(Debug)]
pub(crate) struct Bedrock {
    invokes_claude: bool,
}

impl Bedrock {
    pub(crate) const fn new() -> Self {
        Self { invokes_claude: true }
    }

    /// Calls Claude by Converse as well.
    pub(crate) const fn by_converse(self) -> Self {
        Self { invokes_claude: false }
    }

    fn invokes(&self, model: Model<'_>, request: &Object) -> bool {
        self.invokes_claude && model.is_claude() && model.is_bound() && !is_of_converse(request)
    }
}

impl Format for Bedrock {
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        let model = Model::of(call.model);
        match call.operation {
            Operation::ChatCompletion if self.invokes(model, call.object) => invoke::call(call),
            Operation::ChatCompletion => converse::call(call, model),
            Operation::Embedding => embeddings::call(call),
            _ => Err(call.unsupported()),
        }
    }

    fn most_texts(&self, model: &str) -> usize {
        embeddings::most_texts(model)
    }

    fn takes_messages(&self, model: &str) -> bool {
        self.invokes_claude && Model::of(model).is_claude()
    }

    fn messages(&self, call: &mut claude::Call<'_>) -> Result<claude::Outgoing, Failure> {
        if call.kind == Kind::Count || !self.takes_messages(call.model) {
            return Err(unsupported(call.provider, Operation::Message));
        }
        invoke::messages(call)
    }

    fn failure(&self, refusal: &Refusal<'_>) -> Failure {
        errors::failure(refusal)
    }
}

/// Members of Converse's own, which are passed on as they are.
const OWN: [&str; 5] =
    ["additionalModelRequestFields", "guardrailConfig", "performanceConfig", "promptVariables", "requestMetadata"];

fn is_of_converse(request: &Object) -> bool {
    request.iter().any(|(name, value)| value != b"null" && OWN.contains(&name.as_ref()))
}

/// The path of an action on a model. Ids hold colons, and ARNs slashes: all of it is one segment.
fn path(model: &str, action: &str) -> Result<String, Failure> {
    let place = Place::new("model");
    // Encoding does not hide dots, and a segment of dots alone leads elsewhere.
    if !(1..=2048).contains(&model.len()) || model == "." || model == ".." {
        return Err(place.invalid("it is no id of a model, and no ARN"));
    }
    Ok(format!("/model/{}/{action}", segment(model)))
}

/// `service_tier`, by Bedrock's names.
fn service_tier(request: &Object, warnings: &mut crate::warnings::Warnings) -> Result<Option<&'static str>, Failure> {
    Ok(match request.read::<String>("service_tier")?.as_deref() {
        None | Some("auto") => None,
        Some("default") => Some("default"),
        Some("flex") => Some("flex"),
        Some("priority" | "fast") => Some("priority"),
        Some("scale" | "reserved") => Some("reserved"),
        Some(_) => {
            warnings.dropped("service_tier", "unsupported")?;
            None
        }
    })
}
