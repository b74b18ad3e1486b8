//! Texts as they come: strings of JSON are decoded piece by piece, into a buffer that is used again.

use memchr::{memchr, memmem};

/// The bytes between the quotes of a JSON string, escapes as they were written; or a text without escapes.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

/// Raw bytes that are decoded at once: what a decoded text has of memory is bounded by it.
const PIECE: usize = 4096;

impl<'a> Text<'a> {
    /// What stands between the quotes of a JSON string.
    pub(crate) fn escaped(raw: &'a [u8]) -> Self {
        Self { raw, escaped: true }
    }

    /// A text that means itself, be it JSON that is shown as it stands.
    pub(crate) fn verbatim(raw: &'a [u8]) -> Self {
        Self { raw, escaped: false }
    }

    pub(crate) fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Another text that is written the same way.
    pub(crate) fn with_raw(self, raw: &'a [u8]) -> Self {
        Self { raw, ..self }
    }

    pub(crate) fn is(self, text: &str) -> bool {
        self.raw == text.as_bytes()
    }

    /// The text itself, if it holds no escape.
    pub(crate) fn plain(self) -> Option<&'a str> {
        if self.escaped && memchr(b'\\', self.raw).is_some() {
            return None;
        }
        std::str::from_utf8(self.raw).ok()
    }

    /// Hands the decoded text over, whole if it holds no escape and in pieces else.
    pub(crate) fn pieces(self, scratch: &mut String, mut each: impl FnMut(&str)) {
        if let Some(text) = self.plain() {
            return each(text);
        }
        let mut rest = self.raw;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at_checked(piece_end(rest)).unwrap_or((rest, &[]));
            scratch.clear();
            self.decode(piece, scratch);
            each(scratch);
            rest = after;
        }
    }

    /// The decoded text, in the buffer or borrowed.
    pub(crate) fn decoded<'b>(self, scratch: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        match self.plain() {
            Some(text) => text,
            None => {
                scratch.clear();
                self.decode(self.raw, scratch);
                scratch
            }
        }
    }

    /// About `length` raw bytes from about `at`, cut between words where there is white space near.
    pub(crate) fn window(self, at: usize, length: usize) -> Self {
        let from = if at == 0 { 0 } else { boundary(self.raw, at) };
        let to = boundary(self.raw, at.saturating_add(length)).max(from);
        Self { raw: self.raw.get(from..to).unwrap_or_default(), ..self }
    }

    fn decode(self, raw: &[u8], out: &mut String) {
        if self.escaped { unescape(raw, out) } else { push(raw, out) }
    }
}

/// Where the first piece ends: neither in a character nor in an escape nor between two surrogates.
fn piece_end(raw: &[u8]) -> usize {
    if raw.len() <= PIECE {
        return raw.len();
    }
    let mut at = boundary(raw, PIECE - 64).min(PIECE);
    let before = raw.get(..at).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    at += slashes % 2;
    // `\uXXXX` is cut neither; where its backslash is one that was escaped, this takes a few bytes of text more.
    let digits = before.len().saturating_sub(5);
    if let Some(found) = before.get(digits..).and_then(|tail| memmem::find(tail, b"\\u")) {
        at = characters(raw, digits + found + 6);
    }
    at.min(raw.len())
}

/// The first place from `at` on where a text may be cut: before a space if there is one near, else between characters.
fn boundary(raw: &[u8], at: usize) -> usize {
    const NEAR: usize = 48;
    let Some(rest) = raw.get(at..) else { return raw.len() };
    let near = rest.get(..NEAR).unwrap_or(rest);
    if let Some(space) = memchr(b' ', near) {
        return at + space;
    }
    // Escapes of other scripts have no spaces between: `\uXXXX` begins anew.
    if let Some(slash) = memchr(b'\\', near) {
        let pair = rest
            .get(slash + 2..slash + 4)
            .is_some_and(|digits| matches!(digits, [b'd' | b'D', b'c'..=b'f' | b'C'..=b'F']));
        let before = raw.get(..at + slash).unwrap_or_default();
        let odd = before.iter().rev().take_while(|byte| **byte == b'\\').take(8).count() % 2 == 1;
        return at + slash + if pair { 6 } else { usize::from(odd) };
    }
    characters(raw, at)
}

/// The first place from `at` on that is not within a character.
fn characters(raw: &[u8], at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !(0x80..0xc0).contains(byte)).unwrap_or(rest.len())
}

/// Decodes escapes; a surrogate without its other half becomes U+FFFD, as do bytes that are no UTF-8.
fn unescape(mut raw: &[u8], out: &mut String) {
    out.reserve(raw.len());
    while let Some(slash) = memchr(b'\\', raw) {
        push(raw.get(..slash).unwrap_or_default(), out);
        let escape = raw.get(slash..).unwrap_or_default();
        let (char, length) = match escape.get(1) {
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'u') => unicode(escape),
            Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
            _ => (char::REPLACEMENT_CHARACTER, 1),
        };
        out.push(char);
        raw = escape.get(length..).unwrap_or_default();
    }
    push(raw, out);
}

fn push(raw: &[u8], out: &mut String) {
    match std::str::from_utf8(raw) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(raw)),
    }
}

/// The character of `\uXXXX`, or of a pair of them, and how long it is written.
fn unicode(escape: &[u8]) -> (char, usize) {
    let unit = |at: usize| -> Option<u32> {
        let digits = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    };
    match unit(0) {
        None => (char::REPLACEMENT_CHARACTER, 2),
        Some(high @ 0xd800..0xdc00) => match unit(6) {
            Some(low @ 0xdc00..0xe000) => {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
            }
            _ => (char::REPLACEMENT_CHARACTER, 6),
        },
        Some(code) => (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(raw: &str) -> String {
        let (mut scratch, mut out) = (String::new(), String::new());
        Text::escaped(raw.as_bytes()).pieces(&mut scratch, |piece| out.push_str(piece));
        out
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(whole(r#"a\n\t\"\\\/\u00e9\ud83d\ude00z"#), "a\n\t\"\\/é😀z");
        assert_eq!(whole(r"\ud83d"), "\u{fffd}");
        assert_eq!(whole(r"\ud83dx\ude00\ud83d\n"), "\u{fffd}x\u{fffd}\u{fffd}\n");
        assert_eq!(whole(r"\ud83d\ud83d\ude00"), "\u{fffd}😀");
        assert_eq!(whole("\\"), "\u{fffd}");
        assert_eq!(whole("\\u12"), "\u{fffd}12");
    }

    /// An escape far from the next one.
    const LONG: &str = r"\u00e9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé";

    #[test]
    fn long_strings_are_decoded_in_pieces_without_a_seam() {
        for unit in [
            r"\u4f60",
            r"\ud83d\ude00",
            r"\\",
            r"\n",
            "a b\\n",
            "é",
            "\u{1f600}",
            r"x\\\u00e9",
            "aaaaaaaaaaaaaaaaaaaaa",
            LONG,
        ] {
            for offset in 0..13 {
                let raw = format!("{}{}", "x".repeat(offset), unit.repeat(3 * PIECE / unit.len()));
                let expected: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
                assert!(whole(&raw) == expected, "{unit} {offset}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_windows(raw in proptest::collection::vec(0u8..=255, 0..200), at in 0usize..220, length in 0usize..220) {
            let text = Text::escaped(&raw);
            let mut scratch = String::new();
            let _ = text.window(at, length).decoded(&mut scratch);
            text.pieces(&mut scratch, |_| {});
        }
    }
}
