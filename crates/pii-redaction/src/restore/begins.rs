use super::{matcher::Name, spelling::SPACES};
use crate::placeholder::Brackets;

/// Where a placeholder may begin: told by two bytes, so that nearly all of a text is gone over without a closer look.
pub(super) struct Begins(Box<[u32; 256]>);

impl Begins {
    pub(super) fn new(brackets: &Brackets, names: &[Name]) -> Self {
        let mut begins = Self(Box::new([0; 256]));
        let first_bytes = || names.iter().map(|name| &*name.words).chain(SPACES.iter().copied());
        for (open, _) in &brackets.spelled {
            match open.as_bytes() {
                [byte] => first_bytes().for_each(|next| begins.add(*byte, next.bytes().next())),
                [byte, next, ..] => begins.add(*byte, Some(*next)),
                [] => {}
            }
        }
        for name in names {
            let mut bytes = name.words.bytes();
            if let Some(first) = bytes.next() {
                // What comes after a word may be much.
                let next = bytes.next().filter(|next| *next != b'_');
                begins.add(first.to_ascii_lowercase(), next);
                begins.add(first.to_ascii_uppercase(), next);
            }
        }
        begins
    }

    /// Letters differ in the low five bits, whatever their case.
    fn add(&mut self, byte: u8, next: Option<u8>) {
        if let Some(mask) = self.0.get_mut(usize::from(byte)) {
            *mask |= next.map_or(u32::MAX, |next| 1 << (next & 31));
        }
    }

    fn mask(&self, byte: u8) -> u32 {
        self.0.get(usize::from(byte)).copied().unwrap_or(0)
    }

    /// The first place from here on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let is_begun = |pair: &[u8]| matches!(pair, [byte, next] if self.mask(*byte) >> (next & 31) & 1 != 0);
        let may_end_so = || rest.last().filter(|last| self.mask(**last) != 0).map(|_| rest.len() - 1);
        Some(from + rest.windows(2).position(is_begun).or_else(may_end_so)?)
    }
}
