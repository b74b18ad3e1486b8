//! Durations as people write them: `"500ms"`, `"2s"`, `"10m"`, `"1h"`.

use std::time::Duration;

use super::node::Node;
use super::report::Report;

/// Longer than any call takes; a number beyond it is a slip of the pen.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a duration above zero and up to a day.
pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Option<Duration> {
    if !node.is_string() {
        report.mask.show(node.place.span.clone()); // a number is no key
        node.wrong_type("a duration", "write a string with a unit, such as `\"2s\"`", report);
        return None;
    }
    let duration = parse(&node.string(report)?);
    match duration {
        Some(duration) if duration.is_zero() => {
            report.error(&node.place, "a duration of zero", "leave it out for the default");
            None
        }
        Some(duration) if duration > LONGEST => {
            report.error(&node.place, "a duration of more than a day", "write `\"24h\"` or less");
            None
        }
        Some(duration) => Some(duration),
        None => {
            let help = "write a whole number and one of `ms`, `s`, `m`, `h`, such as `\"500ms\"`";
            report.error(&node.place, "not a duration", help);
            None
        }
    }
}

fn parse(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(unit)?;
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units_and_nothing_else() {
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("2s"), Some(Duration::from_secs(2)));
        assert_eq!(parse("10m"), Some(Duration::from_secs(600)));
        assert_eq!(parse("1h"), Some(Duration::from_secs(3600)));
        for bad in ["", "2", "s", "2 s", "-2s", "1.5s", "2sec", "99999999999999999999s", "1h30m"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
