//! A whole answer, held to the same rules as a stream.

use bytes::Bytes;
use futures_util::stream;
use llm_layers_core::{Body, BoxError, Clock, Failure, Rng};
use llm_layers_wire::{
    assemble::{SplitOptions, split},
    json::{Array, Limits, Object},
    openai::Completion,
    sse::Event,
};

use super::{
    errors as said_errors,
    repair::{
        Asked,
        finish::{self, Finish},
        sources::Sources,
        tool_calls,
    },
    said,
    usage::normal,
};
use crate::{
    errors, ids,
    layer::Settings,
    translate::{Flow, Translate},
};

/// As much as has been read of an answer, which was limited then.
const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX);

/// The repair of one answer.
pub(super) struct Whole {
    asked: Asked,
    clock: Clock,
    rng: Rng,
}

impl Whole {
    pub(super) fn new(asked: Asked, settings: &Settings) -> Self {
        Self { asked, clock: settings.clock, rng: settings.rng.clone() }
    }

    /// The answer as a stream of what it would have been streamed as, for a client that has asked for one.
    pub(super) fn into_stream(self, body: Bytes) -> Result<Body, Failure> {
        let body = self.repair(body)?;
        let completion = Completion::parse(body).map_err(|_| self.no_answer())?;
        let chunks = split(&completion, &SplitOptions::default().with_include_usage(true));
        let events = chunks.map(Event::from_chunk).chain([Event::done()]);
        Ok(Body::from_events(stream::iter(events.map(Ok::<_, BoxError>).collect::<Vec<_>>())))
    }

    fn no_answer(&self) -> Failure {
        errors::not_an_answer("what is no chat completion", &self.asked.provider)
    }

    fn repair(&self, body: Bytes) -> Result<Bytes, Failure> {
        let mut answer = Object::parse_with(body.clone(), &LIMITS).map_err(|_| self.no_answer())?;
        if is_error(&answer) {
            return Err(said_errors::in_stream(&body, &self.asked.provider));
        }
        let choices = answer.get_bytes("choices").and_then(|list| Array::parse_with(list, &LIMITS).ok());
        let mut choices = choices.filter(|choices| !choices.is_empty()).ok_or_else(|| self.no_answer())?;
        let sources = self.asked.cites.then(|| {
            let mut sources = Sources::default();
            sources.learn(&answer);
            sources
        });
        let mut edited = false;
        let mut usage = None;
        for at in 0..choices.len() {
            let choice = choices.get(at).and_then(|choice| Object::parse_with(choice, &LIMITS).ok());
            let mut choice = choice.ok_or_else(|| self.no_answer())?;
            usage = usage.or_else(|| choice.get_bytes("usage").filter(|usage| usage != "null"));
            // Perplexity has both, and nothing in the latter.
            for stray in ["usage", "delta"] {
                choice.remove(stray);
            }
            self.choice(at, &mut choice, sources.clone())?;
            if choice.is_edited() {
                edited |= choices.set(at, choice.to_bytes()).is_ok();
            }
        }
        if edited {
            let _ = answer.set_raw("choices", choices.to_bytes());
        }
        self.frame(&mut answer);
        self::usage(&mut answer, usage);
        Ok(answer.to_bytes())
    }

    fn frame(&self, answer: &mut Object) {
        let says = |answer: &Object, name: &str| answer.text(name).is_some_and(|text| !text.is_empty());
        if !says(answer, "id") {
            answer.set("id", &ids::completion(&self.rng));
        }
        if answer.text("object").as_deref() != Some("chat.completion") {
            answer.set("object", "chat.completion");
        }
        if !answer.get("created").is_some_and(|time| time.iter().all(u8::is_ascii_digit)) {
            answer.set("created", &self.clock.unix_seconds());
        }
        if !answer.contains("model") {
            answer.set("model", "");
        }
    }

