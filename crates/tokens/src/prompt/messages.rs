use super::Count;
use crate::json::Value;

/// What stands around a message beside its text: OpenAI's, by its cookbook "How to count tokens with tiktoken" (three,
/// and one for the role), and taken for the others, too.
pub(super) const MESSAGE: u64 = 4;

/// The answer's first tokens, which are part of the prompt: same source.
pub(super) const ANSWER: u64 = 3;

/// A message that names its sender: same source.
const NAME: u64 = 1;

/// The names and arguments of a call of a tool have separators between: assumed.
pub(super) const CALL: u64 = 4;

impl Count {
    /// `messages`, in OpenAI's shape or Anthropic's.
    pub(super) fn chat(&mut self, messages: Option<Value<'_>>) {
        let Some(messages) = messages else { return };
        self.add_framing(ANSWER);
        if !messages.is_array() {
            return self.add_value(messages);
        }
        for message in messages.items() {
            self.message(message);
        }
    }

    /// `system` and `instructions`: a text, or blocks of it.
    pub(super) fn system(&mut self, system: Option<Value<'_>>) {
        if let Some(system) = system.filter(|system| system.bytes() != b"null") {
            self.add_framing(MESSAGE);
            self.content(system);
        }
    }

    pub(super) fn message(&mut self, message: Value<'_>) {
        self.add_framing(MESSAGE);
        if !message.bytes().starts_with(b"{") {
            return self.add_value(message);
        }
        for (name, value) in message.members() {
            match name.raw() {
                b"content" => self.content(value),
                b"name" => {
                    self.add_framing(NAME);
                    self.add_value(value);
                }
                b"refusal" | b"reasoning" | b"reasoning_content" => self.add_value(value),
                b"tool_calls" => value.items().for_each(|call| self.call(call)),
                b"function_call" => self.function(value),
                // An answer that was spoken before: only the provider knows how long it was.
                b"audio" if value.bytes() != b"null" => self.counter.assumes(),
                _ => {}
            }
        }
    }

    /// `{"id", "type", "function": {"name", "arguments"}}`, or `custom` with `input`.
    fn call(&mut self, call: Value<'_>) {
        for (name, value) in call.members() {
            if matches!(name.raw(), b"function" | b"custom") {
                self.function(value);
            }
        }
    }

    pub(super) fn function(&mut self, function: Value<'_>) {
        if function.bytes() == b"null" {
            return;
        }
        self.counter.assumes();
        self.add_framing(CALL);
        for (name, value) in function.members() {
            if matches!(name.raw(), b"name" | b"arguments" | b"input" | b"output") {
                self.add_value(value);
            }
        }
    }
}
