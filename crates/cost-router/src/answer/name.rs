//! The name of the model, as answers tell it.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_wire::{
    json::{self, Limits, Object},
    openai::Chunk,
    sse::Event,
};

/// The members that hold what the whole answer would be: the events of OpenAI's responses, and Anthropic's
/// `message_start`.
const WRAPPERS: [&str; 2] = ["response", "message"];

/// The name that the client asked for, as it stands in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(Bytes);

impl Name {
    /// To be made once: a clone shares it.
    pub(crate) fn new(model: &str) -> Self {
        Self(serde_json::to_vec(model).unwrap_or_else(|_| b"\"\"".to_vec()).into())
    }

    /// The same answer with this name; nothing if it has this one, or none.
    pub(super) fn renamed(&self, object: &Object) -> Option<Object> {
        self.differs(object).then(|| {
            let mut renamed = object.clone();
            self.set(&mut renamed);
            renamed
        })
    }

    /// Puts this name into an event that names another.
    pub(super) fn put_into_event(&self, event: &mut Event) {
        let Some(object) = event.chunk().map(Chunk::object) else { return };
        if object.contains("model") {
            if self.differs(object) {
                event.edit_chunk(|chunk| self.set(chunk.object_mut()));
            }
            return;
        }
        for wrapper in WRAPPERS {
            // Mostly there is nothing to change, and some of these repeat the whole request: they are looked into first.
            if object.get(wrapper).and_then(model_in).is_none_or(|model| !self.differs_from(model)) {
                continue;
            }
            let Some(renamed) = wrapped(object, wrapper).and_then(|inner| self.renamed(&inner)) else { continue };
            event.edit_chunk(|chunk| {
                // What was split as JSON is JSON.
                let _ = chunk.object_mut().set_raw(wrapper, renamed.to_bytes());
            });
            return;
        }
    }

    /// Whether an object names another model. What is no name is left as it is.
    fn differs(&self, object: &Object) -> bool {
        object.get("model").is_some_and(|model| self.differs_from(model))
    }

    /// Whether what is told of a model, as it stands in JSON, is another name.
    pub(super) fn differs_from(&self, told: &[u8]) -> bool {
        told.starts_with(b"\"") && told != &*self.0
    }

    /// This name as it stands in JSON.
    pub(super) const fn text(&self) -> &Bytes {
        &self.0
    }

    fn set(&self, object: &mut Object) {
        // What was written as JSON is JSON.
        let _ = object.set_raw("model", self.0.clone());
    }
}

/// The model that an event names.
pub(super) fn of_event(event: &Event) -> Option<Cow<'_, str>> {
    let object = event.chunk()?.object();
    let inner = |wrapper| json::text(object.get(wrapper).and_then(model_in)?);
    object.text("model").or_else(|| WRAPPERS.into_iter().find_map(inner))
}

/// The model in an object, as it is written.
fn model_in(object: &[u8]) -> Option<&[u8]> {
    object.get(json::find(object, "model", &Limits::LENIENT).ok()??)
}

/// The object that is the value of a member.
pub(super) fn wrapped(object: &Object, name: &str) -> Option<Object> {
    let value = object.get_bytes(name).filter(|value| value.starts_with(b"{"))?;
    // Providers may say a thing twice; clients read the last.
    Object::parse_with(value, &Limits::LENIENT).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &str) -> Event {
        let mut decoder = llm_layers_wire::sse::Decoder::default();
        decoder.push(format!("data: {data}\n\n").into());
        decoder.next().expect("in bounds").expect("an event")
    }

    fn renamed(data: &str) -> (Option<String>, String) {
        let mut event = event(data);
        let model = of_event(&event).map(Cow::into_owned);
        Name::new("ask\"ed").put_into_event(&mut event);
        (model, String::from_utf8(event.data().expect("data").to_vec()).expect("text"))
    }

    #[test]
    fn every_shape_is_renamed_where_it_stands() {
        for (given, expected) in [
            (
                r#"{"id":"a", "model":"real","choices":[{"delta":{"content":"model"}}]}"#,
                r#"{"id":"a", "model":"ask\"ed","choices":[{"delta":{"content":"model"}}]}"#,
            ),
            (
                r#"{"type":"response.created","response":{"id":"r","model":"real","output":[]},"sequence_number":0}"#,
                r#"{"type":"response.created","response":{"id":"r","model":"ask\"ed","output":[]},"sequence_number":0}"#,
            ),
            (
                r#"{"type":"response.created","response":{"id":"r","id":"r","model":"real"}}"#,
                r#"{"type":"response.created","response":{"id":"r","id":"r","model":"ask\"ed"}}"#,
            ),
            (
                r#"{"type":"response.created","response":{"instructions":"\"model\":\"x\"","model":"re\u0061l"}}"#,
                r#"{"type":"response.created","response":{"instructions":"\"model\":\"x\"","model":"ask\"ed"}}"#,
            ),
            (
                r#"{"type":"message_start","message":{"model":"real","usage":{"input_tokens":1e0}}}"#,
                r#"{"type":"message_start","message":{"model":"ask\"ed","usage":{"input_tokens":1e0}}}"#,
            ),
        ] {
            assert_eq!(renamed(given), (Some("real".into()), expected.into()));
        }
    }

    #[test]
    fn what_needs_no_change_keeps_its_bytes() {
        for data in [
            r#"{"model":"ask\"ed"}"#,
            r#"{"model":null}"#,
            r#"{"model":7,"response":{"model":"real"}}"#,
            r#"{"message":"model"}"#,
            r#"{"response":{"model":"ask\"ed"}}"#,
            r#"{"response":[{"model":"real"}]}"#,
            r#"{"choices":[{"delta":{"model":"real"}}]}"#,
            "[DONE]",
            "{",
        ] {
            let mut event = event(data);
            Name::new("ask\"ed").put_into_event(&mut event);
            assert!(event.raw().is_some_and(|raw| raw == &format!("data: {data}\n\n")), "{data}");
        }
    }
}
