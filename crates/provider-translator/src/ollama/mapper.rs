//! What a line of Ollama's tells, as events of ours: a whole answer is a stream of one line.

use llm_layers_core::Rng;
use llm_layers_wire::openai::Usage;
use serde_json::value::RawValue;

use super::native::{Line, Logprob, Message, Token, ToolCall};
use crate::{
    compact::compact,
    ids,
    ir::{Event, Finish, Native},
    names::Names,
};

#[derive(Debug)]
pub(super) struct Mapper {
    names: Names,
    /// The client wants one call at most.
    single: bool,
    rng: Rng,
    calls: u32,
}

impl Mapper {
    pub(super) const fn new(names: Names, single: bool, rng: Rng) -> Self {
        Self { names, single, rng, calls: 0 }
    }

    /// What a line says, be it the last or not: calls come before it, and in it.
    pub(super) fn line(&mut self, line: &mut Line<'_>, out: &mut Vec<Event>) {
        let tokens = line.logprobs.take().unwrap_or_default();
        if !tokens.is_empty() {
            out.push(Event::Logprobs { choice: 0, tokens: tokens.into_iter().map(logprob).collect() });
        }
        let Message { content, thinking, tool_calls } = line.message.take().unwrap_or_default();
        out.extend(thinking.map(|text| Event::Reasoning { choice: 0, text }));
        out.extend(content.map(|text| Event::Text { choice: 0, text }));
        for call in tool_calls.unwrap_or_default() {
            self.call(call, out);
        }
    }

    fn call(&mut self, call: ToolCall<'_>, out: &mut Vec<Event>) {
        if self.single && self.calls > 0 {
            return;
        }
        let index = self.calls;
        self.calls += 1;
        let name = self.names.original(&call.function.name).to_owned();
        let wrap = self.names.wrap(&name);
        let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids::call(&self.rng));
        out.push(Event::ToolStart { choice: 0, index, id, name, kind: wrap.kind() });
        let fragment = wrap.open(&arguments(call.function.arguments));
        out.push(Event::ToolInput { choice: 0, index, fragment });
        out.push(Event::ToolEnd { choice: 0, index });
    }
}

/// The answer is over.
pub(super) fn finish(line: &Line<'_>, out: &mut Vec<Event>) {
    let reason = match line.done_reason.as_deref() {
        Some("length") => Finish::Length,
        // That a model was loaded or unloaded, which is an answer to no question; or nothing, of older servers.
        _ => Finish::Natural,
    };
    let mut native = Native::default();
    // What OpenAI's reasons do not tell apart.
    if let Some(reason) = line.done_reason.as_deref().filter(|reason| !matches!(*reason, "stop" | "length")) {
        native.tell_text("done_reason", reason);
    }
    native.tell("total_duration", line.total_duration);
    native.tell("load_duration", line.load_duration);
    native.tell("prompt_eval_duration", line.prompt_eval_duration);
    native.tell("eval_duration", line.eval_duration);
    native.of_answer(out);
    out.push(Event::Finish { choice: 0, reason });
    // A prompt that was in the cache as a whole is not counted.
    if line.prompt_eval_count.is_some() || line.eval_count.is_some() {
        let (read, written) = (line.prompt_eval_count.unwrap_or_default(), line.eval_count.unwrap_or_default());
        out.push(Event::Usage(Usage::new(read, written)));
    }
    out.push(Event::Done);
}

/// Arguments are an object; some models' are a string of one.
fn arguments(raw: Option<&RawValue>) -> String {
    match raw.map(RawValue::get) {
        None | Some("null") => "{}".into(),
        Some(text) if text.starts_with('"') => {
            let inner: String = serde_json::from_str(text).unwrap_or_default();
            if inner.trim().is_empty() { "{}".into() } else { inner }
        }
        Some(text) => compact(text),
    }
}

/// An item of OpenAI's `logprobs.content`.
fn logprob(mut token: Logprob) -> String {
    let bytes = |token: &mut Token| {
        let text = token.token.as_bytes();
        token.bytes.get_or_insert_with(|| text.to_vec());
    };
    bytes(&mut token.token);
    token.top_logprobs.iter_mut().for_each(bytes);
    // Strings and numbers: writing them cannot fail.
    serde_json::to_string(&token).unwrap_or_else(|_| "null".into())
}
