//! Where words, numbers and signs begin in the tokens of a text.

use super::{
    classes::{self, Kinds},
    search::Search,
    tokens::Tokens,
};

/// How long a word is that may belong to what follows, and how far before that it may stand.
const PREFIX: usize = 3;

/// What begins in a block of 64 bytes, one bit for each.
#[derive(Default)]
struct Starts {
    /// Where the block ends; 0 before the first.
    end: usize,
    words: u64,
    numbers: u64,
    ats: u64,
    colons: u64,
    /// All bytes that are letters, and all that are digits.
    letters: u64,
    digits: u64,
}

impl Starts {
    /// Reads the block that begins here, if that is another.
    #[inline]
    fn read(&mut self, bytes: &[u8], block: usize) {
        if self.end == block + 64 {
            return;
        }
        let Kinds { letters, digits, ats, colons } = Kinds::of(&classes::block(bytes, block));
        let before = block.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        let begins = |bits: u64, goes_on: bool| bits & !(bits << 1 | u64::from(goes_on));
        *self = Self {
            end: block + 64,
            words: begins(letters | digits, before.is_ascii_alphanumeric()),
            numbers: begins(digits, before.is_ascii_digit()),
            ats,
            colons,
            letters,
            digits,
        };
    }

    /// How many letters or digits stand from the word's beginning on, and which of both; 0 where the block ends first.
    #[inline]
    fn run(&self, bit: u32) -> (usize, bool) {
        let is_number = self.digits >> bit & 1 == 1;
        let rest = if is_number { self.digits } else { self.letters } >> bit;
        let length = rest.trailing_ones();
        (if bit + length < u64::BITS { length as usize } else { 0 }, is_number)
    }
}

impl Search<'_> {
    /// Goes through all tokens that may hold something.
    pub(super) fn tokens(&mut self) {
        let set = self.set;
        let bytes = self.text.as_bytes();
        let mut starts = Starts::default();
        // The end of the last token.
        let mut done = 0;
        for token in Tokens::new(self.text) {
            let mut is_first = true;
            for block in (token.start / 64 * 64..token.end).step_by(64) {
                starts.read(bytes, block);
                let from = token.start.saturating_sub(block);
                let after = 64_usize.saturating_sub(token.end - block);
                let within = u64::MAX << from & u64::MAX >> after;
                let mut rest = (starts.words | starts.numbers | starts.ats | starts.colons) & within;
                while rest != 0 {
                    let at = block + rest.trailing_zeros() as usize;
                    let bit = rest & rest.wrapping_neg();
                    rest ^= bit;
                    if starts.words & bit != 0 {
                        if std::mem::take(&mut is_first)
                            && let Some(prefix) = prefix(bytes, done, at)
                        {
                            self.signs(bytes, prefix);
                            self.patterns(bytes, prefix);
                        }
                        self.signs(bytes, at);
                        let (length, is_number) = starts.run(bit.trailing_zeros());
                        if set.program.may_go_on(bytes, at, length, is_number) {
                            self.patterns(bytes, at);
                        }
                    }
                    if starts.numbers & bit != 0 {
                        self.number(at);
                    } else if starts.ats & bit != 0 {
                        set.ats.iter().for_each(|&row| self.call(row, at));
                    } else if starts.colons & bit != 0 && bytes.get(at..at + 3) == Some(b"://") {
                        set.schemes.iter().for_each(|&row| self.call(row, at));
                    }
                }
            }
            done = token.end;
        }
    }

    /// Tries all patterns at the signs before a word.
    #[inline]
    fn signs(&mut self, bytes: &[u8], word: usize) {
        let is_sign = |back: usize| {
            let sign = word.checked_sub(back).and_then(|at| bytes.get(at));
            sign.is_some_and(|byte| matches!(byte, b'+' | b'('))
        };
        if is_sign(1) {
            if is_sign(2) {
                self.patterns(bytes, word - 2);
            }
            self.patterns(bytes, word - 1);
        }
    }
}

/// A short word right before one, unless it was done.
fn prefix(bytes: &[u8], done: usize, word: usize) -> Option<usize> {
    let before = bytes.get(done..word)?;
    let end = before.len() - before.iter().rev().take(PREFIX + 1).position(u8::is_ascii_alphanumeric)?;
    let is_word = |at: &&u8| at.is_ascii_alphanumeric();
    let length = before.get(..end)?.iter().rev().take(PREFIX + 1).take_while(is_word).count();
    // The end of a token that was done may be the beginning of this one.
    (length <= PREFIX).then_some(done + end - length)
}
