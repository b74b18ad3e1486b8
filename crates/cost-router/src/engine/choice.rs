use std::time::Duration;

use llm_layers_catalogue::Model;
use llm_layers_core::Deployment;

use super::Entry;
use crate::{Stats, stats::Now};

const UNKNOWN: u64 = u64::MAX;

/// A deployment that may answer a call: what a policy sees of it.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    pub(super) entry: &'a Entry,
    /// [`UNKNOWN`] where it is not.
    cost: u64,
    pub(super) weight: u32,
    pub(super) member: u16,
    /// What goes before what, whatever the policy says: what can be called before what cannot, what is preferred
    /// before the rest.
    pub(super) group: u8,
    now: Now,
    /// For a policy's own use: what it sorts by. See [`by_score`](crate::by_score).
    pub score: f64,
}

impl<'a> Choice<'a> {
    #[inline]
    pub(crate) fn new(entry: &'a Entry, weight: u32, member: u16, cost: Option<u64>, group: u8, now: Now) -> Self {
        Self { entry, cost: cost.unwrap_or(UNKNOWN), weight, member, group, now, score: 0.0 }
    }

    /// The deployment.
    #[must_use]
    pub const fn deployment(&self) -> &'a Deployment {
        &self.entry.deployment
    }

    /// What is known of its model.
    #[must_use]
    pub fn model(&self) -> Option<&'a Model> {
        self.entry.model.as_deref()
    }

    /// What the call is expected to cost there, in 10^-15 US dollars (18,446 dollars at most). `None` if that is not
    /// known, or the policy does not [need](crate::Policy::needs) it.
    #[must_use]
    pub const fn cost(&self) -> Option<u64> {
        if self.cost == UNKNOWN { None } else { Some(self.cost) }
    }

    /// The same as a number to sort by: what is not known is the largest.
    pub(crate) const fn cost_or_most(&self) -> u64 {
        self.cost
    }

    /// Its weight in the alias.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        self.weight
    }

    /// Its place in the alias's settings, from 0.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.member as usize
    }

    /// A number that belongs to its name: the same in every process.
    #[must_use]
    pub const fn name_hash(&self) -> u64 {
        self.entry.name_hash
    }

    /// How it has done of late.
    #[must_use]
    pub fn stats(&self) -> &'a Stats {
        &self.entry.stats
    }

    /// The peak EWMA of the time to the first word, or, where the call is not streamed, of that to the whole answer;
    /// `None` while there is none.
    #[must_use]
    pub fn first_word(&self) -> Option<Duration> {
        self.first_word_micros().map(|micros| Duration::from_micros(micros.into()))
    }

    pub(crate) fn first_word_micros(&self) -> Option<u32> {
        self.entry.stats.peak(self.now)
    }

    /// The share of its calls that failed of late.
    #[must_use]
    pub fn failure_rate(&self) -> f64 {
        self.entry.stats.failure_rate_at(self.now)
    }

    /// Whether it has failed of late. One failure is forgotten after five minutes, so that what is known to fail is
    /// tried again.
    pub(crate) fn fails(&self) -> bool {
        self.failure_rate() > 0.05
    }

    /// How often it has to be asked for an answer, on average: once where it does not fail.
    pub(crate) fn tries(&self) -> f64 {
        if self.fails() { (1.0 - self.failure_rate()).max(0.01).recip() } else { 1.0 }
    }
}
