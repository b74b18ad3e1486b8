//! What is looked at before an answer is kept, whatever its shape.

use std::collections::HashSet;

use llm_layers_wire::json::{Object, items};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Unfit;

/// The tools that a request offers, by their names.
#[derive(Debug, Default)]
pub(super) struct Offered {
    functions: HashSet<String>,
    customs: HashSet<String>,
    /// Whether there is a tool of a kind that nobody knows here: how it is called, nobody can say.
    pub(super) is_open: bool,
}

impl Offered {
    /// Adds a tool that takes JSON.
    pub(super) fn function(&mut self, name: impl Into<String>) {
        self.functions.insert(name.into());
    }

    /// Adds a tool that takes any text.
    pub(super) fn custom(&mut self, name: impl Into<String>) {
        self.customs.insert(name.into());
    }

    pub(super) fn has_function(&self, name: &str) -> bool {
        self.is_open || self.functions.contains(name)
    }

    pub(super) fn has_custom(&self, name: &str) -> bool {
        self.is_open || self.customs.contains(name)
    }
}

/// Reads a part of an answer, borrowing from it. A member that is named twice makes it malformed: two readers may see
/// two answers.
pub(super) fn read<'a, T: Deserialize<'a>>(part: &'a [u8]) -> Result<T, Unfit> {
    serde_json::from_slice(part).map_err(|_| Unfit::Malformed)
}

/// The choices of a completion that is no error.
pub(super) fn choices(answer: &Object) -> Result<impl Iterator<Item = &[u8]>, Unfit> {
    let is_error =
        answer.get("error").is_some_and(|error| error != b"null") || answer.get("object") == Some(b"\"error\"");
    let mut choices = items(answer.get("choices").unwrap_or_default()).peekable();
    if is_error || choices.peek().is_none() { Err(Unfit::Malformed) } else { Ok(choices) }
}

/// Whether a choice has come to an end that is worth keeping.
pub(super) fn finish_reason(reason: Option<&str>, fit: &[&str]) -> Result<(), Unfit> {
    match reason {
        Some(reason) if fit.contains(&reason) => Ok(()),
        Some("content_filter") => Err(Unfit::Refused),
        _ => Err(Unfit::Unfinished),
    }
}

/// Which choices there are.
#[derive(Debug, Default)]
pub(super) struct Places(HashSet<u64>);

impl Places {
    /// Takes the index of the next choice; where a provider has left it out, its position, as a replay has it.
    pub(super) fn take(&mut self, index: Option<&RawValue>) -> Result<(), Unfit> {
        let position = self.0.len() as u64;
        let index = index.and_then(|index| index.get().parse().ok()).unwrap_or(position);
        if self.0.insert(index) { Ok(()) } else { Err(Unfit::Malformed) }
    }

    /// Whether there are as many as the request asks for by `n`, times so many. Where there are fewer, the stream has lost
    /// some, or the provider knows no `n`: nobody can tell.
    pub(super) fn are_all(&self, request: &Object, times: usize) -> Result<(), Unfit> {
        // As a number of whatever spelling: 2.0 is 2. What is none is the provider's to understand.
        let asked: Option<f64> = request.read("n").map_err(|_| Unfit::Unfinished)?;
        let is_all = self.0.len() as f64 >= asked.unwrap_or(1.0) * times as f64;
        if is_all { Ok(()) } else { Err(Unfit::Unfinished) }
    }
}

/// Whether the text of arguments is a JSON object.
pub(super) fn is_json_object(arguments: &str) -> bool {
    serde_json::from_str::<&RawValue>(arguments).is_ok_and(|value| value.get().starts_with('{'))
}
