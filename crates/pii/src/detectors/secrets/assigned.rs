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
    let name_end = at + name.trim_end_matches(" is ").trim_end_matches(['=', ':', '"']).len();
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
    let mut end = end;
    if operator == Operator::Nothing {
        end = start + text.get(start..end)?.trim_end_matches(['?', '!']).len();
    }
    let shown = text.get(start..end)?;
    let is_secret = match (is_password, quote.is_some()) {
        (true, is_quoted) if matches!(operator, Operator::Nothing | Operator::Words) => {
            is_mixed(shown)
                || is_token(shown, is_quoted, operator)
                || is_strong(shown) && is_bare_password(shown, operator)
        }
        (true, true) => is_quoted_password(shown),
        (true, false) => is_bare_password(shown, operator),
        (false, is_quoted) => is_token(shown, is_quoted, operator) || operator != Operator::Nothing && is_mixed(shown),
    };
    (is_secret && !is_placeholder(shown)).then_some((start..end, 0.9))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `=`, `:` and the like.
    Sign,
    /// `is` of a sentence, or the blank after an option.
    Word,
    /// Words that end in a colon: `token you asked for: …`.
    Words,
    /// A blank alone, or the bracket of what is put in.
    Nothing,
}

/// How many bytes of words may stand between a name and the colon before its value.
const FAR: usize = 40;

/// Where the value begins behind a name that stands so.
fn operator(text: &str, name: usize, end: usize) -> Option<(usize, Operator)> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t');
    let closed = run_on(text, end, 3, |byte| matches!(byte, b'"' | b'\'' | b'\\' | b']' | b'`' | b'*'));
    let at = run_on(text, closed, 3, blank);
    let sign = run_on(text, at, 3, |byte| matches!(byte, b'=' | b':' | b'>' | b'?' | b'|'));
    let signs = text.get(at..sign)?;
    if !signs.is_empty() {
        // `Token::Name` is a path; `>` closes a tag only where one is open.
        let tag = run_back(text, name, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':'));
        if signs.starts_with("::") || signs.starts_with('?') || signs == ">" && before(text, tag) != Some(b'<') {
            return None;
        }
        return Some((run_on(text, sign, 3, blank), Operator::Sign));
    }
    let is = ["is ", "was ", "ist ", "lautet ", "est ", "es ", "è ", "é "].iter().find(|is| has(text, at, is));
    if let Some(is) = is.filter(|_| at > end) {
        let from = at + is.len();
        return Some((if has(text, from, "now ") { from + 4 } else { from }, Operator::Word));
    }
    let option = run_back(text, name, 32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if text.get(option..name)?.starts_with("--") {
        return (at > end).then_some((at, Operator::Word));
    }
    let words = run_on(text, at, FAR, |byte| byte.is_ascii_alphabetic() || byte == b' ');
    if at > end && words > at && text.get(words..)?.starts_with(": ") {
        return Some((words + 2, Operator::Words));
    }
    // `API key (it's …)`, `token …`: what follows must be long and random.
    let open = run_on(text, at, 1, |byte| byte == b'(');
    let from = ["it's ", "it is "].iter().find(|said| has(text, open, said)).map_or(open, |said| open + said.len());
    (at > end).then_some((from, if open > at { Operator::Sign } else { Operator::Nothing }))
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
    let is_sign = |byte: u8| matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^' | b'*' | b'?' | b'+');
    if !shown.bytes().any(|byte| byte.is_ascii_digit() || is_sign(byte)) {
        return false;
    }
    let has_digit = shown.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = shown.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_sign = shown.bytes().any(is_sign);
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

/// A password as rules ask for it: eight signs and more, capital and small letters, a digit.
fn is_strong(shown: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| shown.bytes().any(|byte| kind(&byte));
    let is_word = shown.bytes().skip(1).all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    shown.len() >= 8
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !is_word
}

/// `args.password1`.
fn is_path(shown: &str) -> bool {
    shown.contains('.')
        && shown.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn is_token(shown: &str, is_quoted: bool, operator: Operator) -> bool {
    let least = if is_quoted && operator != Operator::Nothing { 12 } else { 16 };
    shown.len() >= least
        && shown
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'.' | b'~' | b'-'))
        && looks_random(shown)
        && !is_uuid(shown)
        && !is_path(shown)
        && !shown.starts_with("sha")
}

