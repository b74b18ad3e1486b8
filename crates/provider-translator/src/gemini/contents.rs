//! A conversation as Gemini's contents.

use std::borrow::Cow;

use llm_layers_core::Failure;

use super::{
    FORMAT, IDS, media,
    models::Model,
    parts::{Content, Data, FunctionCall, Part},
    results,
};
use crate::{
    conversation::{Assistant, Call, Conversation, Reasoning, Seal, Text, Turn},
    functions,
    names::{Ids, Names},
    warnings::Warnings,
};

/// What a user says where Gemini demands a user's turn, and there is none.
const FILLER: &str = "Continue.";

/// Stands for the signature of a call that no Gemini has made, by Google's page on thought signatures. The member is
/// of bytes, and this is base64 by its alphabet for URLs.
const BYPASS: &str = "skip_thought_signature_validator";

/// The conversation, written.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) system: Vec<Part<'a>>,
    pub(super) contents: Vec<Content<'a>>,
}

pub(super) fn write<'a>(
    conversation: Conversation<'a>,
    model: Model,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Written<'a>, Failure> {
    let (ids, called, contents) = (Ids::new(&IDS), Vec::new(), Vec::new());
    let mut writer = Writer { model, names, ids, called, contents };
    let system = conversation.preamble.into_iter().map(text).collect();
    for turn in conversation.turns {
        writer.turn(turn, warnings)?;
    }
    let mut contents = writer.contents;
    let filler = || Content { role: Some("user"), parts: vec![Data::Text(Cow::Borrowed(FILLER)).into()] };
    let is_model = |content: Option<&Content<'_>>| content.is_none_or(|content| content.role == Some("model"));
    if is_model(contents.first()) {
        contents.insert(0, filler());
        warnings.emulated("messages", "first_turn");
    }
    if is_model(contents.last()) {
        contents.push(filler());
        warnings.emulated("messages", "last_turn");
    }
    Ok(Written { system, contents })
}

/// A call as it was sent, for the result that refers to it.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) id: Option<String>,
    pub(super) name: String,
}

struct Writer<'n, 'a> {
    model: Model,
    names: &'n mut Names,
    ids: Ids,
    /// The calls of the last turn.
    called: Vec<Called>,
    contents: Vec<Content<'a>>,
}

impl<'a> Writer<'_, 'a> {
    fn turn(&mut self, turn: Turn<'a>, warnings: &mut Warnings) -> Result<(), Failure> {
        match turn {
            Turn::System(texts) => {
                let wrapped = texts.into_iter().map(|Text { text, .. }| format!("<system>{text}</system>"));
                self.add("user", wrapped.map(|text| Data::Text(Cow::Owned(text)).into()).collect());
                warnings.emulated("messages", "system_in_conversation");
            }
            Turn::User(parts) => {
                let parts =
                    parts.into_iter().map(|part| media::data(part).map(Part::from)).collect::<Result<_, _>>()?;
                self.add("user", parts);
            }
            Turn::Assistant(assistant) => self.assistant(assistant, warnings),
            Turn::Results(results) => {
                let called = std::mem::take(&mut self.called);
                let parts = results::write(called, results, self.model)?;
                self.add("user", parts);
            }
        }
        Ok(())
    }

    /// Turns of one role become one: Gemini takes no two of them in a row.
    fn add(&mut self, role: &'static str, parts: Vec<Part<'a>>) {
        match self.contents.last_mut() {
            Some(last) if last.role == Some(role) => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.contents.push(Content { role: Some(role), parts }),
        }
    }

    fn assistant(&mut self, assistant: Assistant<'a>, warnings: &mut Warnings) {
        let Assistant { reasoning, texts, calls, .. } = assistant;
        let mut parts: Vec<Part<'a>> = texts.into_iter().map(text).collect();
        // The last part of a text is the one that is signed.
        let signature = reasoning.into_iter().rev().find_map(own).filter(|_| self.model.is_signed());
        match (parts.last_mut(), signature) {
            (Some(last), signature) => last.signature = signature,
            (None, Some(signature)) if calls.is_empty() => {
                parts.push(Part { data: Data::Text(Cow::Borrowed("")), signature: Some(signature) });
            }
            _ => {}
        }
        for (at, call) in calls.into_iter().enumerate() {
            let part = self.call(call, at == 0, warnings);
            parts.push(part);
        }
        self.add("model", parts);
    }

    fn call(&mut self, call: Call<'a>, is_first: bool, warnings: &mut Warnings) -> Part<'a> {
        let Call { id, name, input, signature, .. } = call;
        let args = functions::arguments(input, self.names.wrap(&name));
        let signature = signature.filter(|signature| self.model.is_signed() && is_base64(signature));
        let signature = match signature {
            // Of calls made at once only the first is signed.
            None if is_first && self.model.is_third() => {
                warnings.emulated("messages", "missing_thought_signature");
                Some(Cow::Borrowed(BYPASS))
            }
            signature => signature,
        };
        let id = self.model.is_third().then(|| self.ids.wire(&id));
        let name = self.names.wire(&name);
        self.called.push(Called { id: id.clone(), name: name.clone() });
        Part { data: Data::FunctionCall(FunctionCall { id, name, args }), signature }
    }
}

fn text(text: Text<'_>) -> Part<'_> {
    Data::Text(text.text).into()
}

/// A seal goes back to whom it came from, and to nobody else.
fn own(reasoning: Reasoning<'_>) -> Option<Cow<'_, str>> {
    if reasoning.format.as_deref() != Some(FORMAT) {
        return None;
    }
    let (Seal::Signed { signature, .. } | Seal::Encrypted(signature)) = reasoning.seal;
    Some(signature).filter(|signature| is_base64(signature))
}

/// What is no base64 is nobody's signature, and would have the whole request refused.
fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
}
