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

use crate::{
    compact::compact,
    ir::{MOST_NATIVE, Native},
};

#[derive(Debug, Default)]
pub(super) struct Order {
    /// Items of `native.content`, as JSON.
    items: String,
    /// How far the order of a chat message has come: reasoning, text, calls.
    stage: Stage,
    /// A chat message does not say all of it.
    is_telling: bool,
    is_too_long: bool,
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
        self.push(&compact(block.get()));
    }

    /// Something was too long to be kept.
    pub(super) fn give_up(&mut self) {
        self.is_telling = true;
        self.is_too_long = true;
        self.items = String::new();
    }

    fn step(&mut self, stage: Stage) {
        self.is_telling |= stage < self.stage;
        self.stage = stage.max(self.stage);
    }

    fn mark(&mut self, mark: &Mark<'_>) {
        // Strings, numbers and JSON: writing them cannot fail.
        self.push(&compact(&serde_json::to_string(mark).unwrap_or_default()));
    }

    fn push(&mut self, item: &str) {
        self.is_too_long |= self.items.len().saturating_add(item.len()) > MOST_NATIVE - 2;
        if self.is_too_long {
            // What a tool was asked is worth nothing without what it found: all of it, or nothing.
            self.items = String::new();
            return;
        }
        if !self.items.is_empty() {
            self.items.push(',');
        }
        self.items.push_str(item);
    }

    /// `native.content`, if there is a use for it.
    pub(super) fn tell(self, native: &mut Native) {
        match self {
            Self { is_telling: false, .. } => {}
            Self { is_too_long: true, .. } => native.leave_out("content"),
            Self { items, .. } => native.put("content", format!("[{items}]")),
        }
    }
}
