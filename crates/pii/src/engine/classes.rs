//! Classes of bytes, 64 at a time and one by one.

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

/// An ASCII letter or digit.
pub(super) const WORD: u8 = 1;
/// An ASCII digit.
pub(super) const DIGIT: u8 = 2;
/// `@`.
pub(super) const AT: u8 = 4;
/// `:`.
pub(super) const COLON: u8 = 8;

const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        #[allow(clippy::indexing_slicing, reason = "a byte is within 256")]
        let class = &mut table[byte as usize];
        *class = match byte {
            b'0'..=b'9' => WORD | DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' => WORD,
            b'@' => AT,
            b':' => COLON,
            _ => 0,
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

/// The classes of one byte.
#[inline]
pub(super) fn of(byte: u8) -> u8 {
    TABLE.get(usize::from(byte)).copied().unwrap_or_default()
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
            }
        }
    }
}
