use std::{fmt, time::Duration};

/// How long a provider may take, for each part of an answer. `None` is no limit.
///
/// The defaults are 5 min for the first byte and the first token, 2 min of silence, 10 min in total, and no least
/// speed: OpenAI's and Anthropic's own clients, too, give up after 10 minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub(crate) first_byte: Option<Duration>,
    pub(crate) first_token: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) min_speed: Option<MinSpeed>,
}

impl Limits {
    /// No limits at all, to begin from.
    #[must_use]
    pub const fn none() -> Self {
        Self { first_byte: None, first_token: None, idle: None, total: None, min_speed: None }
    }

    /// Sets the time until the head of the answer.
    #[must_use]
    pub fn first_byte(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.first_byte = time.into();
        self
    }

    /// Sets the time until a stream says something: a word of the answer or of the reasoning, a call, its end.
    #[must_use]
    pub fn first_token(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.first_token = time.into();
        self
    }

    /// Sets the time between two pieces of an answer. Comments and pings are no pieces of it.
    #[must_use]
    pub fn idle(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle = time.into();
        self
    }

    /// Sets the time for the whole attempt, to the last byte of the answer.
    #[must_use]
    pub fn total(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.total = time.into();
        self
    }

    /// Sets the least speed of a stream that has begun.
    #[must_use]
    pub fn min_speed(mut self, speed: impl Into<Option<MinSpeed>>) -> Self {
        self.min_speed = speed.into();
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
        Self { first_byte: minutes(5), first_token: minutes(5), idle: minutes(2), total: minutes(10), min_speed: None }
    }
}

/// A least speed: so many tokens per second over a window of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinSpeed {
    tokens_per_second: f64,
    over: Duration,
}

impl MinSpeed {
    /// A speed over a window.
    ///
    /// # Errors
    /// The speed is not above zero and at most a million, or the window not between a second and an hour.
    pub fn new(tokens_per_second: f64, over: Duration) -> Result<Self, InvalidSetting> {
        if !(tokens_per_second > 0.0 && tokens_per_second <= 1e6) {
            return Err(InvalidSetting("tokens per second must be above 0 and at most 1,000,000"));
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&over) {
            return Err(InvalidSetting("the window of a least speed must be between 1 s and 1 h"));
        }
        Ok(Self { tokens_per_second, over })
    }

    /// Tokens per second.
    #[must_use]
    pub const fn tokens_per_second(self) -> f64 {
        self.tokens_per_second
    }

    /// The window.
    #[must_use]
    pub const fn over(self) -> Duration {
        self.over
    }
}

/// A setting that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSetting(pub(crate) &'static str);

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidSetting {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_that_makes_no_sense_cannot_be_made() {
        let window = Duration::from_secs(20);
        assert!(MinSpeed::new(0.5, window).is_ok());
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 2e6] {
            assert!(MinSpeed::new(speed, window).is_err(), "{speed}");
        }
        for window in [Duration::ZERO, Duration::from_millis(999), Duration::from_secs(3601)] {
            assert!(MinSpeed::new(2.0, window).is_err(), "{window:?}");
        }
    }
}
