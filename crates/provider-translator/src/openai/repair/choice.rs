use llm_layers_wire::{json::Object, openai::ChunkChoice};

use super::{super::said, finish, identity::Identity, tool_calls::ToolCalls};

/// What has been seen of a choice.
pub(super) struct Choice {
    index: u64,
    finished: bool,
    calls: ToolCalls,
    /// The call in the shape that OpenAI has given up.
    function: bool,
}

/// What a part of a choice is good for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It opens the choice, or says who speaks.
    Opening,
    /// It says something, or ends the choice.
    Saying,
    /// The choice is over, and this adds nothing to it.
    Idle,
}

impl Choice {
    pub(super) fn new(index: u64) -> Self {
        Self { index, finished: false, calls: ToolCalls::default(), function: false }
    }

    pub(super) const fn index(&self) -> u64 {
        self.index
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.finished
    }

    pub(super) const fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Why it is over, where its provider does not say so.
    pub(super) const fn natural_end(&self) -> &'static str {
        match (self.calls.is_empty(), self.function) {
            (false, _) => "tool_calls",
            (true, true) => "function_call",
            (true, false) => "stop",
        }
    }

    /// Puts right what a chunk adds to it. `stop_is_meant`: OpenAI's own end of a call that was forced is `stop`.
    pub(super) fn repair(&mut self, choice: &mut ChunkChoice, identity: &Identity, stop_is_meant: bool) -> Part {
        said::repair(choice.delta_mut());
        if choice.delta().contains("tool_calls") {
            self.calls.repair(choice.delta_mut(), identity);
        }
        if choice.delta().get("function_call").is_some_and(|call| call.starts_with(b"{")) {
            self.function_call(choice.delta_mut());
        }
        let ends = finish::repair(choice, !stop_is_meant && !self.calls.is_empty());
        let was_finished = self.finished;
        self.finished |= ends;
        if ends && was_finished {
            // It is over once; some say so again, with the usage or behind late content.
            choice.object_mut().set("finish_reason", &None::<&str>);
        }
        if was_finished && is_idle(choice) {
            Part::Idle
        } else if ends || says_something(choice.delta()) {
            Part::Saying
        } else {
            Part::Opening
        }
    }

    /// Says its name once, and its arguments as a string.
    fn function_call(&mut self, delta: &mut Object) {
        let Some(mut call) = delta.get_bytes("function_call").and_then(|call| Object::parse(call).ok()) else { return };
        if self.function {
            call.remove("name");
        }
        self.function = true;
        super::tool_calls::arguments_as_text(&mut call);
        if call.is_edited() {
            let _ = delta.set_raw("function_call", call.to_bytes());
        }
    }
}

/// What stands for the delta of a choice: the message, where a provider sends it whole in one event and no delta.
pub(super) fn complete(choice: &mut ChunkChoice, is_first: bool) {
    let has_delta = choice.object().get("delta").is_some_and(|delta| delta != b"null");
    if !has_delta {
        choice.delta_mut().set("content", "");
        choice.delta_mut().remove("content");
    }
    // Perplexity repeats all that was said so far in each chunk, and MiniMax in the last one.
    let Some(message) = choice.object().get_bytes("message") else { return };
    choice.object_mut().remove("message");
    if let (true, false, Ok(message)) = (is_first, has_delta, Object::parse(message)) {
        for (name, value) in message.iter() {
            let _ = choice.delta_mut().set_raw(&name, value.to_vec());
        }
    }
}

/// Whether a delta holds more than a role and emptiness.
pub(super) fn says_something(delta: &Object) -> bool {
    delta.iter().any(|(name, value)| name != "role" && !matches!(value, b"null" | b"\"\"" | b"[]" | b"{}"))
}

/// Whether a choice that is over is not added to.
fn is_idle(choice: &ChunkChoice) -> bool {
    let adds = |(name, value): (std::borrow::Cow<'_, str>, &[u8])| {
        !matches!(name.as_ref(), "index" | "delta" | "usage") && value != b"null"
    };
    !says_something(choice.delta()) && !choice.object().iter().any(adds)
}
