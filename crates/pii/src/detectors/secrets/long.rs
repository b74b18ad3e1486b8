//! Keys with a beginning of their own that are longer than a pattern may be.

use std::ops::Range;

use super::{
    super::scan::{before, has, run_on, starts_word},
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

/// The key that begins here.
pub(super) fn key(text: &str, at: usize) -> Option<Range<usize>> {
    let (begin, least) = LONG.iter().find(|(begin, _)| has(text, at, begin))?;
    // One within another is a part of that, so that no byte is gone over often.
    if !starts_word(text, at) || before(text, at) == Some(b'-') {
        return None;
    }
    let from = at + begin.len();
    let end = run_on(text, from, MOST, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=')
    });
    let body = text.get(from..end)?.trim_end_matches(['.', '-', '/']);
    let is_key = body.len() >= *least && value::is_mixed(body) && !value::is_placeholder(body);
    is_key.then_some(at..from + body.len())
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys() {
        let body =
            "aB3-dE5_gH7jK9lM1nP3qR5sT7uV9wX1yZ3aB5cD7eF9gH1jK3mN5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hJ5kL7mN9pAA".repeat(2);
        for begin in ["sk-ant-api03-", "sk-proj-", "pypi-AgEIcHlwaS5vcmc", "ya29.a0", "ATATT3"] {
            let text = format!("use {begin}{body}.");
            assert_eq!(key(&text, 4), Some(4..text.len() - 1), "{begin}");
        }
        for text in ["sk-ant-your-key-goes-here-please-now", "sk-proj-abc", "xsk-proj-aB3dE5gH7jK9lM1nP3qR5s", "ya29.x"]
        {
            assert_eq!(key(text, usize::from(text.starts_with('x'))), None, "{text}");
        }
    }
}
