//! The Responses API: OpenAI's reference ("The response object"), as of November 2026.

use std::borrow::Cow;

use llm_layers_wire::json::Object;

use super::{Answer, call::Found, parts::Parts, wants_json};
use crate::{
    answer::nested::Unreadable,
    contract::Contract,
    judge::{CallKind, End, Judgement, Turn, Verdict},
    layer::Settings,
};

pub(super) struct Response {
    object: Object,
    output: Parts,
    text: Option<String>,
    is_refusal: bool,
    end: End,
}

impl Response {
    pub(super) fn read(object: &Object, contract: &Contract) -> Result<Option<Self>, Unreadable> {
        // One that has failed, or that somebody will ask for later, has no text to be judged; calls may be in it.
        let (end, may_have_text) = match object.text("status").as_deref() {
            None | Some("completed") => (End::Complete, true),
            Some("incomplete") => (End::CutOff, true),
            _ => (End::CutOff, false),
        };
        let Some(output) = object.get_bytes("output") else { return Ok(None) };
        let output = Parts::read(output, |item| {
            let (arguments, kind) = match item.text("type").as_deref()? {
                "function_call" => ("arguments", CallKind::Function),
                "custom_tool_call" => ("input", CallKind::Custom),
                _ => return None,
            };
            Some(Found::flat(item, Some("call_id"), arguments, kind))
        })?;
        let Some(output) = output else { return Ok(None) };
        let mut said = Vec::new();
        for (_, item) in output.objects() {
            said.extend(content(&item)?);
        }
        let is_refusal = said.iter().any(|content| content.objects().any(|(_, part)| is_refusal(&part)));
        let wants_text = may_have_text && wants_json(contract) && output.calls.is_empty() && !is_refusal;
        let text = wants_text.then(|| said.iter().map(|content| content.text(text_of)).collect());
        Ok(Some(Self { object: object.clone(), output, text, is_refusal, end }))
    }

    fn set_text(&mut self, text: &str) {
        let mut text = text;
        let items: Vec<_> = self.output.objects().collect();
        for (index, mut item) in items {
            let Ok(Some(mut content)) = content(&item) else { continue };
            content.set_text(text_of, std::mem::take(&mut text));
            content.put(&mut item, "content");
            self.output.set(index, &item);
        }
    }
}

impl Answer for Response {
    fn turns(&self) -> Vec<Turn<'_>> {
        let text = self.text.as_deref().map(Cow::Borrowed);
        let calls = self.output.calls.iter().map(|(_, call)| call.call()).collect();
        vec![Turn { choice: 0, calls, text, is_refusal: self.is_refusal, end: self.end }]
    }

    fn settle(&self, judgements: &mut [Judgement], settings: &Settings) {
        self.output.settle(judgements, settings);
    }

    fn mended(mut self: Box<Self>, judgements: &[Judgement]) -> Object {
        for judgement in judgements {
            self.output.mend_calls(&judgement.calls);
            if let Some(Verdict::Mended(mended)) = &judgement.text
                && let Some(text) = &mended.text
            {
                self.set_text(text);
            }
        }
        self.output.put(&mut self.object, "output");
        self.object
    }
}

/// The parts of a message, unless it is what the model says in passing.
fn content(item: &Object) -> Result<Option<Parts>, Unreadable> {
    let is_message = item.text("type").as_deref() == Some("message");
    let is_in_passing = item.text("phase").as_deref() == Some("commentary");
    let content = item.get_bytes("content").filter(|_| is_message && !is_in_passing);
    content.map_or(Ok(None), |content| Parts::read(content, |_| None))
}

fn text_of(part: &Object) -> Option<String> {
    let is_text = part.text("type").as_deref() == Some("output_text");
    is_text.then(|| part.text("text").map(Cow::into_owned))?
}

fn is_refusal(part: &Object) -> bool {
    part.text("type").as_deref() == Some("refusal")
}
