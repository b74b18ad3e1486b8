//! Numbers as they are written: digits of any script, and what stands between them.

/// The zeros of the scripts that have decimal digits of their own (Unicode 14, general category Nd).
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// How a language marks decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `1,000.5`
    Point,
    /// `1.000,5`
    Comma,
    /// Both are in use, or it is not known.
    Either,
}

/// The digit that a character is, in whatever script.
pub(super) fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    if !c.is_numeric() {
        return None;
    }
    let code = u32::from(c);
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    char::from_digit(code - zero, 10)
}

/// A separator as ASCII spells it.
const fn separator(c: char) -> Option<char> {
    Some(match c {
        '.' | '٫' => '.',
        ',' | '٬' => ',',
        '\'' | '’' => '\'',
        // Spaces that do not break a line stand between thousands.
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        ':' | '/' => c,
        '-' | '–' => '-',
        _ => return None,
    })
}

/// The number that a text begins with, in ASCII, and its length in bytes. Separators are of it where a digit follows.
pub(super) fn scan(text: &str) -> Option<(String, usize)> {
    let mut spelled = String::new();
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(digit) = digit(c) {
            spelled.push(digit);
            end = at + c.len_utf8();
            continue;
        }
        match (separator(c), chars.peek()) {
            (Some(separator), Some((_, next))) if end > 0 && digit(*next).is_some() => spelled.push(separator),
            _ => break,
        }
    }
    (end > 0).then_some((spelled, end))
}

/// A number without its separators of thousands, and with a point for its decimals, where that is certain. Zeros stay:
/// a version 3.10 is not 3.1, and 007 is not 7.
pub(super) fn canonical(spelled: &str, mark: Mark) -> String {
    let is_separator = |c: char| !c.is_ascii_digit();
    let separators: Vec<char> = spelled.chars().filter(|c| is_separator(*c)).collect();
    let groups: Vec<&str> = spelled.split(is_separator).collect();
    let (Some((last, before)), Some((tail, heads))) = (separators.split_last(), groups.split_last()) else {
        return spelled.to_owned();
    };
    let decimal = || format!("{}.{tail}", heads.concat());
    match (before.first(), last) {
        (None, '\'' | ' ') if are_thousands(&groups) => groups.concat(),
        (None, ',') if mark == Mark::Point && are_thousands(&groups) => groups.concat(),
        (None, '.') if mark == Mark::Comma && are_thousands(&groups) => groups.concat(),
        (None, ',') if mark == Mark::Comma => decimal(),
        (None, ',') if mark == Mark::Either && !are_thousands(&groups) => decimal(),
        (Some(first), _) if !matches!(first, ',' | '.' | '\'' | ' ') => spelled.to_owned(),
        (Some(first), _) if before.iter().any(|other| other != first) => spelled.to_owned(),
        (Some(first), last) if first == last && are_thousands(&groups) => groups.concat(),
        (Some(first), '.' | ',') if first != last && are_thousands(heads) => decimal(),
        _ => spelled.to_owned(),
    }
}

fn are_thousands(groups: &[&str]) -> bool {
    groups.split_first().is_some_and(|(first, rest)| {
        (1..=3).contains(&first.len()) && !first.starts_with('0') && rest.iter().all(|group| group.len() == 3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        let table = [
            ("1000", Mark::Point, "1000"),
            ("1,000", Mark::Point, "1000"),
            ("1,000", Mark::Comma, "1.000"),
            ("1.000", Mark::Comma, "1000"),
            ("1.000", Mark::Point, "1.000"),
            ("1,000", Mark::Either, "1,000"),
            ("1.000", Mark::Either, "1.000"),
            ("1,5", Mark::Either, "1.5"),
            ("1,5", Mark::Point, "1,5"),
            ("3,14", Mark::Comma, "3.14"),
            ("1,234,567.89", Mark::Comma, "1234567.89"),
            ("1.234.567,89", Mark::Point, "1234567.89"),
            ("1’000’000", Mark::Point, "1000000"),
            ("10\u{202f}000", Mark::Comma, "10000"),
            ("3.10", Mark::Point, "3.10"),
            ("007", Mark::Point, "007"),
            ("0,123", Mark::Point, "0,123"),
            ("1,23,456", Mark::Point, "1,23,456"),
            ("1.2.3", Mark::Point, "1.2.3"),
            ("192.168.001.001", Mark::Point, "192168001001"),
            ("12:30", Mark::Point, "12:30"),
            ("2024-05-01", Mark::Comma, "2024-05-01"),
            ("5–10", Mark::Comma, "5-10"),
            ("١٬٢٣٤٫٥", Mark::Either, "1234.5"),
            ("१२३", Mark::Either, "123"),
            ("１２", Mark::Either, "12"),
        ];
        for (text, mark, expected) in table {
            let (spelled, length) = scan(text).expect(text);
            assert_eq!(length, text.len(), "{text}");
            assert_eq!(canonical(&spelled, mark), expected, "{text} {mark:?}");
        }
    }

    #[test]
    fn what_follows_is_not_of_the_number() {
        let table = [("5kg", 1), ("5.", 1), ("5, 6", 1), ("1.5.", 3), ("7-", 1), ("²", 0), ("½", 0), ("x", 0), ("", 0)];
        for (text, length) in table {
            assert_eq!(scan(text).map_or(0, |(_, length)| length), length, "{text}");
        }
    }

    #[test]
    fn zeros_are_in_order() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            assert_eq!((0..10).filter_map(|n| digit(char::from_u32(zero + n)?)).collect::<String>(), "0123456789");
        }
    }
}
