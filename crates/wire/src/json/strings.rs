//! Skipping over JSON strings, 16 or 64 bytes at a time.
//!
//! Most of an LLM call is a few long strings. Where escapes are few, each is looked at by itself, and
//! what lies between is hopped over. In code and in `ensure_ascii` form there is one every few bytes:
//! there each block of 64 bytes becomes a few bit masks, and escapes are resolved by arithmetic on
//! them, after Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (VLDB Journal 28, 2019):
//! dense escapes cost little more than none.

use wide::u8x16;

use super::error::{Error, ErrorKind};

/// Where a string ends, and what was seen on the way.
#[derive(Clone, Copy)]
pub(super) struct Skipped {
    /// Offset of the closing quote.
    pub(super) end: usize,
    /// Whether there was an escape.
    pub(super) escaped: bool,
    /// Whether there was a byte over 0x7f, so that UTF-8 must be checked.
    pub(super) non_ascii: bool,
}

/// Skips a string whose first byte after the opening quote is at `start`.
#[inline]
pub(super) fn skip(bytes: &[u8], start: usize) -> Result<Skipped, Error> {
    // Keys and short values end within the first few bytes: narrow blocks for them.
    let mut at = start;
    let mut non_ascii = false;
    for _ in 0..2 {
        let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) else { break };
        let part = u8x16::new(*block);
        non_ascii |= part.to_bitmask() != 0;
        let found = special(part).to_bitmask();
        if found != 0 {
            at += found.trailing_zeros() as usize;
            if bytes.get(at) == Some(&b'"') {
                return Ok(Skipped { end: at, escaped: false, non_ascii });
            }
            break;
        }
        at += 16;
    }
    skip_long(bytes, at, non_ascii)
}

/// Goes on from anywhere that is not within an escape.
fn skip_long(bytes: &[u8], start: usize, mut non_ascii: bool) -> Result<Skipped, Error> {
    /// More escapes than this in a block of 64 bytes are dense: arithmetic resolves them for less than a look at each.
    const DENSE: u32 = 6;
    let mut at = start;
    let mut escaped = false;
    'blocks: while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<64>) {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        non_ascii |= any(parts).to_bitmask() != 0;
        let mut found = bits64(parts.map(special));
        let mut seen = 0;
        while found != 0 {
            let offset = found.trailing_zeros() as usize;
            match block.get(offset) {
                Some(b'"') => return Ok(Skipped { end: at + offset, escaped, non_ascii }),
                Some(b'\\') if seen == DENSE => return skip_dense(bytes, at + offset, non_ascii),
                Some(b'\\') => {
                    escaped = true;
                    seen += 1;
                    let next = skip_escape(bytes, at + offset)? - at;
                    if next >= 64 {
                        at += next;
                        continue 'blocks;
                    }
                    found &= u64::MAX << next;
                }
                _ => return Err(Error::new(ErrorKind::ControlCharacter, at + offset)),
            }
        }
        at += 64;
    }
    // Less than a block is left.
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(Skipped { end: at, escaped, non_ascii }),
            Some(b'\\') => {
                escaped = true;
                at = skip_escape(bytes, at)?;
            }
            Some(0..0x20) => return Err(Error::new(ErrorKind::ControlCharacter, at)),
            Some(byte) => {
                non_ascii |= byte > &0x7f;
                at += 1;
            }
            None => return Err(Error::new(ErrorKind::UnexpectedEnd, bytes.len())),
        }
    }
}

/// Where an escape ends whose backslash is at `at`.
#[inline]
fn skip_escape(bytes: &[u8], at: usize) -> Result<usize, Error> {
    let wrong = |offset| {
        let kind = if offset < bytes.len() { ErrorKind::InvalidEscape } else { ErrorKind::UnexpectedEnd };
        Err(Error::new(kind, offset))
    };
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = (at + 2..at + 6).find(|&at| !bytes.get(at).is_some_and(u8::is_ascii_hexdigit));
            digits.map_or(Ok(at + 6), wrong)
        }
        _ => wrong(at + 1),
    }
}

