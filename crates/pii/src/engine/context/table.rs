use super::{
    super::classes::{self, Letters},
    Hit, Word,
    edges::{begins_word, ends_word},
};

/// All words by their first three bytes, in lower case.
///
/// Words are only looked up where one begins, so that this takes a fraction of an automaton over all bytes.
pub(super) struct Table {
    forms: Vec<Form>,
    /// For each hash of a key where its entries begin; they end where the next begin.
    buckets: Vec<u32>,
    entries: Vec<Entry>,
    /// Whether a word begins with ASCII other than letters.
    has_signs: bool,
}

/// A way in which a word is written.
struct Form {
    text: Box<str>,
    word: Word,
}

/// A form by one of its keys.
struct Entry {
    key: u32,
    form: u16,
    /// How much of it is compared at first, in bytes.
    length: u8,
    /// What it begins with.
    head: u64,
}

/// How many bytes are compared at once.
const HEAD: usize = 8;

const BITS: u32 = 12;

impl Table {
    pub(super) fn new<'a>(words: impl Iterator<Item = (&'a str, Word)>) -> Self {
        let mut forms = Vec::new();
        for (text, word) in words {
            let lower = text.to_lowercase();
            let between = if text.contains(' ') { &[" ", "_", "-", ""][..] } else { &[" "] };
            forms.extend(between.iter().map(|between| Form { text: lower.replace(' ', between).into(), word }));
        }
        let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphabetic();
        let has_signs = forms.iter().any(|form: &Form| form.text.as_bytes().first().is_some_and(is_sign));
        let mut entries: Vec<(u32, u16)> = Vec::new();
        for (index, form) in (0_u16..).zip(&forms) {
            let bytes = form.text.as_bytes();
            let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
            entries.push((key(byte(0), byte(1), byte(2)), index));
            // A short one ends before no letter, or before the `s` of the plural.
            match bytes.len() {
                1 => entries
                    .extend((1..=u8::MAX).flat_map(|second| LAST.map(|third| (key(byte(0), second, third), index)))),
                2 => entries.push((key(byte(0), byte(1), b's'), index)),
                _ => {}
            }
        }
        entries.sort_unstable_by_key(|&(key, index)| (bucket(key), key, index));
        entries.dedup();
        let starts = (0..=1_usize << BITS).map(|of| entries.partition_point(|&(key, _)| bucket(key) < of));
        let buckets = starts.map(|start| u32::try_from(start).unwrap_or(u32::MAX)).collect();
        let entries = entries.into_iter().filter_map(|(key, form)| Entry::new(key, form, &forms)).collect();
        Self { forms, buckets, entries, has_signs }
    }

    /// The words that begin within a part of the text, in order.
    pub(super) fn each(&self, text: &str, from: usize, to: usize, mut call: impl FnMut(Hit)) {
        let bytes = text.as_bytes();
        let mut before = from.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        for block in (from..to).step_by(64) {
            let Letters { ascii, capitals, others } = Letters::of(&classes::block(bytes, block));
            let mut rest = !(ascii << 1 | u64::from(before)) | capitals | others;
            before = ascii >> 63 == 1;
            if !self.has_signs {
                rest &= ascii | others;
            }
            rest &= u64::MAX >> 64_usize.saturating_sub(to - block);
            while rest != 0 {
                self.at(text, block + rest.trailing_zeros() as usize, &mut call);
                rest &= rest - 1;
            }
        }
    }

    #[inline]
    fn at(&self, text: &str, start: usize, call: &mut impl FnMut(Hit)) {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let head = lower(head(rest));
        let [first, second, third, ..] = head.to_le_bytes();
        self.of_key(key(first, second, third), head, text, start, call);
        if rest.get(2).is_some_and(u8::is_ascii_uppercase) {
            // In camel case a short word ends here.
            self.of_key(key(first, second, 0), head, text, start, &mut |hit: Hit| {
                if hit.end - hit.start < 3 {
                    call(hit);
                }
            });
        }
    }

    #[inline]
    fn of_key(&self, key: u32, head: u64, text: &str, start: usize, call: &mut impl FnMut(Hit)) {
        let Some([first, end]) = self.buckets.get(bucket(key)..).and_then(<[u32]>::first_chunk::<2>) else { return };
        for entry in self.entries.get(*first as usize..*end as usize).unwrap_or_default() {
            if entry.key == key && entry.head == head & mask(entry.length.into()) {
                self.verify(entry.form, text, start, call);
            }
        }
    }

    /// Calls with a form if it is the word that begins here.
    fn verify(&self, form: u16, text: &str, start: usize, call: &mut impl FnMut(Hit)) {
        let Some(form) = self.forms.get(usize::from(form)) else { return };
        let end = start + form.text.len();
        let here = text.as_bytes().get(start..end);
        let is_here = here.is_some_and(|here| here.eq_ignore_ascii_case(form.text.as_bytes()));
        // A short one may not go on.
        if is_here && begins_word(text, start) && (form.text.len() >= 4 || ends_word(text, end)) {
            call(Hit { start, end, word: form.word });
        }
    }
}

impl Entry {
    fn new(key: u32, form: u16, forms: &[Form]) -> Option<Self> {
        let text = forms.get(usize::from(form))?.text.as_bytes();
        Some(Self { key, form, length: u8::try_from(text.len().min(HEAD)).ok()?, head: head(text) })
    }
}

/// The bytes that come first, the first lowest, with zeros after the end.
#[inline]
fn head(bytes: &[u8]) -> u64 {
    let head = bytes.first_chunk::<HEAD>().copied().unwrap_or_else(|| {
        let mut padded = [0; HEAD];
        padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        padded
    });
    u64::from_le_bytes(head)
}

/// All bits of so many bytes, [`HEAD`] at the most.
#[inline]
fn mask(length: u32) -> u64 {
    u64::MAX.checked_shr(64 - 8 * length).unwrap_or(0)
}

/// Eight bytes with the capital letters of ASCII in lower case.
#[inline]
const fn lower(bytes: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let low = bytes & (0x7f * EACH);
    // The highest bit of each byte says whether it is `A` or more, and whether it is more than `Z`.
    let from_a = low + (0x80 - b'A' as u64) * EACH;
    let after_z = low + (0x7f - b'Z' as u64) * EACH;
    let is_capital = (from_a ^ after_z) & !bytes & (0x80 * EACH);
    bytes | (is_capital >> 2)
}

/// What the third byte of a key may be.
const LAST: [u8; 27] = *b"\0abcdefghijklmnopqrstuvwxyz";

/// Three bytes, the third of which is a letter or none.
#[inline]
fn key(first: u8, second: u8, third: u8) -> u32 {
    let third = if third.is_ascii_alphabetic() { third.to_ascii_lowercase() } else { 0 };
    u32::from(first) << 16 | u32::from(second) << 8 | u32::from(third)
}

#[inline]
fn bucket(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_lowered_as_each_is() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, b'A', 0xff, byte, 0, b'Z', b'[', byte];
            assert_eq!(lower(head(&bytes)).to_le_bytes(), bytes.map(|byte| byte.to_ascii_lowercase()), "{byte}");
        }
        assert_eq!([0, 1, 8].map(mask), [0, 0xff, u64::MAX]);
    }
}
