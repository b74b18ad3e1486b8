//! When to try again, in all the ways in which providers say it.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use http::{HeaderMap, HeaderValue};
//! use llm_layers_core::retry_after;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("retry-after", HeaderValue::from_static("1.5"));
//! assert_eq!(retry_after::from_headers(&headers, SystemTime::now()), Some(Duration::from_millis(1500)));
//! ```
//!
//! Sources: RFC 9110 section 10.2.3 (`retry-after`); OpenAI's Python SDK 3.52.0, which reads `retry-after-ms` first;
//! the headers of OpenAI, Groq, Azure and Anthropic as of November 2026.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};
use llm_layers_wire::json::{Array, Object};

/// Nobody waits longer than this: whoever asks for more asks not to be called, or has written nonsense.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The wait that an answer's headers ask for: `retry-after-ms`, `retry-after`, or else the reset of whichever limit
/// is used up. Waits of more than seven days are taken for seven days.
#[must_use]
pub fn from_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = || seconds(text("retry-after-ms")?.parse::<f64>().ok()? / 1000.0);
    millis().or_else(|| wait(text("retry-after")?, now)).or_else(|| resets(headers, now))
}

/// The wait that an error asks for in its text, as Google's do: the `retryDelay` of a `RetryInfo` among its `details`.
#[must_use]
pub fn from_error(body: &Bytes) -> Option<Duration> {
    // Where no stream of events was asked for, it is the one item of a list.
    let first = || Object::parse(Array::parse(body.clone()).ok()?.get(0)?).ok();
    let error = Object::parse(body.clone()).ok().or_else(first)?.get_bytes("error")?;
    let details = Array::parse(Object::parse(error).ok()?.get_bytes("details")?).ok()?;
    details.iter().find_map(|detail| duration(&Object::parse(detail).ok()?.text("retryDelay")?))
}

/// Says in the headers when to try again: in whole seconds, rounded up and never 0, and in milliseconds.
pub fn write(headers: &mut HeaderMap, wait: Duration) {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    headers.insert(RETRY_AFTER, HeaderValue::from(millis.div_ceil(1000).max(1)));
    headers.insert("retry-after-ms", HeaderValue::from(millis));
}

/// The longest reset among the limits of which nothing remains.
fn resets(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let used_up = headers.iter().filter_map(|(name, value)| {
        let (before, after) = name.as_str().split_once("ratelimit-")?;
        // OpenAI and Groq put the kind last (`x-ratelimit-remaining-tokens`), Anthropic in the middle; gateways and the
        // draft of the IETF have none.
        let reset = match (after.strip_prefix("remaining"), after.strip_suffix("-remaining")) {
            (Some(kind), _) if kind.is_empty() || kind.starts_with('-') => format!("{before}ratelimit-reset{kind}"),
            (_, Some(kind)) => format!("{before}ratelimit-{kind}-reset"),
            _ => return None,
        };
        let remaining: f64 = value.to_str().ok()?.trim().parse().ok()?;
        (remaining <= 0.0).then_some(reset)
    });
    used_up.filter_map(|reset| self::reset(headers.get(reset)?.to_str().ok()?.trim(), now)).max()
}

/// A wait, or an instant in seconds or milliseconds since 1970, as many gateways tell it.
fn reset(value: &str, now: SystemTime) -> Option<Duration> {
    /// No wait is as long, and no instant as early.
    const INSTANT: f64 = 1e9;
    match value.parse::<f64>() {
        Ok(number) if number >= INSTANT => {
            let since = if number >= 1000.0 * INSTANT { number / 1000.0 } else { number };
            let instant = SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(since).ok()?)?;
            Some(until(instant, now))
        }
        _ => wait(value, now),
    }
}

/// Seconds, a date of HTTP's or of RFC 3339, or a duration of Go's.
fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(number) = value.parse::<f64>() {
        return seconds(number);
    }
    if let Some(wait) = duration(value) {
        return Some(wait);
    }
    let date = httpdate::parse_http_date(value).ok().or_else(|| rfc3339(value))?;
    Some(until(date, now))
}

fn until(date: SystemTime, now: SystemTime) -> Duration {
    date.duration_since(now).unwrap_or_default().min(LONGEST)
}

fn seconds(number: f64) -> Option<Duration> {
    if number > LONGEST.as_secs_f64() { Some(LONGEST) } else { Duration::try_from_secs_f64(number).ok() }
}

/// A wait as Go writes durations: `6m0s`, `2m59.56s`, `20ms`, `37s`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    crate::duration::parse(text.trim()).map(|wait| wait.min(LONGEST))
}

