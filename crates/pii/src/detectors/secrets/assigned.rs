//! Values that a name says to be secret: `api_key = "…"`, `PASSWORD=…`, `the password is …`.

use std::ops::Range;

use super::{
    super::scan::{after, before, floor, has, run_back, run_on},
    names::{ABOUT, NAMES, PASSWORDS},
    value::{is_name, is_placeholder, is_wordy, looks_random},
};
use crate::checks::entropy;

/// The longest value that is looked at.
const MOST: usize = 200;

/// The value of what is named here, and how sure it is.
pub(super) fn value(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let name = NAMES.iter().find(|name| has(text, at, name))?;
    let is_password = PASSWORDS.contains(name);
    let name_end = at + name.trim_end_matches(['=', ':', '"']).len();
    let is_identifier = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let end = run_on(text, name_end, 32, is_identifier);
    // `tokenizer`, `secretary`, `_passed` are other words; an `s` makes it more than one.
    let plural = run_on(text, name_end, 1, |byte| byte == b's');
    if after(text, plural).is_some_and(|byte| byte.is_ascii_lowercase())
        && before(text, name_end).is_some_and(|byte| byte.is_ascii_lowercase())
    {
        return None;
    }
    let rest = text.get(name_end..end)?.to_ascii_lowercase();
    let rest = rest.trim_start_matches(['_', '-']);
    if ABOUT.iter().any(|about| rest == *about || rest.ends_with(about) && about.len() > 3) || rest.len() > 20 {
        return None;
    }
    let (from, operator) = operator(text, at, end)?;
    // A value in quotes ends at the next of them, which may be escaped.
    let escape = usize::from(after(text, from) == Some(b'\\'));
    let quote = after(text, from + escape).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let (start, end) = match quote {
        Some(quote) => {
            let start = from + escape + 1;
            let end = run_on(text, start, MOST, |byte| byte != quote && byte > b' ' && byte != b'\\');
            if after(text, end + escape) != Some(quote) {
                return None;
            }
            (start, end)
        }
        None => (from, bare_end(text, from)),
    };
    let shown = text.get(start..end)?;
    let is_secret = match (is_password, quote.is_some()) {
        (true, true) => is_quoted_password(shown),
        (true, false) => is_bare_password(shown, operator),
        (false, is_quoted) => is_token(shown, is_quoted),
    };
    (is_secret && !is_placeholder(shown)).then_some((start..end, 0.9))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `=`, `:` and the like.
    Sign,
    /// `is` of a sentence, or the blank after an option.
    Word,
}

/// Where the value begins behind a name that stands so.
fn operator(text: &str, name: usize, end: usize) -> Option<(usize, Operator)> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t');
    let closed = run_on(text, end, 3, |byte| matches!(byte, b'"' | b'\'' | b'\\' | b']' | b'`' | b'*'));
    let at = run_on(text, closed, 3, blank);
    let sign = run_on(text, at, 3, |byte| matches!(byte, b'=' | b':' | b'>' | b'?'));
    let signs = text.get(at..sign)?;
    if !signs.is_empty() {
        // `Token::Name` is a path; `>` closes a tag only where one is open.
        let tag = run_back(text, name, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':'));
        if signs.starts_with("::") || signs.starts_with('?') || signs == ">" && before(text, tag) != Some(b'<') {
            return None;
        }
        return Some((run_on(text, sign, 3, blank), Operator::Sign));
    }
    if has(text, at, "is ") && at > end {
        let from = at + 3;
        return Some((if has(text, from, "now ") { from + 4 } else { from }, Operator::Word));
    }
    let option = run_back(text, name, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (at > end && text.get(option..name)?.starts_with("--")).then_some((at, Operator::Word))
}

fn bare_end(text: &str, from: usize) -> usize {
    let is_within =
        |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'\\' | b'|');
    let end = floor(text, run_on(text, from, MOST, is_within));
    let shown = text.get(from..end).unwrap_or_default();
    // In a form's fields another may follow.
    let field = shown.match_indices('&').map(|(at, _)| at).find(|at| {
        let name =
            run_on(text, from + at + 1, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        after(text, name) == Some(b'=')
    });
    let shown = field.and_then(|at| shown.get(..at)).unwrap_or(shown);
    from + shown.trim_end_matches(['.', ':', ')', ']', '}', '*']).len()
}

/// One in quotes: a sentence, a label or a name has neither digits nor signs.
fn is_quoted_password(shown: &str) -> bool {
    let has_digit = shown.bytes().any(|byte| byte.is_ascii_digit());
    let has_sign =
        shown.bytes().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'+'));
    (4..=128).contains(&shown.len())
        && (has_digit || has_sign)
        && !shown.contains("://")
        && !shown.starts_with(['/', '.', '-', '#'])
        && !shown.contains(['(', '{', '['])
}

/// One without quotes, which in code would be the name of something.
fn is_bare_password(shown: &str, operator: Operator) -> bool {
    let has_digit = shown.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = shown.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_sign = shown.bytes().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^' | b'*' | b'?' | b'+'));
    let is_code = shown.contains(['(', ')', '[', ']', '{', '}', '/'])
        || shown.contains("::")
        || shown.contains("->")
        || shown.starts_with(['?', '*', '@', '!'])
        || is_path(shown);
    let is_short = shown.len() < if operator == Operator::Word { 4 } else { 6 };
    let is_pin = operator == Operator::Word && shown.len() >= 4 && shown.bytes().all(|byte| byte.is_ascii_digit());
    let lower = shown.to_ascii_lowercase();
    let is_named =
        lower.starts_with("pass") && has_digit && operator == Operator::Sign && !has_sign && shown.len() < 11;
    !is_code
        && !is_short
        && !is_named
        && (is_pin || has_letter && (has_digit || has_sign && !shown.ends_with(['!', '?'])))
}

