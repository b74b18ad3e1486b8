//! What redaction itself has written, then or now: it is neither found nor changed.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

use zeroize::Zeroizing;

use super::{Style, name};
use crate::{Rules, replace};

/// What redaction has written, or what looks like it.
pub(crate) struct Form {
    pub(crate) range: Range<usize>,
    pub(crate) seen: Seen,
}

/// What may be found in a [`Form`].
pub(crate) enum Seen {
    /// Nothing.
    Nothing,
    /// What stands here in full, where a name would: nobody here is known to write it.
    Name(Range<usize>),
    /// What reaches beyond it: what it shows is the end of something, and may be the beginning of something else.
    Beyond,
}

/// Where a text holds what redaction writes, in its order: placeholders and what looks like them, hashes, what was
/// encrypted with this key, and masks.
///
/// None of it can hide a value. Names are those of kinds, or are looked at; tags have letters; masks show four characters
/// at most, and a digit among them; and what is encrypted must decrypt.
pub(crate) fn forms(text: &str, rules: &Rules) -> Vec<Form> {
    let mut forms = Vec::new();
    let style = rules.styled();
    let open = style.open().bytes().next().unwrap_or(b'<');
    let mut at = 0;
    while let Some(skipped) = text.as_bytes().get(at..).and_then(|rest| memchr3(open, b'<', b'*', rest)) {
        at += skipped;
        let form = text.get(at..).and_then(|rest| {
            let named = || placeholder(rest, style).or_else(|| replace::hash::form(rest));
            let encrypted = || replace::encrypt::form(rest, rules).map(|length| (length, Some(Seen::Nothing)));
            let masked = || replace::mask::form(rest).map(|length| (length, Some(Seen::Beyond)));
            let named = named().map(|named| (named.length, named.seen(rest, at, rules)));
            named.or_else(encrypted).or_else(masked)
        });
        let length = form.as_ref().map_or(1, |(length, _)| *length);
        forms.extend(form.and_then(|(length, seen)| Some(Form { range: at..at + length, seen: seen? })));
        at += length;
    }
    forms
}

/// The text with placeholders blanked out, of the same length; nothing if it has none. A name that nobody here is known to
/// write stays.
pub(crate) fn blanked(text: &str, rules: &Rules) -> Option<Zeroizing<String>> {
    let style = rules.styled();
    let mut blanked: Option<Zeroizing<String>> = None;
    let mut at = 0;
    while let Some(skipped) = text.get(at..).and_then(|rest| memmem::find(rest.as_bytes(), style.open().as_bytes())) {
        at += skipped;
        let named = text.get(at..).and_then(|rest| Some((rest, placeholder(rest, style)?)));
        if let Some((rest, named)) = &named {
            let blanked = blanked.get_or_insert_with(|| Zeroizing::new(text.to_owned()));
            let name = rest.get(named.name.clone()).unwrap_or_default();
            let kept = if rules.writes(name) { 0..0 } else { named.name.clone() };
            for range in [at..at + kept.start, at + kept.end..at + named.length] {
                let blank = " ".repeat(range.len());
                blanked.replace_range(range, &blank);
            }
        }
        at += named.map_or(style.open().len(), |(_, named)| named.length);
    }
    blanked
}

/// What begins with a name: so long, and the name stands here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) length: usize,
    pub(crate) name: Range<usize>,
}

impl Named {
    /// What may be found of it; nothing if it is no form at all, because its name may be a number or a key.
    fn seen(&self, text: &str, at: usize, rules: &Rules) -> Option<Seen> {
        let name = text.get(self.name.clone()).unwrap_or_default();
        if rules.writes(name) {
            return Some(Seen::Nothing);
        }
        let has_digit = name.bytes().any(|byte| byte.is_ascii_digit());
        (!has_digit).then(|| Seen::Name(at + self.name.start..at + self.name.end))
    }
}

/// Whether a range lies within a fixed text that takes values' places. One that reaches beyond it is somebody's: a fixed
/// text may be short, and occur in what is to be found.
pub(crate) fn is_fixed(text: &str, range: &Range<usize>, rules: &Rules) -> bool {
    rules.fixed_texts().filter(|fixed| fixed.len() >= range.len()).any(|fixed| {
        let window = range.end.saturating_sub(fixed.len())..text.len().min(range.start + fixed.len());
        text.as_bytes().get(window).is_some_and(|window| memmem::find(window, fixed.as_bytes()).is_some())
    })
}

/// A placeholder, spelled as they are minted.
fn placeholder(text: &str, style: &Style) -> Option<Named> {
    let inner = text.strip_prefix(style.open())?;
    let length = inner.bytes().take(name::LONGEST + 1 + style.digits() + 1).take_while(|byte| is_word(*byte)).count();
    let (word, rest) = inner.split_at_checked(length)?;
    let (name, tag) = word.rsplit_once('_')?;
    let is_tag = tag.len() == style.digits()
        && tag.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && tag.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_ours = is_tag && is_name(name, style.is_lower_case()) && rest.starts_with(style.close());
    let start = style.open().len();
    is_ours.then(|| Named { length: start + length + style.close().len(), name: start..start + name.len() })
}

/// What stands between `<` and a colon: the length of `<NAME:`.
pub(crate) fn label(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('<')?;
    let window = inner.as_bytes().get(..name::LONGEST + 1).unwrap_or(inner.as_bytes());
    let length = memchr(b':', window)?;
    let name = inner.get(..length)?;
    (is_name(name, false) || is_name(name, true)).then_some((name, length + 2))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_name(name: &str, is_lower_case: bool) -> bool {
    let is_letter = |byte: u8| if is_lower_case { byte.is_ascii_lowercase() } else { byte.is_ascii_uppercase() };
    name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_by_their_exact_spelling() {
        let style = Style::default();
        for (text, length) in [
            ("<EMAIL_7f3a09c2>", Some(16)),
            ("<US_SSN_7f3a09c2> and more", Some(17)),
            ("<EMAIL_7F3A09C2>", None),
            ("<email_7f3a09c2>", None),
            ("<EMAIL_7f3a09c>", None),
            ("<EMAIL_7f3a09c2d>", None),
            ("<PHONE_15550123>", None),
            ("<_7f3a09c2>", None),
            ("<7f3a09c2>", None),
            ("<EMAIL_7f3a09c2", None),
            ("<EMAIL_äää", None),
            ("", None),
        ] {
            assert_eq!(placeholder(text, &style).map(|named| named.length), length, "{text}");
        }
        let style = Style::default().lower_case().tag_length(4).unwrap().brackets("[[", "]]").unwrap();
        assert_eq!(placeholder("[[us_ssn_7f3a]]", &style), Some(Named { length: 15, name: 2..8 }));
        assert_eq!(placeholder("[[US_SSN_7f3a]]", &style), None);
    }

    #[test]
    fn only_names_of_kinds_are_blanked_out() {
        let rules = Rules::new();
        for (text, blank) in [
            ("a <EMAIL_7f3a09c2>, b", Some("a                 , b")),
            ("a <PET_7f3a09c2>, b", Some("a  PET          , b")),
            ("<X_4111111111111111_deadbeef>", Some(" X_4111111111111111          ")),
            ("a <EMAIL>", None),
        ] {
            assert_eq!(blanked(text, &rules).as_ref().map(|text| text.as_str()), blank, "{text}");
        }
    }
}
