//! The pieces of a chat answer, put into Anthropic's order: one block after the other, each whole before the next.
//!
//! A chat stream may go on with a call after another has begun. The first block that is not over is told as it
//! comes; what belongs to later ones is held until their turn, within bounds.

use std::{borrow::Cow, collections::VecDeque};

use llm_layers_core::Failure;

use super::{json_end::JsonEnd, spelled};
use crate::inbound::errors;

/// Bytes that may be held for later blocks, blocks that may wait, and calls that an answer may have.
const MAX_HELD: usize = 4 << 20;
const MAX_BLOCKS: usize = 1024;

/// What a block begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Text,
    Thinking,
    Redacted { data: String },
    ToolUse { id: String, name: String },
}

/// What a block grows by, as it is spelled in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delta<'a> {
    Text(Cow<'a, str>),
    Thinking(Cow<'a, str>),
    Signature(Cow<'a, str>),
    /// A fragment of the JSON of a call's input.
    Input(Cow<'a, str>),
}

/// Is told the blocks, in order.
pub(super) trait Sink {
    fn start(&mut self, index: u32, start: &Start);
    fn delta(&mut self, index: u32, delta: Delta<'_>);
    fn stop(&mut self, index: u32);
}

/// The blocks that are not over yet. The first of them is open. All texts are as they are spelled in JSON.
#[derive(Default)]
pub(super) struct Blocks {
    queue: VecDeque<Block>,
    /// The index of the first.
    index: u32,
    held: usize,
    /// The calls that were, by the index that the chat answer gives them.
    calls: Vec<u64>,
}

struct Block {
    start: Start,
    /// Of a call, the index that the chat answer gives it.
    call: u64,
    input: JsonEnd,
    /// Thinking: whether there is text, and whether it is signed.
    has_text: bool,
    is_signed: bool,
    /// What waits for its turn.
    text: String,
    signature: String,
}

impl Block {
    fn new(start: Start) -> Self {
        let input = JsonEnd::default();
        let (text, signature) = (String::new(), String::new());
        Self { start, call: 0, input, has_text: false, is_signed: false, text, signature }
    }

    fn delta<'a>(&self, text: Cow<'a, str>) -> Delta<'a> {
        match self.start {
            Start::Text | Start::Redacted { .. } => Delta::Text(text),
            Start::Thinking => Delta::Thinking(text),
            Start::ToolUse { .. } => Delta::Input(text),
        }
    }

    /// Whether nothing can come of it once another block has begun.
    const fn is_over(&self) -> bool {
        !matches!(self.start, Start::ToolUse { .. }) || self.input.is_over()
    }
}

impl Blocks {
    pub(super) fn text(&mut self, text: &str, sink: &mut impl Sink) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        if !self.queue.back().is_some_and(|last| last.start == Start::Text) {
            self.push(Block::new(Start::Text), sink)?;
        }
        self.grow(self.queue.len() - 1, text, sink)
    }

    pub(super) fn thinking(&mut self, text: &str, sink: &mut impl Sink) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        self.unsigned(sink)?;
        self.grow(self.queue.len() - 1, text, sink)
    }

    /// Signs the thinking that was told, or else this text.
    pub(super) fn sign(&mut self, text: &str, signature: &str, sink: &mut impl Sink) -> Result<(), Failure> {
        self.unsigned(sink)?;
        let at = self.queue.len() - 1;
        if self.queue.back().is_some_and(|last| !last.has_text) {
            self.grow(at, text, sink)?;
        }
        let Some(last) = self.queue.back_mut() else { return Ok(()) };
        last.is_signed = true;
        if at == 0 {
            sink.delta(self.index, Delta::Signature(Cow::Borrowed(signature)));
        } else {
            last.signature.push_str(signature);
            self.hold(signature.len())?;
        }
        Ok(())
    }

    pub(super) fn redacted(&mut self, data: String, sink: &mut impl Sink) -> Result<(), Failure> {
        self.hold(data.len())?;
        self.push(Block::new(Start::Redacted { data }), sink)
    }

    /// Whether a call is known by this index.
    pub(super) fn knows(&self, call: u64) -> bool {
        self.calls.contains(&call)
    }

    pub(super) fn call(&mut self, call: u64, id: String, name: String, sink: &mut impl Sink) -> Result<(), Failure> {
        if self.calls.len() >= MAX_BLOCKS {
            return Err(errors::not_an_answer("one of more calls than an answer may have"));
        }
        self.calls.push(call);
        self.push(Block { call, ..Block::new(Start::ToolUse { id, name }) }, sink)
    }

    pub(super) fn input(&mut self, call: u64, fragment: &str, sink: &mut impl Sink) -> Result<(), Failure> {
        let is_it = |block: &Block| matches!(block.start, Start::ToolUse { .. }) && block.call == call;
        let json = spelled::read(fragment);
        let Some(at) = self.queue.iter().position(is_it) else {
            // Its object was whole, and the next block has begun.
            let is_blank = json.trim().is_empty();
            return if is_blank { Ok(()) } else { Err(errors::not_an_answer("a call that goes on after its end")) };
        };
        if let Some(block) = self.queue.get_mut(at) {
            block.input.feed(&json);
        }
        self.grow(at, fragment, sink)
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) {
        while !self.queue.is_empty() {
            self.next(sink);
        }
    }

    /// Makes the last block one of thinking that can be signed.
    fn unsigned(&mut self, sink: &mut impl Sink) -> Result<(), Failure> {
        if self.queue.back().is_some_and(|last| last.start == Start::Thinking && !last.is_signed) {
            return Ok(());
        }
        self.push(Block::new(Start::Thinking), sink)
    }

    fn push(&mut self, block: Block, sink: &mut impl Sink) -> Result<(), Failure> {
        if self.queue.len() >= MAX_BLOCKS {
            return Err(too_much());
        }
        self.queue.push_back(block);
        if self.queue.len() == 1 {
            self.open(sink);
        }
        self.advance(sink);
        Ok(())
    }

    fn grow(&mut self, at: usize, text: &str, sink: &mut impl Sink) -> Result<(), Failure> {
        let Some(block) = self.queue.get_mut(at).filter(|_| !text.is_empty()) else { return Ok(()) };
        block.has_text = true;
        if at == 0 {
            sink.delta(self.index, block.delta(Cow::Borrowed(text)));
        } else {
            block.text.push_str(text);
            self.hold(text.len())?;
        }
        self.advance(sink);
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Failure> {
        self.held = self.held.saturating_add(bytes);
        if self.held > MAX_HELD { Err(too_much()) } else { Ok(()) }
    }

    fn advance(&mut self, sink: &mut impl Sink) {
        while self.queue.len() > 1 && self.queue.front().is_some_and(Block::is_over) {
            self.next(sink);
        }
        if self.queue.len() <= 1 {
            self.held = 0;
        }
    }

    /// The first block is over, and the one behind it opens.
    fn next(&mut self, sink: &mut impl Sink) {
        if self.queue.pop_front().is_some() {
            sink.stop(self.index);
            self.index += 1;
            self.open(sink);
        }
    }

    fn open(&mut self, sink: &mut impl Sink) {
        let Some(block) = self.queue.front_mut() else { return };
        sink.start(self.index, &block.start);
        let text = std::mem::take(&mut block.text);
        if !text.is_empty() {
            let delta = block.delta(Cow::Owned(text));
            sink.delta(self.index, delta);
        }
        let signature = std::mem::take(&mut block.signature);
        if !signature.is_empty() {
            sink.delta(self.index, Delta::Signature(Cow::Owned(signature)));
        }
    }
}

fn too_much() -> Failure {
    errors::not_an_answer("one whose calls are too long to be put into order")
}
