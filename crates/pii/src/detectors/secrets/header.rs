//! Credentials of the `Authorization` header.

use std::ops::Range;

use super::{
    super::scan::{has, run_on, starts_word},
    jwt::base64,
    value,
};

pub(super) const SCHEMES: &[&str] = &["bearer ", "basic ", "bearer%20", "apikey ", "bot "];

/// The longest credentials that are looked at.
const MOST: usize = 4096;

/// What stands behind the scheme that begins here.
pub(super) fn credentials(text: &str, at: usize) -> Option<Range<usize>> {
    let word = run_on(text, at, 6, |byte| byte.is_ascii_alphabetic());
    let from = if has(text, word, "%20") { word + 3 } else { run_on(text, word, 4, |byte| byte == b' ') };
    if !starts_word(text, at) {
        return None;
    }
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
    let end = run_on(text, from, MOST, is_part);
    let token = text.get(from..end)?.trim_end_matches('.');
    let is_secret = if text.get(at..word)?.eq_ignore_ascii_case("basic") {
        let decoded = base64(token);
        let is_text =
            std::str::from_utf8(&decoded).is_ok_and(|text| text.contains(':') && !text.contains(char::is_control));
        token.len() >= 8 && token.len() % 4 != 1 && is_text
    } else {
        token.len() >= 16 && value::looks_random(token) && !value::is_placeholder(token)
    };
    is_secret.then_some(from..from + token.len())
}

#[cfg(test)]
mod tests {
    use super::credentials;

    fn found(text: &str) -> Option<&str> {
        let lower = text.to_ascii_lowercase();
        let at = super::SCHEMES.iter().find_map(|scheme| lower.find(scheme))?;
        credentials(text, at).map(|range| &text[range])
    }

    #[test]
    fn schemes() {
        assert_eq!(found("Authorization: Bearer 9aB3kQ7xW2mN5pR8cV1z\r\n"), Some("9aB3kQ7xW2mN5pR8cV1z"));
        assert_eq!(found("Bearer%202024aB3kQ7xW2mN5pR8cV1z"), Some("2024aB3kQ7xW2mN5pR8cV1z"));
        assert_eq!(found("Bearer 2024aB3kQ7xW2mN5pR8cV1z"), Some("2024aB3kQ7xW2mN5pR8cV1z"));
        // RFC 7617, section 2.
        assert_eq!(found("'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='"), Some("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        for text in [
            "Bearer token",
            "the bearer of-good-news-and-of-others",
            "Basic authentication",
            "basic understanding",
            "Bearer ${TOKEN}",
            "Bearer your_access_token_1",
            "Basic dXNlcg==",
            "Basic Operation",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
