//! What stands between values, numbers, and literals.

use super::{Repair, parser::Parser};

impl<'a> Parser<'a> {
    /// Skips white space and comments. `None` at a comment that may be none.
    pub(super) fn skip(&mut self) -> Option<()> {
        loop {
            self.at = self.text.len() - self.rest().trim_start_matches(super::is_space).len();
            let rest = self.rest();
            let length = if rest.starts_with("/*") {
                rest.find("*/")? + 2
            } else if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                return Some(());
            };
            // Right behind a string or a number, it is rather a part of it: `"C"#"`, `10//3`.
            let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
            if before.is_some_and(|byte| matches!(byte, b'"' | b'\'') || byte.is_ascii_alphanumeric()) {
                return None;
            }
            let comment = rest.get(..length)?;
            if may_end_string(comment, '"') {
                return None;
            }
            self.is_comment_quoted |= may_end_string(comment, '\'');
            self.is_commented_to_end |= length == rest.len() && !comment.starts_with("/*");
            self.at += length;
            self.note(Repair::Comment);
        }
    }

    /// The number at the cursor: JSON's only.
    pub(super) fn number(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')));
        let number = rest.get(..end.unwrap_or(rest.len()))?;
        if !is_number(number.as_bytes()) {
            return None;
        }
        self.at += number.len();
        self.is_after_number = true;
        Some(number.to_owned())
    }

    /// The literal at the cursor.
    pub(super) fn literal(&mut self) -> Option<String> {
        let word = self.word();
        let json = match word {
            "true" | "True" => "true",
            "false" | "False" => "false",
            "null" | "None" => "null",
            _ => return None,
        };
        if word != json {
            self.note(Repair::PythonLiteral);
        }
        self.at += word.len();
        self.is_after_number = false;
        Some(json.to_owned())
    }

    /// The word at the cursor; it may be empty.
    pub(super) fn word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '-')));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }
}

/// Whether a quote in a comment may be the end of a string that began before it, and has another quote in its middle:
/// `"5", // or 6"`. What follows would have to be what may follow a string.
fn may_end_string(comment: &str, quote: char) -> bool {
    let comment = comment.strip_suffix("*/").unwrap_or(comment);
    comment.split(quote).skip(1).any(|behind| {
        let behind = behind.trim_start();
        behind.is_empty() || behind.starts_with([',', '}', ']'])
    })
}

/// Whether this is a number by RFC 8259, section 6.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let Some(text) = digits(text).filter(|_| !matches!(text, [b'0', b'0'..=b'9', ..])) else { return false };
    let text = match text {
        [b'.', fraction @ ..] => digits(fraction),
        _ => Some(text),
    };
    let text = match text {
        Some([b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..]) => digits(exponent),
        _ => text,
    };
    text.is_some_and(<[u8]>::is_empty)
}

/// What follows one or more digits.
fn digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > 0 { text.get(count..) } else { None }
}
