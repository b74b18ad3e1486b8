//! Where in a text something stands that a model has copied from it, more or less.

use std::ops::Range;

use memchr::memmem::Finder;

/// A text that is searched, first as it stands and then as a careless copyist would write it.
#[derive(Debug)]
pub(super) struct Page<'a> {
    text: &'a str,
    folded: Option<Folded>,
}

impl<'a> Page<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, folded: None }
    }

    /// All places where it stands; none where it does not.
    pub(super) fn locate(&mut self, wanted: &str) -> Vec<Range<usize>> {
        let exact = whole_first(self.text, wanted);
        if !exact.is_empty() || wanted.is_empty() {
            return exact;
        }
        let folded = self.folded.get_or_insert_with(|| Folded::of(self.text));
        let wanted = Folded::of(wanted).text;
        let places = whole_first(&folded.text, wanted.trim());
        places.into_iter().filter_map(|range| folded.origin(&range)).collect()
    }
}

/// The places where it is a word of its own, or else all: `Al` is not in `Also` where it is by itself as well.
fn whole_first(text: &str, wanted: &str) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let finder = Finder::new(wanted);
    let all: Vec<_> = finder.find_iter(text.as_bytes()).map(|at| at..at + wanted.len()).collect();
    let whole: Vec<_> = all.iter().filter(|range| is_whole(text, range)).cloned().collect();
    if whole.is_empty() { all } else { whole }
}

fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let is_torn = |at: usize| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
    };
    !is_torn(range.start) && !is_torn(range.end)
}

/// A text in lower case, with one space where there is white space, plain quotes and hyphens, and nothing invisible.
#[derive(Debug, Default)]
struct Folded {
    text: String,
    /// For each character: where it begins here, and what it comes from.
    origins: Vec<(usize, Range<usize>)>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self::default();
        for (at, char) in text.char_indices() {
            let origin = at..at + char.len_utf8();
            match char {
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
                '‘' | '’' | 'ʼ' => folded.push('\'', origin),
                '“' | '”' | '„' => folded.push('"', origin),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-', origin),
                _ if char.is_whitespace() && folded.text.ends_with(' ') => {}
                _ if char.is_whitespace() => folded.push(' ', origin),
                _ => char.to_lowercase().for_each(|lower| folded.push(lower, origin.clone())),
            }
        }
        folded
    }

    fn push(&mut self, char: char, origin: Range<usize>) {
        self.origins.push((self.text.len(), origin));
        self.text.push(char);
    }

    /// What a range of characters comes from.
    fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let from = self.origins.partition_point(|(at, _)| *at < range.start);
        let to = self.origins.partition_point(|(at, _)| *at < range.end);
        let (_, first) = self.origins.get(from)?;
        let (_, last) = self.origins.get(to.checked_sub(1)?)?;
        Some(first.start..last.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(text: &'a str, wanted: &str) -> Vec<&'a str> {
        Page::new(text).locate(wanted).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn copies_are_found_where_they_come_from() {
        for (text, wanted, expected) in [
            ("Anna met Anna.", "Anna", &["Anna", "Anna"][..]),
            ("Also Al, and Al-Amin", "Al", &["Al", "Al"]),
            ("Joanna", "Anna", &["anna"]),
            ("王小明在北京", "王小明", &["王小明"]),
            ("ANNA  \n MEYER", "Anna Meyer", &["ANNA  \n MEYER"]),
            ("O’Neil, “Bo”", "o'neil", &["O’Neil"]),
            ("An\u{200b}na", "Anna", &["An\u{200b}na"]),
            ("Meyer\u{2011}Lüdenscheid", "meyer-lüdenscheid", &["Meyer\u{2011}Lüdenscheid"]),
            ("xİx", "i\u{307}", &["İ"]),
            ("Anna", "Bert", &[]),
            ("Anna", "", &[]),
            ("Anna", "\u{200b}", &[]),
            ("", "Anna", &[]),
        ] {
            assert_eq!(found(text, wanted), expected, "{wanted:?} in {text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_there_is_found(text in "\\PC{0,40}", from in 0_usize..40, length in 1_usize..10) {
            let wanted: String = text.chars().skip(from).take(length).collect();
            let places = Page::new(&text).locate(&wanted);
            prop_assert_eq!(places.is_empty(), wanted.is_empty());
            prop_assert!(places.iter().all(|range| text[range.clone()] == wanted));
        }

        #[test]
        fn ranges_are_of_the_text(text in "[aAıİß ‘’\u{200b}\u{3a3}]{0,30}", wanted in "[aAıİß '\u{3a3}]{0,4}") {
            for range in Page::new(&text).locate(&wanted) {
                prop_assert!(text.get(range.clone()).is_some_and(|found| !found.is_empty()), "{range:?}");
            }
        }
    }
}
