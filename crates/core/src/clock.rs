use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// The time of day, for what is written down: `created`, `date`, off-peak hours.
///
/// It begins with the system's time and goes on with tokio's clock, so that tests which pause and
/// advance that clock see this one follow. For waiting and measuring use [`tokio::time`] itself.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Option<(SystemTime, Instant)>,
}

impl Clock {
    /// The system's time.
    #[must_use]
    pub const fn system() -> Self {
        Self { started: None }
    }

    /// It is now this time.
    #[must_use]
    pub fn starting_at(now: SystemTime) -> Self {
        Self { started: Some((now, Instant::now())) }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match self.started {
            Some((start, instant)) => start + instant.elapsed(),
            None => SystemTime::now(),
        }
    }

    /// Whole milliseconds since 1970.
    #[must_use]
    pub fn unix_millis(&self) -> u64 {
        let since = self.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn unix_seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_follows_tokios_clock() {
        let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1000));
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!((clock.unix_seconds(), clock.unix_millis()), (1061, 1_061_000));
    }
}
