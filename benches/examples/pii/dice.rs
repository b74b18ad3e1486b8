//! Chance that a seed repeats.

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        Self(mix(mix(seed) ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From one number up to, but without, another.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.bits() % (to - from)
    }

    /// Whether something that happens in so many of a hundred cases does.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.between(0, 100) < share
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len() as u64) as usize]
    }

    /// One of these characters.
    pub(crate) fn char(&mut self, from: &str) -> char {
        char::from(*self.pick(from.as_bytes()))
    }

    /// So many of these characters.
    pub(crate) fn chars(&mut self, from: &str, count: usize) -> String {
        (0..count).map(|_| self.char(from)).collect()
    }

    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.chars(DIGITS, count)
    }

    /// A shape filled in: `9` is a digit, `8` one but zero, `A` a capital, `a` a small letter, `x` a hex digit, `*` a
    /// capital or digit; all else, and whatever stands behind a `\`, itself.
    pub(crate) fn shape(&mut self, shape: &str) -> String {
        let (mut filled, mut shape) = (String::new(), shape.chars());
        while let Some(sign) = shape.next() {
            filled.push(match sign {
                '9' => self.char(DIGITS),
                '8' => self.char("123456789"),
                'A' => self.char(CAPITALS),
                'a' => self.char("abcdefghijklmnopqrstuvwxyz"),
                'x' => self.char("0123456789abcdef"),
                '*' => self.char("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
                '\\' => shape.next().unwrap_or('\\'),
                other => other,
            });
        }
        filled
    }
}

pub(crate) const DIGITS: &str = "0123456789";
pub(crate) const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub(crate) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
