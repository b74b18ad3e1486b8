//! Ids: new ones for calls that have none, or that of another.

use std::{
    collections::{HashMap, hash_map::Entry},
    iter, mem,
};

use llm_layers_core::{Operation, Rng};

use super::{Call, CallKind, Mended, Verdict, calls::Judge, value};
use crate::{Reason, Repair};

/// As long as OpenAI's and Anthropic's own.
const LENGTH: usize = 24;
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Judge<'_> {
    /// Gives each call an id of its own, or finds fault with it. What is wrong already is left alone.
    pub(super) fn give_ids(self, verdicts: &mut [Verdict]) {
        let (rng, mut seen) = (Rng::new(), HashMap::new());
        for (call, verdict) in self.turn.calls.iter().zip(verdicts) {
            let earlier: Option<&Call<'_>> = match seen.entry(&*call.id) {
                _ if call.kind == CallKind::Legacy => continue,
                _ if call.id.is_empty() => None,
                Entry::Vacant(entry) => {
                    entry.insert(call);
                    continue;
                }
                Entry::Occupied(entry) => Some(*entry.get()),
            };
            let (name, mended) = match mem::replace(verdict, Verdict::Valid) {
                Verdict::Valid => (None, Mended::default()),
                Verdict::Mended(mended) => (mended.name.clone(), mended),
                invalid @ Verdict::Invalid(_) => {
                    *verdict = invalid;
                    continue;
                }
            };
            let name = name.as_deref().unwrap_or(&call.name);
            *verdict = if self.mends(name) && !earlier.is_some_and(|earlier| is_same(earlier, call)) {
                Verdict::Mended(with_id(mended, new(self.contract.operation, &rng)))
            } else {
                let (reason, message) = match earlier {
                    Some(_) => (Reason::DuplicateId, "has the id of another call"),
                    None => (Reason::MissingId, "has no id"),
                };
                Verdict::Invalid(vec![self.fault(name, reason, message)])
            };
        }
    }
}

fn with_id(mut mended: Mended, id: String) -> Mended {
    mended.id = Some(id);
    mended.repairs.push(Repair::Id);
    mended
}

/// Whether two calls are one that was told twice.
fn is_same(earlier: &Call<'_>, call: &Call<'_>) -> bool {
    let value = |call: &Call<'_>| value::read(&call.arguments).ok();
    // However often an id comes again, reading the first call's arguments each time costs little more than reading its own.
    let is_alike = call.arguments.len() >= earlier.arguments.len() / 4;
    let has_its_value = || value(earlier).is_some_and(|earlier| value(call) == Some(earlier));
    earlier.name == call.name && (earlier.arguments == call.arguments || is_alike && has_its_value())
}

/// An id as this operation spells them.
fn new(operation: Operation, rng: &Rng) -> String {
    let prefix = if operation == Operation::Message { "toolu_" } else { "call_" };
    let letters = iter::repeat_with(|| letter(rng)).take(LENGTH);
    prefix.chars().chain(letters).collect()
}

fn letter(rng: &Rng) -> char {
    // Six bits of 64, and again where they name none: each letter is as likely as any other.
    loop {
        let index = (rng.next_u64() >> 58) as usize;
        if let Some(letter) = LETTERS.get(index) {
            return char::from(*letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spelled_as_the_operation_spells_them() {
        let rng = Rng::seeded(7);
        for (operation, prefix) in
            [(Operation::ChatCompletion, "call_"), (Operation::Response, "call_"), (Operation::Message, "toolu_")]
        {
            let (one, other) = (new(operation, &rng), new(operation, &rng));
            let letters = one.strip_prefix(prefix).expect("the prefix");
            assert!(letters.len() == LENGTH && letters.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{one}");
            assert_ne!(one, other);
        }
    }
}
