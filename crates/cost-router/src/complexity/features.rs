use llm_layers_core::Operation;
use llm_layers_tokens::{Outline, Tokenizer};
use llm_layers_wire::json::Object;

use super::{
    lexicon::{self, Words},
    shape::Shape,
};

/// What a prompt shows of how hard it is.
///
/// Read from at most 16 KiB of text: the ends of the user's last message and of the instructions. The rest of the
/// conversation counts by its length.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Features {
    /// Tokens of the user's last message, estimated.
    pub ask_tokens: u64,
    /// Tokens of the whole prompt, estimated.
    pub tokens: u64,
    /// The share of the last message that is code, from 0 to 1.
    pub code: f32,
    /// The share of the last message that is mathematics, from 0 to 1.
    pub maths: f32,
    /// Scripts with a twentieth of the letters at least: Latin, Cyrillic, Han and so on.
    pub scripts: u32,
    /// Tools that may be called.
    pub tools: u32,
    /// Calls of tools so far.
    pub tool_calls: u32,
    /// Messages of the user.
    pub turns: u32,
    /// Question marks and words that ask why or how.
    pub questions: u32,
    /// Words that ask for hard work: prove, design, debug, compare.
    pub hard_tasks: u32,
    /// Words that ask for light work: translate, summarise, classify, greet.
    pub easy_tasks: u32,
    /// Steps that are asked for: numbered lines, "first", "then", "step by step".
    pub steps: u32,
    /// Conditions on the answer: "must", "at most", "without", "exactly".
    pub constraints: u32,
    /// Pictures, recordings and files of the last message.
    pub attachments: u32,
    /// Whether the answer must keep to a schema.
    pub has_schema: bool,
}

/// Bytes of text that are read.
const LIMIT: usize = 16 << 10;

/// Reads the features of a call's prompt.
#[must_use]
pub fn features(operation: Operation, object: &Object) -> Features {
    let outline = Outline::of(operation, object, LIMIT);
    let tokenizer = Tokenizer::of("", "");
    let (ask, instructions) = (tokenizer.estimate(&outline.ask), tokenizer.estimate(&outline.instructions));
    let shape = Shape::of(&outline.ask);
    let asked = lexicon::words(&outline.ask);
    let told = lexicon::words(&outline.instructions);
    // Instructions are mostly about form, and the same for every call: they count, and less than what is asked.
    let both = |count: fn(&Words) -> u32| count(&asked).saturating_add(count(&told) / 4);
    let read = outline.ask.len() + outline.instructions.len();
    let unread = outline.bytes.saturating_sub(read as u64);
    Features {
        ask_tokens: ask,
        tokens: ask.saturating_add(instructions).saturating_add(unread / 4),
        code: shape.code,
        maths: shape.maths,
        scripts: shape.scripts,
        tools: outline.tools,
        tool_calls: outline.tool_calls,
        turns: outline.turns,
        questions: asked.questions.saturating_add(shape.question_marks),
        hard_tasks: both(|words| words.hard),
        easy_tasks: asked.easy,
        steps: both(|words| words.steps).saturating_add(shape.numbered_lines),
        constraints: both(|words| words.constraints),
        attachments: outline.attachments,
        has_schema: outline.has_schema,
    }
}
