use bytes::Bytes;

use crate::{
    json::Object,
    openai::{Chunk, Completion},
};

use super::{
    merge::{UNBOUNDED, Writer},
    plan::{Step, plan},
};

/// How a completion is cut into chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitOptions {
    /// Whether the stream ends with a chunk of usage, as `stream_options.include_usage` asks. Default `false`.
    pub include_usage: bool,
    /// Characters of text in one chunk, at least 1. Default 64.
    pub piece_chars: usize,
}

impl SplitOptions {
    /// Sets whether the stream ends with a chunk of usage.
    #[must_use]
    pub const fn with_include_usage(mut self, include: bool) -> Self {
        self.include_usage = include;
        self
    }

    /// Sets how many characters of text are in one chunk. 0 is taken as 1.
    #[must_use]
    pub const fn with_piece_chars(mut self, chars: usize) -> Self {
        self.piece_chars = chars;
        self
    }
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self { include_usage: false, piece_chars: 64 }
    }
}

/// The chunks that a stream of this completion would have consisted of, `[DONE]` not included.
///
/// Each choice opens with its role and is followed by reasoning, text, refusal, audio, what else the
/// message holds, and calls; an empty `delta` with the `finish_reason` ends it. Text is cut between
/// characters; all else comes whole. Nothing is lost: [`Assembler`](super::Assembler) makes the same
/// completion of the chunks, but for `usage` where it is not asked for.
///
/// The texts are shared with the completion, and each chunk is made when it is asked for.
pub fn split(completion: &Completion, options: &SplitOptions) -> impl Iterator<Item = Chunk> + use<> {
    // What is written here is JSON, so nothing is filtered out.
    split_bytes(completion, options).filter_map(|text| Chunk::parse_with(text, &UNBOUNDED).ok())
}

/// The chunks of [`split`] as their texts: for a stream that nobody may look into, they are not parsed.
pub fn split_bytes(completion: &Completion, options: &SplitOptions) -> impl Iterator<Item = Bytes> + use<> {
    let mut steps = Vec::new();
    for (position, choice) in (0_u64..).zip(completion.choices()) {
        plan(choice, choice.index().unwrap_or(position), options.piece_chars.max(1), &mut steps);
    }
    let usage = completion.object().get_bytes("usage").filter(|usage| options.include_usage && usage != "null");
    steps.extend(usage.map(Step::Usage));
    if steps.is_empty() {
        steps.push(Step::Empty);
    }
    let head = Head::new(completion.object(), options.include_usage);
    let mut first = true;
    let mut text = Vec::new();
    steps.into_iter().map(move |step| {
        text.clear();
        head.write_chunk(&mut text, &step, std::mem::take(&mut first));
        Bytes::copy_from_slice(&text)
    })
}

/// What all chunks of a stream have in common.
struct Head {
    constant: Vec<u8>,
    /// The members of the first chunk alone.
    once: Vec<u8>,
    include_usage: bool,
}

impl Head {
    fn new(completion: &Object, include_usage: bool) -> Self {
        const CONSTANT: [&str; 5] = ["id", "created", "model", "service_tier", "system_fingerprint"];
        let mut head = Self { constant: Vec::new(), once: Vec::new(), include_usage };
        let mut constant = Writer::new(&mut head.constant);
        constant.raw("object", b"\"chat.completion.chunk\"");
        for name in CONSTANT {
            if let Some(raw) = completion.get(name) {
                constant.raw(name, raw);
            }
        }
        let mut once = Writer::go_on(&mut head.once);
        for (name, raw) in completion.iter() {
            if !CONSTANT.contains(&&*name) && !matches!(&*name, "object" | "choices" | "usage") {
                once.raw(&name, raw);
            }
        }
        head
    }

    fn write_chunk(&self, text: &mut Vec<u8>, step: &Step, first: bool) {
        text.extend_from_slice(&self.constant);
        if first {
            text.extend_from_slice(&self.once);
        }
        let mut writer = Writer::go_on(text);
        let choices = writer.member("choices");
        choices.push(b'[');
        step.write_choice(choices);
        choices.push(b']');
        match step {
            Step::Usage(usage) => writer.raw("usage", usage),
            _ if self.include_usage => writer.raw("usage", b"null"),
            _ => {}
        }
        writer.finish();
    }
}
