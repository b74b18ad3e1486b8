use bytes::Bytes;
use llm_layers_core::{Clock, Rng};
use llm_layers_wire::{json::Object, openai::Chunk};

use crate::ids;

/// The members that every chunk has and that are the same in all of a stream.
pub(super) struct Identity {
    clock: Clock,
    rng: Rng,
    /// As the first chunk has them, or made up where it does not.
    members: Option<[Bytes; MEMBERS.len()]>,
}

const MEMBERS: [&str; 4] = ["id", "object", "created", "model"];
const CHUNK: Bytes = Bytes::from_static(b"\"chat.completion.chunk\"");

impl Identity {
    pub(super) const fn new(clock: Clock, rng: Rng) -> Self {
        Self { clock, rng, members: None }
    }

    pub(super) const fn is_known(&self) -> bool {
        self.members.is_some()
    }

    /// Gives a chunk what it lacks, and what it says otherwise than the chunks before it.
    pub(super) fn complete(&mut self, chunk: &mut Chunk) {
        if self.members.is_none() {
            self.members = Some([
                said(chunk, "id").unwrap_or_else(|| json(&ids::completion(&self.rng))),
                CHUNK,
                said(chunk, "created").unwrap_or_else(|| json(&self.clock.unix_seconds())),
                said(chunk, "model").unwrap_or(Bytes::from_static(b"\"\"")),
            ]);
        }
        for (name, value) in MEMBERS.iter().zip(self.members.iter_mut().flatten()) {
            let theirs = chunk.object().get(name);
            if theirs == Some(value) {
                continue;
            }
            // A model that was not known at first, and is now.
            match said(chunk, name).filter(|_| value == "\"\"") {
                Some(later) => *value = later,
                None => drop(chunk.object_mut().set_raw(name, value.clone())),
            }
        }
        if !chunk.object().get("choices").is_some_and(|choices| choices.starts_with(b"[")) {
            chunk.set_choices(Vec::new());
        }
    }

    /// The beginning of a chunk of our own.
    pub(super) fn chunk(&self) -> Object {
        let mut chunk = Object::new();
        for (name, value) in MEMBERS.iter().zip(self.members.iter().flatten()) {
            let _ = chunk.set_raw(name, value.clone());
        }
        chunk
    }

    pub(super) fn call_id(&self) -> String {
        ids::call(&self.rng)
    }
}

/// A member, if it says anything and has the type that clients expect.
pub(super) fn said(chunk: &Chunk, name: &str) -> Option<Bytes> {
    let value = chunk.object().get_bytes(name)?;
    let is_text = value.starts_with(b"\"") && value != "\"\"";
    let is_time = name == "created" && value != "0" && value.iter().all(u8::is_ascii_digit);
    (is_time || name != "created" && is_text).then_some(value)
}

fn json<T: serde::Serialize>(value: &T) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}
