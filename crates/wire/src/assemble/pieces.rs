//! Cutting the text of a JSON string without cutting a character or an escape.

use std::ops::Range;

/// The ranges of `inner`, a string's text without its quotes, that hold `chars` characters each.
pub(super) fn pieces(inner: &[u8], chars: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0_usize;
    std::iter::from_fn(move || {
        let mut end = start;
        for _ in 0..chars {
            end = end.saturating_add(character(inner.get(end..)?)).min(inner.len());
        }
        let piece = start..end;
        start = end;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The bytes that the first character takes; 0 at the end.
fn character(text: &[u8]) -> usize {
    match text {
        [] => 0,
        [
            b'\\',
            b'u',
            b'd' | b'D',
            b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B',
            _,
            _,
            b'\\',
            b'u',
            b'd' | b'D',
            b'c'..=b'f' | b'C'..=b'F',
            ..,
        ] => 12,
        [b'\\', b'u', ..] => 6,
        [b'\\', ..] => 2,
        [0..0x80, ..] => 1,
        [0x80..0xe0, ..] => 2,
        [0xe0..0xf0, ..] => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, chars: usize) -> Vec<&str> {
        pieces(text.as_bytes(), chars).map(|range| &text[range]).collect()
    }

    #[test]
    fn characters_and_escapes_stay_whole() {
        assert_eq!(cut("aé漢😀", 1), ["a", "é", "漢", "😀"]);
        assert_eq!(cut(r#"\n\"\\x"#, 1), [r"\n", r#"\""#, r"\\", "x"]);
        assert_eq!(cut(r"\u00e9\ud83d\uDE00\ud83dx", 1), [r"\u00e9", r"\ud83d\uDE00", r"\ud83d", "x"]);
        assert_eq!(cut("abcde", 2), ["ab", "cd", "e"]);
        assert_eq!(cut("", 2), Vec::<&str>::new());
    }
}
