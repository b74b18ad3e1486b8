use llm_layers_core::{Clock, Rng};
use llm_layers_wire::{json::Object, openai::Chunk};

/// The members that every chunk has and that are the same in all of a stream.
pub(super) struct Identity {
    clock: Clock,
    rng: Rng,
    /// As the first chunk has them.
    members: Option<Object>,
}

const MEMBERS: [&str; 4] = ["id", "object", "created", "model"];

impl Identity {
    pub(super) const fn new(clock: Clock, rng: Rng) -> Self {
        Self { clock, rng, members: None }
    }

    /// Gives a chunk what it lacks: as the first one has it, or made up where that lacks it too.
    pub(super) fn complete(&mut self, chunk: &mut Chunk) {
        let members = self.members.get_or_insert_with(|| {
            let mut members = Object::new();
            for name in MEMBERS {
                match chunk.object().get_bytes(name).filter(|value| value != "null") {
                    Some(value) => drop(members.set_raw(name, value)),
                    None if name == "id" => members.set(name, &id("chatcmpl-", &self.rng)),
                    None if name == "object" => members.set(name, "chat.completion.chunk"),
                    None if name == "created" => members.set(name, &self.clock.unix_seconds()),
                    None => members.set(name, ""),
                }
            }
            members
        });
        for name in MEMBERS {
            if chunk.object().get(name).is_none_or(|value| value == b"null")
                && let Some(value) = members.get_bytes(name)
            {
                let _ = chunk.object_mut().set_raw(name, value);
            }
        }
        if !chunk.object().get("choices").is_some_and(|choices| choices.starts_with(b"[")) {
            chunk.set_choices(Vec::new());
        }
    }

    /// The beginning of a chunk of our own.
    pub(super) fn chunk(&self) -> Object {
        self.members.clone().unwrap_or_default()
    }

    pub(super) fn call_id(&self) -> String {
        id("call_", &self.rng)
    }
}

fn id(prefix: &str, rng: &Rng) -> String {
    format!("{prefix}{:016x}{:08x}", rng.next_u64(), rng.next_u64() >> 32)
}
