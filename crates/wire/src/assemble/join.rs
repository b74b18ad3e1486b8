use bytes::Bytes;

use crate::{
    json::Object,
    openai::{Chunk, ChunkChoice},
};

use super::{
    Error,
    calls::Calls,
    merge::{self, Budget, MANY, Members, Node, Writer, each_member},
};

/// What a choice costs beyond its text, about.
const OVERHEAD: usize = 256;

/// What a completion begins with, by custom. `object` goes after the id, `choices` after the model.
const FIRST: [&str; 3] = ["id", "created", "model"];

/// Joins the chunks of a stream into the completion that a plain call would have given.
///
/// See the [module](super) for an example and for the rules.
#[derive(Debug)]
pub struct Assembler {
    budget: Budget,
    head: Members,
    choices: Vec<Choice>,
    failed: Option<Error>,
}

#[derive(Debug)]
struct Choice {
    index: u64,
    /// The choice's own members.
    members: Members,
    logprobs: Option<Members>,
    message: Members,
    calls: Calls,
}

impl Assembler {
    /// The bytes that a completion may have, unless set otherwise: 32 MiB.
    pub const MAX_BYTES: usize = 32 << 20;

    /// An assembler for completions of up to [`MAX_BYTES`](Self::MAX_BYTES).
    #[must_use]
    pub const fn new() -> Self {
        Self::with_max_bytes(Self::MAX_BYTES)
    }

    /// An assembler for completions of up to so many bytes, what it needs beside the text included.
    #[must_use]
    pub const fn with_max_bytes(max_bytes: usize) -> Self {
        Self { budget: Budget::new(max_bytes), head: Members::new(), choices: Vec::new(), failed: None }
    }

    /// Joins a chunk.
    ///
    /// # Errors
    /// The chunk is an error, goes beyond a limit, or contradicts an earlier one. What was held is
    /// let go, and the same error is given ever after, by [`finish`](Self::finish) too.
    pub fn push(&mut self, chunk: &Chunk) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.join(chunk).inspect_err(|error| {
            self.failed = Some(error.clone());
            self.head = Members::default();
            self.choices = Vec::new();
        })
    }

    fn join(&mut self, chunk: &Chunk) -> Result<(), Error> {
        if chunk.is_error() {
            return Err(Error::Upstream);
        }
        let Self { budget, head, choices, .. } = self;
        each_member(chunk.object(), |name, raw| match name {
            "object" | "choices" | "obfuscation" => Ok(()),
            "usage" if raw == b"null" => Ok(()),
            // Azure begins with a chunk in which these are empty.
            "id" | "created" | "model" | "system_fingerprint" if head.get(name).is_some_and(Node::is_telling) => Ok(()),
            _ => head.replace(name, raw, budget),
        })?;
        for (position, fragment) in (0_u64..).zip(chunk.choices()) {
            let index = fragment.index().unwrap_or(position);
            let at = match choices.binary_search_by_key(&index, |choice| choice.index) {
                Ok(at) => at,
                Err(_) if choices.len() >= MANY => return Err(Error::TooMany { limit: MANY }),
                Err(at) => {
                    budget.take(OVERHEAD)?;
                    choices.insert(at, Choice::new(index));
                    at
                }
            };
            if let Some(choice) = choices.get_mut(at) {
                choice.merge(fragment, budget)?;
            }
        }
        Ok(())
    }

    /// Whether there are choices, and all have a `finish_reason`. A stream that was cut off has not.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_none() && !self.choices.is_empty() && self.choices.iter().all(Choice::is_finished)
    }

    /// The completion.
    ///
    /// The members that OpenAI's schema requires of a choice and a message are there, as `null` where no
    /// chunk had them. `usage` is there when a chunk had it.
    ///
    /// # Errors
    /// There was no choice, or a [`push`](Self::push) failed.
    pub fn finish(self) -> Result<Object, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.choices.is_empty() {
            return Err(Error::NoChoices);
        }
        let mut choices = vec![b'['];
        for (at, choice) in self.choices.iter().enumerate() {
            if at > 0 {
                choices.push(b',');
            }
            choice.write(&mut choices);
        }
        choices.push(b']');

        let mut completion = Object::new();
        for name in FIRST {
            if let Some(node) = self.head.get(name) {
                completion.put(name, node.to_bytes());
            }
            if name == "id" {
                completion.put("object", Bytes::from_static(b"\"chat.completion\""));
            }
        }
        completion.put("choices", Bytes::from(choices));
        for (name, node) in self.head.iter().filter(|(name, _)| !FIRST.contains(name)) {
            completion.put(name, node.to_bytes());
        }
        Ok(completion)
    }
}

impl Default for Assembler {
    fn default() -> Self {
        Self::new()
    }
}

impl Choice {
    fn new(index: u64) -> Self {
        Self { index, members: Members::new(), logprobs: None, message: Members::new(), calls: Calls::default() }
    }

    fn merge(&mut self, fragment: &ChunkChoice, budget: &mut Budget) -> Result<(), Error> {
        each_member(fragment.delta(), |name, raw| match name {
            "tool_calls" => self.calls.merge(raw, budget),
            _ => self.message.merge_one(name, raw, budget),
        })?;
        each_member(fragment.object(), |name, raw| match name {
            // Some providers repeat the whole message in the last chunk.
            "index" | "delta" | "message" => Ok(()),
            "logprobs" if raw == b"null" => Ok(()),
            "logprobs" => {
                let object = merge::split_object(raw).ok_or_else(|| Error::mismatch("logprobs"))?;
                let logprobs = self.logprobs.get_or_insert_default();
                each_member(&object, |name, raw| logprobs.extend_one(name, raw, budget))
            }
            _ => self.members.replace(name, raw, budget),
        })
    }

    fn is_finished(&self) -> bool {
        self.members.get("finish_reason").is_some_and(Node::is_telling)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer::new(out);
        writer.raw("index", self.index.to_string().as_bytes());
        self.write_message(writer.member("message"));
        match &self.logprobs {
            Some(logprobs) => logprobs.write(writer.member("logprobs")),
            None => writer.raw("logprobs", b"null"),
        }
        writer.node_or("finish_reason", &self.members, b"null");
        for (name, node) in self.members.iter().filter(|(name, _)| *name != "finish_reason") {
            node.write(writer.member(name));
        }
        writer.finish();
    }

    fn write_message(&self, out: &mut Vec<u8>) {
        const REQUIRED: [(&str, &[u8]); 3] = [("role", b"\"assistant\""), ("content", b"null"), ("refusal", b"null")];
        let mut writer = Writer::new(out);
        for (name, default) in REQUIRED {
            writer.node_or(name, &self.message, default);
        }
        for (name, node) in self.message.iter().filter(|(name, _)| REQUIRED.iter().all(|(known, _)| known != name)) {
            node.write(writer.member(name));
        }
        if !self.calls.is_empty() {
            self.calls.write(writer.member("tool_calls"));
        }
        writer.finish();
    }
}
