//! Answers that are never streamed: embeddings, lists of models.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::sse::Event;

use crate::{
    errors::{incomplete, not_an_answer},
    translate::{Flow, Translate},
};

/// Translates an answer in one piece. `read` gives nothing for what is no answer.
pub(crate) struct Whole<F> {
    read: F,
    /// What the provider should have answered, for errors: `embeddings`.
    what: &'static str,
    provider: Arc<str>,
}

impl<F: FnOnce(&[u8]) -> Option<Bytes> + Send + 'static> Whole<F> {
    pub(crate) fn new(what: &'static str, provider: &Arc<str>, read: F) -> Box<Self> {
        Box::new(Self { read, what, provider: Arc::clone(provider) })
    }
}

impl<F: FnOnce(&[u8]) -> Option<Bytes> + Send + 'static> Translate for Whole<F> {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let Self { read, what, provider } = *self;
        read(&body).ok_or_else(|| not_an_answer(&format!("what are no {what}"), &provider))
    }

    fn event(&mut self, _: Event, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(not_an_answer(&format!("a stream in place of {}", self.what), &self.provider))
    }

    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(incomplete(&self.provider))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_answer_is_a_failure_and_so_is_a_stream() {
        let whole = || Whole::new("embeddings", &"local".into(), |body| (body == b"{}").then(Bytes::new));
        assert!(whole().whole(Bytes::from_static(b"{}")).is_ok());
        let failure = whole().whole(Bytes::from_static(b"[")).expect_err("no answer");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"));
        assert!(matches!(whole().event(Event::new("{}"), &mut Vec::new()), Flow::Failed(_)));
        assert!(matches!(whole().end(None, &mut Vec::new()), Flow::Failed(_)));
    }
}
