use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{
    Limits,
    engine::{Cell, take_request},
    store::Kind,
};

/// What is remembered of one key. The limits come with each call, and may change between two.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    requests: Cell,
    tokens: Cell,
    running: AtomicU32,
}

pub(super) struct Refused {
    pub(super) kind: Kind,
    pub(super) wait: Option<Duration>,
}

impl Entry {
    /// Takes all or nothing: a place, then tokens, then the request.
    pub(super) fn take(&self, limits: &Limits, tokens: u64, now: u64) -> Result<(), Refused> {
        let limited = limits.max_concurrent().is_some();
        let free = |running| (limits.max_concurrent().is_none_or(|max| running < max)).then(|| running + 1);
        if limited && self.running.fetch_update(Ordering::AcqRel, Ordering::Relaxed, free).is_err() {
            return Err(Refused { kind: Kind::Concurrent, wait: None });
        }
        let token_rate = limits.token_rate();
        if let Some(Err(wait)) = token_rate.map(|rate| self.tokens.take(now, &rate, tokens)) {
            self.leave(limits);
            return Err(Refused { kind: Kind::Tokens, wait: Some(wait) });
        }
        if let Some(Err(wait)) = limits.request_rate().map(|rate| take_request(&self.requests, now, &rate)) {
            if let Some(rate) = token_rate {
                self.tokens.give_back(&rate, tokens);
            }
            self.leave(limits);
            return Err(Refused { kind: Kind::Requests, wait: Some(wait) });
        }
        Ok(())
    }

    /// As if the call had never been.
    pub(super) fn give_back(&self, limits: &Limits, tokens: u64) {
        if let Some(rate) = limits.token_rate() {
            self.tokens.give_back(&rate, tokens);
        }
        if let Some(rate) = limits.request_rate() {
            self.requests.give_back(&rate, 1);
        }
        self.leave(limits);
    }

    /// The call is over, and has used other tokens than it took.
    pub(super) fn settle(&self, limits: &Limits, taken: u64, used: u64, now: u64) {
        if let Some(rate) = limits.token_rate() {
            if used > taken {
                self.tokens.charge(now, &rate, used - taken);
            } else {
                self.tokens.give_back(&rate, taken - used);
            }
        }
        self.leave(limits);
    }

    fn leave(&self, limits: &Limits) {
        if limits.max_concurrent().is_some() {
            self.running.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// How long until all requests and all tokens are back, and how many calls run.
    pub(super) fn levels(&self, now: u64) -> (Duration, Duration, u32) {
        (self.requests.ahead(now), self.tokens.ahead(now), self.running.load(Ordering::Relaxed))
    }

    /// How long it has something to remember; `None` while a call runs.
    pub(super) fn remembers(&self, now: u64) -> Option<Duration> {
        let (requests, tokens, running) = self.levels(now);
        (running == 0).then(|| requests.max(tokens))
    }
}
