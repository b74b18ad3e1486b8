//! What providers want back with a call's result, for clients that do not hand it back.
//!
//! Claude with thinking and Gemini from version 3 on answer 400 to a tool's result whose call has lost the reasoning that
//! led to it. It is in the answer (`reasoning_details`, `extra_content`), and clients that keep what they do not know need
//! nothing else. For the others it is remembered here for a while, by the id of the call.

mod recall;
mod remember;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

pub(crate) use recall::recall;
pub(crate) use remember::Remember;

/// Loops of calls are over within minutes; a client that comes back later does without.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// What belongs to one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The `reasoning_details` of the message that the call is in: a JSON list.
    pub(crate) details: Option<Bytes>,
    /// The call's own `extra_content`: a JSON object.
    pub(crate) extra: Option<Bytes>,
}

/// A memory of bounded size. Clones share it.
///
/// Of two generations the older is dropped when the younger is full, or has been young for half the time that things
/// are kept: what is a look-up and a swap needs no list of who was used last.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Option<Arc<Mutex<Generations>>>);

#[derive(Debug)]
struct Generations {
    young: HashMap<String, Kept>,
    old: HashMap<String, Kept>,
    bytes: usize,
    most_bytes: usize,
    since: Instant,
}

/// Whose calls: ids are unique at one provider only, and one caller's are no other's business.
#[derive(Clone, Debug)]
pub(crate) struct Owner(String);

impl Owner {
    pub(crate) fn new(provider: &str, caller: Option<&str>) -> Self {
        Self(format!("{provider}\0{}\0", caller.unwrap_or_default()))
    }

    fn key(&self, id: &str) -> String {
        format!("{}{id}", self.0)
    }
}

impl Memory {
    /// A memory of so many bytes; of none at all for 0.
    pub(crate) fn new(most_bytes: usize) -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        let generations = || Generations { young, old, bytes: 0, most_bytes, since: Instant::now() };
        Self((most_bytes > 0).then(|| Arc::new(Mutex::new(generations()))))
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.0.is_none()
    }

    fn get(&self, owner: &Owner, id: &str) -> Option<Kept> {
        let mut generations = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        generations.age();
        let key = owner.key(id);
        generations.young.get(&key).or_else(|| generations.old.get(&key)).cloned()
    }

    fn put(&self, owner: &Owner, id: &str, kept: Kept) {
        let Some(generations) = &self.0 else { return };
        let mut generations = generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.age();
        let key = owner.key(id);
        let size = key.len() + kept.size();
        if size > generations.most_bytes / 2 {
            return;
        }
        if generations.bytes + size > generations.most_bytes / 2 {
            generations.turn();
        }
        generations.bytes += size;
        generations.young.insert(key, kept);
    }
}

impl Kept {
    fn size(&self) -> usize {
        // What the tables themselves take for an entry, about.
        const ENTRY: usize = 128;
        ENTRY + self.details.as_ref().map_or(0, Bytes::len) + self.extra.as_ref().map_or(0, Bytes::len)
    }
}

impl Generations {
    fn age(&mut self) {
        let age = self.since.elapsed();
        if age >= KEPT {
            self.turn();
        }
        if age >= KEPT / 2 {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.old = std::mem::take(&mut self.young);
        self.bytes = 0;
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Kept {
        Kept { details: Some(Bytes::copy_from_slice(text.as_bytes())), extra: None }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_its_owners_alone_and_not_for_ever() {
        let memory = Memory::new(1 << 20);
        let (mine, other) = (Owner::new("claude", Some("a")), Owner::new("claude", Some("b")));
        memory.put(&mine, "call_1", kept("[1]"));
        assert_eq!(memory.get(&mine, "call_1"), Some(kept("[1]")));
        assert_eq!(memory.get(&other, "call_1"), None);
        assert_eq!(memory.get(&Owner::new("gemini", Some("a")), "call_1"), None);
        tokio::time::advance(KEPT / 2).await;
        assert_eq!(memory.get(&mine, "call_1"), Some(kept("[1]")));
        tokio::time::advance(KEPT / 2).await;
        assert_eq!(memory.get(&mine, "call_1"), None);
    }

    #[tokio::test]
    async fn it_never_holds_more_than_it_may() {
        let memory = Memory::new(10_000);
        let owner = Owner::new("p", None);
        for n in 0..1000 {
            memory.put(&owner, &n.to_string(), kept(&"x".repeat(100)));
        }
        memory.put(&owner, "huge", kept(&"x".repeat(100_000)));
        let generations = memory.0.as_ref().expect("on").lock().expect("whole");
        let held = generations.young.iter().chain(&generations.old);
        assert!(held.map(|(key, kept)| key.len() + kept.size()).sum::<usize>() <= 10_000);
        drop(generations);
        assert!(memory.get(&owner, "999").is_some());
        assert!(memory.get(&owner, "huge").is_none());
        let off = Memory::new(0);
        off.put(&owner, "1", kept("[]"));
        assert!(off.is_off() && off.get(&owner, "1").is_none());
    }
}
