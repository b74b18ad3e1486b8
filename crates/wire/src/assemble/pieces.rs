//! Cutting the text of a JSON string without cutting a character or an escape.

use std::ops::Range;

/// The ranges of `inner`, the text of a JSON string without its quotes, that hold `chars` characters each, 1 at least.
///
/// Neither a character nor an escape is cut, nor the two escapes of a surrogate pair: each range is the text of a string.
///
/// ```
/// use llm_layers_wire::assemble::pieces;
///
/// let inner = r"a\n\ud83d\ude00b";
/// let cut: Vec<_> = pieces(inner.as_bytes(), 2).map(|range| &inner[range]).collect();
/// assert_eq!(cut, [r"a\n", r"\ud83d\ude00b"]);
/// ```
pub fn pieces(inner: &[u8], chars: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0_usize;
    std::iter::from_fn(move || {
        let mut end = start;
        let mut left = chars.max(1);
        while left > 0 && end < inner.len() {
            // Most text is plain: a character of it is a byte.
            let block = inner.get(end..inner.len().min(end + left.min(PLAIN))).unwrap_or_default();
            let plain =
                if is_plain(block) { block.len() } else { block.iter().take_while(|&&byte| is_one(byte)).count() };
            end += plain;
            left -= plain;
            if plain < block.len() {
                end = end.saturating_add(character(inner.get(end..)?)).min(inner.len());
                left -= 1;
            }
        }
        let piece = start..end;
        start = end;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Bytes that are looked at together.
const PLAIN: usize = 32;

/// Whether each byte is a character.
fn is_plain(text: &[u8]) -> bool {
    // Without a way out in the middle, so that many are looked at in one step.
    text.iter().fold(true, |plain, &byte| plain & is_one(byte))
}

const fn is_one(byte: u8) -> bool {
    byte < 0x80 && byte != b'\\'
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
        assert_eq!(cut("abc", usize::MAX), ["abc"]);
        assert_eq!(cut("ab", 0), ["a", "b"]);
        let long = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(3);
        assert_eq!(
            cut(&format!("{long}é{long}"), 100),
            [&long[..100], &format!("{}é{}", &long[100..], &long[..91]), &long[91..]]
        );
    }
}