/// `args.password1`.
fn is_path(shown: &str) -> bool {
    shown.contains('.')
        && shown.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn is_token(shown: &str, is_quoted: bool) -> bool {
    let least = if is_quoted { 12 } else { 16 };
    shown.len() >= least
        && shown
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'.' | b'~' | b'-'))
        && looks_random(shown)
        && !is_uuid(shown)
        && !is_path(shown)
        && !shown.starts_with("sha")
}

fn is_uuid(shown: &str) -> bool {
    shown.contains('-') && is_name(shown)
}

/// A member's whole text.
pub(super) fn member(text: &str) -> Option<Range<usize>> {
    let is_sentence = text.contains(char::is_whitespace);
    (text.len() >= 4 && !is_sentence && !is_placeholder(text)).then_some(0..text.len())
}

/// Forty bytes of Base64 as AWS makes them: neither a digest nor a path.
pub(super) fn is_aws_secret(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && entropy(text) >= 4.0 && looks_random(text)
}

/// A random text of letters of both cases and digits.
pub(super) fn is_key(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().filter(kind).count();
    let is_mixed = has(u8::is_ascii_lowercase) > 1 && has(u8::is_ascii_uppercase) > 1 && has(u8::is_ascii_digit) > 1;
    is_mixed
        && entropy(text) >= 3.5
        && looks_random(text)
        && !is_wordy(text)
        && !is_name(text)
        && !is_placeholder(text)
        && !is_path(text)
}

#[cfg(test)]
mod tests {
    use super::{super::names::NAMES, is_aws_secret, member, value};

    fn found(text: &str) -> Option<&str> {
        let lower = text.to_ascii_lowercase();
        let mut ats = NAMES.iter().filter_map(|name| lower.find(name));
        ats.find_map(|at| value(text, at)).map(|(range, _)| &text[range])
    }

    #[test]
    fn passwords() {
        for (text, secret) in [
            ("password = \"hunter2\"", "hunter2"),
            ("{\"password\":\"s3cret!\"}", "s3cret!"),
            ("{\\\"password\\\": \\\"s3cret!\\\"}", "s3cret!"),
            ("DB_PASSWORD=Tr0ub4dor&3", "Tr0ub4dor&3"),
            ("user=a&password=Tr0ub4dor&page=3", "Tr0ub4dor"),
            ("password: hunter2", "hunter2"),
            ("My password is hunter2.", "hunter2"),
            ("the passphrase is 483920", "483920"),
            ("<password>hunter2</password>", "hunter2"),
            ("mysql --password hunter2 -h db", "hunter2"),
            ("Server=db;Uid=sa;Pwd=S3cr3t!;", "S3cr3t!"),
            ("'passwd': 'abc123'", "abc123"),
        ] {
            assert_eq!(found(text), Some(secret), "{text}");
        }
    }

    #[test]
    fn tokens() {
        for (text, secret) in [
            ("api_key = '9aB3kQ7xW2mN5pR8'", "9aB3kQ7xW2mN5pR8"),
            ("API_KEY=4f8a1c09b2d77e66a1b2c3d4", "4f8a1c09b2d77e66a1b2c3d4"),
            ("X-Api-Key: 4f8a1c09b2d77e66a1b2", "4f8a1c09b2d77e66a1b2"),
            ("client_secret: \"q8Zt-x91Kbb7e0pLm\"", "q8Zt-x91Kbb7e0pLm"),
            ("AccountKey=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==;Endpoint", "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg=="),
            (
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY12345678zz",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCY12345678zz",
            ),
            ("token => \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ] {
            assert_eq!(found(text), Some(secret), "{text}");
        }
    }

    #[test]
    fn look_alikes() {
        for text in [
            "password",
            "password = \"\"",
            "password: string",
            "password = get_password2(x)",
            "password: args.password1",
            "\"password\": \"Enter your password\"",
            "password = \"your_password1\"",
            "PASSWORD=${DB_PASSWORD}",
            "password: <password1>",
            "password is required",
            "password is 8 characters",
            "password1 = password2",
            "let token = Token::Ident;",
            "token: TokenKind2",
            "api_key = \"your_api_key\"",
            "api_key=xxxxxxxxxxxxxxxxxxxx",
            "token_count: 1234567890123456",
            "secretName: \"my-app-v2-database-1\"",
            "secret: \"user-profile-settings-2\"",
            "token = \"123e4567-e89b-12d3-a456-426614174000\"",
            "next_token: parse_http2_frame_header1",
            "tokenizer = \"cl100k_base_2024_tok\"",
            "password_hash = \"a1b2c3d4\"",
            "passwords: 12",
            "api_key: env:MY_API_KEY_2",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn members_and_amazon() {
        assert_eq!(member("hunter"), Some(0..6));
        assert_eq!(member("Enter it"), None);
        assert!(is_aws_secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCY12345678zz"));
        assert!(!is_aws_secret("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    }
}