    fn choice(&self, at: usize, choice: &mut Object, sources: Option<Sources>) -> Result<(), Failure> {
        if choice.read::<u64>("index").ok().flatten().is_none() {
            choice.set("index", &at);
        }
        let message = choice.get_bytes("message").and_then(|message| Object::parse_with(message, &LIMITS).ok());
        let mut message = message.ok_or_else(|| self.no_answer())?;
        let calls = self.message(&mut message);
        if let Some(mut sources) = sources {
            sources.text(&message.text("content").unwrap_or_default());
            if let Some(annotations) = sources.annotations() {
                let _ = message.set_raw("annotations", annotations);
            }
        }
        if message.is_edited() {
            let _ = choice.set_raw("message", message.to_bytes());
        }
        let natural = if message.contains("function_call") { "function_call" } else { "stop" };
        let reason = match finish::read(choice.get("finish_reason")) {
            Finish::By(reason) => reason,
            Finish::Open => natural,
            Finish::Failed => return Err(errors::broken_off(&self.asked.provider)),
            Finish::Overloaded => return Err(said_errors::overloaded(&self.asked.provider)),
        };
        let reason = finish::with_calls(reason, calls && !self.asked.stop_is_meant);
        if choice.text("finish_reason").as_deref() != Some(reason) {
            choice.set("finish_reason", reason);
        }
        if !choice.contains("logprobs") {
            let _ = choice.set_raw("logprobs", "null");
        }
        Ok(())
    }

    /// Says whether there are calls.
    fn message(&self, message: &mut Object) -> bool {
        said::repair(message);
        if message.text("role").as_deref() != Some("assistant") {
            message.set("role", "assistant");
        }
        for name in ["content", "refusal"] {
            if !message.contains(name) {
                let _ = message.set_raw(name, "null");
            }
        }
        if message.get("function_call") == Some(b"null") {
            message.remove("function_call");
        }
        let Some(list) = message.get_bytes("tool_calls") else { return false };
        let Some(mut calls) = Array::parse_with(list, &LIMITS).ok().filter(|calls| !calls.is_empty()) else {
            message.remove("tool_calls");
            return false;
        };
        let mut edited = false;
        for at in 0..calls.len() {
            let Some(mut call) = calls.get(at).and_then(|call| Object::parse_with(call, &LIMITS).ok()) else {
                continue;
            };
            self.call(&mut call);
            if call.is_edited() {
                edited |= calls.set(at, call.to_bytes()).is_ok();
            }
        }
        if edited {
            let _ = message.set_raw("tool_calls", calls.to_bytes());
        }
        true
    }

    fn call(&self, call: &mut Object) {
        if !call.text("id").is_some_and(|id| tool_calls::is_given(&id)) {
            call.set("id", &ids::call(&self.rng));
        }
        if call.text("type").is_none() {
            call.set("type", if call.contains("custom") { "custom" } else { "function" });
        }
        let function = call.get_bytes("function").and_then(|raw| Object::parse_with(raw, &LIMITS).ok());
        if let Some(mut function) = function {
            tool_calls::arguments_as_text(&mut function);
            if function.is_edited() {
                let _ = call.set_raw("function", function.to_bytes());
            }
        }
    }
}

fn usage(answer: &mut Object, of_choice: Option<Bytes>) {
    let told = answer.get_bytes("usage").filter(|usage| usage != "null");
    let groq = || Object::parse_with(answer.get_bytes("x_groq")?, &LIMITS).ok()?.get_bytes("usage");
    let Some(usage) = told.clone().or(of_choice).or_else(groq) else { return };
    let right = normal(usage);
    if told.as_ref() != Some(&right) {
        let _ = answer.set_raw("usage", right);
    }
}

/// Whether an answer under a status of success is an error.
pub(super) fn is_error(answer: &Object) -> bool {
    let empty = [&b"null"[..], b"{}", b"\"\"", b"false"];
    answer.get("error").is_some_and(|error| !empty.contains(&error))
        || said_errors::is_hidden(answer)
        || answer.text("object").as_deref() == Some("error")
}

impl Translate for Whole {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        self.repair(body)
    }

    fn event(&mut self, _: Event, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(errors::not_an_answer("a stream that was not asked for", &self.asked.provider))
    }

    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(errors::incomplete(&self.asked.provider))
    }
}
