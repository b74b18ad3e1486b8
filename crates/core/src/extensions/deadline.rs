use std::time::Duration;

use tokio::time::Instant;

/// When the answer must be over. An extension of a request; the earliest one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// At this instant of tokio's clock.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self(instant)
    }

    /// So long from now. A time beyond what the clock can tell is thirty years.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
        Self(Instant::now() + time.min(FAR))
    }

    /// The instant.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }

    /// Whether it has passed.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.remaining().is_zero()
    }

    /// The time that is left; zero once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
