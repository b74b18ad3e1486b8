//! Blocks that hold a private key.

use std::ops::Range;

use super::super::scan::floor;

pub(super) const BEGIN: &[&str] = &["-----begin", "---- begin", "putty-user-key-file-"];

/// The longest block: a PGP key of 16,384 bits in Base64 has some 40 KB.
const MOST: usize = 64 << 10;
/// The fewest letters and digits of a key.
const LEAST: usize = 12;
/// The longest label between `BEGIN` and the dashes.
const MOST_LABEL: usize = 60;

/// The block that begins here, through its end line; without one, as far as it goes on.
pub(super) fn private_key(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    if !rest.starts_with('-') {
        return putty(text, at);
    }
    let label = rest.trim_start_matches('-').trim_start_matches(' ').get("BEGIN ".len()..)?;
    let (label, body) = label.split_once("----")?;
    if label.len() > MOST_LABEL || !label.to_ascii_uppercase().contains("PRIVATE KEY") {
        return None;
    }
    let body = text.len() - body.trim_start_matches('-').len();
    let end = floor(text, text.len().min(body + MOST));
    let inside = text.get(body..end)?;
    // Code that reads and writes such blocks has their first and last lines alone.
    let key = inside.get(..inside.find("----").unwrap_or(inside.len()))?;
    if key.bytes().filter(u8::is_ascii_alphanumeric).take(LEAST).count() < LEAST {
        return None;
    }
    // The next dashes are those of the end line, or of another block: so no byte is gone over more than once.
    let Some(dashes) = inside.find("----") else {
        let goes_on = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/=:,\\-\"'".contains(c);
        let length = inside.find(|c| !goes_on(c)).unwrap_or(inside.len());
        return Some(at..body + length);
    };
    let tail = inside.get(dashes..)?.trim_start_matches('-').trim_start_matches(' ');
    if !tail.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("END")) {
        return Some(at..body + dashes);
    }
    let line = tail.find("----").filter(|length| *length <= MOST_LABEL + 4);
    let close = tail.get(line.unwrap_or(3)..)?.trim_start_matches('-');
    Some(at..end - close.len())
}

/// PuTTY's own format ends with a code over all of it.
fn putty(text: &str, at: usize) -> Option<Range<usize>> {
    // In other letters it would be none of those within, so that bytes would be gone over often.
    if !text.get(at..)?.starts_with("PuTTY-User-Key-File-") {
        return None;
    }
    let end = floor(text, text.len().min(at + (16 << 10)));
    let shown = text.get(at..end)?;
    // Another file within is looked at by itself.
    let shown = shown.get(1..)?.find("PuTTY-User-Key-File-").map_or(shown, |next| shown.get(..=next).unwrap_or(shown));
    let code = shown.find("Private-MAC:")?;
    let line = shown.get(code..)?.find('\n').map_or(shown.len(), |length| code + length);
    Some(at..at + line)
}

#[cfg(test)]
mod tests {
    use super::private_key;

    fn found(text: &str) -> Option<&str> {
        let lower = text.to_ascii_lowercase();
        let at = super::BEGIN.iter().find_map(|begin| lower.find(begin)).unwrap();
        private_key(text, at).map(|range| &text[range])
    }

    #[test]
    fn blocks() {
        for block in [
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEvQIBADANBg\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXk\\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF0Kx1ABCDEF\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----",
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAA9IAAAA3\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIRs\n",
            "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: ab12",
        ] {
            assert_eq!(found(block), Some(block));
            assert_eq!(
                found(&format!("{{\"key\": \"{block}\"")),
                Some(block).filter(|_| block.ends_with("----")).or(found(&format!("\"{block}\"")))
            );
        }
        let two = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----";
        assert_eq!(found(two), Some("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n"));
    }

    #[test]
    fn what_is_public_is_none() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBg\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\nMIIEvQIBADANBg\n-----END PUBLIC KEY-----",
            "-----BEGIN",
            "b\"-----BEGIN PRIVATE KEY-----\"; END = b\"-----END PRIVATE KEY-----\"",
            "-----BEGIN -----",
            "---- BEGIN SSH2 PUBLIC KEY ----",
            "PuTTY-User-Key-File-2",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
