use std::time::Duration;

use llm_layers_core::Rng;

/// Over what calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The calls of so long a time. It slides by tenths.
    Time(Duration),
    /// The last so many calls, from 1 to 10,000.
    Calls(u32),
}

/// When a breaker opens, for how long, and how it closes again.
///
/// A value that makes no sense is taken for the nearest that does; a configuration is refused instead.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) window: Window,
    pub(crate) min_calls: u32,
    pub(crate) failure_rate: Option<f64>,
    pub(crate) consecutive_failures: Option<u32>,
    pub(crate) slow_calls: Option<SlowCalls>,
    pub(crate) max_first_token: Option<Percentile>,
    pub(crate) max_total: Option<Percentile>,
    pub(crate) open_for: Duration,
    pub(crate) max_open_for: Duration,
    pub(crate) reset_after: Duration,
    pub(crate) jitter: f64,
    pub(crate) probes: u32,
    pub(crate) probe_timeout: Duration,
    pub(crate) recovery: Vec<f64>,
    pub(crate) recovery_step: Duration,
    pub(crate) max_keys: usize,
    pub(crate) idle_after: Duration,
    pub(crate) rng: Rng,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SlowCalls {
    pub(crate) over: Duration,
    pub(crate) rate: f64,
}

/// So large a share of calls must not take longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Percentile {
    pub(crate) quantile: f64,
    pub(crate) limit: Duration,
}

/// What no time that is set exceeds: clocks can add it without an overflow.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
const SHORTEST: Duration = Duration::from_millis(1);
pub(crate) const MAX_CALLS: u32 = 10_000;

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: Window::Time(Duration::from_secs(30)),
            min_calls: 10,
            failure_rate: Some(0.5),
            consecutive_failures: None,
            slow_calls: None,
            max_first_token: None,
            max_total: None,
            open_for: Duration::from_secs(15),
            max_open_for: Duration::from_secs(300),
            reset_after: Duration::from_secs(300),
            jitter: 0.1,
            probes: 3,
            probe_timeout: Duration::from_secs(60),
            recovery: vec![0.25, 0.5],
            recovery_step: Duration::from_secs(5),
            max_keys: 4096,
            idle_after: Duration::from_secs(3600),
            rng: Rng::new(),
        }
    }
}

impl Rules {
    /// Sets over what calls are counted. Default the last 30 s.
    #[must_use]
    pub fn window(mut self, window: Window) -> Self {
        self.window = match window {
            Window::Time(time) => Window::Time(time.clamp(Duration::from_millis(10), LONGEST)),
            Window::Calls(calls) => Window::Calls(calls.clamp(1, MAX_CALLS)),
        };
        self
    }

    /// Sets how many calls must be in the window before a share or a percentile of them means anything. Default 10.
    ///
    /// A window of fewer calls needs no more than it holds; a breaker that recovers no more than its probes.
    #[must_use]
    pub fn min_calls(mut self, calls: u32) -> Self {
        self.min_calls = calls.max(1);
        self
    }

    /// Opens when this share of the calls fails. Default 0.5; 0 switches it off.
    #[must_use]
    pub fn failure_rate(mut self, rate: f64) -> Self {
        self.failure_rate = share(rate);
        self
    }

    /// Opens after so many failures in a row, however long they take. Default off; 0 switches it off.
    #[must_use]
    pub fn consecutive_failures(mut self, failures: u32) -> Self {
        self.consecutive_failures = (failures > 0).then_some(failures);
        self
    }

    /// Opens when this share of the calls takes longer than `over`, up to the end of the answer. Default off; a share
    /// of 0 switches it off.
    #[must_use]
    pub fn slow_calls(mut self, over: Duration, rate: f64) -> Self {
        self.slow_calls = share(rate).map(|rate| SlowCalls { over, rate });
        self
    }

    /// Opens when this quantile of the time to the first token exceeds `limit`: `max_first_token(0.99, 2 s)` when the
    /// 99th percentile does. Default off. Answers that are no streams have no first token.
    #[must_use]
    pub fn max_first_token(mut self, quantile: f64, limit: Duration) -> Self {
        self.max_first_token = Some(Percentile { quantile: clamp(quantile), limit });
        self
    }

    /// Opens when this quantile of the time to the end of the answer exceeds `limit`. Default off.
    #[must_use]
    pub fn max_total(mut self, quantile: f64, limit: Duration) -> Self {
        self.max_total = Some(Percentile { quantile: clamp(quantile), limit });
        self
    }

    /// Sets how long the first opening lasts. Default 15 s. Each one that follows lasts twice as long.
    #[must_use]
    pub fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets how long an opening lasts at most, also where a provider asks for more. Default 5 min.
    #[must_use]
    pub fn max_open_for(mut self, time: Duration) -> Self {
        self.max_open_for = time.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets after how long a time of being closed the next opening is a first one again. Default 5 min.
    #[must_use]
    pub fn reset_after(mut self, time: Duration) -> Self {
        self.reset_after = time;
        self
    }

    /// Sets by what share at most an opening is shortened, by chance. Default 0.1.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = clamp(share);
        self
    }

    /// Sets how many calls a half-open breaker lets through at a time, and how many must succeed. Default 3.
    #[must_use]
    pub fn probes(mut self, calls: u32) -> Self {
        self.probes = calls.clamp(1, MAX_CALLS);
        self
    }

    /// Sets after what time a probe is judged by what has come of it so far: an answer that has begun is a success,
    /// silence a failure. Default 60 s. Without it a provider that hangs would keep its breaker half-open for good.
    #[must_use]
    pub fn probe_timeout(mut self, time: Duration) -> Self {
        self.probe_timeout = time.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets what shares of the calls are let through, one after the other, before all are. Default a quarter, then a
    /// half; none switches it off.
    #[must_use]
    pub fn recovery(mut self, shares: impl IntoIterator<Item = f64>) -> Self {
        self.recovery = shares.into_iter().filter_map(share).take(100).collect();
        self
    }

    /// Sets how long each share of the recovery holds. Default 5 s.
    #[must_use]
    pub fn recovery_step(mut self, time: Duration) -> Self {
        self.recovery_step = time.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets how many breakers there are at most. Default 4096. Each takes less than 2 KiB, and a byte for each call of
    /// a window that counts by calls.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys.max(1);
        self
    }

    /// Sets after how long a breaker that nobody uses is dropped. Default 1 h. An open or a forced one stays.
    #[must_use]
    pub fn idle_after(mut self, time: Duration) -> Self {
        self.idle_after = time.clamp(SHORTEST, LONGEST);
        self
    }

    /// Sets the chance that the jitter is drawn from.
    #[must_use]
    pub fn rng(mut self, rng: Rng) -> Self {
        self.rng = rng;
        self
    }

    /// The share of calls that a step of the recovery lets through.
    pub(crate) fn share(&self, step: usize) -> f64 {
        self.recovery.get(step).copied().unwrap_or(1.0)
    }

    /// How many calls a share needs to mean anything: a window that can never hold as many must do with what it holds.
    pub(crate) fn least(&self) -> u32 {
        match self.window {
            Window::Calls(calls) => self.min_calls.min(calls),
            Window::Time(_) => self.min_calls,
        }
    }
}

/// A share from 0 to 1; nothing where there is none of it.
fn share(share: f64) -> Option<f64> {
    let share = clamp(share);
    (share > 0.0).then_some(share)
}

/// What is no number is nothing.
const fn clamp(share: f64) -> f64 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}
