//! Characters that read as others do, and such as cannot be seen.
//!
//! After Unicode 16: the compatibility forms of ASCII, the decimal digits of all scripts (`Nd`), spaces and hyphens,
//! default ignorable characters and combining marks.

use std::ops::Range;

use super::Unit;

/// The first character of a part of the text that does not stay.
pub(super) fn next(text: &str, range: Range<usize>) -> Option<Unit> {
    let mut at = range.start;
    loop {
        at = skip_ascii(text.as_bytes().get(..range.end)?, at)?;
        let letter = text.get(at..)?.chars().next()?;
        if let Some(becomes) = here(text, at, letter) {
            return Some(Unit { at, len: letter.len_utf8(), becomes });
        }
        at += letter.len_utf8();
    }
}

/// The next byte that is not ASCII.
#[inline]
fn skip_ascii(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(block) = bytes.get(at..)?.first_chunk::<32>() {
        if block.iter().fold(0, |all, byte| all | byte) >= 0x80 {
            break;
        }
        at += 32;
    }
    let rest = bytes.get(at..)?;
    Some(at + rest.iter().position(|byte| !byte.is_ascii())?)
}

/// What a character turns into where it stands.
#[inline]
fn here(text: &str, at: usize, letter: char) -> Option<Option<char>> {
    // Latin, Greek, Cyrillic and most of Chinese, Japanese and Korean stay.
    if matches!(letter, '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{61b}' | '\u{3001}'..='\u{a61f}' | '\u{ac00}'..='\u{d7ff}')
    {
        return None;
    }
    // Dashes are common between words, where they may stay.
    if is_dash(letter) {
        let is_digit = |letter: Option<char>| letter.is_some_and(|letter| decimal(letter).is_some());
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(at + letter.len_utf8()..)?.chars().next();
        return (is_digit(before) || is_digit(after)).then_some(Some('-'));
    }
    fold(letter)
}

/// What a character turns into that was written as an escape sequence.
pub(super) fn of(letter: char) -> Option<char> {
    if is_dash(letter) { Some('-') } else { fold(letter).unwrap_or(Some(letter)) }
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '\u{2012}'..='\u{2015}' | '\u{2212}')
}

/// What a character turns into: `None` if it stays, `Some(None)` if it goes.
fn fold(letter: char) -> Option<Option<char>> {
    Some(Some(match letter {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}'
        | '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => return Some(None),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}' | '\u{2011}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{fe6b}' => '@',
        '\u{fe52}' | '\u{ff61}' => '.',
        '\u{ff01}'..='\u{ff5e}' => ascii(u32::from(letter) - 0xff01 + 0x21)?,
        '\u{1d400}'..='\u{1d6a3}' => match (u32::from(letter) - 0x1d400) % 52 {
            capital @ 0..26 => ascii(capital + u32::from(b'A'))?,
            small => ascii(small - 26 + u32::from(b'a'))?,
        },
        _ => decimal(letter)?,
    }))
}

fn ascii(code: u32) -> Option<char> {
    u8::try_from(code).ok().map(char::from)
}

/// The ASCII digit of the same value.
fn decimal(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then_some(letter);
    }
    let code = u32::from(letter);
    let value = match code {
        0xff10..=0xff19 => code - 0xff10,
        // Five alphabets of mathematical digits follow each other.
        0x1d7ce..=0x1d7ff => (code - 0x1d7ce) % 10,
        _ => {
            let index = ZEROS.partition_point(|&zero| zero <= code);
            code - index.checked_sub(1).and_then(|index| ZEROS.get(index))?
        }
    };
    char::from_digit(value, 10).filter(|_| value < 10)
}

/// The zeros of all scripts whose decimal digits follow each other, but for full-width and mathematical ones.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1,
    0x1e950, 0x1fbf0,
];
