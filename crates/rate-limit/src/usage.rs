//! The tokens that an answer tells, or shows.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::{End, Operation};
use llm_layers_wire::{json::Object, openai::Chunk, sse::Event};

use crate::estimate::{BYTES_PER_TOKEN, Tokens};

/// What an answer has told of its usage so far, in the words of OpenAI's two APIs or Anthropic's.
///
/// Sources: OpenAI's reference and the types of its SDK 3.52.0, Anthropic's Messages API, both as of November 2026.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    input: Option<u64>,
    output: Option<u64>,
    /// Bytes of text, reasoning and arguments of calls, as they stand in JSON.
    content: u64,
    /// It has said that nothing more comes.
    is_whole: bool,
    /// It is an error.
    is_error: bool,
}

impl Seen {
    /// Reads a whole answer.
    pub(crate) fn object(&mut self, object: &Object) {
        self.usage_of(object);
        self.is_error = object.get("error").is_some_and(|error| error != b"null");
    }

    /// Reads an event of a stream. What others have parsed of it, and will, is parsed once.
    pub(crate) fn event(&mut self, event: &Event) {
        self.is_whole |= event.is_done() || matches!(event.name(), Some(b"message_stop" | b"response.completed"));
        let Some(chunk) = event.chunk() else { return };
        let object = chunk.object();
        self.usage_of(object);
        if !chunk.choices().is_empty() {
            self.content += chunk_content(chunk);
            return;
        }
        match object.get("delta") {
            // `response.output_text.delta` and its like.
            Some(text) if text.starts_with(b"\"") => self.content += quoted(text),
            // `content_block_delta`; the deltas of `message_delta` are no content.
            Some(delta) if delta.starts_with(b"{") && event.name() == Some(b"content_block_delta") => {
                self.content += block_content(object);
            }
            _ => {}
        }
        // `message_start` and `response.completed` wrap what a whole answer would be.
        for wrapper in ["message", "response"] {
            let wrapped = object.get_bytes(wrapper).filter(|value| value.starts_with(b"{"));
            if let Some(Ok(wrapped)) = wrapped.map(Object::parse) {
                self.usage_of(&wrapped);
            }
        }
    }

    fn usage_of(&mut self, object: &Object) {
        let Some(usage) = object.get_bytes("usage").filter(|usage| usage.starts_with(b"{")) else { return };
        let Ok(usage) = Object::parse(usage) else { return };
        let number = |member: &str| usage.read::<u64>(member).ok().flatten();
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].into_iter().filter_map(number);
        let cached = cached.fold(0, u64::saturating_add);
        let input = number("prompt_tokens").or_else(|| Some(number("input_tokens")?.saturating_add(cached)));
        let output = number("completion_tokens").or_else(|| number("output_tokens"));
        let total = number("total_tokens");
        // Each telling takes the place of the one before.
        self.input = input.or(self.input);
        self.output = output.or_else(|| Some(total?.saturating_sub(self.input?))).or(self.output);
        if let (Some(total), None, None) = (total, input, output) {
            (self.input, self.output) = (Some(total), Some(0));
        }
    }

    /// What the call has used, by all that is known at its end.
    pub(crate) fn used(&self, reserved: &Tokens, end: End) -> u64 {
        let shown = self.content.div_ceil(BYTES_PER_TOKEN);
        let tells_nothing = shown == 0 && self.input.is_none() && self.output.is_none();
        if tells_nothing && (self.is_error || end == End::Failed) {
            return 0;
        }
        // Who leaves behind the last word has had all of them.
        let end = if self.is_whole && end == End::Cancelled { End::Complete } else { end };
        let input = self.input.unwrap_or(reserved.input);
        let output = match (self.output, end) {
            (Some(output), End::Complete) => output,
            // Anthropic tells 1 at the beginning, and the rest at an end that has not come.
            (Some(output), _) => output.max(shown),
            (None, End::Complete) if tells_nothing => reserved.output,
            (None, _) => shown,
        };
        input.saturating_add(output)
    }
}

