use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

/// Hours of the day in a time zone, on some days of the week or all.
///
/// They are wall clock times: where clocks are put forward or back the window moves with them. One that goes over
/// midnight belongs to the day on which it begins. One that begins when it ends lasts all day.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use llm_layers_cost_router::Hours;
///
/// let nights = Hours::new("UTC", "22:00", "06:00")?.days(["fri"])?;
/// // 1970 began on a Thursday.
/// let hours = |hours: u64| UNIX_EPOCH + Duration::from_secs(hours * 3600);
/// assert!(!nights.contain(hours(23)));
/// assert!(nights.contain(hours(24 + 22)) && nights.contain(hours(48 + 5)));
/// assert!(!nights.contain(hours(48 + 6)) && !nights.contain(hours(48 + 22)));
/// # Ok::<(), llm_layers_cost_router::HoursError>(())
/// ```
#[derive(Clone)]
pub struct Hours(Arc<Inner>);

struct Inner {
    zone: TimeZone,
    /// A bit for each day, from Monday on.
    days: u8,
    /// Minutes of the day.
    from: u16,
    to: u16,
    /// What was found last: the minute, and whether it is within. A choice among many asks many times a minute.
    last: AtomicU64,
}

/// Why hours cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HoursError {
    /// There is no such time zone.
    Zone(Box<str>),
    /// No time of the form `HH:MM`.
    Time(Box<str>),
    /// No day: `mon` to `sun`.
    Day(Box<str>),
}

const ALL_DAYS: u8 = 0x7f;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// From one time to another, written `HH:MM`, in a time zone by its IANA name.
    ///
    /// # Errors
    /// The zone or one of the times is none.
    pub fn new(zone: &str, from: &str, to: &str) -> Result<Self, HoursError> {
        let zone = match zone {
            "UTC" => TimeZone::UTC,
            _ => TimeZone::get(zone).map_err(|_| HoursError::Zone(zone.into()))?,
        };
        Ok(Self::build(zone, ALL_DAYS, minutes(from)?, minutes(to)?))
    }

    /// Sets the days on which they begin: `mon` to `sun`. Default all.
    ///
    /// # Errors
    /// One of them is no day.
    pub fn days<D: AsRef<str>>(self, days: impl IntoIterator<Item = D>) -> Result<Self, HoursError> {
        let mut bits = 0;
        for day in days {
            let day = day.as_ref();
            let place = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day));
            bits |= 1 << place.ok_or_else(|| HoursError::Day(day.into()))?;
        }
        Ok(Self::build(self.0.zone.clone(), bits, self.0.from, self.0.to))
    }

    fn build(zone: TimeZone, days: u8, from: u16, to: u16) -> Self {
        Self(Arc::new(Inner { zone, days, from, to, last: AtomicU64::new(0) }))
    }

    /// Whether this time is within.
    #[must_use]
    pub fn contain(&self, time: SystemTime) -> bool {
        let minute = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 60;
        let key = minute.saturating_add(1) << 1;
        let last = self.0.last.load(Ordering::Relaxed);
        if last & !1 == key {
            return last & 1 == 1;
        }
        let within = self.0.contain(minute);
        self.0.last.store(key | u64::from(within), Ordering::Relaxed);
        within
    }
}

impl Inner {
    fn contain(&self, minute: u64) -> bool {
        let seconds = i64::try_from(minute.saturating_mul(60)).unwrap_or(i64::MAX);
        let Ok(timestamp) = Timestamp::from_second(seconds) else { return false };
        let local = self.zone.to_datetime(timestamp);
        let now = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        let today = self.is_on(local.weekday());
        if self.from < self.to {
            return today && (self.from..self.to).contains(&now);
        }
        let yesterday = self.is_on(local.weekday().previous());
        (today && now >= self.from) || (yesterday && now < self.to)
    }

    fn is_on(&self, day: Weekday) -> bool {
        self.days >> day.to_monday_zero_offset().unsigned_abs() & 1 == 1
    }
}

fn minutes(time: &str) -> Result<u16, HoursError> {
    let read = || {
        let (hours, minutes) = time.split_once(':')?;
        let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !two_digits(hours) || !two_digits(minutes) {
            return None;
        }
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    read().ok_or_else(|| HoursError::Time(time.into()))
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { zone, days, from, to, .. } = &*self.0;
        let zone = zone.iana_name().unwrap_or("UTC");
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let days: Vec<_> =
            DAYS.iter().enumerate().filter(|(place, _)| days >> place & 1 == 1).map(|(_, day)| day).collect();
        f.debug_struct("Hours")
            .field("zone", &zone)
            .field("from", &time(*from))
            .field("to", &time(*to))
            .field("days", &days)
            .finish()
    }
}

impl fmt::Display for HoursError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone(zone) => write!(f, "there is no time zone `{zone}`"),
            Self::Time(time) => write!(f, "`{time}` is no time of the form HH:MM"),
            Self::Day(day) => write!(f, "`{day}` is none of {}", DAYS.join(", ")),
        }
    }
}

impl Error for HoursError {}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(zone: &str, hour: i8, minute: i8, day: i8) -> SystemTime {
        date(2026, 3, day).at(hour, minute, 0, 0).in_tz(zone).unwrap().timestamp().into()
    }

    #[test]
    fn wall_clocks_count_also_where_they_change() {
        // Clocks in Berlin went forward on Sunday, 29 March 2026, at 2:00.
        let hours = Hours::new("Europe/Berlin", "03:30", "18:00").unwrap();
        for day in 27..=31 {
            assert!(!hours.contain(at("Europe/Berlin", 3, 29, day)), "{day}");
            assert!(hours.contain(at("Europe/Berlin", 3, 30, day)), "{day}");
            assert!(hours.contain(at("Europe/Berlin", 17, 59, day)), "{day}");
            assert!(!hours.contain(at("Europe/Berlin", 18, 0, day)), "{day}");
        }
    }

    #[test]
    fn a_window_that_begins_when_it_ends_lasts_all_day() {
        let hours = Hours::new("UTC", "06:00", "06:00").unwrap().days(["sun"]).unwrap();
        // 1 March 2026 was a Sunday.
        assert!(!hours.contain(at("UTC", 5, 59, 1)) && hours.contain(at("UTC", 6, 0, 1)));
        assert!(hours.contain(at("UTC", 5, 59, 2)) && !hours.contain(at("UTC", 6, 0, 2)));
    }

    #[test]
    fn what_is_no_hour_is_an_error() {
        assert_eq!(Hours::new("Mars/Olympus", "06:00", "07:00").unwrap_err(), HoursError::Zone("Mars/Olympus".into()));
        for time in ["24:00", "6:00", "06:60", "0600", "+6:00", "", "06:0\u{e9}"] {
            assert_eq!(Hours::new("UTC", time, "07:00").unwrap_err(), HoursError::Time(time.into()), "{time}");
        }
        assert!(Hours::new("UTC", "06:00", "07:00").unwrap().days(["monday"]).is_err());
    }

    #[test]
    fn odd_times_have_answers() {
        let hours = Hours::new("UTC", "00:00", "00:00").unwrap();
        assert!(hours.contain(UNIX_EPOCH - std::time::Duration::from_secs(1)));
        let far = UNIX_EPOCH.checked_add(std::time::Duration::from_secs(1 << 60));
        assert!(far.is_none_or(|far| !hours.contain(far)));
    }
}
