//! What an answer of any provider is turned into before it becomes OpenAI's.
//!
//! A dialect maps its answer onto [`Event`]s, once: [`Chunks`] makes a stream of them and [`fold()`] a whole
//! completion, so that the two can never say different things.

mod bounds;
mod chunks;
mod fold;
mod native;

pub(crate) use bounds::{MOST_HELD, MOST_OPEN, MOST_SOURCES};
pub(crate) use chunks::Chunks;
pub(crate) use fold::fold;
use llm_layers_wire::openai::Usage;
pub(crate) use native::{List, MOST_NATIVE, Native};
use serde::Serialize;
use serde_json::value::RawValue;

/// Something that happens in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The answer begins. `created` is in seconds since 1970.
    Start {
        id: String,
        model: String,
        created: u64,
    },
    Text {
        choice: u32,
        text: String,
    },
    Refusal {
        choice: u32,
        text: String,
    },
    /// Text of the block of reasoning that the next seal closes.
    Reasoning {
        choice: u32,
        text: String,
    },
    /// What lets a block of reasoning be handed back to the provider. `format` names whose it is.
    Seal {
        choice: u32,
        seal: Seal,
        format: &'static str,
    },
    /// A block of reasoning ends without a seal.
    Unsealed {
        choice: u32,
    },
    /// A call begins; calls are counted 0, 1, 2 in order of appearance, whatever else stands between them.
    ToolStart {
        choice: u32,
        index: u32,
        id: String,
        name: String,
        kind: ToolKind,
    },
    /// What Google's models demand back with the call that begins next.
    ToolSignature {
        choice: u32,
        signature: String,
    },
    /// A fragment of a function's arguments, or of a custom tool's input.
    ToolInput {
        choice: u32,
        index: u32,
        fragment: String,
    },
    /// No more fragments of this call.
    ToolEnd {
        choice: u32,
        index: u32,
    },
    Citation {
        choice: u32,
        citation: Citation,
    },
    /// Probabilities of the tokens of the text that comes next: items of OpenAI's `logprobs.content`, as JSON.
    Logprobs {
        choice: u32,
        tokens: Vec<String>,
    },
    /// Something that only this provider says, and no member of OpenAI's holds: a member of `native`, as JSON.
    Native {
        name: &'static str,
        json: Box<str>,
    },
    /// The same of a choice's message, for what the provider wants to have back with it: a member of its `native`.
    NativeOfMessage {
        choice: u32,
        name: &'static str,
        json: Box<str>,
    },
    /// Held back until [`Done`](Self::Done): calls that still come may change the reason.
    Finish {
        choice: u32,
        reason: Finish,
    },
    /// All tokens so far; never an increment.
    Usage(Usage),
    /// The answer is whole.
    Done,
}

/// Opaque: handed back as it came, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// Vouches for the text of the block, which may be empty.
    Signature(String),
    /// The block itself, unreadable.
    Encrypted(String),
}

/// What kind of tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolKind {
    Function,
    Custom,
}

/// A source, and the characters of the content that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Citation {
    #[serde(rename = "start_index")]
    pub(crate) start: usize,
    #[serde(rename = "end_index")]
    pub(crate) end: usize,
    pub(crate) title: String,
    pub(crate) url: String,
}

/// `extra_content` of a call, as Google's own OpenAI-compatible API has it.
#[derive(Debug, Serialize)]
struct Extra<'a> {
    google: Google<'a>,
}

#[derive(Debug, Serialize)]
struct Google<'a> {
    thought_signature: &'a str,
}

impl<'a> Extra<'a> {
    const fn new(thought_signature: &'a str) -> Self {
        Self { google: Google { thought_signature } }
    }
}

/// Why an answer ended, as the provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Natural,
    Length,
    ContentFilter,
}

impl Finish {
    /// `finish_reason`. A call decides only where the end was natural: a cut-off call is no call.
    const fn word(self, calls: bool, shape: Shape) -> &'static str {
        match self {
            Self::ContentFilter => "content_filter",
            Self::Length => "length",
            Self::Natural if calls && shape.legacy_function => "function_call",
            Self::Natural if calls => "tool_calls",
            Self::Natural => "stop",
        }
    }
}

/// What the client has asked for in the shape of its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// `stream_options.include_usage`.
    pub(crate) include_usage: bool,
    /// The request had `functions`, which OpenAI has given up, and its answer has `function_call`.
    pub(crate) legacy_function: bool,
}

/// `native`: what the provider has said in members of its own, by their names there. Nothing if that is nothing.
fn write_native(members: &[(&'static str, Box<str>)]) -> Option<Box<RawValue>> {
    let member = |(name, json): &(&'static str, Box<str>)| format!("\"{name}\":{json}");
    let members: Vec<String> = members.iter().map(member).collect();
    // Its values are JSON, as they came.
    (!members.is_empty()).then(|| RawValue::from_string(format!("{{{}}}", members.join(","))).ok()).flatten()
}

/// An item of `annotations`.
#[derive(Debug, Serialize)]
struct Annotation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: &'a Citation,
}

impl<'a> Annotation<'a> {
    const fn new(citation: &'a Citation) -> Self {
        Self { kind: "url_citation", url_citation: citation }
    }
}

/// `logprobs` of a choice, as JSON.
fn logprobs(tokens: &[String]) -> String {
    if tokens.is_empty() { "null".into() } else { format!(r#"{{"content":[{}],"refusal":null}}"#, tokens.join(",")) }
}

/// An item of `reasoning_details`: what a client hands back so that the provider knows its own reasoning again.
#[derive(Debug, Serialize)]
struct Detail {
    #[serde(rename = "type")]
    kind: &'static str,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    format: &'static str,
}

impl Detail {
    fn new(index: u32, text: String, seal: Seal, format: &'static str) -> Self {
        let detail = Self { kind: "reasoning.text", index, text: None, signature: None, data: None, format };
        match seal {
            Seal::Signature(signature) => Self { text: Some(text), signature: Some(signature), ..detail },
            Seal::Encrypted(data) => Self { kind: "reasoning.encrypted", data: Some(data), ..detail },
        }
    }
}