/// Goes on from anywhere that is not within an escape, by whole blocks.
fn skip_dense(bytes: &[u8], start: usize, mut non_ascii: bool) -> Result<Skipped, Error> {
    let mut at = start;
    // Carried from block to block: the next byte is escaped; so many hexadecimal digits are due.
    let mut next_is_escaped = 0_u64;
    let mut hex_due = 0_u64;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut padded;
        let block = match rest.first_chunk::<64>() {
            Some(block) => block,
            None => {
                // Padding of NUL stops at the end of the text, as a control character would.
                padded = [0; 64];
                if let Some(start) = padded.get_mut(..rest.len()) {
                    start.copy_from_slice(rest);
                }
                &padded
            }
        };
        let masks = Masks::of(block);
        non_ascii |= masks.non_ascii;
        let backslash_escaped = escaped_bytes(masks.backslash, &mut next_is_escaped);
        let quote = masks.quote & !backslash_escaped;
        // The bytes of this block that belong to the string, the closing quote included.
        let inside = if quote == 0 { u64::MAX } else { quote ^ quote.wrapping_sub(1) };

        let mut wrong = masks.control & inside;
        let mut kind = ErrorKind::ControlCharacter;
        if backslash_escaped | hex_due != 0 {
            let classes = Classes::of(block);
            let unicode = u128::from(backslash_escaped & classes.unicode);
            let digits = unicode << 1 | unicode << 2 | unicode << 3 | unicode << 4 | u128::from(hex_due);
            #[allow(clippy::cast_possible_truncation, reason = "the two halves of 128 bits")]
            let (due_here, due_next) = (digits as u64, (digits >> 64) as u64);
            hex_due = due_next;
            let bad = (backslash_escaped & !classes.escape | due_here & !classes.hex) & inside;
            if bad != 0 && (wrong == 0 || bad.trailing_zeros() <= wrong.trailing_zeros()) {
                wrong = bad;
                kind = ErrorKind::InvalidEscape;
            }
        }
        if wrong != 0 {
            let offset = at + wrong.trailing_zeros() as usize;
            return Err(if offset >= bytes.len() {
                Error::new(ErrorKind::UnexpectedEnd, bytes.len())
            } else {
                Error::new(kind, offset)
            });
        }
        if quote != 0 {
            return Ok(Skipped { end: at + quote.trailing_zeros() as usize, escaped: true, non_ascii });
        }
        at += 64;
    }
    Err(Error::new(ErrorKind::UnexpectedEnd, bytes.len()))
}

/// The bytes that follow an odd run of backslashes.
fn escaped_bytes(backslash: u64, next_is_escaped: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslash == 0 {
        return std::mem::take(next_is_escaped);
    }
    let backslash = backslash & !*next_is_escaped;
    let follows = backslash << 1 | *next_is_escaped;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_runs, overflow) = odd_starts.overflowing_add(backslash);
    *next_is_escaped = u64::from(overflow);
    (EVEN ^ even_runs << 1) & follows
}

/// One bit a byte: what ends or interrupts a string.
struct Masks {
    quote: u64,
    backslash: u64,
    control: u64,
    non_ascii: bool,
}

/// One bit a byte: what may follow a backslash.
struct Classes {
    escape: u64,
    unicode: u64,
    hex: u64,
}

impl Masks {
    #[inline]
    fn of(block: &[u8; 64]) -> Self {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        let [quote, backslash] = [b'"', b'\\'].map(|byte| parts.map(|part| equal(part, byte)));
        let control = parts.map(|part| at_most(part, 0x1f));
        Self {
            quote: bits64(quote),
            backslash: bits64(backslash),
            control: bits64(control),
            non_ascii: any(parts).to_bitmask() != 0,
        }
    }
}

impl Classes {
    #[inline]
    fn of(block: &[u8; 64]) -> Self {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        let unicode = parts.map(|part| equal(part, b'u'));
        let escape = parts.map(|part| {
            let others = b"\"\\/bfnrt".iter().map(|&byte| equal(part, byte));
            others.fold(equal(part, b'u'), |found, other| found | other)
        });
        // Less its first, a digit is below 10 and a letter below 6, with every other byte wrapped round above.
        let hex = parts.map(|part| {
            let digit = at_most(part - u8x16::splat(b'0'), 9);
            let letter = at_most((part | u8x16::splat(0x20)) - u8x16::splat(b'a'), 5);
            digit | letter
        });
        Self { escape: bits64(escape), unicode: bits64(unicode), hex: bits64(hex) }
    }
}

/// All bits of each byte that ends or interrupts a string.
#[inline]
fn special(part: u8x16) -> u8x16 {
    equal(part, b'"') | equal(part, b'\\') | at_most(part, 0x1f)
}

/// All bits of each byte that equals `byte`.
#[inline]
fn equal(vector: u8x16, byte: u8) -> u8x16 {
    vector.simd_eq(u8x16::splat(byte))
}

/// All bits of each byte that is at most `limit`, without sign.
#[inline]
fn at_most(vector: u8x16, limit: u8) -> u8x16 {
    vector.min(u8x16::splat(limit)).simd_eq(vector)
}

#[inline]
fn bits(mask: u8x16) -> u64 {
    u64::from(mask.to_bitmask())
}

/// What is set in any of the parts.
#[inline]
fn any([a, b, c, d]: [u8x16; 4]) -> u8x16 {
    a | b | c | d
}

/// One bit for each byte of a block.
#[inline]
fn bits64([a, b, c, d]: [u8x16; 4]) -> u64 {
    bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48
}
