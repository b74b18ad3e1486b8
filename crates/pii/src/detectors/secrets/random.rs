//! Keys without a beginning of their own: long runs of letters and digits, read once, at the first digit in them.

use std::ops::Range;

use super::{
    super::scan::{after, before, run_back, run_on, starts_word},
    assigned::is_key,
};

/// The longest key.
const MOST: usize = 200;
/// The shortest.
const LEAST: usize = 19;
/// How long a secret access key of AWS is.
const AWS: usize = 40;

/// The key that has its first digit here. Where it hangs on names, as in `prod-key-4f8a1C09b2d77e66aB`, it may be what follows.
pub(super) fn key(text: &str, at: usize) -> Option<Range<usize>> {
    let Range { start, end } = run(text, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))?;
    let shown = text.get(start..end)?;
    let start = end - shown.trim_start_matches(['-', '_']).len();
    let end = start + text.get(start..end)?.trim_end_matches(['-', '_']).len();
    let end = run_on(text, end, 2, |byte| byte == b'=');
    let part = run_back(text, at, at.saturating_sub(start), |byte| byte.is_ascii_alphanumeric());
    let is_here = |from: &usize| end >= from + LEAST && text.get(*from..end).is_some_and(is_key);
    [start, part].into_iter().find(is_here).map(|from| from..end)
}

/// The last forty bytes of a run of Base64 that has its first digit here.
pub(super) fn aws_secret(text: &str, at: usize) -> Option<Range<usize>> {
    let run = run(text, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))?;
    let start = run.end.checked_sub(AWS).filter(|start| *start >= run.start && starts_word(text, *start))?;
    Some(start..run.end)
}

/// The bytes of this kind around the first digit among them, if they are no part of a number and not too many.
fn run(text: &str, at: usize, kind: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    let start = run_back(text, at, MOST, |byte| kind(byte) && !byte.is_ascii_digit());
    let end = run_on(text, at, MOST + 1, &kind);
    let is_kind = |byte: Option<u8>| byte.is_some_and(&kind);
    let is_decimal = after(text, end) == Some(b'.') && after(text, end + 1).is_some_and(|byte| byte.is_ascii_digit());
    let is_all = end - start <= MOST && !is_kind(before(text, start)) && !is_decimal;
    is_all.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::{aws_secret, key};

    fn all(text: &str, find: fn(&str, usize) -> Option<std::ops::Range<usize>>) -> Vec<&str> {
        let digits = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
        digits.filter_map(|(at, _)| find(text, at)).map(|range| &text[range]).collect()
    }

    #[test]
    fn keys_are_found_once_wherever_their_digits_are() {
        for (text, found) in [
            ("use 9f8aB3kQ7xW2mN5pR8cV1z.", "9f8aB3kQ7xW2mN5pR8cV1z"),
            ("(kQxWmNpRcVzLtYhGdSaBf72)", "kQxWmNpRcVzLtYhGdSaBf72"),
            ("=9f8aB3kQ7xW2-N5p_R8cV1z==;", "9f8aB3kQ7xW2-N5p_R8cV1z=="),
            ("--9f8aB3kQ7xW2mN5pR8cV1z--", "9f8aB3kQ7xW2mN5pR8cV1z"),
            (
                "the-name-of-some-service-in-production-with-a-long-name-9f8aB3kQ7xW2mN5pR8cV1z",
                "9f8aB3kQ7xW2mN5pR8cV1z",
            ),
        ] {
            assert_eq!(all(text, key), [found], "{text}");
        }
        for text in [
            "9f8aB3kQ7xW2mN5p",
            "kQxWmNpRcVzLtYhGdSaBf",
            "9f8aB3kQ7xW2mN5pR8cV1z.5",
            "parseHttp2FrameHeaderAndBody",
            "",
        ] {
            assert!(all(text, key).is_empty(), "{text}");
        }
        assert!(all(&"9f8aB3kQ7xW2mN5pR8cV1z".repeat(10), key).is_empty());
    }

    #[test]
    fn secrets_of_forty_bytes() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzAMPLEKEY";
        for text in [secret.to_owned(), format!("aws/{secret}"), format!("\"{secret}\",")] {
            assert_eq!(all(&text, aws_secret), [secret], "{text}");
        }
        for text in [format!("{secret}A"), format!("A{secret}"), secret[1..].to_owned()] {
            assert!(all(&text, aws_secret).is_empty(), "{text}");
        }
    }
}
