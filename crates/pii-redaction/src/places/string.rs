//! JSON strings as the texts that they mean, and back.

use std::borrow::Cow;

use memchr::memchr;

/// What stands between a string's quotes, as text. The syntax has been checked.
///
/// A lone surrogate (`\ud800` without its other half) is no character, and cannot be in a Rust string. It comes as a
/// zero-width space: detectors look through those, so that nothing hides behind one, and where the string is changed it
/// is an invisible character that remains.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    const STAND_IN: char = '\u{200b}';
    let Some(first) = memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let mut text = String::with_capacity(inner.len());
    let (head, mut rest) = inner.split_at(first);
    text.push_str(head);
    while let Some(escape) = rest.strip_prefix('\\') {
        let mut after = escape.get(1..).unwrap_or_default();
        match escape.as_bytes().first() {
            Some(b'n') => text.push('\n'),
            Some(b't') => text.push('\t'),
            Some(b'r') => text.push('\r'),
            Some(b'b') => text.push('\u{8}'),
            Some(b'f') => text.push('\u{c}'),
            Some(b'u') => {
                let unit = hex(after);
                after = after.get(4..).unwrap_or_default();
                let low = after.strip_prefix("\\u").filter(|_| (0xd800..0xdc00).contains(&unit)).map(hex);
                match low.filter(|low| (0xdc00..0xe000).contains(low)) {
                    Some(low) => {
                        after = after.get(6..).unwrap_or_default();
                        let scalar = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        text.push(char::from_u32(scalar).unwrap_or(STAND_IN));
                    }
                    None => text.push(char::from_u32(unit).unwrap_or(STAND_IN)),
                }
            }
            // A quote, a backslash or a slash, which are themselves.
            Some(other) => text.push(char::from(*other)),
            None => break,
        }
        let next = memchr(b'\\', after.as_bytes()).unwrap_or(after.len());
        let (plain, further) = after.split_at(next);
        text.push_str(plain);
        rest = further;
    }
    Cow::Owned(text)
}

/// The four hexadecimal digits that a text begins with.
fn hex(text: &str) -> u32 {
    text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xd800)
}

/// A text as a JSON string, with its quotes.
pub(super) fn quote(text: &str) -> String {
    // A string can always be written.
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_what_the_standard_says() {
        for (inner, text) in [
            ("plain", "plain"),
            (r#"a\"b\\c\/d\b\f\n\r\te"#, "a\"b\\c/d\u{8}\u{c}\n\r\te"),
            (r"anna\u0040posteo.example", "anna@posteo.example"),
            (r"\ud83d\ude00", "😀"),
            (r"\uD83D\uDE00\u00e9", "😀é"),
            (r"a\ud800b", "a\u{200b}b"),
            (r"\ud800\ud83d\ude00", "\u{200b}😀"),
            (r"\udc00", "\u{200b}"),
            (r"\ud800\n", "\u{200b}\n"),
            (r"\ud800", "\u{200b}"),
        ] {
            assert_eq!(unescape(inner), text, "{inner}");
        }
    }

    #[test]
    fn what_serde_reads_is_what_we_read() {
        for text in ["", "\"", "\\", "\u{0}\u{1f}\u{7f}", "a\u{2028}b", "\\u0041", "é漢😀"] {
            let quoted = quote(text);
            assert_eq!(unescape(&quoted[1..quoted.len() - 1]), text);
        }
    }

    #[test]
    fn a_broken_escape_ends_nowhere() {
        for inner in ["\\", "\\u", "\\u12", "\\u00é", "\\ud83d\\u", "\\ud83d\\", "\\é"] {
            let _ = unescape(inner);
        }
    }
}
