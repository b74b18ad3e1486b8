//! The keys of one provider: which is taken for a call, and which are not for a while.
//!
//! What a provider says against a key is kept for the model that it was said of, where it may be about that alone: a key
//! may be let into some models only, and limits are often counted by model. What it says of the key itself, that it is not
//! known or not paid for, holds for every call.

mod choice;
mod standing;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use llm_layers_core::Secret;
use tokio::time::Instant;

use self::standing::Standing;
use super::ProviderError;

/// A rest for which the provider names no time.
const REST: Duration = Duration::from_secs(10);
/// No rest is longer, whatever the provider asks for: one call more an hour costs little.
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);

/// The keys, the header that they go in, and how each of them stands.
pub(crate) struct Keys {
    header: HeaderName,
    keys: Box<[Key]>,
    /// Held for a moment, and never while something is waited for.
    state: Mutex<State>,
}

struct Key {
    value: HeaderValue,
    weight: u32,
}

struct State {
    /// Counts what has been learned, so that a call which began before it teaches nothing twice.
    learned: u64,
    standings: Vec<Standing>,
}

/// What a call asks of its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// The model, or whatever else the call is of.
    pub(crate) scope: u64,
    /// What the calls of a conversation have in common, if they say so.
    pub(crate) affinity: Option<u64>,
    /// Whether the call can be sent but once.
    pub(crate) once: bool,
}

/// A key that was taken for a call. An extension of its response, for calls that follow from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    index: usize,
    learned: u64,
    /// It was out of use, and there was no other.
    forced: bool,
}

impl Taken {
    /// Its number in the list, from 1: all that anybody is told of a key.
    pub(crate) const fn number(&self) -> usize {
        self.index + 1
    }
}

impl Keys {
    pub(super) fn new(
        header: HeaderName,
        prefix: &str,
        keys: impl IntoIterator<Item = (Secret, u32)>,
    ) -> Result<Self, ProviderError> {
        let mut made: Vec<Key> = Vec::new();
        for (key, weight) in keys {
            let value = key.to_header(prefix).map_err(|_| ProviderError::Key)?;
            if weight == 0 {
                return Err(ProviderError::Keys("a weight of zero"));
            }
            if made.iter().any(|other| other.value == value) {
                return Err(ProviderError::Keys("one key twice"));
            }
            made.push(Key { value, weight });
        }
        if made.is_empty() {
            return Err(ProviderError::Keys("no key"));
        }
        let standings = made.iter().map(|_| Standing::default()).collect();
        let state = Mutex::new(State { learned: 0, standings });
        Ok(Self { header, keys: made.into(), state })
    }

    pub(crate) const fn are_several(&self) -> bool {
        self.keys.len() > 1
    }

    /// Puts in the key, where there is no choice.
    pub(super) fn put_only(&self, headers: &mut HeaderMap) {
        if let [key] = &*self.keys {
            headers.insert(self.header.clone(), key.value.clone());
        }
    }

    /// Puts in the key that was taken.
    pub(crate) fn put(&self, headers: &mut HeaderMap, taken: Taken) {
        if let Some(key) = self.keys.get(taken.index) {
            headers.insert(self.header.clone(), key.value.clone());
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &HeaderValue> {
        self.keys.iter().map(|key| &key.value)
    }

    /// Takes a key that the call has not tried: by weight among those in use. If there is none, the one that is back in
    /// use soonest, once a call: at first whichever it is, later only one that was set aside, since a key that rests is
    /// known to be of no use yet.
    pub(crate) fn take(&self, wish: &Wish, tried: &[Taken]) -> Option<Taken> {
        let now = Instant::now();
        let mut state = self.state();
        let State { learned, standings } = &mut *state;
        for standing in standings.iter_mut() {
            standing.end_rests(now);
        }
        let is_new = |index: usize| tried.iter().all(|tried| tried.index != index);
        let is_free = |index: usize, standing: &Standing| is_new(index) && standing.out(wish.scope, now).is_none();
        let mut free: Vec<_> = standings.iter().enumerate().map(|(index, standing)| is_free(index, standing)).collect();
        if wish.once {
            // It would be lost with a key that was set aside and may still be of no use.
            let is_sure = |index: usize| standings.get(index).is_some_and(|standing| !standing.is_doubted(wish.scope));
            let sure: Vec<_> = free.iter().enumerate().map(|(index, free)| *free && is_sure(index)).collect();
            if sure.contains(&true) {
                free = sure;
            }
        }
        if let Some(index) = self.choose(&free, standings, wish.affinity) {
            standings.get_mut(index)?.probe(wish.scope, now);
            return Some(Taken { index, learned: *learned, forced: false });
        }
        if tried.iter().any(|tried| tried.forced) {
            return None;
        }
        let out = standings.iter().enumerate().filter(|(index, _)| is_new(*index));
        let out = out.filter_map(|(index, standing)| Some((standing.out(wish.scope, now)?, index)));
        let soonest = out.filter(|(out, _)| tried.is_empty() || out.is_aside).min();
        soonest.map(|(_, index)| Taken { index, learned: *learned, forced: true })
    }

    /// Sets a key aside, for calls of this scope or for all; for how long, if that is news.
    pub(crate) fn set_aside(&self, taken: Taken, scope: Option<u64>) -> Option<Duration> {
        let mut state = self.state();
        let learned = state.learned + 1;
        let length = state.standings.get_mut(taken.index)?.set_aside(scope, taken.learned, learned, Instant::now())?;
        state.learned = learned;
        Some(length)
    }

    /// Rests a key; for how long.
    pub(crate) fn rest(&self, taken: Taken, scope: u64, wait: Option<Duration>) -> Duration {
        let wait = wait.unwrap_or(REST).min(LONGEST_REST);
        let mut state = self.state();
        state.learned += 1;
        let learned = state.learned;
        if let Some(standing) = state.standings.get_mut(taken.index) {
            standing.rest(scope, learned, Instant::now() + wait);
        }
        wait
    }

    /// A call with this key went well: what was said against it before is over.
    pub(crate) fn works(&self, taken: Taken, scope: u64) {
        if let Some(standing) = self.state().standings.get_mut(taken.index) {
            standing.clear(scope, taken.learned);
        }
    }

    /// All keys were refused alike, and so none is worse than the others.
    pub(crate) fn pardon(&self, scope: u64) {
        for standing in &mut self.state().standings {
            standing.pardon(scope);
        }
    }

    /// Whether all of them have been tried.
    pub(crate) const fn are_all(&self, tried: &[Taken]) -> bool {
        tried.len() == self.keys.len()
    }

    /// How long it is until some key may be taken again: nothing if one may be now.
    pub(crate) fn wait(&self, scope: u64) -> Duration {
        let now = Instant::now();
        let mut state = self.state();
        let waits = state.standings.iter_mut().filter_map(|standing| {
            standing.end_rests(now);
            match standing.out(scope, now) {
                None => Some(Duration::ZERO),
                // Nobody knows that it will be of use then.
                Some(out) if out.is_aside => None,
                Some(out) => Some(out.until - now),
            }
        });
        waits.min().unwrap_or_default()
    }

    fn choose(&self, free: &[bool], standings: &mut [Standing], affinity: Option<u64>) -> Option<usize> {
        let weights = || self.keys.iter().map(|key| key.weight).zip(free.iter().copied());
        match affinity {
            Some(affinity) => choice::by_affinity(weights(), affinity),
            None => choice::in_turn(weights(), standings.iter_mut().map(|standing| &mut standing.turn)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves nothing half done that matters.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many there are, and none of them.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}
