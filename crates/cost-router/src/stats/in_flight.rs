use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use llm_layers_core::{Average, End, FailureKind, Usage};
use tokio::time::Instant;

use super::Stats;
use crate::affinity::Visit;

/// How a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is whole.
    Success,
    /// The provider failed. What the request is to blame for counts for nothing.
    Failure(FailureKind),
    /// The client has hung up, or another layer has refused the call: neither of the two.
    Cancelled,
}

/// A call at a deployment. Dropped without a word, it is taken for cancelled.
#[derive(Debug)]
pub struct InFlight {
    stats: Arc<Stats>,
    output: Option<Arc<Average>>,
    visit: Option<Visit>,
    /// Whether the request says what of its prompt is to be kept.
    is_marked: bool,
    is_streamed: bool,
    started: Instant,
    has_begun: AtomicBool,
}

impl InFlight {
    pub(crate) fn begin(
        stats: &Arc<Stats>,
        output: Option<&Arc<Average>>,
        visit: Option<Visit>,
        is_streamed: bool,
    ) -> Self {
        stats.in_flight.fetch_add(1, Ordering::Relaxed);
        Self {
            stats: Arc::clone(stats),
            output: output.cloned(),
            visit,
            is_marked: false,
            is_streamed,
            started: Instant::now(),
            has_begun: AtomicBool::new(false),
        }
    }

    pub(crate) fn marked(mut self) -> Self {
        self.is_marked = true;
        self
    }

    /// The first word came so long after the call; of an answer that is not streamed, all of it.
    pub fn first_word(&self, after: Duration) {
        self.came(after, Instant::now());
    }

    /// The first word comes now.
    pub(crate) fn first_word_now(&self) {
        let now = Instant::now();
        self.came(now.duration_since(self.started), now);
    }

    fn came(&self, after: Duration, now: Instant) {
        self.has_begun.store(true, Ordering::Relaxed);
        self.stats.times(self.is_streamed).record(after, now);
    }

    /// The provider has told what the call used.
    pub fn used(&self, usage: &Usage) {
        let (prompt, cached) = (usage.prompt_tokens, usage.cached_tokens());
        self.stats.cached.record(cached, prompt);
        if let Some(visit) = &self.visit {
            self.stats.warm.record(cached, visit.cacheable(prompt));
            visit.record(prompt, cached);
        }
        if !self.is_marked {
            let details = usage.prompt_tokens_details.as_ref();
            let written = details.and_then(|details| details.cache_write_tokens).unwrap_or(0);
            self.stats.written.record(written, prompt);
        }
        self.stats.thoughts.record(usage.reasoning_tokens(), usage.completion_tokens);
        if let Some(output) = &self.output {
            // Thoughts are a part of it.
            output.record(usage.completion_tokens);
        }
    }

    /// The call is over.
    pub fn end(self, outcome: Outcome) {
        // Who goes by times must not go by those alone that were waited out.
        if outcome == Outcome::Failure(FailureKind::Timeout) && !self.has_begun.load(Ordering::Relaxed) {
            self.first_word_now();
        }
        match outcome {
            Outcome::Success => self.stats.saw_end(false, Instant::now()),
            Outcome::Failure(kind) if is_the_providers(kind) => self.stats.saw_end(true, Instant::now()),
            Outcome::Failure(_) | Outcome::Cancelled => {}
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.stats.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl From<End> for Outcome {
    /// How the call of an answer has ended that had begun.
    fn from(end: End) -> Self {
        match end {
            End::Complete => Self::Success,
            End::Failed => Self::Failure(FailureKind::Upstream),
            End::Cancelled => Self::Cancelled,
        }
    }
}

const fn is_the_providers(kind: FailureKind) -> bool {
    !matches!(
        kind,
        FailureKind::BadRequest
            | FailureKind::ContextLength
            | FailureKind::ContentFilter
            | FailureKind::NotFound
            | FailureKind::TooLarge
            | FailureKind::Conflict
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_is_in_flight_until_it_ends_however_it_ends() {
        let stats = Arc::new(Stats::default());
        let (one, two) = (InFlight::begin(&stats, None, None, true), InFlight::begin(&stats, None, None, true));
        assert_eq!(stats.in_flight(), 2);
        drop(one);
        assert_eq!((stats.in_flight(), stats.failure_rate(Instant::now())), (1, 0.0));
        two.end(Outcome::Failure(FailureKind::BadRequest));
        assert_eq!((stats.in_flight(), stats.failure_rate(Instant::now())), (0, 0.0));
        InFlight::begin(&stats, None, None, true).end(Outcome::Failure(FailureKind::Timeout));
        assert!(stats.failure_rate(Instant::now()) > 0.05);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_whole_answers_is_kept_apart() {
        let stats = Arc::new(Stats::default());
        let begin = |is_streamed| InFlight::begin(&stats, None, None, is_streamed);
        let now = Instant::now();
        begin(false).first_word(Duration::from_secs(20));
        assert_eq!((stats.first_word(now), stats.whole(now)), (None, Some(Duration::from_secs(20))));
        begin(true).first_word(Duration::from_secs(1));
        assert_eq!(
            (stats.first_word(now), stats.whole(now)),
            (Some(Duration::from_secs(1)), Some(Duration::from_secs(20)))
        );
        (0..20).for_each(|_| begin(false).first_word(Duration::from_secs(20)));
        assert!(stats.whole_p99(now).is_some() && stats.p99(now).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_not_waited_for_any_longer_was_slow() {
        let stats = Arc::new(Stats::default());
        let times = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30].map(Duration::from_secs);
        for time in times {
            let call = InFlight::begin(&stats, None, None, true);
            tokio::time::advance(time).await;
            if time.as_secs() == 1 {
                call.first_word(time);
                // What becomes of it after that is no matter of its first word.
                call.end(Outcome::Failure(FailureKind::Timeout));
            } else {
                call.end(Outcome::Failure(FailureKind::Timeout));
            }
        }
        let now = Instant::now();
        assert_eq!(stats.first_word(now), Some(Duration::from_secs(30)));
        assert!(stats.p99(now).unwrap() > Duration::from_secs(28));
        for kind in [FailureKind::Unreachable, FailureKind::RateLimit] {
            InFlight::begin(&Arc::new(Stats::default()), None, None, true).end(Outcome::Failure(kind));
            assert_eq!(stats.first_word(now), Some(Duration::from_secs(30)), "a failure that is quick is not fast");
        }
    }
}
