//! Tokens that may hold something: what stands between white space.

use std::ops::Range;

use super::classes::{self, Masks, is_blank};

/// From how many bytes on a token may be a key without digits.
const LONG: usize = 16;
/// How many capital letters in a row may be a code.
const CAPITALS: usize = 6;

/// The tokens that hold a digit, an `@`, `//` or six capital letters in a row, or are 16 bytes long, in order.
///
/// Blocks of 64 bytes without any of these are left at once.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    /// All before is done.
    at: usize,
    /// The block that was read last, and what of it makes its token one of these.
    block: usize,
    hot: u64,
    /// The bytes before the block, as bits from the highest down.
    solid: u64,
    capitals: u64,
    slashes: u64,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = Self { bytes: text.as_bytes(), at: 0, block: 0, hot: 0, solid: 0, capitals: 0, slashes: 0 };
        tokens.read();
        tokens
    }

    /// Reads the block at `self.block`.
    #[inline]
    fn read(&mut self) {
        let masks = Masks::of(&classes::block(self.bytes, self.block));
        let solid = !masks.blanks;
        self.hot = masks.marks
            | runs::<LONG>(self.solid, solid)
            | runs::<CAPITALS>(self.capitals, masks.capitals)
            | runs::<2>(self.slashes, masks.slashes);
        (self.solid, self.capitals, self.slashes) = (solid, masks.capitals, masks.slashes);
    }
}

/// The bits that end a run of `N`.
#[inline]
fn runs<const N: usize>(before: u64, bits: u64) -> u64 {
    let mut all = u128::from(bits) << 64 | u128::from(before);
    let mut length = 1;
    while length < N {
        let shift = length.min(N - length);
        all &= all << shift;
        length += shift;
    }
    #[allow(clippy::cast_possible_truncation, reason = "the upper half")]
    let upper = (all >> 64) as u64;
    upper
}

impl Iterator for Tokens<'_> {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        while self.hot == 0 {
            self.block += 64;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.read();
        }
        let hot = self.block + self.hot.trailing_zeros() as usize;
        let before = self.bytes.get(self.at..hot)?;
        let start = self.at + before.iter().rposition(|&byte| is_blank(byte)).map_or(0, |blank| blank + 1);
        let after = self.bytes.get(hot..)?;
        let end = hot + after.iter().position(|&byte| is_blank(byte)).unwrap_or(after.len());
        self.at = end;
        // A token that goes on beyond the block takes whole blocks with it.
        if end - self.block < 64 {
            self.hot &= u64::MAX << (end - self.block);
        } else if end >= self.bytes.len() {
            (self.block, self.hot) = (self.bytes.len(), 0);
        } else {
            self.block = end;
            // A blank: what stands before cannot go on.
            (self.solid, self.capitals, self.slashes) = (0, 0, 0);
            self.read();
        }
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for token in text.as_bytes().split(|&byte| is_blank(byte)) {
            let is_hot = token.len() >= LONG
                || token.iter().any(|byte| byte.is_ascii_digit() || *byte == b'@')
                || token.windows(CAPITALS).any(|letters| letters.iter().all(u8::is_ascii_uppercase))
                || token.windows(2).any(|two| two == b"//");
            if is_hot {
                found.push(start..start + token.len());
            }
            start += token.len() + 1;
        }
        found
    }

    proptest! {
        #[test]
        fn blocks_find_what_bytes_do(text in "([a-z]{1,12}|[A-Z]{1,9}|[0-9@/]{1,3}|[ \n\t]{1,40}|[a-z/]{14,70}|é){0,60}") {
            prop_assert_eq!(Tokens::new(&text).collect::<Vec<_>>(), naive(&text));
        }
    }
}
