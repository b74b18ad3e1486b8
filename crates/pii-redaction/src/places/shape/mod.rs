mod parts;
mod tables;

use self::{
    parts::{audio, call, file, part, reasoning, source, url},
    tables::{answer, choice, event, format, item, message, prompt, request, schema, tool, vector},
};
use crate::Media;

/// What a value is, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The user's own data: strings, members' names and long numbers are texts.
    Data,
    /// What nobody knows in an answer: its strings are texts, and its numbers may be the protocol's.
    Unknown,
    /// Words and numbers of the protocol: enums, ids, names of functions, signatures. A string that is not of the
    /// letters that such are made of is a text all the same.
    Own,
    /// Not looked at: credentials that are for the provider, and what is no text at all.
    Opaque,
    /// A string of JSON, even when it is none.
    Arguments,
    /// An address that the provider fetches, by itself or as the `url` of an object.
    Url(Media),
    /// Base64, or a `data:` address.
    Base64(Media),
    /// The same, of a file that says that it is text.
    TextFile(Media),
    /// A piece of a running text, which is seen to by itself. What is no string there is looked at.
    Running,

    Request,
    Answer,
    Choice,
    Message,
    /// A name that is somebody's, unless the message is a tool's.
    Name,
    /// A string, or a list of parts.
    Content,
    Part,
    /// A part's text, which goes on in the next part's.
    PartText,
    /// A thought, sealed if it is signed.
    Thought,
    /// What the provider has encrypted, if the part says so.
    Encrypted,
    Call,
    Tool,
    Format,
    Schema,
    /// Schemas by names that are the user's.
    Properties,
    Prompt,
    Variables,
    /// Reasoning that goes back as it came.
    Reasoning,
    /// An image or a document in Anthropic's shape.
    Source(Media),
    /// The data of one: its type says what they are.
    SourceData(Media),
    Audio,
    File,
    FileId(Media),
    Item,
    /// An event of a stream.
    Event,
    /// One whose `delta` has been seen to.
    DeltaEvent,
    /// The same of what a chunk adds, in which pieces of running texts stand.
    ContentDelta,
    CallDelta,
    FunctionDelta,
    CustomDelta,
    AudioDelta,
    ReasoningDelta,
    /// One of an answer's embeddings.
    Vector,
}

impl Shape {
    /// What a member holds; `None` for one that this shape does not name.
    pub(super) fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Data => Some(Self::Data),
            Self::Unknown => Some(Self::Unknown),
            Self::Own => Some(Self::Own),
            Self::Opaque => Some(Self::Opaque),
            Self::Properties => Some(Self::Schema),
            Self::Variables => Some(Self::Part),
            Self::Request => request(name),
            Self::Answer => answer(name),
            Self::Choice => choice(name),
            Self::Message => message(name),
            Self::Content | Self::Part => part(name),
            Self::Call => call(name),
            Self::Tool => tool(name),
            Self::Format => format(name),
            Self::Schema => schema(name),
            Self::Prompt => prompt(name),
            Self::Reasoning => reasoning(name),
            Self::Source(kind) => source(name, kind),
            Self::Url(kind) => url(name, kind),
            Self::Audio => audio(name),
            Self::File => file(name),
            Self::Item => item(name),
            Self::Event => event(name),
            Self::DeltaEvent if name == "delta" => Some(Self::Opaque),
            Self::DeltaEvent => event(name),
            Self::Vector => vector(name),
            Self::ContentDelta => part(name).map(|shape| running(shape, Self::PartText)),
            Self::CallDelta if name == "function" => Some(Self::FunctionDelta),
            Self::CallDelta if name == "custom" => Some(Self::CustomDelta),
            Self::CallDelta => call(name),
            Self::FunctionDelta => call(name).map(|shape| running(shape, Self::Arguments)),
            Self::CustomDelta if name == "input" => Some(Self::Running),
            Self::CustomDelta => call(name),
            Self::AudioDelta if name == "transcript" => Some(Self::Running),
            // Pieces of a sound are no text.
            Self::AudioDelta if name == "data" => Some(Self::Opaque),
            Self::AudioDelta => audio(name),
            Self::ReasoningDelta => reasoning(name).map(|shape| running(shape, Self::Thought)),
            // Strings, by the protocol; an object in their place is nobody's.
            Self::Arguments
            | Self::Base64(_)
            | Self::TextFile(_)
            | Self::Running
            | Self::SourceData(_)
            | Self::Name
            | Self::PartText
            | Self::Thought
            | Self::Encrypted
            | Self::FileId(_) => None,
        }
    }

    /// Whether the names of its members are the user's.
    pub(super) const fn has_names_of_the_user(self) -> bool {
        matches!(self, Self::Data | Self::Properties | Self::Variables)
    }
}

/// A member as it is, or as a piece that is seen to by itself.
fn running(shape: Shape, of: Shape) -> Shape {
    if shape == of { Shape::Running } else { shape }
}
