//! How one key stands: for what it is not used, and until when.

use std::{cmp::Ordering, time::Duration};

use tokio::time::Instant;

/// So long a key is set aside at first, and twice as long each time that it proves to be of no use after it.
const ASIDE: Duration = Duration::from_secs(10 * 60);
const LONGEST_ASIDE: Duration = Duration::from_secs(4 * 60 * 60);
/// For so long the one call that tries a key which was set aside is waited for.
const PROBE: Duration = Duration::from_secs(60);
/// So many models are told apart, since callers may name many.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Its place in the round of all keys.
    pub(super) turn: i64,
    outs: Vec<Out>,
}

#[derive(Debug)]
struct Out {
    /// What it is out of use for; everything if there is none.
    scope: Option<u64>,
    rest: bool,
    until: Instant,
    learned: u64,
    /// How often it was tried in vain.
    times: u32,
    probing: bool,
}

impl Out {
    const fn is_about(&self, scope: u64) -> bool {
        match self.scope {
            Some(own) => own == scope,
            None => true,
        }
    }

    fn length(&self) -> Duration {
        ASIDE.saturating_mul(1 << self.times.min(16)).min(LONGEST_ASIDE)
    }
}

/// Until when a key is out of use. A rest is less than being set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Until {
    pub(super) is_aside: bool,
    pub(super) until: Instant,
}

impl Ord for Until {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.is_aside, self.until).cmp(&(other.is_aside, other.until))
    }
}

impl PartialOrd for Until {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Standing {
    /// Until when it is out of use for this; `None` if it may be taken.
    pub(super) fn out(&self, scope: u64, now: Instant) -> Option<Until> {
        let outs = self.outs.iter().filter(|out| out.is_about(scope) && out.until > now);
        outs.map(|out| Until { is_aside: !out.rest, until: out.until }).max()
    }

    /// Whether it was set aside and nobody knows yet that it is of use again.
    pub(super) fn is_doubted(&self, scope: u64) -> bool {
        self.outs.iter().any(|out| !out.rest && out.is_about(scope))
    }

    pub(super) fn end_rests(&mut self, now: Instant) {
        self.outs.retain(|out| !out.rest || out.until > now);
    }

    /// It is taken for a call. If it was set aside before, that call is to show what it is good for, and the others wait.
    pub(super) fn probe(&mut self, scope: u64, now: Instant) {
        for out in self.outs.iter_mut().filter(|out| !out.rest && out.is_about(scope)) {
            out.probing = true;
            out.until = now + PROBE;
        }
    }

    /// For how long it is set aside; `None` if that was learned since the call took it.
    pub(super) fn set_aside(&mut self, scope: Option<u64>, taken: u64, learned: u64, now: Instant) -> Option<Duration> {
        if let Some(out) = self.outs.iter_mut().find(|out| !out.rest && out.scope == scope) {
            if out.learned > taken {
                return None;
            }
            out.times = out.times.saturating_add(u32::from(out.probing));
            (out.learned, out.probing) = (learned, false);
            out.until = now + out.length();
            return Some(out.length());
        }
        self.push(Out { scope, rest: false, until: now + ASIDE, learned, times: 0, probing: false });
        Some(ASIDE)
    }

    pub(super) fn rest(&mut self, scope: u64, learned: u64, until: Instant) {
        // The latest word counts.
        self.outs.retain(|out| !(out.rest && out.scope == Some(scope)));
        self.push(Out { scope: Some(scope), rest: true, until, learned, times: 0, probing: false });
    }

    /// Forgets what was known when a call that went well took it.
    pub(super) fn clear(&mut self, scope: u64, taken: u64) {
        self.outs.retain(|out| !out.is_about(scope) || out.learned > taken);
    }

    pub(super) fn pardon(&mut self, scope: u64) {
        self.outs.retain(|out| out.rest || out.scope != Some(scope));
    }

    fn push(&mut self, out: Out) {
        if self.outs.len() >= MOST
            && let Some((least, _)) =
                self.outs.iter().enumerate().min_by_key(|(_, out)| (out.scope.is_none(), out.until))
        {
            self.outs.swap_remove(least);
        }
        self.outs.push(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn however_many_models_are_named_few_are_kept() {
        let (mut standing, now) = (Standing::default(), Instant::now());
        standing.set_aside(None, 0, 1, now);
        for scope in 0..1000 {
            standing.set_aside(Some(scope), 0, scope + 2, now + Duration::from_secs(scope));
        }
        assert_eq!(standing.outs.len(), MOST);
        assert!(standing.outs.iter().any(|out| out.scope.is_none()), "what holds for everything is kept");
        assert!(standing.outs.iter().any(|out| out.scope == Some(999)), "and what was learned last");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_teaches_nothing() {
        let (mut standing, now) = (Standing::default(), Instant::now());
        assert_eq!(standing.set_aside(None, 0, 1, now), Some(ASIDE));
        assert_eq!(standing.set_aside(None, 0, 2, now), None, "the call began before that was known");
        standing.clear(7, 0);
        assert!(standing.out(7, now).is_some(), "and so did this one, which went well");
        standing.clear(7, 1);
        assert_eq!(standing.out(7, now), None);
    }
}