/// A password of a machine: short, of capital and small letters and digits, in no order that words have.
fn is_mixed(shown: &str) -> bool {
    let count = |kind: fn(&u8) -> bool| shown.bytes().filter(kind).count();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+=%#!$&*^?~@".contains(&byte);
    (10..=40).contains(&shown.len())
        && shown.bytes().all(is_part)
        && count(u8::is_ascii_uppercase) > 1
        && count(u8::is_ascii_lowercase) > 1
        && count(u8::is_ascii_digit) > 0
        && !is_wordy(shown)
        && !is_name(shown)
}

fn is_uuid(shown: &str) -> bool {
    shown.contains('-') && is_name(shown)
}

/// A member's whole text.
pub(super) fn member(text: &str) -> Option<Range<usize>> {
    let is_sentence = text.contains(char::is_whitespace);
    // The working directory is called so too, and secrets are named by where they lie.
    let is_path = text.starts_with(['/', '~']) || text.starts_with("./") || text.contains(":\\") || is_place(text);
    (text.len() >= 4 && !is_sentence && !is_path && !is_placeholder(text)).then_some(0..text.len())
}

/// `aws/prod`: words with slashes.
fn is_place(text: &str) -> bool {
    text.contains('/') && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'/' | b'-' | b'_'))
}

/// Forty bytes of Base64 as AWS makes them: neither a digest nor a path.
pub(super) fn is_aws_secret(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && entropy(text) >= 4.0 && looks_random(text)
}

/// Beginnings of ids, which open nothing.
const IDS: &[&str] = &[
    "chatcmpl-",
    "cmpl-",
    "msg_",
    "req_",
    "call_",
    "toolu_",
    "resp_",
    "run_",
    "thread_",
    "asst_",
    "file-",
    "gen-",
    "evt_",
    "cus_",
    "pi_",
    "ch_",
    "in_",
    "sub_",
    "prod_",
    "price_",
    "batch_",
    "srvtoolu_",
    "rs_",
    "fc_",
    "item_",
    "step_",
];

/// A random text of letters of both cases and digits.
pub(super) fn is_key(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().filter(kind).count();
    let is_mixed = has(u8::is_ascii_lowercase) > 1 && has(u8::is_ascii_uppercase) > 1 && has(u8::is_ascii_digit) > 1;
    // Names of models and of versions are of short parts.
    let longest = text.split(['-', '_', '=']).map(str::len).max().unwrap_or_default();
    is_mixed
        && longest >= 12
        && !IDS.iter().any(|id| text.starts_with(id))
        && entropy(text) >= 3.5
        && looks_random(text)
        && !is_name(text)
        && !is_placeholder(text)
        && !is_path(text)
}

#[cfg(test)]
mod tests {
    use super::{super::names::NAMES, is_aws_secret, is_key, member, value};

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
            ("Mein Passwort lautet hunter2.", "hunter2"),
            ("mi contraseña es hunter2", "hunter2"),
            ("the password (qnepKuV97m%vpB) was", "qnepKuV97m%vpB"),
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
            ("export TOKEN=F3J97PTywtYExh", "F3J97PTywtYExh"),
            ("secret: qnepKuV97m%vpB\n", "qnepKuV97m%vpB"),
            ("The key is 3J9vjTZas34YJF, so", "3J9vjTZas34YJF"),
            ("GET /x?api_key=yNrTYKTAkn9SwM&page=2", "yNrTYKTAkn9SwM"),
            ("my API key (it's K6EwPbCTkqWhK%) and", "K6EwPbCTkqWhK%"),
            ("The token you asked for: wyr9cUCny644ed. Thanks", "wyr9cUCny644ed"),
            ("look up api key 1ab961a9c812e4bb4c4b8ebbf259215d?", "1ab961a9c812e4bb4c4b8ebbf259215d"),
            ("| access_token | d79b723245d6294a7d3dc0230f0aaf2f |", "d79b723245d6294a7d3dc0230f0aaf2f"),
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
            "password reset failed: see step2",
            "the token was wrong: expected Identifier2",
            "the key is under the mat",
            "token TokenKind2Identifier",
            "token: parseHttp2Frame",
            "secret of version 2024-01-15T10:20:30",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn members_and_amazon() {
        assert_eq!(member("hunter"), Some(0..6));
        for text in ["Enter it", "/home/anna/src", "aws/prod", "password"] {
            assert_eq!(member(text), None, "{text}");
        }
        assert!(is_aws_secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCY12345678zz"));
        assert!(is_key("q8Ztx91Kbb7e0pLmW3") && !is_key("Qwen3-235B-A22B-Instruct-2507"));
        assert!(!is_key("chatcmpl-01KbeodbKEyjf2fLb2Jnkr5s"));
        assert!(!is_aws_secret("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    }
}
