//! Hours of the day, at which another price holds or a deployment may be used.

use std::{
    borrow::Cow,
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use serde::{
    de::{Deserialize, Deserializer, Error as _},
    ser::SerializeMap,
};

/// Hours of the day in a time zone, on some days of the week or all.
///
/// They are wall clock times: where clocks are put forward or back the window moves with them. One that goes over
/// midnight belongs to the day on which it begins. One that begins when it ends lasts all day.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use llm_layers_catalogue::Hours;
///
/// let nights = Hours::new("UTC", "22:00", "06:00")?.days(["fri"])?;
/// // 1970 began on a Thursday.
/// let hours = |hours: u64| UNIX_EPOCH + Duration::from_secs(hours * 3600);
/// assert!(!nights.contain(hours(23)));
/// assert!(nights.contain(hours(24 + 22)) && nights.contain(hours(48 + 5)));
/// assert!(!nights.contain(hours(48 + 6)) && !nights.contain(hours(48 + 22)));
/// # Ok::<(), llm_layers_catalogue::HoursError>(())
/// ```
#[derive(Clone)]
pub struct Hours(Arc<Inner>);

struct Inner {
    zone: TimeZone,
    /// A bit for each day on which they begin, Monday first.
    days: u8,
    /// Minutes of the day.
    from: u16,
    to: u16,
    /// The last minute that was asked for (since 1970, times two) and whether it is within. A choice asks for the same
    /// minute over and over, and the rules of a time zone are not cheap. Clocks change at whole minutes.
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

const DAY: u16 = 24 * 60;
const ALL_DAYS: u8 = 0x7f;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// From one time to another, written `HH:MM`, in a time zone by its IANA name. `24:00` is the end of a day.
    ///
    /// # Errors
    /// The zone or one of the times is none.
    pub fn new(zone: &str, from: &str, to: &str) -> Result<Self, HoursError> {
        Ok(Self::of(Zone::parse(zone)?, &[], Minute::parse(from)?, Minute::parse(to)?))
    }

    /// Sets the days on which they begin: `mon` to `sun`. Default all.
    ///
    /// # Errors
    /// One of them is no day.
    pub fn days<D: AsRef<str>>(self, days: impl IntoIterator<Item = D>) -> Result<Self, HoursError> {
        let mut bits = 0;
        for day in days {
            bits |= Day::parse(day.as_ref())?.bit();
        }
        Ok(Self::build(self.0.zone.clone(), bits, self.0.from, self.0.to))
    }

    /// No days are all days.
    pub(crate) fn of(zone: Zone, days: &[Day], from: Minute, to: Minute) -> Self {
        let bits = days.iter().fold(0, |bits, day| bits | day.bit());
        Self::build(zone.0, if bits == 0 { ALL_DAYS } else { bits }, from.0 % DAY, to.0)
    }

    fn build(zone: TimeZone, days: u8, from: u16, to: u16) -> Self {
        Self(Arc::new(Inner { zone, days, from, to, last: AtomicU64::new(u64::MAX) }))
    }

    /// Whether this time is within.
    #[must_use]
    pub fn contain(&self, time: SystemTime) -> bool {
        // Before 1970 there were no models.
        let minute = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        let last = self.0.last.load(Ordering::Relaxed);
        if last >> 1 == minute {
            return last & 1 == 1;
        }
        let is_within = self.0.contain(minute);
        self.0.last.store(minute << 1 | u64::from(is_within), Ordering::Relaxed);
        is_within
    }
}

impl Inner {
    fn contain(&self, minute: u64) -> bool {
        let seconds = i64::try_from(minute).unwrap_or(i64::MAX).saturating_mul(60);
        // Beyond the year 9999 there is no calendar.
        let Ok(instant) = Timestamp::from_second(seconds) else { return false };
        let local = self.zone.to_datetime(instant);
        // An hour and a minute are never negative.
        let now = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        if self.from < self.to {
            return self.from <= now && now < self.to && self.begin_on(local.weekday());
        }
        // Over midnight: the evening belongs to its own day, the morning to the day before.
        (now >= self.from && self.begin_on(local.weekday()))
            || (now < self.to && self.begin_on(local.weekday().previous()))
    }

    fn begin_on(&self, day: Weekday) -> bool {
        self.days >> day.to_monday_zero_offset().unsigned_abs() & 1 == 1
    }
}

/// A time zone by its IANA name.
#[derive(Debug, Clone)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    fn parse(name: &str) -> Result<Self, HoursError> {
        match name {
            "UTC" => Ok(Self(TimeZone::UTC)),
            _ => TimeZone::get(name).map(Self).map_err(|_| HoursError::Zone(name.into())),
        }
    }
}

