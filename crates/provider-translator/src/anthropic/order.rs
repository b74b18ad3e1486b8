//! The blocks of an answer in their order, where a chat message has no room for it.
//!
//! A chat message has one place each for text, reasoning and calls. Anthropic's models mix them, and put between them
//! what the tools did that Anthropic runs itself: all of that wants to come back as it stood. So the message has it
//! in `native.content`: what no other member holds whole, and a mark for each block that one of them holds.
//!
//! | block | its mark |
//! | --- | --- |
//! | text | `{"type":"text","length":N}` in characters, and its `citations` |
//! | reasoning with a seal | `{"type":"thinking"}` |
//! | call | `{"type":"tool_use","id":…}`, its `caller` and its `toolset_name` |
//!
//! The marks count: the first one of a kind is for the first one of that kind in the message.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::ir::{List, Native};

#[derive(Debug, Default)]
pub(super) struct Order {
    /// `native.content`. What a tool was asked is worth nothing without what it found: all of it, or nothing.
    content: List,
    /// How far the order of a chat message has come: reasoning, text, calls.
    stage: Stage,
    /// A chat message does not say all of it.
    is_telling: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Reasoning,
    Text,
    Calls,
}

#[derive(Default, Serialize)]
struct Mark<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Box<RawValue>],
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    toolset_name: Option<&'a RawValue>,
}

/// What a call has that OpenAI's calls have not.
#[derive(Debug, Default)]
pub(super) struct Extras {
    pub(super) caller: Option<Box<RawValue>>,
    pub(super) toolset_name: Option<Box<RawValue>>,
}

impl Order {
    /// A text of so many characters. `annotated`: its sources are told as annotations too.
    pub(super) fn text(&mut self, length: usize, citations: &[Box<RawValue>], annotated: bool) {
        self.is_telling |= !annotated;
        self.step(Stage::Text);
        self.mark(&Mark { kind: "text", length: Some(length), citations, ..Mark::default() });
    }

    /// Reasoning that has a seal.
    pub(super) fn reasoning(&mut self) {
        self.step(Stage::Reasoning);
        self.mark(&Mark { kind: "thinking", ..Mark::default() });
    }

    /// A call.
    pub(super) fn call(&mut self, id: &str, extras: &Extras) {
        let (caller, toolset_name) = (extras.caller.as_deref(), extras.toolset_name.as_deref());
        self.is_telling |= caller.is_some() || toolset_name.is_some();
        self.step(Stage::Calls);
        self.mark(&Mark { kind: "tool_use", id: Some(id), caller, toolset_name, ..Mark::default() });
    }

    /// A block of a tool of Anthropic's, or one that is not known.
    pub(super) fn foreign(&mut self, block: &RawValue) {
        self.is_telling = true;
        self.content.push(block.get());
    }

    /// Something was too long to be kept.
    pub(super) fn give_up(&mut self) {
        self.is_telling = true;
        self.content.give_up();
    }

    fn step(&mut self, stage: Stage) {
        self.is_telling |= stage < self.stage;
        self.stage = stage.max(self.stage);
    }

    fn mark(&mut self, mark: &Mark<'_>) {
        // Strings, numbers and JSON: writing them cannot fail.
        self.content.push(&serde_json::to_string(mark).unwrap_or_default());
    }

    /// `native.content`, if there is a use for it.
    pub(super) fn tell(self, native: &mut Native) {
        if self.is_telling {
            native.tell_list("content", self.content);
        }
    }
}
