//! Times as people write them: `30s`, `1.5s`, `500ms`, `2m`, `1h`.

use std::time::Duration;

/// Reads a time above zero. A number without a unit has `unit`; an empty one is none.
pub(crate) fn parse(text: &str, unit: &str) -> Option<Duration> {
    /// Digits of seconds that no clock will ever show. Beyond them lies nothing but attacks.
    const MAX_DIGITS: usize = 20;
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, written) = text.split_at_checked(end)?;
    let nanos: u128 = match if written.is_empty() { unit } else { written } {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || whole.len() > MAX_DIGITS || fraction.len() > 9 {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    // A second dot is a digit to nobody.
    let nanos = whole.parse::<u128>().ok()? * nanos + fraction.parse::<u128>().ok()? * nanos / scale;
    let time = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
    (!time.is_zero()).then_some(time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_numbers_and_units() {
        for (text, millis) in [
            ("30", 30_000),
            ("1.5", 1500),
            ("0.001", 1),
            ("500ms", 500),
            ("1.5s", 1500),
            ("2m", 120_000),
            ("0.5h", 1_800_000),
            ("007", 7000),
        ] {
            assert_eq!(parse(text, "s"), Some(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(parse("99999999999999999999h", "s"), Some(Duration::from_nanos(u64::MAX)));
        assert_eq!(parse("30", ""), None, "where a unit is asked for");
        for bad in [
            "",
            "s",
            ".",
            "1.",
            ".5",
            "1.2.3",
            "-1",
            "+1",
            "1e3",
            "1 s",
            "1sec",
            "1S",
            "0",
            "0.0s",
            "0ms",
            "NaN",
            "inf",
            "1.0000000001",
            "999999999999999999999",
            "１",
        ] {
            assert_eq!(parse(bad, "s"), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in ".{0,40}") {
            if let Some(time) = parse(&text, "s") {
                prop_assert!(!time.is_zero());
            }
        }
    }
}
