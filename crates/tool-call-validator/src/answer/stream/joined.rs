use std::fmt;

use crate::answer::nested::Unreadable;

/// A text that comes in pieces, each a JSON string of its own. Some servers cut between the two halves of a surrogate
/// pair: what is left of one waits for the next piece.
#[derive(Clone, Default)]
pub(super) struct Joined {
    text: String,
    /// The first half of a pair, as escaped.
    half: Option<[u8; ESCAPE]>,
}

/// The length of `\ud83d`.
const ESCAPE: usize = 6;

impl Joined {
    /// Adds a piece, with its quotes; `null` adds nothing.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Unreadable> {
        if piece == b"null" || piece == b"\"\"" {
            return Ok(());
        }
        if let Some(inner) = piece.strip_prefix(b"\"").and_then(|piece| piece.strip_suffix(b"\""))
            && self.half.is_none()
            && !inner.contains(&b'\\')
        {
            self.text.push_str(str::from_utf8(inner).map_err(|_| Unreadable)?);
            return Ok(());
        }
        self.push_escaped(piece)
    }

    fn push_escaped(&mut self, piece: &[u8]) -> Result<(), Unreadable> {
        let inner = piece.strip_prefix(b"\"").and_then(|piece| piece.strip_suffix(b"\"")).ok_or(Unreadable)?;
        let (inner, half) = match inner.split_last_chunk::<ESCAPE>() {
            Some((before, last)) if is_first_half(last) && !is_escaped(before) => (before, Some(*last)),
            _ => (inner, None),
        };
        let mut quoted = vec![b'"'];
        quoted.extend(self.half.take().into_iter().flatten());
        quoted.extend_from_slice(inner);
        quoted.push(b'"');
        self.half = half;
        self.text.push_str(&serde_json::from_slice::<String>(&quoted).map_err(|_| Unreadable)?);
        Ok(())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether the text ends in the middle of a character.
    pub(super) const fn is_cut(&self) -> bool {
        self.half.is_some()
    }
}

/// Shows no text: it is an answer.
impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("len", &self.text.len()).finish_non_exhaustive()
    }
}

/// Whether this is the escape of a high surrogate: `\uD800` to `\uDBFF`.
const fn is_first_half(escape: &[u8; ESCAPE]) -> bool {
    matches!(escape, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _])
}

/// Whether a backslash behind this is escaped itself.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: &[&str]) -> Result<String, Unreadable> {
        let mut joined = Joined::default();
        pieces.iter().try_for_each(|piece| joined.push(piece.as_bytes()))?;
        assert!(!joined.is_cut());
        Ok(joined.text)
    }

    #[test]
    fn pieces_are_joined_as_the_client_joins_them() {
        for (pieces, whole) in [
            (&[r#""a""#, "null", r#""""#, r#""b\n\"""#][..], "ab\n\""),
            (&[r#""x\ud83d""#, r#""\ude00y""#], "x😀y"),
            (&[r#""\uD83D""#, r#""""#, r#""\uDE00""#], "😀"),
            (&[r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""é""#], "😀\\ud83dé"),
        ] {
            assert_eq!(joined(pieces).as_deref(), Ok(whole), "{pieces:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        for piece in ["1", "{}", "\"", r#""\ud83dx""#, r#""\ude00""#] {
            assert_eq!(joined(&[piece]), Err(Unreadable), "{piece}");
        }
        assert_eq!(joined(&[r#""\ud83d""#, r#""x""#]), Err(Unreadable));
    }
}
