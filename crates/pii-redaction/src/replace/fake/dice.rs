/// Numbers that follow from a hash.
pub(super) struct Dice(blake3::OutputReader);

impl Dice {
    pub(super) fn new(hash: [u8; 32]) -> Self {
        Self(blake3::Hasher::new_keyed(&hash).finalize_xof())
    }

    /// From 0 up to, but without, this.
    pub(super) fn below(&mut self, end: u16) -> u16 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        // Of 32 bits, what 16 more make uneven does not matter.
        u16::try_from(u32::from_le_bytes(bytes) % u32::from(end.max(1))).unwrap_or(0)
    }

    pub(super) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.below(u16::try_from(words.len()).unwrap_or(u16::MAX));
        words.get(usize::from(at)).copied().unwrap_or_default()
    }

    pub(super) fn digit(&mut self) -> char {
        self.digit_below(10)
    }

    pub(super) fn digit_below(&mut self, end: u16) -> char {
        char::from_digit(self.below(end).into(), 10).unwrap_or('0')
    }

    /// A letter for a letter, a digit for a digit; in upper case.
    pub(super) fn like(&mut self, char: char) -> char {
        if char.is_ascii_digit() {
            return self.digit();
        }
        char::from_u32(u32::from('A') + u32::from(self.below(26))).unwrap_or('X')
    }
}
