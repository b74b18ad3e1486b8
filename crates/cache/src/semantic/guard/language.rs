//! In which language a text is asked: the scripts that it is written in, and whose words it uses.

use super::{lexicon::Lexicon, number::Mark};

/// The languages with word lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
    Dutch,
}

impl Language {
    /// In the order in which they are taken where a text may be of several.
    pub(super) const ALL: [Self; 7] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Portuguese, Self::Italian, Self::Dutch];

    pub(super) const fn mark(self) -> Mark {
        match self {
            Self::English => Mark::Point,
            // Spain writes 1.000,5 and Mexico 1,000.5.
            Self::Spanish => Mark::Either,
            Self::German | Self::French | Self::Portuguese | Self::Italian | Self::Dutch => Mark::Comma,
        }
    }

    /// The language most of whose words are there. Nothing where no list has any of them.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut counts = Self::ALL.map(|language| (0_usize, language));
        for word in words {
            for (count, language) in &mut counts {
                *count += usize::from(Lexicon::of(*language).knows(word));
            }
        }
        // The first of those that are equal.
        let (most, language) = counts.into_iter().rev().max_by_key(|(count, _)| *count)?;
        (most > 0).then_some(language)
    }
}

/// The scripts of a text, one bit each.
pub(super) fn scripts(text: &str) -> u32 {
    text.chars().filter(|c| c.is_alphabetic()).fold(0, |scripts, c| scripts | 1 << script(c))
}

fn script(c: char) -> u32 {
    match u32::from(c) {
        ..0x0370 | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0xff21..=0xff5a => 0,
        0x0370..=0x03ff | 0x1f00..=0x1fff => 1,
        0x0400..=0x052f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => 2,
        0x0530..=0x058f => 3,
        0x0590..=0x05ff => 4,
        0x0600..=0x06ff | 0x0750..=0x077f | 0x0870..=0x08ff | 0xfb50..=0xfdff | 0xfe70..=0xfeff => 5,
        // Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam, Sinhala: a block each.
        code @ 0x0900..=0x0dff => 6 + (code - 0x0900) / 0x80,
        0x0e00..=0x0e7f => 16,
        0x0e80..=0x0eff => 17,
        0x0f00..=0x0fff => 18,
        0x1000..=0x109f => 19,
        0x10a0..=0x10ff | 0x1c90..=0x1cbf => 20,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7ff => 21,
        0x1200..=0x139f => 22,
        0x1780..=0x17ff => 23,
        0x3040..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9d => 24,
        0x2e80..=0x2fff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => 25,
        _ => 26,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_questions_tell_their_language() {
        let table = [
            ("what is the capital of france", Some(Language::English)),
            ("was ist die hauptstadt von frankreich", Some(Language::German)),
            ("quelle est la capitale de la france", Some(Language::French)),
            ("cuál es la capital de francia", Some(Language::Spanish)),
            ("qual é a capital da frança", Some(Language::Portuguese)),
            ("qual è la capitale della francia", Some(Language::Italian)),
            ("wat is de hoofdstad van frankrijk", Some(Language::Dutch)),
            ("hur många bor där", None),
        ];
        for (text, expected) in table {
            assert_eq!(Language::of(text.split(' ')), expected, "{text}");
        }
    }

    #[test]
    fn scripts_are_told_apart() {
        let texts =
            ["latin é", "ελληνικά", "кириллица", "עברית", "العربية", "हिन्दी", "বাংলা", "ไทย", "한국어", "かな", "漢字"];
        for (n, one) in texts.iter().enumerate() {
            assert_ne!(scripts(one), 0, "{one}");
            for other in &texts[..n] {
                assert_eq!(scripts(one) & scripts(other), 0, "{one} {other}");
            }
        }
        assert_eq!(scripts("12 !?"), 0);
    }
}
