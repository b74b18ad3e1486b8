//! Answers out of entries and flights, as a client has asked for them.

use http::{
    HeaderValue, Request, Response,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE},
};
use llm_layers_core::{Body, Operation, Usage};
use llm_layers_wire::json::Object;

use super::Context;
use crate::{
    Entry,
    control::Told,
    shape::{Paced, Replay, Shape},
};

/// How a client wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wants {
    pub(crate) stream: bool,
    pub(crate) usage: bool,
}

impl Wants {
    pub(crate) fn of(operation: Operation, request: &Request<Body>) -> Self {
        let Some(body) = request.body().as_object() else { return Self { stream: false, usage: true } };
        let usage = match operation {
            // The second in OpenRouter's words.
            Operation::ChatCompletion | Operation::Completion => {
                says(body, "stream_options", "include_usage") || says(body, "usage", "include")
            }
            // The others tell it unasked.
            _ => true,
        };
        Self { stream: body.is_true("stream"), usage }
    }
}

/// Whether a member of an object's member is `true`.
fn says(body: &Object, member: &str, name: &str) -> bool {
    let options = body.get_bytes(member).and_then(|options| Object::parse(options).ok());
    options.is_some_and(|options| options.is_true(name))
}

impl Context {
    /// The answer that an entry is.
    pub(crate) fn serve(&self, entry: &Entry, shape: Shape, wants: Wants, told: Told) -> Response<Body> {
        let settings = &self.shared.settings;
        let age = entry.age(settings.now());
        let mut response = Response::new(self.body(entry, shape, wants));
        let kind = if wants.stream { "text/event-stream" } else { "application/json" };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if wants.stream {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        } else {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(entry.body().len()));
        }
        response.extensions_mut().insert(Usage::new(entry.input_tokens(), entry.output_tokens()));
        let told = Told { age: Some(age), saved: entry.cost(), ..told };
        told.write(&mut response);
        self.shared.state.counters.saved(entry);
        response
    }

    fn body(&self, entry: &Entry, shape: Shape, wants: Wants) -> Body {
        if !wants.stream {
            return Body::from(entry.body().clone());
        }
        // It was an object when it was kept.
        let answer = Object::parse_with(entry.body().clone(), &super::KEPT).unwrap_or_default();
        self.replay(&answer, shape, wants)
    }

    /// A whole answer as a stream.
    pub(super) fn replay(&self, answer: &Object, shape: Shape, wants: Wants) -> Body {
        let settings = &self.shared.settings;
        let how = Replay { include_usage: wants.usage, piece_chars: settings.piece_chars };
        Body::from_events(Paced::new(shape.replay(answer, how), settings.pace))
    }
}
