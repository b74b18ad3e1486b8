//! Durations as people and Go write them: `30s`, `1.5s`, `500ms`, `1m30s`, `2h`.
//!
//! ```
//! use std::time::Duration;
//! use llm_layers_core::duration;
//!
//! assert_eq!(duration::parse("1m30s"), Some(Duration::from_secs(90)));
//! assert_eq!(duration::parse("1.5"), None, "without a unit it may be anything");
//! assert_eq!(duration::parse_or_seconds("1.5"), Some(Duration::from_millis(1500)));
//! ```

use std::time::Duration;

/// Reads a duration: numbers, each with its unit: `h`, `m`, `s`, `ms`, `us`, `µs` or `ns`.
///
/// What is longer than some 584 years is taken for as much.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut nanos = 0_u128;
    while !rest.is_empty() {
        let (number, unit_on) = split(rest, |letter| !is_of_number(letter));
        let (unit, after) = split(unit_on, is_of_number);
        nanos = nanos.saturating_add(part(number, unit)?);
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}

/// Reads a duration as [`parse`] does, and a mere number as one of seconds.
#[must_use]
pub fn parse_or_seconds(text: &str) -> Option<Duration> {
    if text.is_empty() || !text.chars().all(is_of_number) {
        return parse(text);
    }
    part(text, "s").map(|nanos| Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}

const fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '.'
}

fn split(text: &str, at: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(at).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// One number and its unit, in nanoseconds.
fn part(number: &str, unit: &str) -> Option<u128> {
    /// Digits of hours that no clock will ever show. Beyond them lies nothing but attacks.
    const MAX_DIGITS: usize = 20;
    let scale: u128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let parts = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some(whole.parse::<u128>().ok()? * scale + fraction.parse::<u128>().ok()? * scale / parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_units() {
        for (text, nanos) in [
            ("30s", 30_000_000_000),
            ("1.5s", 1_500_000_000),
            ("500ms", 500_000_000),
            ("2m59.56s", 179_560_000_000),
            ("1h0m0.5s", 3_600_500_000_000),
            ("0.5h", 1_800_000_000_000),
            ("007us", 7_000),
            ("1µs2ns", 1_002),
            ("0.123456789s", 123_456_789),
            ("0.1234567891s", 123_456_789),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_nanos(nanos)), "{text}");
        }
        let longest = Duration::from_nanos(u64::MAX);
        assert_eq!(parse("99999999999999999999h"), Some(longest));
        assert_eq!(parse(&"99999999999999999999h".repeat(10_000)), Some(longest));
        assert_eq!(parse_or_seconds("99999999999999999999"), Some(longest));
        assert_eq!(parse_or_seconds("1m"), Some(Duration::from_secs(60)));
        assert_eq!(parse_or_seconds("0.25"), Some(Duration::from_millis(250)));
    }

    #[test]
    fn all_else_is_none() {
        for bad in [
            "",
            "s",
            ".",
            "5",
            "1.5",
            "1.s",
            ".5s",
            "1.2.3s",
            "-1s",
            "+1s",
            "1e3s",
            "1 s",
            " 1s",
            "1sec",
            "1S",
            "1m30",
            "NaN",
            "inf",
            "999999999999999999999s",
            "0.000000000000000000001s",
            "１s",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        for bad in ["", ".", "1.", ".5", "1.2.3", "-1", "1m30", "1 "] {
            assert_eq!(parse_or_seconds(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in "[0-9.hmsun\u{b5} -]{0,40}") {
            let _ = (parse(&text), parse_or_seconds(&text));
        }

        /// Rust writes them so, with a unit that fits.
        #[test]
        fn what_is_written_is_read_again(nanos: u64) {
            let time = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&format!("{time:?}")), Some(time));
        }
    }
}
