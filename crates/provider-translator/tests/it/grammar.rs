//! The order of Anthropic's events, checked strictly, and the message that a client makes of them.
//!
//! By the table of its streaming documentation and what its SDKs raise on, read in November 2026.

use llm_layers_wire::sse::Decoder;
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct Grammar {
    message: Option<Value>,
    /// The open block and the fragments of its input.
    open: Option<(usize, String)>,
    has_ending: bool,
    end: Option<Result<(), Value>>,
}

impl Grammar {
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut grammar = Self::default();
        let mut decoder = Decoder::default();
        decoder.push(body.to_vec().into());
        while let Some(event) = decoder.next().expect("within limits") {
            let data: Value = serde_json::from_slice(event.data().expect("data")).expect("JSON");
            assert_eq!(event.name().map(String::from_utf8_lossy).as_deref(), data["type"].as_str(), "{data}");
            grammar.event(data);
        }
        assert!(decoder.finish().expect("within limits").is_none(), "the last event is whole");
        grammar
    }

    /// The message, or the error that ended the stream.
    pub(crate) fn finish(self) -> Result<Value, Value> {
        self.end.expect("an end").map(|()| self.message.expect("a message"))
    }

    fn event(&mut self, data: Value) {
        assert!(self.end.is_none(), "nothing follows the end: {data}");
        let kind = data["type"].as_str().expect("a type").to_owned();
        match kind.as_str() {
            "ping" => {}
            "error" => self.end = Some(Err(data)),
            "message_start" => {
                assert!(self.message.is_none(), "once");
                let message = data["message"].clone();
                assert_eq!(message["content"], json!([]));
                assert!(message["stop_reason"].is_null());
                self.message = Some(message);
            }
            _ => self.inside(&kind, &data),
        }
    }

    fn inside(&mut self, kind: &str, data: &Value) {
        let message = self.message.as_mut().expect("message_start comes first");
        let content = message["content"].as_array_mut().expect("content");
        match kind {
            "content_block_start" => {
                assert!(self.open.is_none() && !self.has_ending, "blocks do not overlap: {data}");
                assert_eq!(data["index"], content.len());
                self.open = Some((content.len(), String::new()));
                content.push(data["content_block"].clone());
            }
            "content_block_delta" => {
                let (at, input) = self.open.as_mut().expect("an open block");
                assert_eq!(data["index"], *at);
                grow(&mut content[*at], &data["delta"], input);
            }
            "content_block_stop" => {
                let (at, input) = self.open.take().expect("an open block");
                assert_eq!(data["index"], at);
                if !input.is_empty() {
                    content[at]["input"] = serde_json::from_str(&input).expect("the input is JSON");
                }
            }
            "message_delta" => {
                assert!(self.open.is_none(), "all blocks are over");
                self.has_ending = true;
                for name in ["stop_reason", "stop_sequence"] {
                    message[name] = data["delta"][name].clone();
                }
                assert!(data["usage"]["output_tokens"].is_u64());
                message["usage"] = data["usage"].clone();
            }
            "message_stop" => {
                assert!(self.has_ending && message["stop_reason"].is_string());
                self.end = Some(Ok(()));
            }
            other => panic!("no event of Anthropic's: {other}"),
        }
    }
}

fn grow(block: &mut Value, delta: &Value, input: &mut String) {
    let (kind, member) = match delta["type"].as_str().expect("a type") {
        "text_delta" => ("text", "text"),
        "thinking_delta" => ("thinking", "thinking"),
        "signature_delta" => ("thinking", "signature"),
        "input_json_delta" => {
            assert_eq!(block["type"], "tool_use");
            input.push_str(delta["partial_json"].as_str().expect("a fragment"));
            return;
        }
        other => panic!("no delta of Anthropic's: {other}"),
    };
    assert_eq!(block["type"], kind);
    let so_far = block[member].as_str().expect("text");
    if member == "thinking" {
        assert_eq!(block["signature"], "", "the signature comes last");
    }
    block[member] = json!(format!("{so_far}{}", delta[member].as_str().expect("text")));
}
