//! Strings, and the names of members.

use std::fmt::Write as _;

use super::{Repair, parser::Parser};

impl Parser<'_> {
    /// The string at the cursor, as JSON spells it. It ends at the first quote that is not escaped; if that one was meant
    /// as content, what follows fits nowhere.
    pub(super) fn string(&mut self, quote: u8) -> Option<String> {
        if quote == b'\'' {
            self.note(Repair::SingleQuotes);
        }
        let mut json = String::from('"');
        let mut at = self.at + 1;
        // What lies behind this has not been taken over yet.
        let mut kept = at;
        loop {
            let byte = *self.text.as_bytes().get(at)?;
            let mut replace = |length: usize, new: &str| {
                json.push_str(self.text.get(kept..at)?);
                json.push_str(new);
                kept = at + length;
                Some(length)
            };
            at += match byte {
                _ if byte == quote => break,
                b'\\' => match self.text.as_bytes().get(at + 1)? {
                    b'u' => unicode_escape(self.text.get(at..)?)?,
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                    // JSON escapes no single quotes.
                    b'\'' => {
                        let length = replace(2, "'")?;
                        self.note(Repair::SingleQuotes);
                        length
                    }
                    _ => return None,
                },
                b'"' => replace(1, "\\\"")?,
                0..0x20 => {
                    let length = replace(1, &escaped(byte))?;
                    self.note(Repair::RawControl);
                    length
                }
                _ => 1,
            };
        }
        json.push_str(self.text.get(kept..at)?);
        json.push('"');
        self.at = at + 1;
        self.is_after_number = false;
        Some(json)
    }

    /// The name of a member at the cursor, as JSON spells it.
    pub(super) fn name(&mut self) -> Option<String> {
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return self.string(quote);
        }
        let name = self.word();
        // As a key, a literal of Python would be no string.
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'));
        if !is_name || matches!(name, "True" | "False" | "None") {
            return None;
        }
        self.at += name.len();
        self.note(Repair::UnquotedKey);
        Some(format!("\"{name}\""))
    }
}

/// The length of the `\uXXXX` at the beginning of a text, or of two that are one character. Half a character is none: nobody
/// could say what it stands for.
fn unicode_escape(text: &str) -> Option<usize> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
    };
    match unit(0)? {
        0xd800..0xdc00 => unit(6).filter(|low| (0xdc00..0xe000).contains(low)).map(|_| 12),
        0xdc00..0xe000 => None,
        _ => Some(6),
    }
}

/// A control character, as JSON spells it.
fn escaped(byte: u8) -> String {
    let mut escaped = String::new();
    let _ = match byte {
        b'\n' => write!(escaped, "\\n"),
        b'\r' => write!(escaped, "\\r"),
        b'\t' => write!(escaped, "\\t"),
        _ => write!(escaped, "\\u{byte:04x}"),
    };
    escaped
}
