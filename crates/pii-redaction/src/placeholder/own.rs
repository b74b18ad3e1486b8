//! What redaction itself has written, then or now: it is neither found nor changed.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

use zeroize::Zeroizing;

use super::{Style, name};
use crate::{Rules, replace};

/// Where a text holds what redaction writes: placeholders and what looks like them, hashes, what was encrypted with this
/// key, and masks.
///
/// None of it can hide a number: tags have letters, masks show four characters at most, and what is encrypted must
/// decrypt.
pub(crate) fn forms(text: &str, rules: &Rules) -> Vec<Range<usize>> {
    let mut forms = Vec::new();
    let style = rules.styled();
    let open = style.open().bytes().next().unwrap_or(b'<');
    let mut at = 0;
    while let Some(skipped) = text.as_bytes().get(at..).and_then(|rest| memchr3(open, b'<', b'*', rest)) {
        at += skipped;
        let length = text.get(at..).and_then(|rest| {
            let of_value = || replace::hash::form(rest).or_else(|| replace::encrypt::form(rest, rules));
            placeholder(rest, style).or_else(of_value).or_else(|| replace::mask::form(rest))
        });
        forms.extend(length.map(|length| at..at + length));
        at += length.unwrap_or(1);
    }
    forms
}

/// The text with placeholders blanked out, of the same length; nothing if it has none.
pub(crate) fn blanked(text: &str, rules: &Rules) -> Option<Zeroizing<String>> {
    let style = rules.styled();
    let mut blanked: Option<Zeroizing<String>> = None;
    let mut at = 0;
    while let Some(skipped) = text.get(at..).and_then(|rest| memmem::find(rest.as_bytes(), style.open().as_bytes())) {
        at += skipped;
        let length = text.get(at..).and_then(|rest| placeholder(rest, style));
        if let Some(length) = length {
            let blanked = blanked.get_or_insert_with(|| Zeroizing::new(text.to_owned()));
            blanked.replace_range(at..at + length, &" ".repeat(length));
        }
        at += length.unwrap_or(style.open().len());
    }
    blanked
}

/// Whether a range lies within a fixed text that takes values' places. One that reaches beyond it is somebody's: a fixed
/// text may be short, and occur in what is to be found.
pub(crate) fn is_fixed(text: &str, range: &Range<usize>, rules: &Rules) -> bool {
    rules.fixed_texts().filter(|fixed| fixed.len() >= range.len()).any(|fixed| {
        let window = range.end.saturating_sub(fixed.len())..text.len().min(range.start + fixed.len());
        text.as_bytes().get(window).is_some_and(|window| memmem::find(window, fixed.as_bytes()).is_some())
    })
}

/// The length of a placeholder, spelled as they are minted.
fn placeholder(text: &str, style: &Style) -> Option<usize> {
    let inner = text.strip_prefix(style.open())?;
    let length = inner.bytes().take(name::LONGEST + 1 + style.digits() + 1).take_while(|byte| is_word(*byte)).count();
    let (word, rest) = inner.split_at_checked(length)?;
    let (name, tag) = word.rsplit_once('_')?;
    let is_tag = tag.len() == style.digits()
        && tag.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && tag.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_ours = is_tag && is_name(name, style.is_lower_case()) && rest.starts_with(style.close());
    is_ours.then(|| style.open().len() + length + style.close().len())
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
            assert_eq!(placeholder(text, &style), length, "{text}");
        }
        let style = Style::default().lower_case().tag_length(4).unwrap().brackets("[[", "]]").unwrap();
        assert_eq!(placeholder("[[us_ssn_7f3a]]", &style), Some(15));
        assert_eq!(placeholder("[[US_SSN_7f3a]]", &style), None);
    }
}
