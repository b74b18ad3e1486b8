use std::mem;

use bytes::Bytes;

/// The tags that a request brings along: whoever wrote them, they stand for nothing.
pub(crate) enum Taken {
    Unread(Bytes),
    Read(Vec<u128>),
}

impl Taken {
    /// In order. The body is looked through when this is first asked.
    pub(crate) fn read(&mut self, digits: usize) -> &[u128] {
        if let Self::Unread(body) = self {
            *self = Self::Read(tags(&mem::take(body), digits));
        }
        match self {
            Self::Read(tags) => tags,
            Self::Unread(_) => &[],
        }
    }
}

/// What may be tags of so many digits: what ends runs of letters and digits, for the body is JSON, and in `\n7f3a09c2`
/// the tag begins after the `n`.
fn tags(body: &[u8], digits: usize) -> Vec<u128> {
    let mut tags = Vec::new();
    // A run that is long enough holds one of every so many bytes.
    let mut at = digits.saturating_sub(1);
    while let Some(byte) = body.get(at) {
        if byte.is_ascii_alphanumeric() {
            let run = body.get(at..).unwrap_or_default().iter();
            at += run.take_while(|byte| byte.is_ascii_alphanumeric()).count();
            tags.extend(at.checked_sub(digits).and_then(|start| hexadecimal(body.get(start..at)?)));
        }
        at += digits.max(1);
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// The number; `None` unless all bytes are hexadecimal digits.
pub(crate) fn hexadecimal(digits: &[u8]) -> Option<u128> {
    // Most words end in what is none.
    if !digits.iter().rev().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u128::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_runs() {
        for (body, found) in [
            ("EMAIL_7f3a09c2", vec![0x7f3a_09c2]),
            (r#"{"a":"\n7F3A09C2"}"#, vec![0x7f3a_09c2]),
            (r"\u005f7f3a09c2\u003e", vec![0x7f3a_09c2]),
            ("12345678 deadbeef-00000000 deadbeef", vec![0, 0x1234_5678, 0xdead_beef]),
            ("deadbee deadbeeg deadbeef0g", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(tags(body.as_bytes(), 8), found, "{body}");
        }
        assert_eq!(tags("f".repeat(99).as_bytes(), 32), [u128::MAX]);
    }
}
