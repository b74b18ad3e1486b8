//! Chat completions: OpenAI's reference ("Create chat completion"), as of November 2026.

use std::borrow::Cow;

use llm_layers_wire::json::{Array, Object, items, members};
use serde::Serialize;

use super::{
    Answer, Unreadable,
    call::{Found, list, object, parse, put, put_raw},
    wants_json,
};
use crate::{
    Repair,
    contract::Contract,
    judge::{Call, CallKind, End, Judgement, Turn, Verdict},
    layer::Settings,
    written::{self, Written},
};

pub(super) struct Chat {
    object: Object,
    array: Array,
    choices: Vec<Choice>,
}

struct Choice {
    object: Object,
    message: Object,
    /// All items of `tool_calls`; absent where there is no such array.
    array: Option<Array>,
    calls: Vec<Found>,
    legacy: Option<Found>,
    /// Calls found in the text.
    written: Option<Written>,
    text: Option<String>,
}

impl Chat {
    pub(super) fn read(object: &Object, contract: &Contract, settings: &Settings) -> Result<Option<Self>, Unreadable> {
        let Some(array) = list(object, "choices")? else { return Ok(None) };
        let choices = array.iter().map(|choice| Choice::read(parse(choice)?.unwrap_or_default(), contract, settings));
        let choices = choices.collect::<Result<_, _>>()?;
        Ok(Some(Self { object: object.clone(), array, choices }))
    }
}

impl Answer for Chat {
    fn turns(&self) -> Vec<Turn<'_>> {
        self.choices.iter().enumerate().map(|(index, choice)| choice.turn(index)).collect()
    }

    fn is_misshapen(&self) -> bool {
        self.choices.iter().any(Choice::is_misshapen)
    }

    fn note(&self, judgements: &mut [Judgement]) {
        let written = self.choices.iter().zip(judgements).filter(|(choice, _)| choice.written.is_some());
        for verdict in written.flat_map(|(_, judgement)| &mut judgement.calls) {
            if let Verdict::Mended(mended) = verdict {
                // That such a call has no id goes without saying.
                mended.repairs.retain(|repair| *repair != Repair::Id);
                mended.repairs.insert(0, Repair::WrittenCall);
            }
        }
    }

    fn mended(mut self: Box<Self>, judgements: &[Judgement]) -> Object {
        for (index, (choice, judgement)) in self.choices.iter_mut().zip(judgements).enumerate() {
            if choice.mend(judgement) {
                // It was split from JSON, and changed by member.
                let _ = self.array.set(index, choice.object.to_bytes());
            }
        }
        put_raw(&mut self.object, "choices", self.array.to_bytes());
        self.object
    }
}

impl Choice {
    fn read(choice: Object, contract: &Contract, settings: &Settings) -> Result<Self, Unreadable> {
        let message = object(&choice, "message")?.unwrap_or_default();
        let array = list(&message, "tool_calls")?;
        let calls = array.iter().flat_map(Array::iter).map(|call| found(parse(call)?.unwrap_or_default()));
        let calls = calls.collect::<Result<Vec<_>, _>>()?;
        let legacy = object(&message, "function_call")?;
        let legacy = legacy.map(|call| Found::flat(call, None, "arguments", CallKind::Legacy));
        let mut choice = Self { object: choice, message, array, calls, legacy, written: None, text: None };
        if choice.calls.is_empty() && choice.legacy.is_none() {
            choice.written = choice.written_calls(contract, settings);
            let is_text = choice.written.is_none() && wants_json(contract) && !choice.is_refusal();
            choice.text = is_text.then(|| content(&choice.message));
        }
        Ok(choice)
    }

    /// The calls that the model has written into its text, if they are to be looked for and may be mended.
    fn written_calls(&self, contract: &Contract, settings: &Settings) -> Option<Written> {
        if !settings.written_calls || self.is_cut_off() {
            return None;
        }
        let written = written::find(&self.message.text("content")?, contract)?;
        written.calls.iter().all(|(name, _)| settings.policy(Some(name)).repair).then_some(written)
    }