/// A day of the week, by its place in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(usize);

impl Day {
    fn parse(name: &str) -> Result<Self, HoursError> {
        let place = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
        place.map(Self).ok_or_else(|| HoursError::Day(name.into()))
    }

    const fn bit(self) -> u8 {
        1 << self.0
    }
}

/// A minute of a day, written as `16:30`; `24:00` is the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minute(u16);

impl Minute {
    fn parse(text: &str) -> Result<Self, HoursError> {
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            let number = |text: &str| -> Option<u16> {
                (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
            };
            let (hour, minute) = (number(hour)?, number(minute)?);
            (minute < 60 && hour * 60 + minute <= DAY).then_some(Self(hour * 60 + minute))
        };
        read().ok_or_else(|| HoursError::Time(text.into()))
    }
}

/// Each of them is a text in a row.
macro_rules! read_as_text {
    ($($name:ident),*) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&<Cow<'_, str>>::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        })*
    };
}

read_as_text!(Zone, Day, Minute);

impl Inner {
    fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn days(&self) -> Vec<&'static str> {
        DAYS.into_iter().enumerate().filter(|(place, _)| self.days >> place & 1 == 1).map(|(_, day)| day).collect()
    }
}

fn time_of_day(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl Hours {
    /// Writes the members by which a row has them. Days are left out where they are all.
    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("zone", self.0.zone())?;
        if self.0.days != ALL_DAYS {
            map.serialize_entry("days", &self.0.days())?;
        }
        map.serialize_entry("from", &time_of_day(self.0.from))?;
        map.serialize_entry("to", &time_of_day(self.0.to))
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hours")
            .field("zone", &self.0.zone())
            .field("from", &time_of_day(self.0.from))
            .field("to", &time_of_day(self.0.to))
            .field("days", &self.0.days())
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
    fn a_window_that_begins_when_it_ends_lasts_all_day() {
        let hours = Hours::new("UTC", "06:00", "06:00").unwrap().days(["sun"]).unwrap();
        // 1 March 2026 was a Sunday.
        assert!(!hours.contain(at("UTC", 5, 59, 1)) && hours.contain(at("UTC", 6, 0, 1)));
        assert!(hours.contain(at("UTC", 5, 59, 2)) && !hours.contain(at("UTC", 6, 0, 2)));
    }

    #[test]
    fn a_day_ends_at_24_oclock() {
        let evening = Hours::new("UTC", "18:00", "24:00").unwrap().days(["sun"]).unwrap();
        assert!(evening.contain(at("UTC", 23, 59, 1)) && !evening.contain(at("UTC", 0, 0, 2)));
        let all = Hours::new("Europe/Berlin", "24:00", "24:00").unwrap();
        assert!(all.contain(at("UTC", 0, 0, 29)) && all.contain(at("UTC", 23, 59, 29)));
    }

    #[test]
    fn what_is_no_hour_is_an_error() {
        assert_eq!(Hours::new("Mars/Olympus", "06:00", "07:00").unwrap_err(), HoursError::Zone("Mars/Olympus".into()));
        for time in ["24:01", "25:00", "6:00", "06:60", "0600", "+6:00", "", "06:0\u{e9}"] {
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
