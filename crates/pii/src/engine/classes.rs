//! Classes of bytes, 64 at a time.

use wide::u8x16;

/// One bit for each byte of a block of 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// ASCII digits and `@`: what makes a token worth a look by itself.
    pub(super) marks: u64,
    /// ASCII white space.
    pub(super) blanks: u64,
    /// ASCII capital letters.
    pub(super) capitals: u64,
    /// `/`.
    pub(super) slashes: u64,
}

/// What may begin in a block, one bit for each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    /// ASCII letters.
    pub(super) letters: u64,
    /// ASCII digits.
    pub(super) digits: u64,
    /// `@`.
    pub(super) ats: u64,
    /// `:`.
    pub(super) colons: u64,
}

/// What may begin a word of a lexicon in a block, one bit for each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Letters {
    /// ASCII letters.
    pub(super) ascii: u64,
    /// ASCII capital letters.
    pub(super) capitals: u64,
    /// First bytes of other characters.
    pub(super) others: u64,
}

/// The block that begins here, with blanks after the text's end.
#[inline]
pub(super) fn block(bytes: &[u8], at: usize) -> [u8; 64] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk::<64>().copied().unwrap_or_else(|| {
        let mut padded = [b' '; 64];
        padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        padded
    })
}

impl Masks {
    #[inline]
    pub(super) fn of(block: &[u8; 64]) -> Self {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        Self {
            marks: bits64(parts.map(|part| within(part, b'0', b'9') | equal(part, b'@'))),
            blanks: bits64(parts.map(|part| within(part, b'\t', b'\r') | equal(part, b' '))),
            capitals: bits64(parts.map(|part| within(part, b'A', b'Z'))),
            slashes: bits64(parts.map(|part| equal(part, b'/'))),
        }
    }
}

impl Kinds {
    #[inline]
    pub(super) fn of(block: &[u8; 64]) -> Self {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        Self {
            letters: letters(parts),
            digits: bits64(parts.map(|part| within(part, b'0', b'9'))),
            ats: bits64(parts.map(|part| equal(part, b'@'))),
            colons: bits64(parts.map(|part| equal(part, b':'))),
        }
    }
}

impl Letters {
    #[inline]
    pub(super) fn of(block: &[u8; 64]) -> Self {
        let parts: [u8x16; 4] = bytemuck::cast(*block);
        Self {
            ascii: letters(parts),
            capitals: bits64(parts.map(|part| within(part, b'A', b'Z'))),
            others: bits64(parts.map(|part| within(part, 0xc0, 0xff))),
        }
    }
}

#[inline]
fn letters(parts: [u8x16; 4]) -> u64 {
    bits64(parts.map(|part| within(part | u8x16::splat(0x20), b'a', b'z')))
}

/// All bits of each byte that equals `byte`.
#[inline]
fn equal(vector: u8x16, byte: u8) -> u8x16 {
    vector.simd_eq(u8x16::splat(byte))
}

/// All bits of each byte from `low` to `high`.
#[inline]
fn within(vector: u8x16, low: u8, high: u8) -> u8x16 {
    // Less the lowest, what is below wraps round above.
    let from_low = vector - u8x16::splat(low);
    from_low.min(u8x16::splat(high - low)).simd_eq(from_low)
}

#[inline]
fn bits64(parts: [u8x16; 4]) -> u64 {
    let [a, b, c, d] = parts.map(|part| u64::from(part.to_bitmask()));
    a | b << 16 | c << 32 | d << 48
}

/// White space of ASCII, the vertical tab included.
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_as_each_byte_is() {
        for from in (0..=255_u8).step_by(64) {
            let block = std::array::from_fn(|index| from + u8::try_from(index).unwrap());
            let masks = Masks::of(&block);
            for (index, &byte) in block.iter().enumerate() {
                let bit = |mask: u64| mask >> index & 1 == 1;
                assert_eq!(bit(masks.marks), byte.is_ascii_digit() || byte == b'@', "{byte}");
                assert_eq!(bit(masks.blanks), is_blank(byte), "{byte}");
                assert_eq!(bit(masks.capitals), byte.is_ascii_uppercase(), "{byte}");
                assert_eq!(bit(masks.slashes), byte == b'/', "{byte}");
                let kinds = Kinds::of(&block);
                assert_eq!(bit(kinds.letters), byte.is_ascii_alphabetic(), "{byte}");
                assert_eq!(bit(kinds.digits), byte.is_ascii_digit(), "{byte}");
                assert_eq!((bit(kinds.ats), bit(kinds.colons)), (byte == b'@', byte == b':'), "{byte}");
                let letters = Letters::of(&block);
                assert_eq!(bit(letters.ascii), byte.is_ascii_alphabetic(), "{byte}");
                assert_eq!(bit(letters.capitals), byte.is_ascii_uppercase(), "{byte}");
                assert_eq!(bit(letters.others), byte >= 0xc0, "{byte}");
            }
        }
    }
}
