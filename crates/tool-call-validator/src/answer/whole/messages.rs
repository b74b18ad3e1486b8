//! Anthropic's messages: its reference ("Create a Message") and the types of its SDK 2.11.0, as of November 2026.

use std::borrow::Cow;

use llm_layers_wire::json::Object;

use super::{Answer, Unreadable, call::Found, parts::Parts, wants_json};
use crate::{
    contract::Contract,
    judge::{CallKind, End, Judgement, Turn, Verdict},
};

pub(super) struct Message {
    object: Object,
    content: Parts,
    text: Option<String>,
}

impl Message {
    pub(super) fn read(object: &Object, contract: &Contract) -> Result<Option<Self>, Unreadable> {
        // An error has no content.
        let Some(content) = object.get_bytes("content") else { return Ok(None) };
        // What the provider itself runs is no `tool_use`.
        let content = Parts::read(content, |block| {
            let is_call = block.text("type").as_deref() == Some("tool_use");
            is_call.then(|| Found::flat(block, Some("id"), "input", CallKind::Function))
        })?;
        let Some(content) = content else { return Ok(None) };
        let mut message = Self { object: object.clone(), content, text: None };
        if wants_json(contract) && message.content.calls.is_empty() && !message.is_refusal() {
            message.text = Some(message.content.text(text_of));
        }
        Ok(Some(message))
    }

    fn is_refusal(&self) -> bool {
        self.object.text("stop_reason").as_deref() == Some("refusal")
    }

    fn end(&self) -> End {
        match self.object.text("stop_reason").as_deref() {
            Some("max_tokens" | "model_context_window_exceeded" | "refusal") => End::CutOff,
            _ => End::Complete,
        }
    }
}

impl Answer for Message {
    fn turns(&self) -> Vec<Turn<'_>> {
        let text = self.text.as_deref().map(Cow::Borrowed);
        let calls = self.content.calls.iter().map(|(_, call)| call.call()).collect();
        vec![Turn { choice: 0, calls, text, is_refusal: self.is_refusal(), end: self.end() }]
    }

    fn is_misshapen(&self) -> bool {
        self.content.is_misshapen()
    }

    fn mended(mut self: Box<Self>, judgements: &[Judgement]) -> Object {
        for judgement in judgements {
            self.content.mend_calls(&judgement.calls);
            if let Some(Verdict::Mended(mended)) = &judgement.text
                && let Some(text) = &mended.text
            {
                self.content.set_text(text_of, text);
            }
        }
        self.content.put(&mut self.object, "content");
        self.object
    }
}

/// The text of a block of text.
fn text_of(block: &Object) -> Option<String> {
    let is_text = block.text("type").as_deref() == Some("text");
    is_text.then(|| block.text("text").map(Cow::into_owned))?
}
