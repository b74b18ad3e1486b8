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
    /// Keys and forms.
    entries: Vec<(u32, u16)>,
    /// Whether a word begins with ASCII other than letters.
    has_signs: bool,
}

/// A way in which a word is written.
struct Form {
    text: Box<str>,
    word: Word,
}

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

    fn at(&self, text: &str, start: usize, call: &mut impl FnMut(Hit)) {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let byte = |at: usize| rest.get(at).copied().unwrap_or(0);
        let (first, second, third) = (byte(0).to_ascii_lowercase(), byte(1).to_ascii_lowercase(), byte(2));
        self.of_key(key(first, second, third), text, start, rest, call);
        if third.is_ascii_uppercase() {
            // In camel case a short word ends here.
            self.of_key(key(first, second, 0), text, start, rest, &mut |hit: Hit| {
                if hit.end - hit.start < 3 {
                    call(hit);
                }
            });
        }
    }

    #[inline]
    fn of_key(&self, key: u32, text: &str, start: usize, rest: &[u8], call: &mut impl FnMut(Hit)) {
        let Some([first, end]) = self.buckets.get(bucket(key)..).and_then(<[u32]>::first_chunk::<2>) else { return };
        for &(of, index) in self.entries.get(*first as usize..*end as usize).unwrap_or_default() {
            let Some(form) = self.forms.get(usize::from(index)).filter(|_| of == key) else { continue };
            let length = form.text.len();
            let is_here = rest.get(..length).is_some_and(|part| part.eq_ignore_ascii_case(form.text.as_bytes()));
            // A short one may not go on.
            let is_word = || begins_word(text, start) && (length >= 4 || ends_word(text, start + length));
            if is_here && is_word() {
                call(Hit { start, end: start + length, word: form.word });
            }
        }
    }
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
