//! What tells a secret from a placeholder, a name, a hash or a sentence.

use crate::checks::entropy;

/// Parts, in lower case, of what stands where a secret will be.
const FILLERS: &[&str] = &[
    "your",
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "redacted",
    "xxxx",
    "insert",
    "replace",
    "****",
    "....",
    "todo",
    "fixme",
    "<",
    "${",
    "{{",
    "}}",
    "env:",
    "process.env",
    "getenv",
    "0000000000",
    "...",
];

/// Whole values of this kind.
const EMPTY: &[&str] = &[
    "",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "secret",
    "token",
    "password",
    "passwd",
    "pass",
    "pwd",
    "xxx",
    "empty",
    "optional",
    "required",
];

/// Whether this only holds the place of a value, or leads to one: `your_api_key`, `${TOKEN}`, `<token>`, `xxxx`.
pub(in super::super) fn is_placeholder(value: &str) -> bool {
    // What stands for a value is short.
    let lower = value.get(..value.len().min(100)).unwrap_or_default().to_ascii_lowercase();
    let leads = value.starts_with(['$', '%', '{', '<', '[', '*', '@', '#', '('])
        && value.len() < 60
        && !value.bytes().any(|byte| byte.is_ascii_digit());
    let repeats = value.bytes().skip(1).zip(value.bytes()).all(|(one, other)| one == other) && value.len() > 2;
    // By chance, or in a vendor's documentation, a long random text may hold such a word.
    let may_hold = value.len() >= 28 && !is_wordy(value) && !value.contains(['<', '$', '{']);
    leads
        || repeats
        || EMPTY.contains(&lower.as_str())
        || !may_hold && FILLERS.iter().any(|filler| lower.contains(filler))
}

/// Whether it may come from a random source: letters and digits, little repeated, and no words with numbers.
pub(in super::super) fn looks_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let least = if value.len() < 24 { 2.6 } else { 3.0 };
    digits > 0 && letters > 0 && digits + letters > value.len() / 2 && entropy(value) >= least && !is_wordy(value)
}

/// Names of things, with numbers: `user-profile-2`, `com.example.v1`, `Sha256WithRsa`, `2026-11-21T10`.
pub(super) fn is_wordy(value: &str) -> bool {
    let mut words = 0;
    let mut others = 0;
    for part in value.split(['-', '_', '.', '/', ':', ' ', '+', '=']).filter(|part| !part.is_empty()) {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - letters.len();
        // A word is letters of one case but for its first, then few digits.
        let tail = letters.get(1..).unwrap_or_default();
        let is_word = letters.is_empty() && digits <= 4
            || digits <= 4
                && !letters.is_empty()
                && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
                && (tail.bytes().all(|byte| byte.is_ascii_lowercase())
                    || letters.bytes().all(|byte| byte.is_ascii_uppercase()));
        if is_word { words += part.len() } else { others += part.len() }
    }
    others < 8 || others * 2 < words || is_camel(value)
}

/// `parseHttp2Frame`: words that begin with capitals, and few digits.
fn is_camel(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
    if !bytes.iter().all(u8::is_ascii_alphanumeric) || !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return false;
    }
    let changes = bytes.windows(2).filter(|pair| matches!(pair, [one, other] if kind(*one) != kind(*other))).count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    changes * 5 <= bytes.len() * 2 && digits * 5 <= bytes.len()
}

fn kind(byte: u8) -> u8 {
    if byte.is_ascii_digit() {
        0
    } else if byte.is_ascii_uppercase() {
        1
    } else {
        2
    }
}

/// Whether it is a UUID, or all hexadecimal and as long as a usual digest: what names things rather than opens them.
pub(super) fn is_name(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let uuid = value.len() == 36
        && value
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    uuid || hex && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128)
}

/// What stands behind a vendor's prefix: anything but one sign over and over.
pub(super) fn is_varied(token: &str) -> bool {
    let mut seen = [false; 256];
    token.bytes().for_each(|byte| {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    });
    let same = token.as_bytes().chunk_by(|one, other| one == other).map(<[u8]>::len).max().unwrap_or_default();
    seen.iter().filter(|seen| **seen).count() >= 8 && same < 8
}

/// The same, and no long name with this beginning: among its last bytes are a letter and a digit; or, as in three of a
/// hundred random ones of twenty bytes, no digit, but capital and small letters in no order that words have.
pub(super) fn is_mixed(token: &str) -> bool {
    let tail = token.get(token.len().saturating_sub(24)..).unwrap_or_default();
    let has = |kind: fn(&u8) -> bool| tail.bytes().any(|byte| kind(&byte));
    let letters = tail.rsplit(['_', '-', '.']).next().unwrap_or_default();
    let is_shuffled =
        letters.len() >= 16 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && !is_camel(letters);
    is_varied(token) && has(u8::is_ascii_alphabetic) && (has(u8::is_ascii_digit) || is_shuffled)
}

#[cfg(test)]
mod tests {
    use super::{is_mixed, is_name, is_placeholder, is_varied, is_wordy, looks_random};

    #[test]
    fn placeholders() {
        for value in [
            "",
            "your_api_key",
            "YOUR-TOKEN",
            "xxxxxxxx",
            "****",
            "${TOKEN}",
            "$TOKEN",
            "{{ token }}",
            "<token>",
            "%s",
            "changeme",
            "null",
            "example-key-1",
            "env:TOKEN",
            "aaaa",
            "...",
            "sk-xxxx",
            "[redacted]",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["hunter2", "s3cr3t", "p", "4f8a1c09b2d77e66", "$2b$12$abc", "Tr0ub4dor&3"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn random_values() {
        for value in
            ["4f8a1c09b2d77e66", "9aB3kQ7xW2mN5pR8", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz12ABkey0", "ZXhwbGljaXQ2Nzg5MGFi"]
        {
            assert!(looks_random(value), "{value}");
        }
        for value in [
            "",
            "password",
            "user-profile-settings-2",
            "com.acme.v1.Token",
            "Sha256WithRsaEncryption",
            "2026-11-21",
            "1234567890123456",
            "parseHttp2FrameHeader",
            "aaaaaaaaaaaaaaa1",
            "text-embedding-3-large",
            "utf8_general_ci",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }

    #[test]
    fn names_of_things() {
        assert!(is_name("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert!(is_name("123e4567-e89b-12d3-a456-426614174000"));
        assert!(!is_name("4f8a1c09b2d77e66"));
        assert!(is_wordy("getty-tty1") && !is_wordy("q8Zt-x91K-bb7e-0pLm"));
        assert!(!is_varied("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
        assert!(is_mixed("sk_live_aBQkVxWzNmRtPcVyLdHs") && !is_mixed("sk_live_parseTheHeaderFrame"));
        assert!(is_mixed("sk-9aB3kQ7xW2mN5pR8cV1") && !is_mixed("ASIAPACIFICNORTHEAST"));
    }
}
