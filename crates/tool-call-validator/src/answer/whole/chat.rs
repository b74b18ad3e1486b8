//! Chat completions: OpenAI's reference ("Create chat completion"), as of November 2026.

use std::borrow::Cow;

use llm_layers_wire::json::{Array, Object, items, members};
use serde::Serialize;

use super::{
    Answer,
    call::{Found, put, put_raw},
    wants_json,
};
use crate::{
    Repair,
    answer::{
        end,
        nested::{Unreadable, list, object, parse},
    },
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

    fn settle(&self, judgements: &mut [Judgement], settings: &Settings) {
        for (index, (choice, judgement)) in self.choices.iter().zip(judgements).enumerate() {
            choice.settle(index, judgement, settings);
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
        let is_other =
            |name, begin: u8| message.get(name).is_some_and(|raw| raw.first() == Some(&begin) && raw.len() > 2);
        if is_other("tool_calls", b'{') || is_other("function_call", b'[') {
            // A client of its own making may find a call in it.
            return Err(Unreadable);
        }
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
        self.object.text("finish_reason").as_deref().and_then(end::chat) == Some(End::CutOff)
    }

    fn settle(&self, choice: usize, judgement: &mut Judgement, settings: &Settings) {
        for (call, verdict) in self.calls.iter().chain(&self.legacy).zip(&mut judgement.calls) {
            call.settle(choice, verdict, settings);
        }
        for verdict in judgement.calls.iter_mut().filter(|_| self.written.is_some()) {
            if let Verdict::Mended(mended) = verdict {
                // That such a call has no id goes without saying.
                mended.repairs.retain(|repair| *repair != Repair::Id);
                mended.repairs.insert(0, Repair::WrittenCall);
            }
        }
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
    match (says(&call, "function")?, says(&call, "custom")?) {
        // Clients read the one or the other.
        (true, true) => Err(Unreadable),
        (false, true) => Found::nested(call, "custom", "input", CallKind::Custom),
        (_, false) => Found::nested(call, "function", "arguments", CallKind::Function),
    }
}

/// Whether a member is an object that says anything.
fn says(call: &Object, member: &str) -> Result<bool, Unreadable> {
    let object = object(call, member)?;
    Ok(object.is_some_and(|object| object.iter().any(|(_, value)| !matches!(value, b"null" | b"\"\""))))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Reader;

    fn read(message: &str, finish: &str) -> Result<Option<Chat>, Unreadable> {
        let settings = Settings::default();
        let request = r#"{"tools":[{"type":"function","function":{"name":"f"}}]}"#;
        let reader = Reader { schemas: &settings.schemas, strict: true };
        let contract =
            Contract::read(llm_layers_core::Operation::ChatCompletion, &Object::parse(request).unwrap(), &reader);
        let answer = format!(r#"{{"choices":[{{"message":{message},"finish_reason":"{finish}"}}]}}"#);
        Chat::read(&Object::parse(answer).unwrap(), &contract.unwrap().unwrap(), &settings)
    }

    #[test]
    fn a_call_stands_in_one_member() {
        let function = r#""function":{"name":"f","arguments":"{}"}"#;
        let message = |beside: &str| format!(r#"{{"tool_calls":[{{"id":"a",{function},{beside}}}]}}"#);
        assert!(read(&message(r#""custom":{"name":"g","input":"x"}"#), "stop").is_err());
        for beside in [r#""custom":null"#, r#""custom":{}"#, r#""custom":{"name":"","input":null}"#] {
            let chat = read(&message(beside), "tool_calls").unwrap().unwrap();
            let turns = chat.turns();
            assert_eq!((&*turns[0].calls[0].name, turns[0].calls[0].kind), ("f", CallKind::Function), "{beside}");
        }
    }

    #[test]
    fn calls_of_another_shape_are_not_passed_over() {
        for message in [r#"{"tool_calls":{"0":{"id":"a"}}}"#, r#"{"function_call":[{"name":"f"}]}"#] {
            assert!(read(message, "stop").is_err(), "{message}");
        }
        for message in [r#"{"tool_calls":{},"function_call":[]}"#, r#"{"tool_calls":null,"function_call":null}"#] {
            assert!(read(message, "stop").is_ok(), "{message}");
        }
    }

    #[test]
    fn ends_are_those_of_streams() {
        for (finish, end) in
            [("stop", End::Complete), ("length", End::CutOff), ("model_length", End::CutOff), ("error", End::CutOff)]
        {
            assert_eq!(read("{}", finish).unwrap().unwrap().turns()[0].end, end, "{finish}");
        }
    }
}