    fn turn(&self, choice: usize) -> Turn<'_> {
        let written = self.written.iter().flat_map(|written| &written.calls).map(|(name, arguments)| Call {
            name: Cow::Borrowed(name),
            arguments: Cow::Borrowed(arguments),
            ..Call::default()
        });
        let calls = self.calls.iter().chain(&self.legacy).map(Found::call).chain(written).collect();
        let end = if self.is_cut_off() { End::CutOff } else { End::Complete };
        let text = self.text.as_deref().map(Cow::Borrowed);
        Turn { choice, calls, text, is_refusal: self.is_refusal(), end }
    }

    fn is_refusal(&self) -> bool {
        self.message.text("refusal").is_some_and(|refusal| !refusal.is_empty())
    }

    fn is_cut_off(&self) -> bool {
        matches!(self.object.text("finish_reason").as_deref(), Some("length" | "content_filter"))
    }

    fn is_misshapen(&self) -> bool {
        self.calls.iter().chain(&self.legacy).any(Found::is_misshapen)
    }

    /// Writes what was mended; says whether anything was.
    fn mend(&mut self, judgement: &Judgement) -> bool {
        let mut verdicts = judgement.calls.iter();
        for (index, (call, verdict)) in self.calls.iter_mut().zip(&mut verdicts).enumerate() {
            call.mend(verdict);
            if let Some(array) = self.array.as_mut().filter(|_| call.object.is_edited()) {
                let _ = array.set(index, call.object.to_bytes());
            }
        }
        if let Some(array) = self.array.as_ref().filter(|_| self.calls.iter().any(|call| call.object.is_edited())) {
            put_raw(&mut self.message, "tool_calls", array.to_bytes());
        }
        if let (Some(call), Some(verdict)) = (&mut self.legacy, verdicts.next()) {
            call.mend(verdict);
            if call.object.is_edited() {
                put(&mut self.message, "function_call", &call.object);
            }
        }
        if let Some(Verdict::Mended(mended)) = &judgement.text
            && let Some(text) = &mended.text
        {
            self.message.set("content", text);
        }
        if let Some(written) = self.written.take() {
            self.take_in(&written, &judgement.calls);
        }
        if self.message.is_edited() {
            put(&mut self.object, "message", &self.message);
        }
        self.object.is_edited()
    }

    /// Makes calls of what was written as text, if all of it has become calls.
    fn take_in(&mut self, written: &Written, verdicts: &[Verdict]) {
        let calls: Option<Vec<_>> = written.calls.iter().zip(verdicts).map(NewCall::of).collect();
        let Some(calls) = calls else { return };
        let text = written.text.trim();
        self.message.set("content", &Some(text).filter(|text| !text.is_empty()));
        self.message.set("tool_calls", &calls);
        self.object.set("finish_reason", "tool_calls");
    }
}

#[derive(Serialize)]
struct NewCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: NewFunction<'a>,
}

#[derive(Serialize)]
struct NewFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> NewCall<'a> {
    fn of(((name, arguments), verdict): (&'a (String, String), &'a Verdict)) -> Option<Self> {
        let Verdict::Mended(mended) = verdict else { return None };
        let (id, name) = (mended.id.as_deref()?, mended.name.as_deref().unwrap_or(name));
        let arguments = mended.text.as_deref().unwrap_or(arguments);
        Some(Self { id, kind: "function", function: NewFunction { name, arguments } })
    }
}

fn found(call: Object) -> Result<Found, Unreadable> {
    if call.contains("custom") {
        Found::nested(call, "custom", "input", CallKind::Custom)
    } else {
        Found::nested(call, "function", "arguments", CallKind::Function)
    }
}

/// The text, which some providers give in parts.
fn content(message: &Object) -> String {
    if let Some(text) = message.text("content") {
        return text.into_owned();
    }
    let raw = message.get("content").unwrap_or_default();
    let texts = items(raw).flat_map(members).filter(|(name, _)| *name == b"text");
    texts.filter_map(|(_, text)| serde_json::from_slice::<String>(text).ok()).collect()
}
