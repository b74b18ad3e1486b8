//! A conversation as every provider can be told it: read from OpenAI's messages, and put in order.
//!
//! Clients send what no provider but OpenAI takes: empty texts, calls that nobody answered, results out of order,
//! arguments that are no JSON, instructions between turns. [`Conversation::read`] makes of it, once for all
//! dialects, a list of [`Turn`]s in which every call has its result, and right behind it. What cannot be put in
//! order is refused, with the path of what is wrong.

mod calls;
mod message;
mod normal;
mod parts;
mod reasoning;
mod tools;

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use crate::{place::Place, warnings::Warnings};

pub(crate) use parts::sniff_image;
pub(crate) use tools::{Choice, Tool, ToolKind, Tools};

/// A conversation in order.
#[derive(Debug, Default)]
pub(crate) struct Conversation<'a> {
    /// What the system and the developer say before anybody else.
    pub(crate) preamble: Vec<Text<'a>>,
    pub(crate) turns: Vec<Turn<'a>>,
}

/// One party's say.
#[derive(Debug)]
pub(crate) enum Turn<'a> {
    /// Instructions in the middle of the conversation, where they must stay.
    System(Vec<Text<'a>>),
    /// Never empty.
    User(Vec<Part<'a>>),
    /// Says, reasons or calls something.
    Assistant(Assistant<'a>),
    /// Results of the calls of the assistant's turn right before: as many, and in their order.
    Results(Vec<ToolResult<'a>>),
}

/// Text that is not blank.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) cache: Option<CacheMark>,
}

/// The client wants the prompt cached up to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheMark {
    /// For as long as the provider likes.
    Default,
    /// For five minutes.
    Short,
    /// For an hour.
    Long,
}

/// Something that a user says, shows or attaches.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    Text(Text<'a>),
    Image { image: Image<'a>, cache: Option<CacheMark>, path: String },
    File { file: File<'a>, cache: Option<CacheMark>, path: String },
    Audio { audio: Audio<'a>, cache: Option<CacheMark>, path: String },
}

/// Base64, in the format that the client says: `wav` or `mp3`.
#[derive(Debug)]
pub(crate) struct Audio<'a> {
    pub(crate) data: Cow<'a, str>,
    pub(crate) format: Cow<'a, str>,
}

#[derive(Debug)]
pub(crate) enum Image<'a> {
    Url(Cow<'a, str>),
    /// Base64. What type the client says it is does not count: see [`sniff_image`].
    Data(Cow<'a, str>),
}

#[derive(Debug)]
pub(crate) enum File<'a> {
    /// Base64.
    Pdf {
        data: Cow<'a, str>,
        name: Option<Cow<'a, str>>,
    },
    Text {
        text: String,
        name: Option<Cow<'a, str>>,
    },
    /// A file that was sent before, by the id that its provider gave it.
    Id(Cow<'a, str>),
}

#[derive(Debug, Default)]
pub(crate) struct Assistant<'a> {
    pub(crate) reasoning: Vec<Reasoning<'a>>,
    /// What was told of its reasoning, in `reasoning_content`: for providers that take it back without a seal.
    pub(crate) thoughts: Option<Cow<'a, str>>,
    pub(crate) texts: Vec<Text<'a>>,
    pub(crate) calls: Vec<Call<'a>>,
    /// What the provider of an earlier answer has said in words of its own, one for each message: for that provider
    /// to read, and for no other.
    pub(crate) native: Vec<Native<'a>>,
}

/// `native` of a message, and where it stands.
#[derive(Debug)]
pub(crate) struct Native<'a> {
    pub(crate) raw: &'a RawValue,
    pub(crate) path: String,
}

/// A sealed block of reasoning, to be handed back as it came.
#[derive(Debug)]
pub(crate) struct Reasoning<'a> {
    pub(crate) seal: Seal<'a>,
    /// Whose seal it is, as far as the client has kept that.
    pub(crate) format: Option<Cow<'a, str>>,
}

#[derive(Debug)]
pub(crate) enum Seal<'a> {
    Signed { text: Cow<'a, str>, signature: Cow<'a, str> },
    Encrypted(Cow<'a, str>),
}

#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) input: Input<'a>,
    /// What Google's models demand back with a call: `extra_content.google.thought_signature`.
    pub(crate) signature: Option<Cow<'a, str>>,
    pub(crate) cache: Option<CacheMark>,
}

/// What a tool is called with.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    /// A function's arguments: an object, as it was spelled.
    Json(Box<RawValue>),
    /// A custom tool's input.
    Text(Cow<'a, str>),
}

#[derive(Debug, Default)]
pub(crate) struct ToolResult<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    pub(crate) cache: Option<CacheMark>,
    /// The tool has failed, as clients that speak Anthropic's dialect say.
    pub(crate) is_error: bool,
    /// Nobody sent it: it says that there is none.
    pub(crate) is_missing: bool,
}

impl ToolResult<'_> {
    /// Says in words that the tool has failed, for a provider that is told it by no other means.
    pub(crate) fn tell_error(&mut self) {
        if !self.is_error {
            return;
        }
        let text = self.parts.iter_mut().find_map(|part| match part {
            Part::Text(text) => Some(&mut text.text),
            _ => None,
        });
        match text {
            Some(text) if says_error(text) => {}
            Some(text) => *text = Cow::Owned(format!("Error: {text}")),
            None => self.parts.insert(0, Part::Text(Text { text: Cow::Borrowed("Error"), cache: None })),
        }
    }
}

/// Whether a tool's result says itself, by its first word, that it is an error.
pub(crate) fn says_error(text: &str) -> bool {
    text.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("error"))
}

impl<'a> Conversation<'a> {
    /// Reads `messages`.
    pub(crate) fn read(request: &'a Object, warnings: &mut Warnings) -> Result<Self, Failure> {
        let place = Place::new("messages");
        let raw: &RawValue = request.read("messages").ok().flatten().ok_or_else(|| place.missing())?;
        let messages = place.list(raw)?;
        if messages.is_empty() {
            return Err(place.invalid("it is empty"));
        }
        let mut builder = normal::Builder::default();
        for (index, raw) in messages.into_iter().enumerate() {
            let place = place.item(index);
            builder.push(message::read(raw, index, &place, warnings)?, &place, warnings)?;
        }
        builder.finish(warnings)
    }
}