/// Asks for the usage of a stream whose client does not. Says whether it did, and the answer's usage is to be hidden.
pub(crate) fn ask_for(operation: Option<Operation>, request: &mut Object) -> bool {
    // The other shapes of streams tell it unasked.
    let asks = matches!(operation, Some(Operation::ChatCompletion | Operation::Completion));
    if !asks || !request.is_true("stream") {
        return false;
    }
    let options = match request.get_bytes("stream_options").filter(|options| options != "null") {
        None => Bytes::from_static(br#"{"include_usage":true}"#),
        Some(given) => {
            // What is no object is for others to refuse.
            let Ok(mut given) = Object::parse(given) else { return false };
            if given.is_true("include_usage") {
                return false;
            }
            given.set("include_usage", &true);
            given.to_bytes()
        }
    };
    request.set_raw("stream_options", options).is_ok()
}

/// Takes usage off an event. False: the event was for nothing else.
pub(crate) fn hide(event: &mut Event) -> bool {
    let Some(chunk) = event.chunk() else { return true };
    let Some(usage) = chunk.object().get("usage") else { return true };
    if chunk.choices().is_empty() && usage.starts_with(b"{") {
        return false;
    }
    event.edit_chunk(|chunk| {
        chunk.object_mut().remove("usage");
    });
    true
}

/// Bytes of what the chunk adds to the answer.
fn chunk_content(chunk: &Chunk) -> u64 {
    let value = |(name, value): (Cow<'_, str>, &[u8])| if name == "role" { 0 } else { quoted(value) };
    let choice = |choice: &llm_layers_wire::openai::ChunkChoice| {
        // The older completions have their text beside the delta.
        let text = choice.object().get("text").map_or(0, quoted);
        choice.delta().iter().map(value).fold(text, u64::saturating_add)
    };
    chunk.choices().iter().map(choice).fold(0, u64::saturating_add)
}

/// The bytes of a value but for its quotes; none of what is empty.
fn quoted(value: &[u8]) -> u64 {
    if value == b"null" { 0 } else { value.len().saturating_sub(2) as u64 }
}

fn block_content(object: &Object) -> u64 {
    let Some(Ok(delta)) = object.get_bytes("delta").map(Object::parse) else { return 0 };
    let said = ["text", "thinking", "partial_json"].into_iter().filter_map(|member| delta.get(member));
    said.map(quoted).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESERVED: Tokens = Tokens { input: 100, output: 1000 };

    fn stream(events: &[(&str, &str)], end: End) -> u64 {
        let mut seen = Seen::default();
        for (name, data) in events {
            let event = Event::new(data.to_string());
            seen.event(&if name.is_empty() { event } else { event.with_name(name.to_string()) });
        }
        seen.used(&RESERVED, end)
    }

    fn plain(body: &str) -> u64 {
        let mut seen = Seen::default();
        seen.object(&Object::parse(body.to_owned()).expect("an object"));
        seen.used(&RESERVED, End::Complete)
    }

    #[test]
    fn whole_answers_tell() {
        for (body, used) in [
            (r#"{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#, 7),
            (r#"{"usage":{"prompt_tokens":3,"total_tokens":3}}"#, 3),
            (r#"{"usage":{"total_tokens":9}}"#, 9),
            (r#"{"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7}}"#, 7),
            (
                r#"{"usage":{"input_tokens":3,"cache_read_input_tokens":10,"cache_creation_input_tokens":20,"output_tokens":4}}"#,
                37,
            ),
            (r#"{"usage":null}"#, 1100),
            (r#"{"usage":[]}"#, 1100),
            (r#"{"usage":{"prompt_tokens":"3","completion_tokens":-1}}"#, 1100),
            (r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":9}}"#, u64::MAX),
            ("{}", 1100),
            (r#"{"choices":[{"usage":{"total_tokens":9}}]}"#, 1100),
        ] {
            assert_eq!(plain(body), used, "{body}");
        }
    }

    #[test]
    fn streams_of_chat_tell_at_the_end_or_show() {
        let text = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"12345678"}}],"usage":null}"#;
        let usage = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#;
        assert_eq!(stream(&[("", text), ("", text), ("", usage), ("", "[DONE]")], End::Complete), 7);
        assert_eq!(stream(&[("", text), ("", text), ("", "[DONE]")], End::Complete), 100 + 4);
        assert_eq!(stream(&[("", text)], End::Cancelled), 100 + 2);
        assert_eq!(stream(&[("", text)], End::Failed), 100 + 2);
        assert_eq!(stream(&[], End::Cancelled), 100);
        assert_eq!(stream(&[("", "[DONE]")], End::Complete), 1100, "it has shown nothing");
        let call = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}"#;
        assert_eq!(stream(&[("", call)], End::Cancelled), 100 + 11);
        let old = r#"{"object":"text_completion","choices":[{"text":"12345678"}]}"#;
        assert_eq!(stream(&[("", old)], End::Cancelled), 100 + 2);
        let running = r#"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#;
        assert_eq!(stream(&[("", running)], End::Cancelled), 7, "told with each chunk");
    }

    #[test]
    fn streams_of_messages_and_responses() {
        let start = r#"{"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}"#;
        let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"12345678"}}"#;
        let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#;
        let (start, text) = (("message_start", start), ("content_block_delta", text));
        assert_eq!(stream(&[start, text, ("message_delta", end)], End::Complete), 12);
        assert_eq!(stream(&[start, text, text], End::Cancelled), 7 + 4);

        let delta = ("response.output_text.delta", r#"{"type":"response.output_text.delta","delta":"12345678"}"#);
        let done = r#"{"response":{"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}}"#;
        assert_eq!(stream(&[delta, ("response.completed", done)], End::Complete), 12);
        assert_eq!(stream(&[delta, delta], End::Cancelled), 104);
    }

    #[test]
    fn nonsense_tells_nothing() {
        for data in ["", "{", "null", "[]", r#"{"choices":7,"delta":7,"message":7,"response":"{"}"#, r#"{"delta":{}}"#]
        {
            assert_eq!(stream(&[("content_block_delta", data)], End::Cancelled), 100, "{data}");
        }
    }
}
