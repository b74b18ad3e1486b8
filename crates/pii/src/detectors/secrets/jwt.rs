//! JSON Web Tokens, signed or encrypted.

use std::ops::Range;

use super::super::scan::{run_back, run_on, starts_word};

/// Base64 of `{"` and the first letter of each header that RFC 7515 and RFC 7516 know.
pub(super) const BEGIN: &[&str] =
    &["eyjh", "eyji", "eyjj", "eyjl", "eyjr", "eyj0", "eyj4", "eyjq", "eyj6", "eyj1", "eyjw", "eyai"];

/// The longest part: an encrypted one may be long.
const MOST: usize = 16 << 10;

/// What has so many bytes of Base64 right before is no beginning.
const WITHIN: usize = 64;
/// How much of a header is read for its algorithm.
const NAMED: usize = 1024;

/// The token that begins here: three parts, or five, the first of which says by what it is signed or encrypted.
pub(super) fn token(text: &str, at: usize) -> Option<Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    // Within a longer run of such bytes none begins, so that no byte is gone over often.
    if !starts_word(text, at) || run_back(text, at, WITHIN, is_part) + WITHIN == at {
        return None;
    }
    let header = run_on(text, at, 4096, is_part);
    // Most of what begins so ends here.
    if text.as_bytes().get(header) != Some(&b'.') || !names_algorithm(text.get(at..header)?) {
        return None;
    }
    let mut end = header;
    let mut parts = 1;
    while parts < 5 && text.as_bytes().get(end) == Some(&b'.') {
        let next = run_on(text, end + 1, MOST, is_part);
        // A full stop, but for that before the empty signature of an unsigned one.
        if next == end + 1 && parts != 2 {
            break;
        }
        (end, parts) = (next, parts + 1);
    }
    (parts >= 3).then_some(at..end)
}

fn names_algorithm(header: &str) -> bool {
    let decoded = base64(header.get(..header.len().min(NAMED)).unwrap_or_default());
    decoded.starts_with(b"{")
        && [&b"\"alg\""[..], b"\"enc\""].iter().any(|name| memchr::memmem::find(&decoded, name).is_some())
}

/// Base64 of either alphabet, as far as it goes.
pub(super) fn base64(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count & 0xff) as u8);
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::{base64, token};

    /// RFC 7519, section 3.1.
    const SIGNED: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    /// RFC 7519, section 6.1.
    const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

    #[test]
    fn published_tokens() {
        assert_eq!(token(SIGNED, 0), Some(0..SIGNED.len()));
        assert_eq!(token(UNSIGNED, 0), Some(0..UNSIGNED.len()));
        let text = format!("Bearer {SIGNED}. So");
        assert_eq!(token(&text, 7), Some(7..7 + SIGNED.len()));
        assert_eq!(base64("eyJhbGciOiJub25lIn0"), b"{\"alg\":\"none\"}");
    }

    #[test]
    fn look_alikes() {
        for text in [
            "eyJhbGciOiJub25lIn0",
            "eyJhbGciOiJub25lIn0.eyJ",
            "eyJhIjoxfQ.eyJhIjoxfQ.abc",
            "eyJh",
            "eyJhbGciOiJub25lIn0. A",
        ] {
            assert_eq!(token(text, 0), None, "{text}");
        }
        assert_eq!(token(&format!("x{SIGNED}"), 1), None);
    }
}
