use super::{
    Count,
    messages::{ANSWER, MESSAGE},
};
use crate::{json::Value, text::Text};

impl Count {
    /// `input` of a response: a text, or items.
    pub(super) fn input_items(&mut self, input: Option<Value<'_>>) {
        let Some(input) = input else { return };
        self.add_framing(ANSWER);
        if !input.is_array() {
            self.add_framing(MESSAGE);
            return self.add_value(input);
        }
        for item in input.items() {
            self.item(item);
        }
    }

    fn item(&mut self, item: Value<'_>) {
        match item.member("type").and_then(Value::text).map(Text::raw) {
            None | Some(b"message") => self.message(item),
            Some(b"function_call" | b"custom_tool_call") => self.function(item),
            Some(b"function_call_output" | b"custom_tool_call_output") => {
                self.counter.assumes();
                self.add_framing(MESSAGE);
                if let Some(output) = item.member("output") {
                    self.content(output);
                }
            }
            Some(b"reasoning") => {
                self.counter.assumes();
                for part in [item.member("summary"), item.member("content")].into_iter().flatten() {
                    self.content(part);
                }
            }
            // Kept by the provider.
            Some(b"item_reference") => self.counter.assumes(),
            Some(_) => {
                self.counter.assumes();
                self.add_value(item);
            }
        }
    }
}
