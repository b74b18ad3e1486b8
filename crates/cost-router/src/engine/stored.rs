//! Where answers and conversations are stored that a later call goes on from.
//!
//! OpenAI's responses are kept by the provider, unless `store` is false, and named by the calls that follow:
//! `previous_response_id`, or a `conversation` (API reference of responses, November 2026). No other provider knows
//! these, nor the same one by another account.

use std::{
    borrow::Cow,
    hash::{BuildHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use llm_layers_core::{Caller, Lru};
use llm_layers_wire::json::{Limits, Object};

/// Which deployment has stored what. A keyed hash of the caller and the id is kept, and neither of the two.
#[derive(Debug)]
pub(super) struct Stored(Mutex<Lru<u64, Arc<str>>>);

impl Stored {
    pub(super) fn new(max: usize) -> Self {
        Self(Mutex::new(Lru::new(max)))
    }

    pub(super) fn set_max(&self, max: usize) {
        self.lock().set_max(max);
    }

    pub(super) fn put(&self, key: u64, deployment: &Arc<str>) {
        self.lock().insert(key, Arc::clone(deployment));
    }

    pub(super) fn get(&self, key: u64) -> Option<Arc<str>> {
        self.lock().get(&key).map(|deployment| Arc::clone(deployment))
    }

    fn lock(&self) -> MutexGuard<'_, Lru<u64, Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What something is known by that was stored in the name of a caller.
pub(super) fn key(hasher: &impl BuildHasher, caller: Option<&Caller>, id: &str) -> u64 {
    let mut hasher = hasher.build_hasher();
    caller.map(Caller::name).hash(&mut hasher);
    id.hash(&mut hasher);
    hasher.finish()
}

/// What a request goes on from, by the ids of it.
pub(super) fn referred(request: &Object) -> impl Iterator<Item = Cow<'_, str>> {
    [request.text("previous_response_id"), conversation(request)].into_iter().flatten()
}

/// Whether the answer to a request is stored.
pub(crate) fn is_stored(request: &Object) -> bool {
    request.get("store") != Some(b"false")
}

/// The ids by which later calls may go on from an answer.
pub(crate) fn ids(response: &Object) -> Vec<Box<str>> {
    let ids = [response.text("id"), conversation(response)].into_iter().flatten();
    ids.map(|id| id.into()).collect()
}

/// `conversation`: an id, or an object that has one.
fn conversation(object: &Object) -> Option<Cow<'_, str>> {
    let value = object.get_bytes("conversation")?;
    if value.starts_with(b"{") {
        let object = Object::parse_with(value, &Limits::LENIENT).ok()?;
        return object.text("id").map(|id| Cow::Owned(id.into_owned()));
    }
    object.text("conversation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_both_spellings() {
        let referred = |text: &'static str| -> Vec<String> {
            referred(&Object::parse(text).unwrap()).map(Cow::into_owned).collect()
        };
        assert_eq!(referred(r#"{"previous_response_id":"resp_1","conversation":null}"#), ["resp_1"]);
        assert_eq!(referred(r#"{"conversation":"conv_1"}"#), ["conv_1"]);
        assert_eq!(referred(r#"{"conversation":{"id":"conv_1"}}"#), ["conv_1"]);
        assert!(referred(r#"{"previous_response_id":7,"conversation":[{"id":"conv_1"}]}"#).is_empty());
        let answer = Object::parse(r#"{"id":"resp_2","conversation":{"id":"conv_1"},"output":[]}"#).unwrap();
        assert_eq!(ids(&answer), [Box::from("resp_2"), Box::from("conv_1")]);
    }

    #[test]
    fn keys_are_of_a_caller_and_of_an_id() {
        let hasher = foldhash::quality::RandomState::default();
        let key = |caller: Option<&str>, id| key(&hasher, caller.map(Caller::new).as_ref(), id);
        assert_eq!(key(Some("a"), "resp_1"), key(Some("a"), "resp_1"));
        assert_ne!(key(Some("a"), "resp_1"), key(Some("b"), "resp_1"));
        assert_ne!(key(None, "resp_1"), key(Some(""), "resp_1"));
    }
}
