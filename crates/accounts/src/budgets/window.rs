use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

/// How long a budget is good for, by the calendar of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Per {
    /// From the full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From the first of a month to the first of the next.
    Month,
    /// For good: what is spent stays spent.
    Total,
}

/// A stretch of time, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Its first second.
    pub start: u64,
    /// The first second after it; nothing where it has no end.
    pub end: Option<u64>,
}

impl Per {
    /// `hour`, `day`, `month`, `total`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// The window in which this time lies. Times before 1970 count as its first second.
    #[must_use]
    pub fn window(self, at: SystemTime) -> Window {
        let at = seconds(at);
        let fixed = |length: u64| Window { start: at - at % length, end: Some(at - at % length + length) };
        match self {
            Self::Hour => fixed(3600),
            Self::Day => fixed(86_400),
            Self::Month => month(at).unwrap_or(Window { start: 0, end: None }),
            Self::Total => Window { start: 0, end: None },
        }
    }
}

impl Window {
    /// When the next begins.
    #[must_use]
    pub fn renews(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_secs(self.end?))
    }
}

pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Nothing for times that the calendar does not reach (after the year 9999).
fn month(at: u64) -> Option<Window> {
    let at = Timestamp::from_second(i64::try_from(at).ok()?).ok()?;
    let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let next = first.checked_add(1.month()).ok()?;
    Some(Window { start: midnight(first)?, end: Some(midnight(next)?) })
}

fn midnight(date: Date) -> Option<u64> {
    u64::try_from(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<Timestamp>().expect("a time").into()
    }

    #[test]
    fn windows_are_those_of_the_calendar() {
        for (per, now, start, end) in [
            (Per::Hour, "2026-03-29T01:59:59.999Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
            (Per::Day, "2026-10-25T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"),
            (Per::Month, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            (Per::Month, "2100-02-28T23:59:59Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
            (Per::Month, "2026-04-30T23:59:59Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
            (Per::Month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            let window = per.window(at(now));
            assert_eq!(window.start, seconds(at(start)), "{now}");
            assert_eq!(window.renews(), Some(at(end)), "{now}");
        }
        assert_eq!(Per::Total.window(at("2026-12-31T23:59:59Z")), Window { start: 0, end: None });
    }

    #[test]
    fn no_time_is_too_odd() {
        for per in [Per::Hour, Per::Day, Per::Month, Per::Total] {
            assert_eq!(per.window(UNIX_EPOCH - Duration::from_secs(5)).start, 0);
            assert!(per.window(UNIX_EPOCH + Duration::from_secs(i64::MAX as u64)).end != Some(0));
        }
    }
}
