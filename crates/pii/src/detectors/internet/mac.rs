//! Addresses of network cards: six pairs of hexadecimal digits, or Cisco's three fours.

use std::ops::Range;

use super::super::scan::{after, before, ends_word, run_back, run_on, starts_word};

pub(super) const CONTEXT: &[&str] =
    &["mac", "ethernet", "hardware", "hwaddr", "physical", "bluetooth", "wifi", "wi-fi", "bssid", "device"];

/// One that holds no digit, which nothing looks around for.
pub(super) const LETTERS: &str = "[A-Fa-f]{2}(?::[A-Fa-f]{2}){5}|[A-Fa-f]{2}(?:-[A-Fa-f]{2}){5}";

/// The address that this digit is in.
pub(super) fn mac(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let group = run_back(text, at, 4, hex);
    let width = run_on(text, group, 5, hex) - group;
    // Another group must stand beside this one.
    let is_joined =
        |sign: Option<u8>, next: Option<u8>| matches!(sign, Some(b':' | b'-' | b'.')) && next.is_some_and(hex);
    let end = group + width;
    let is_left = group > 0 && is_joined(before(text, group), before(text, group - 1));
    if !is_left && !is_joined(after(text, end), after(text, end + 1)) {
        return None;
    }
    let (groups, separator) = match (width, after(text, group + width), before(text, group)) {
        (2, Some(separator @ (b':' | b'-')), _) | (2, _, Some(separator @ (b':' | b'-'))) => (6, separator),
        (4, Some(b'.'), _) | (4, _, Some(b'.')) => (3, b'.'),
        _ => return None,
    };
    let step = width + 1;
    let mut start = group;
    for _ in 1..groups {
        let Some(previous) = start.checked_sub(step) else { break };
        if before(text, start) != Some(separator) || run_on(text, previous, width, hex) != previous + width {
            break;
        }
        start = previous;
    }
    let end = start + groups * step - 1;
    let shown = text.get(start..end)?;
    let is_whole = shown.bytes().enumerate().all(
        |(index, byte)| {
            if index % step == width { byte == separator } else { hex(byte) }
        },
    );
    let first = shown.bytes().position(|byte| byte.is_ascii_digit())?;
    let is_longer = before(text, start) == Some(separator)
        || after(text, end) == Some(separator) && after(text, end + 1).is_some_and(hex);
    if !is_whole
        || start + first != at
        || is_longer
        || !starts_word(text, start)
        || !ends_word(text, end)
        || !is_card(shown)
    {
        return None;
    }
    // Pairs of decimal digits with hyphens may be dates, and fours with dots anything.
    let has_letter = shown.bytes().any(|byte| byte.is_ascii_alphabetic());
    Some((start..end, if has_letter || separator == b':' { 0.9 } else { 0.3 }))
}

/// Neither all zeros nor the broadcast address.
pub(super) fn is_card(shown: &str) -> bool {
    let mut digits = shown.bytes().filter(u8::is_ascii_hexdigit).map(|byte| byte.to_ascii_lowercase()).peekable();
    match digits.peek().copied() {
        Some(first @ (b'0' | b'f')) => !digits.all(|byte| byte == first),
        first => first.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::mac;

    fn found(text: &str) -> Option<(&str, f32)> {
        let bytes = text.as_bytes();
        let mut all = (0..bytes.len())
            .filter(|at| bytes[*at].is_ascii_digit() && !(*at > 0 && bytes[at - 1].is_ascii_digit()))
            .filter_map(|at| mac(text, at))
            .map(|(range, score)| (&text[range], score));
        let first = all.next();
        assert_eq!(all.next(), None, "{text}");
        first
    }

    #[test]
    fn addresses_are_found() {
        for (text, address, score) in [
            ("00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E", 0.9),
            ("MAC: aa-bb-cc-dd-ee-0f.", "aa-bb-cc-dd-ee-0f", 0.9),
            ("(01:23:45:67:89:ab)", "01:23:45:67:89:ab", 0.9),
            ("01-23-45-67-89-01", "01-23-45-67-89-01", 0.3),
            ("0012.3456.789a", "0012.3456.789a", 0.9),
        ] {
            assert_eq!(found(text), Some((address, score)), "{text}");
        }
    }

    #[test]
    fn look_alikes_are_not() {
        for text in [
            "00:1A:2B:3C:4D",
            "00:1A:2B:3C:4D:5E:6F",
            "00:00:00:00:00:00",
            "FF:FF:FF:FF:FF:F",
            "00:1A-2B:3C:4D:5E",
            "00:1A:2B:3C:4D:5G",
            "12:34:56",
            "2026-11-21",
            "x00:1A:2B:3C:4D:5E",
            "0012.3456.789a.1234",
            "1234.5678",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
