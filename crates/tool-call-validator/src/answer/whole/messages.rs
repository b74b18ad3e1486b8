//! Anthropic's messages: its reference ("Create a Message") and the types of its SDK 2.11.0, as of November 2026.

use std::borrow::Cow;

use llm_layers_wire::json::Object;

use super::{Answer, call::Found, parts::Parts, wants_json};
use crate::{
    answer::{end, nested::Unreadable},
    contract::Contract,
    judge::{CallKind, End, Judgement, Turn, Verdict},
    layer::Settings,
};

pub(super) struct Message {
    object: Object,
    content: Parts,
    text: Option<String>,
    /// How it ends, and whether neither text nor a call is to be expected of it.
    end: (End, bool),
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
        let Some(mut content) = content else { return Ok(None) };
        // Some servers give no reason.
        let reason = object.text("stop_reason").filter(|reason| !reason.is_empty());
        let end = reason.map_or((End::Complete, false), |reason| end::message(&reason));
        if end.0 == End::CutOff {
            content.cut_off();
        }
        let wants_text = wants_json(contract) && content.calls.is_empty() && !end.1;
        let text = wants_text.then(|| content.text(text_of));
        Ok(Some(Self { object: object.clone(), content, text, end }))
    }
}

impl Answer for Message {
    fn turns(&self) -> Vec<Turn<'_>> {
        let text = self.text.as_deref().map(Cow::Borrowed);
        let calls = self.content.calls.iter().map(|(_, call)| call.call()).collect();
        vec![Turn { choice: 0, calls, text, is_refusal: self.end.1, end: self.end.0 }]
    }

    fn settle(&self, judgements: &mut [Judgement], settings: &Settings) {
        self.content.settle(judgements, settings);
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
