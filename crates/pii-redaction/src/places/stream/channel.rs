use crate::places::Visit;

/// A running text of a stream: which one a delta goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Channel {
    /// The choice, or the item of a response's output, or a message's block.
    pub(crate) of: u32,
    pub(crate) kind: Kind,
    /// The tool call within a choice, or the part within an item.
    pub(crate) part: u32,
}

/// What a running text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Text,
    Refusal,
    /// What the model thinks, unsigned, by the two names that providers have for it.
    Reasoning,
    ReasoningContent,
    ReasoningSummary,
    /// What the model thinks, and the provider will have signed.
    Thought,
    /// The same by another name, in chunks that may have both.
    ThoughtBlock,
    /// What is said in a sound.
    Transcript,
    /// A function's arguments, which are JSON.
    Arguments,
    /// The same, where the one call of a choice has no index.
    FunctionCall,
    McpArguments,
    /// What a tool of the caller's own is given, which need not be JSON.
    CustomInput,
    Code,
}

impl Channel {
    pub(super) const fn new(kind: Kind, of: u32, part: u32) -> Self {
        Self { of, kind, part }
    }

    /// Whether the text is for people to read, and comes in one run.
    pub(super) const fn is_prose(self) -> bool {
        !matches!(self.kind, Kind::Arguments | Kind::FunctionCall | Kind::McpArguments | Kind::CustomInput | Kind::Code)
    }

    /// Whether the text goes out as it came, whatever is given in its place: it is signed.
    pub(crate) const fn is_sealed(self) -> bool {
        matches!(self.kind, Kind::Thought | Kind::ThoughtBlock)
    }

    /// Whether the text is JSON, so that what is put into it must be escaped.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self.kind, Kind::Arguments | Kind::FunctionCall | Kind::McpArguments)
    }
}

/// Sees the running texts of a stream, piece by piece, and as [`Visit`] whatever stands whole in an event.
pub(crate) trait Deltas: Visit {
    /// What goes out in place of this piece; `None` lets it go as it is. What may be the beginning of something is held
    /// back, and comes out with a later piece, or at the end.
    ///
    /// Of a [sealed](Channel::is_sealed) text nothing is put anywhere, here and at its end: it is shown to be searched.
    fn delta(&mut self, channel: Channel, piece: &str) -> Option<String>;

    /// The running text is over: what is still held of it.
    fn end(&mut self, channel: Channel) -> String;
}
