//! What of Anthropic's answers is read. All else is ignored: new members and blocks may appear at any time.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A whole answer, or what a stream begins with.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    #[serde(borrow)]
    pub(super) content: Option<Vec<&'a RawValue>>,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_sequence: Option<String>,
    #[serde(borrow)]
    pub(super) stop_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<Usage<'a>>,
    /// Where code was run, to be named again in the next turn.
    #[serde(borrow)]
    pub(super) container: Option<&'a RawValue>,
}

/// The data of a stream's event.
#[derive(Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) delta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<&'a RawValue>>,
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) data: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// Who has called a tool: the model, or code that it has written.
    #[serde(borrow)]
    pub(super) caller: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) toolset_name: Option<&'a RawValue>,
}

impl<'a> Block<'a> {
    /// Reads a block. Of one that is not known only the kind, if need be: its members may be anything.
    pub(super) fn read(raw: &'a RawValue) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        const KNOWN: [&str; 4] = ["text", "thinking", "redacted_thinking", "tool_use"];
        serde_json::from_str(raw.get()).or_else(|error| {
            let Kind { kind } = serde_json::from_str(raw.get())?;
            if KNOWN.contains(&kind.as_str()) { Err(error) } else { Ok(Self { kind, ..Self::default() }) }
        })
    }
}

/// What a block grows by.
#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) partial_json: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    #[serde(borrow)]
    pub(super) citation: Option<&'a RawValue>,
}

/// What becomes of the message at its end.
#[derive(Deserialize)]
pub(super) struct MessageDelta<'a> {
    pub(super) stop_reason: Option<String>,
    pub(super) stop_sequence: Option<String>,
    #[serde(borrow)]
    pub(super) stop_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) container: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct StopDetails {
    pub(super) explanation: Option<String>,
}

/// Only sources on the web have a URL.
#[derive(Default, Deserialize)]
pub(super) struct Citation {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
}

/// Tokens so far. What is absent has not changed.
#[derive(Deserialize)]
pub(super) struct Usage<'a> {
    pub(super) input_tokens: Option<u64>,
    pub(super) cache_creation_input_tokens: Option<u64>,
    pub(super) cache_read_input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    pub(super) output_tokens_details: Option<OutputDetails>,
    /// How often Anthropic's own tools were used.
    #[serde(borrow)]
    pub(super) server_tool_use: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) service_tier: Option<&'a RawValue>,
    /// What was written to the cache, by how long it lasts there.
    #[serde(borrow)]
    pub(super) cache_creation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) inference_geo: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct OutputDetails {
    pub(super) thinking_tokens: Option<u64>,
}
