use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// How much one key may use: requests and tokens in a time, and calls at once. What is not set is not limited.
///
/// ```
/// use llm_layers_rate_limit::Limits;
///
/// let limits = Limits::new().requests_per_minute(600).burst(20).tokens_per_minute(100_000).concurrent(8);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    requests: Option<Allowance>,
    burst: Option<u64>,
    tokens: Option<Allowance>,
    token_burst: Option<u64>,
    concurrent: Option<u32>,
}

/// So many in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowance {
    number: u64,
    per: Duration,
}

impl Limits {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self { requests: None, burst: None, tokens: None, token_burst: None, concurrent: None }
    }

    /// So many requests in each minute. 0 lets none through.
    #[must_use]
    pub const fn requests_per_minute(self, number: u32) -> Self {
        self.requests(number, MINUTE)
    }

    /// So many requests in each such time. 0 lets none through.
    #[must_use]
    pub const fn requests(mut self, number: u32, per: Duration) -> Self {
        self.requests = Some(Allowance { number: number as u64, per });
        self
    }

    /// So many requests may come at once, after a while without any. Default: those of the whole time.
    #[must_use]
    pub const fn burst(mut self, requests: u32) -> Self {
        self.burst = Some(requests as u64);
        self
    }

    /// So many tokens, of prompts and answers together, in each minute. 0 lets none through.
    #[must_use]
    pub const fn tokens_per_minute(self, number: u64) -> Self {
        self.tokens(number, MINUTE)
    }

    /// So many tokens in each such time. 0 lets none through.
    #[must_use]
    pub const fn tokens(mut self, number: u64, per: Duration) -> Self {
        self.tokens = Some(Allowance { number, per });
        self
    }

    /// So many tokens may be used at once, after a while without any: no single call can use more. Default: those of
    /// the whole time.
    #[must_use]
    pub const fn token_burst(mut self, tokens: u64) -> Self {
        self.token_burst = Some(tokens);
        self
    }

    /// So many calls at once, each until the end of its answer. 0 lets none through.
    #[must_use]
    pub const fn concurrent(mut self, calls: u32) -> Self {
        self.concurrent = Some(calls);
        self
    }

    /// The same, and of what is not limited the others' limits, with their bursts.
    ///
    /// ```
    /// use llm_layers_rate_limit::Limits;
    ///
    /// let all = Limits::new().requests_per_minute(600).burst(20).concurrent(8);
    /// let one = Limits::new().requests_per_minute(60).or(all);
    /// assert_eq!(one, Limits::new().requests_per_minute(60).concurrent(8));
    /// ```
    #[must_use]
    pub const fn or(mut self, others: Self) -> Self {
        if self.requests.is_none() {
            (self.requests, self.burst) = (others.requests, others.burst);
        }
        if self.tokens.is_none() {
            (self.tokens, self.token_burst) = (others.tokens, others.token_burst);
        }
        if self.concurrent.is_none() {
            self.concurrent = others.concurrent;
        }
        self
    }

    pub(crate) const fn without_tokens(mut self) -> Self {
        (self.tokens, self.token_burst) = (None, None);
        self
    }

    /// Whether nothing is limited.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.requests.is_none() && self.tokens.is_none() && self.concurrent.is_none()
    }

    /// The rate of requests, where there is a limit.
    #[must_use]
    pub fn request_rate(&self) -> Option<Rate> {
        self.requests.map(|allowance| Rate::new(allowance, self.burst))
    }

    /// The rate of tokens, where there is a limit.
    #[must_use]
    pub fn token_rate(&self) -> Option<Rate> {
        self.tokens.map(|allowance| Rate::new(allowance, self.token_burst))
    }

    /// The most calls at once, where there is a limit.
    #[must_use]
    pub const fn max_concurrent(&self) -> Option<u32> {
        self.concurrent
    }
}

/// A number of units in a time, and how many may be used at once: what a limiter counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    number: u64,
    /// Nanoseconds.
    per: u64,
    burst: u64,
}

/// What a rate leaves to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Units allowed in the time of the rate.
    pub limit: u64,
    /// Units that may be used now.
    pub remaining: u64,
    /// Until all are there again.
    pub reset: Duration,
}

impl Rate {
    /// Longer than anybody waits, and short enough that nothing overflows.
    const LONGEST: u64 = 10 * 365 * 24 * 3600 * 1_000_000_000;

    fn new(Allowance { number, per }: Allowance, burst: Option<u64>) -> Self {
        let per = u64::try_from(per.as_nanos()).unwrap_or(u64::MAX).clamp(1, Self::LONGEST);
        // Beyond one in a nanosecond the clock tells no difference.
        let number = number.min(per);
        let mut rate = Self { number, per, burst: 0 };
        rate.burst = burst.unwrap_or(number).min(Self::LONGEST / rate.nanos(1).max(1));
        if number == 0 {
            rate.burst = 0;
        }
        rate
    }

    /// Units allowed in the time.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The time.
    #[must_use]
    pub const fn per(&self) -> Duration {
        Duration::from_nanos(self.per)
    }

    /// Units that may be used at once.
    #[must_use]
    pub const fn burst(&self) -> u64 {
        self.burst
    }

    /// The nanoseconds in which so many units come back.
    #[must_use]
    pub fn nanos(&self, units: u64) -> u64 {
        let nanos = u128::from(units) * u128::from(self.per) / u128::from(self.number.max(1));
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// The units that `ahead` nanoseconds stand for, rounded up.
    fn units(&self, ahead: u64) -> u64 {
        let units = (u128::from(ahead) * u128::from(self.number)).div_ceil(u128::from(self.per));
        u64::try_from(units).unwrap_or(u64::MAX)
    }

    /// What is left when all will be there again in `ahead`.
    #[must_use]
    pub fn level(&self, ahead: Duration) -> Level {
        let ahead = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
        Level {
            limit: self.number,
            remaining: self.burst.saturating_sub(self.units(ahead)),
            reset: Duration::from_nanos(ahead),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_counts_whole_units() {
        let rate = Limits::new().requests_per_minute(60).burst(5).request_rate().expect("a rate");
        let level = |millis| rate.level(Duration::from_millis(millis)).remaining;
        assert_eq!([level(0), level(1), level(1000), level(1001), level(5000), level(9999)], [5, 4, 4, 3, 0, 0]);
    }

    #[test]
    fn no_setting_overflows() {
        for limits in [
            Limits::new().requests(u32::MAX, Duration::ZERO).burst(u32::MAX),
            Limits::new().requests(1, Duration::MAX).burst(u32::MAX),
            Limits::new().requests(0, MINUTE).burst(7),
        ] {
            let rate = limits.request_rate().expect("a rate");
            assert!(rate.nanos(rate.burst()) <= Rate::LONGEST);
            assert!(rate.level(Duration::MAX).remaining <= rate.burst());
        }
        let rate = Limits::new().tokens(u64::MAX, Duration::MAX).token_burst(u64::MAX).token_rate().expect("a rate");
        assert!(rate.nanos(rate.burst()) <= Rate::LONGEST);
        assert_eq!(Limits::new().tokens_per_minute(0).token_rate().map(|rate| rate.burst()), Some(0));
    }
}
