//! Blocks as the events of a stream.

use bytes::Bytes;
use llm_layers_wire::sse;
use serde::Serialize;

use super::{
    answer::{Ending, Opening},
    blocks::{Delta, Sink, Start},
    usage::Usage,
};

/// Puts events out.
pub(super) struct Stream<'a>(pub(super) &'a mut Vec<sse::Event>);

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: u32, content_block: ContentBlock<'a> },
    ContentBlockStop { index: u32 },
    MessageDelta { delta: MessageDelta<'a>, usage: Usage },
    MessageStop,
    Ping,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: [(); 0],
    stop_reason: (),
    stop_sequence: (),
    usage: Usage,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentBlock<'a> {
    Text { text: &'static str },
    Thinking { thinking: &'static str, signature: &'static str },
    RedactedThinking { data: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Empty },
}

/// `{}`.
#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct MessageDelta<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
}

impl Stream<'_> {
    pub(super) fn message_start(&mut self, opening: &Opening) {
        let Opening { id, model } = opening;
        // Chat completions count tokens at the end only; `message_delta` then tells all of them.
        let (content, usage) = ([], Usage::default());
        let (kind, role, stop_reason, stop_sequence) = ("message", "assistant", (), ());
        let message = Message { id, kind, role, model, content, stop_reason, stop_sequence, usage };
        self.push("message_start", &Event::MessageStart { message });
    }

    pub(super) fn message_end(&mut self, ending: &Ending) {
        let delta = MessageDelta { stop_reason: ending.reason, stop_sequence: ending.sequence.as_deref() };
        self.push("message_delta", &Event::MessageDelta { delta, usage: ending.usage });
        self.push("message_stop", &Event::MessageStop);
    }

    pub(super) fn ping(&mut self) {
        self.push("ping", &Event::Ping);
    }

    /// The last event of a stream that failed.
    pub(super) fn error(&mut self, error: Bytes) {
        self.0.push(sse::Event::new(error).with_name("error"));
    }

    fn push(&mut self, name: &'static str, event: &Event<'_>) {
        // Strings and numbers: writing them cannot fail.
        let data = serde_json::to_vec(event).unwrap_or_default();
        self.0.push(sse::Event::new(data).with_name(name));
    }
}

impl Sink for Stream<'_> {
    fn start(&mut self, index: u32, start: &Start) {
        let content_block = match start {
            Start::Text => ContentBlock::Text { text: "" },
            Start::Thinking => ContentBlock::Thinking { thinking: "", signature: "" },
            Start::Redacted { data } => ContentBlock::RedactedThinking { data },
            Start::ToolUse { id, name } => ContentBlock::ToolUse { id, name, input: Empty {} },
        };
        self.push("content_block_start", &Event::ContentBlockStart { index, content_block });
    }

    fn delta(&mut self, index: u32, delta: Delta<'_>) {
        let (kind, member, spelled) = match &delta {
            Delta::Text(text) => ("text_delta", "text", text),
            Delta::Thinking(text) => ("thinking_delta", "thinking", text),
            Delta::Signature(signature) => ("signature_delta", "signature", signature),
            Delta::Input(fragment) => ("input_json_delta", "partial_json", fragment),
        };
        let data = format!(
            r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{member}":"{spelled}"}}}}"#
        );
        self.0.push(sse::Event::new(data).with_name("content_block_delta"));
    }

    fn stop(&mut self, index: u32) {
        self.push("content_block_stop", &Event::ContentBlockStop { index });
    }
}
