//! Hours at which another price holds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, Error as _};

const DAY: u16 = 24 * 60;

/// A time zone by its IANA name.
#[derive(Debug, Clone)]
pub(crate) struct Zone(pub(crate) TimeZone);

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        if name == "UTC" {
            return Ok(Self(TimeZone::UTC));
        }
        TimeZone::get(&name).map(Self).map_err(|_| D::Error::custom(format_args!("no IANA time zone `{name}`")))
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A minute of a day, written as `16:30`; `24:00` is the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minute(u16);

impl Minute {
    fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let number = |text: &str| -> Option<u16> {
            (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
        };
        let (hour, minute) = (number(hour)?, number(minute)?);
        (minute < 60 && hour * 60 + minute <= DAY).then_some(Self(hour * 60 + minute))
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format_args!("`{text}` is no time of day such as `16:30`")))
    }
}

/// From one time of day to another, on the days on which it begins, by the clocks of a place.
#[derive(Debug)]
pub(crate) struct Window {
    zone: TimeZone,
    /// A bit for each day on which it begins, Monday first.
    days: u8,
    from: u16,
    to: u16,
    /// The last minute that was asked for (since 1970, times two) and whether it is inside. Routing asks for the same
    /// minute over and over, and the rules of a time zone are not cheap. Clocks change at whole minutes.
    last: AtomicU64,
}

impl Window {
    /// No days are all days, and a window that ends when it begins is a whole day.
    pub(crate) fn new(zone: Zone, days: &[Day], from: Minute, to: Minute) -> Self {
        let bits = days.iter().fold(0, |bits, day| bits | 1 << *day as u8);
        let days = if bits == 0 { 0x7f } else { bits };
        Self { zone: zone.0, days, from: from.0 % DAY, to: to.0, last: AtomicU64::new(u64::MAX) }
    }

    pub(crate) fn contains(&self, at: SystemTime) -> bool {
        // Before 1970 there were no models.
        let minute = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        let last = self.last.load(Ordering::Relaxed);
        if last >> 1 == minute {
            return last & 1 == 1;
        }
        let is_inside = self.find(minute);
        self.last.store(minute << 1 | u64::from(is_inside), Ordering::Relaxed);
        is_inside
    }

    fn find(&self, minute: u64) -> bool {
        let seconds = i64::try_from(minute).unwrap_or(i64::MAX).saturating_mul(60);
        // The end of jiff's calendar is in the year 9999.
        let instant = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let local = self.zone.to_datetime(instant);
        // An hour and a minute are never negative.
        let now = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        if self.from < self.to {
            return self.from <= now && now < self.to && self.begins_on(local.weekday());
        }
        // Over midnight: the evening belongs to its own day, the morning to the day before.
        (now >= self.from && self.begins_on(local.weekday()))
            || (now < self.to && self.begins_on(local.weekday().previous()))
    }

    fn begins_on(&self, day: Weekday) -> bool {
        self.days >> day.to_monday_zero_offset().unsigned_abs() & 1 == 1
    }
}

impl Clone for Window {
    fn clone(&self) -> Self {
        Self { zone: self.zone.clone(), last: AtomicU64::new(u64::MAX), ..*self }
    }
}
