//! One model by its id, from a provider that gives a list of them.

use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use llm_layers_core::{BoxError, Failure, Operation};
use llm_layers_wire::{openai::ModelList, sse::Event};
use percent_encoding::percent_decode_str;

use crate::{
    errors::not_an_answer,
    headers,
    translate::{Flow, Translate},
};

/// Picks one of the models that a translation lists.
pub(super) struct Picked {
    list: Box<dyn Translate>,
    id: String,
    provider: Arc<str>,
}

/// The translation of a list, or of one of its models where the path names it.
pub(super) fn picked(uri: &Uri, list: Box<dyn Translate>, provider: &Arc<str>) -> Box<dyn Translate> {
    let tail = headers::tail(uri, Operation::Models).split('?').next().unwrap_or_default();
    match decoded(tail.trim_matches('/')) {
        id if id.is_empty() => list,
        id => Box::new(Picked { list, id, provider: Arc::clone(provider) }),
    }
}

/// Ids may hold slashes and colons, percent-encoded or not.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl Translate for Picked {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let Self { list, id, provider } = *self;
        let list: ModelList = serde_json::from_slice(&list.whole(body)?)
            .map_err(|_| not_an_answer("what is no list of models", &provider))?;
        let unknown = || {
            let message = format!("The provider `{provider}` has no such model.");
            Failure::not_found(message).with_param("model").with_code("model_not_found")
        };
        let model = list.data.into_iter().find(|model| model.id == id).ok_or_else(unknown)?;
        // Strings and numbers: writing them cannot fail.
        Ok(Bytes::from(serde_json::to_vec(&model).unwrap_or_default()))
    }

    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        self.list.event(event, out)
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<Event>) -> Flow {
        self.list.end(error, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_meant() {
        for (path, id) in [
            ("meta/llama", "meta/llama"),
            ("meta%2Fllama%3a1b", "meta/llama:1b"),
            ("50%", "50%"),
            ("%zz%4%+4", "%zz%4%+4"),
            ("", ""),
        ] {
            assert_eq!(decoded(path), id);
        }
    }
}
