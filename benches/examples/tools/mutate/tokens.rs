//! Where the signs of a JSON text stand.

use std::ops::Range;

#[derive(Clone, Debug)]
pub(super) struct Token {
    /// A bracket, `:`, `,`, `"` for a string, `0` for anything else.
    pub(super) sign: char,
    pub(super) at: Range<usize>,
    /// Of a closer: how many members or items it closes over, and of an opener 0.
    pub(super) within: usize,
}

impl Token {
    pub(super) fn closes(&self) -> bool {
        matches!(self.sign, '}' | ']')
    }
}

/// The signs of a text that is JSON.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at) = (Vec::<Token>::new(), 0);
    // Of each open container: how many commas, and whether anything is in it.
    let mut open: Vec<usize> = Vec::new();
    while at < bytes.len() {
        let start = at;
        let sign = char::from(bytes[at]);
        at += 1;
        let mut within = 0;
        match sign {
            _ if sign.is_ascii_whitespace() => continue,
            '{' | '[' => open.push(0),
            '}' | ']' => {
                let commas = open.pop().expect("balanced");
                let is_empty = tokens.last().is_some_and(|last| matches!(last.sign, '{' | '['));
                within = if is_empty { 0 } else { commas + 1 };
            }
            ',' => *open.last_mut().expect("within a container") += 1,
            ':' => {}
            '"' => {
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            _ => {
                while at < bytes.len() && !b",:{}[]\" \n\t\r".contains(&bytes[at]) {
                    at += 1;
                }
            }
        }
        let sign = if sign == '"' || "{}[]:,".contains(sign) { sign } else { '0' };
        tokens.push(Token { sign, at: start..at, within });
    }
    tokens
}

/// The text with something else in a place.
pub(super) fn splice(text: &str, at: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..at.start], &text[at.end..])
}
