//! Keys with a beginning of their own that are longer than a pattern may be.

use std::ops::Range;

use super::{
    super::scan::{before, ends_word, has, run_back, run_on, starts_word},
    value,
    vendors::LONG,
};

/// Their beginnings.
pub(super) const BEGIN: [&str; LONG.len()] = {
    let mut begin = [""; LONG.len()];
    let mut at = 0;
    while at < LONG.len() {
        #[allow(clippy::indexing_slicing, reason = "both are of one length, and this is evaluated when compiled")]
        {
            begin[at] = LONG[at].0;
        }
        at += 1;
    }
    begin
};

/// The longest key: access tokens of Google may have 2,048 bytes.
const MOST: usize = 2048;

/// What has so many bytes of the same kind right before is no beginning.
const WITHIN: usize = 64;

/// The key that begins here.
pub(super) fn key(text: &str, at: usize) -> Option<Range<usize>> {
    let (begin, least) = LONG.iter().find(|(begin, _)| has(text, at, begin))?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=');
    // One within another is a part of that, so that no byte is gone over often.
    let is_within = run_back(text, at, WITHIN, is_part) + WITHIN == at;
    if !starts_word(text, at) || before(text, at) == Some(b'-') || is_within {
        return None;
    }
    let from = at + begin.len();
    let end = run_on(text, from, MOST, is_part);
    let body = text.get(from..end)?.trim_end_matches(['.', '-', '/']);
    let is_key = body.len() >= *least && value::is_mixed(body) && !value::is_placeholder(body);
    is_key.then_some(at..from + body.len())
}

/// A key of Mailgun, `key-` and 32 digits; `cache-key-…` is none.
pub(super) fn mailgun(text: &str, at: usize) -> Option<Range<usize>> {
    let end = run_on(text, at + MAILGUN.len(), 33, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_apart = starts_word(text, at) && !matches!(before(text, at), Some(b'-' | b'_')) && ends_word(text, end);
    let is_key = end == at + MAILGUN.len() + 32 && text.get(at..end).is_some_and(value::is_varied);
    (is_apart && is_key).then_some(at..end)
}

/// How it begins.
pub(super) const MAILGUN: &str = "key-";

#[cfg(test)]
mod tests {
    use super::{key, mailgun};

    #[test]
    fn keys_of_mailgun() {
        let key = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0".replace(|c: char| c > 'f' && c != 'k' && c != 'y', "4");
        assert_eq!(key.len(), 36);
        assert_eq!(mailgun(&key, 0), Some(0..36));
        assert_eq!(mailgun(&format!("cache-{key}"), 6), None);
        assert_eq!(mailgun(&format!("{key}0"), 0), None);
    }

    #[test]
    fn keys() {
        let body =
            "aB3-dE5_gH7jK9lM1nP3qR5sT7uV9wX1yZ3aB5cD7eF9gH1jK3mN5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hJ5kL7mN9pAA".repeat(2);
        for begin in ["sk-ant-api03-", "sk-proj-", "pypi-AgEIcHlwaS5vcmc", "ya29.a0", "ATATT3"] {
            let text = format!("use {begin}{body}.");
            assert_eq!(key(&text, 4), Some(4..text.len() - 1), "{begin}");
            let within = "a.".repeat(40) + &text[4..];
            assert_eq!(key(&within, 80), None, "{begin}");
        }
        for text in ["sk-ant-your-key-goes-here-please-now", "sk-proj-abc", "xsk-proj-aB3dE5gH7jK9lM1nP3qR5s", "ya29.x"]
        {
            assert_eq!(key(text, usize::from(text.starts_with('x'))), None, "{text}");
        }
    }
}