/// An instant such as `2026-11-21T06:18:30Z`, with or without fractions, in UTC or with an offset.
#[must_use]
pub fn rfc3339(text: &str) -> Option<SystemTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = text.get(19..)?.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let shift = |sign: &str| {
        let (hours, minutes) = zone.strip_prefix(sign)?.split_once(':')?;
        let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
        Some(Duration::from_secs(u64::from(hours) * 3600 + u64::from(minutes) * 60))
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970 in a calendar whose years begin in March, so that the leap day is the last of them.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    let utc = SystemTime::UNIX_EPOCH + Duration::from_secs(((days * 24 + hour) * 60 + minute) * 60 + second);
    match (zone, shift("+"), shift("-")) {
        ("Z" | "z", ..) => Some(utc),
        (_, Some(ahead), _) => utc.checked_sub(ahead),
        (_, _, Some(behind)) => utc.checked_add(behind),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_241_910)
    }

    fn of(headers: &[(&'static str, &'static str)]) -> Option<f64> {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        from_headers(&headers.iter().map(pair).collect(), now()).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn every_spelling_is_understood() {
        let date = "Sat, 21 Nov 2026 06:19:30 GMT";
        for (headers, wait) in [
            (&[("retry-after", "7")][..], Some(7.0)),
            (&[("retry-after", "1.5")], Some(1.5)),
            (&[("retry-after", date)], Some(60.0)),
            (&[("retry-after", "9"), ("retry-after-ms", "20")], Some(0.02)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "1e300")], Some(604_800.0)),
            (&[("retry-after", "999999999")], Some(604_800.0)),
            (&[("retry-after", "Fri, 21 Nov 2036 06:19:30 GMT")], Some(604_800.0)),
            (&[("retry-after-ms", "1e300"), ("retry-after", "9")], Some(604_800.0)),
            // By an instant, in milliseconds or in seconds since 1970, and as the draft of the IETF has it.
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795241925000")], Some(15.0)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795241925")], Some(15.0)),
            (&[("ratelimit-remaining", "0"), ("ratelimit-reset", "30")], Some(30.0)),
            (&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "30")], None),
            (&[("retry-after", "NaN")], None),
            (&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")], Some(360.0)),
            (&[("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "6m0s")], None),
            (
                &[
                    ("anthropic-ratelimit-requests-remaining", "0"),
                    ("anthropic-ratelimit-requests-reset", "2026-11-21T06:18:40Z"),
                ],
                Some(10.0),
            ),
        ] {
            assert_eq!(of(headers), wait, "{headers:?}");
        }
    }

    #[test]
    fn googles_errors_say_it_in_their_text() {
        let of = |body: &'static str| from_error(&Bytes::from_static(body.as_bytes())).map(|wait| wait.as_secs_f64());
        let error = r#"{"error":{"code":429,"message":"m","details":[{"@type":"x"},{"retryDelay":"37.5s"}]}}"#;
        assert_eq!(of(error), Some(37.5));
        assert_eq!(of(r#"[{"error":{"details":[{"retryDelay":"2s"}]}}]"#), Some(2.0));
        for body in ["", "[]", "{}", r#"{"error":"busy"}"#, r#"{"error":{"details":[{"retryDelay":7}, 8]}}"#] {
            assert_eq!(of(body), None, "{body}");
        }
    }

    #[test]
    fn a_wait_is_written_so_that_it_is_read_again() {
        let mut headers = HeaderMap::new();
        write(&mut headers, Duration::from_millis(1250));
        assert_eq!(
            (&headers["retry-after"], &headers["retry-after-ms"]),
            (&"2".parse().unwrap(), &"1250".parse().unwrap())
        );
        assert_eq!(from_headers(&headers, now()), Some(Duration::from_millis(1250)));
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let read = |text| duration(text).map(|wait| wait.as_secs_f64());
        assert_eq!(read("2m59.5s"), Some(179.5));
        assert_eq!(read("20ms"), Some(0.02));
        assert_eq!(read("1h"), Some(3600.0));
        assert_eq!(read("999999999h"), Some(604_800.0));
        for text in ["", "s", "5", "5x", "1.2.3s", "ms", "-5s"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_may_have_an_offset_and_fractions() {
        let wait = |text| of(&[("retry-after", text)]);
        assert_eq!(wait("2026-11-21T07:18:40.123+01:00"), Some(10.0));
        assert_eq!(wait("2026-11-21T06:18:00Z"), Some(0.0), "it is over");
        assert_eq!(wait("2026-13-21T06:18:00Z"), None);
        assert_eq!(wait("2026-11-21T06:18:40"), None);
        assert_eq!(wait("2026-11-21T06:18:40+9999999999999999999:00"), None);
        assert_eq!(wait("2026-11-21T06:18:40-00:9999999999999999999"), None);
    }
}
