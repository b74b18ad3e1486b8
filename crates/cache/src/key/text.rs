use memchr::{memchr, memchr2};

use super::Ambiguous;

/// JSON that was checked when it was split, read from its beginning. What is no JSON after all is ambiguous.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    rest: &'a [u8],
}

/// A value, or the beginning of one that holds others.
pub(super) enum Token<'a> {
    /// The first letter tells which.
    Literal(u8),
    Number(&'a [u8]),
    String(Quoted<'a>),
    Array,
    Object,
}

/// A string as it stands between its quotes.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) escaped: bool,
}

impl<'a> Text<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// Takes the next value, or its beginning.
    pub(super) fn token(&mut self) -> Result<Token<'a>, Ambiguous> {
        match self.peek().ok_or(Ambiguous)? {
            b'"' => self.string().map(Token::String),
            bracket @ (b'{' | b'[') => {
                self.skip();
                Ok(if bracket == b'{' { Token::Object } else { Token::Array })
            }
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(),
        }
    }

    /// Takes this byte if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Ambiguous> {
        if self.take(byte) { Ok(()) } else { Err(Ambiguous) }
    }

    /// Takes the string that comes next.
    pub(super) fn string(&mut self) -> Result<Quoted<'a>, Ambiguous> {
        self.expect(b'"')?;
        let (mut at, mut escaped) = (0, false);
        loop {
            let rest = self.rest.get(at..).ok_or(Ambiguous)?;
            at += find(rest, |byte| matches!(byte, b'"' | b'\\'), |far| memchr2(b'"', b'\\', far)).ok_or(Ambiguous)?;
            if self.rest.get(at) == Some(&b'"') {
                let bytes = self.split(at)?;
                self.skip();
                return Ok(Quoted { bytes, escaped });
            }
            escaped = true;
            at += 2;
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some((&byte, rest)) = self.rest.split_first() {
            if !is_white_space(byte) {
                return Some(byte);
            }
            self.rest = rest;
        }
        None
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn split(&mut self, length: usize) -> Result<&'a [u8], Ambiguous> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Ambiguous)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn literal(&mut self, literal: &[u8]) -> Result<Token<'a>, Ambiguous> {
        self.rest = self.rest.strip_prefix(literal).ok_or(Ambiguous)?;
        literal.first().map(|first| Token::Literal(*first)).ok_or(Ambiguous)
    }

    fn number(&mut self) -> Result<Token<'a>, Ambiguous> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        self.split(length).map(Token::Number)
    }

    /// Nothing may be left but white space.
    pub(super) fn end(self) -> Result<(), Ambiguous> {
        if self.rest.iter().all(|byte| is_white_space(*byte)) { Ok(()) } else { Err(Ambiguous) }
    }
}

const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Looks at a few bytes one by one before it goes by leaps, which do not pay for names, nor where escapes are dense.
fn find(text: &[u8], is_it: impl Fn(&u8) -> bool, leap: impl FnOnce(&[u8]) -> Option<usize>) -> Option<usize> {
    const NEAR: usize = 12;
    let (near, far) = text.split_at_checked(NEAR).unwrap_or((text, &[]));
    near.iter().position(is_it).or_else(|| leap(far).map(|at| near.len() + at))
}

impl Quoted<'_> {
    /// Adds what the string means: UTF-8, but for lone surrogates, which get the three bytes that UTF-8 would have for them
    /// if it had them. Nothing else gets these: two surrogates that belong together are the one character that they mean.
    pub(super) fn unescape(self, out: &mut Vec<u8>) -> Result<(), Ambiguous> {
        let mut rest = self.bytes;
        while let Some(at) = find(rest, |byte| *byte == b'\\', |far| memchr(b'\\', far)) {
            let (plain, escape) = rest.split_at_checked(at).ok_or(Ambiguous)?;
            out.extend_from_slice(plain);
            let (kind, after) = escape.get(1..).and_then(<[u8]>::split_first).ok_or(Ambiguous)?;
            rest = after;
            out.push(match kind {
                b'"' | b'\\' | b'/' => *kind,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    push_character(&mut rest, out)?;
                    continue;
                }
                _ => return Err(Ambiguous),
            });
        }
        out.extend_from_slice(rest);
        Ok(())
    }
}

/// The four digits of a `\u`.
fn unit(rest: &mut &[u8]) -> Result<u32, Ambiguous> {
    let (digits, after) = rest.split_first_chunk::<4>().ok_or(Ambiguous)?;
    *rest = after;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or(Ambiguous)?;
        Ok(unit << 4 | digit)
    })
}

/// Adds the character whose `\u` was taken, with that of its other half, if it has one.
fn push_character(rest: &mut &[u8], out: &mut Vec<u8>) -> Result<(), Ambiguous> {
    let mut code = unit(rest)?;
    if (0xd800..0xdc00).contains(&code)
        && let Some(mut ahead) = rest.strip_prefix(b"\\u")
    {
        let low = unit(&mut ahead)?;
        if (0xdc00..0xe000).contains(&low) {
            *rest = ahead;
            code = 0x1_0000 + ((code - 0xd800) << 10 | (low - 0xdc00));
        }
    }
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        #[allow(clippy::cast_possible_truncation, reason = "a surrogate has 16 bits: four, and six, and six")]
        None => out.extend([0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Result<Vec<u8>, Ambiguous> {
        let mut text = Text::new(text.as_bytes());
        let mut out = Vec::new();
        text.string()?.unescape(&mut out)?;
        text.end()?;
        Ok(out)
    }

    #[test]
    fn strings_are_what_they_mean() {
        for (text, bytes) in [
            (r#""""#, &b""[..]),
            (r#""A\u0041\u0061a""#, b"AAaa"),
            (r#""\/ / \" \\ \b\f\n\r\t""#, b"/ / \" \\ \x08\x0c\n\r\t"),
            (r#""\u00e4\u20AC\u0000""#, "ä€\0".as_bytes()),
            (r#""\ud83d\uDE00""#, "😀".as_bytes()),
            (r#""\ud83d""#, b"\xed\xa0\xbd"),
            (r#""\ude00\ud83d""#, b"\xed\xb8\x80\xed\xa0\xbd"),
            (r#""\ud83d\ud83d\ude00""#, b"\xed\xa0\xbd\xf0\x9f\x98\x80"),
            (r#""\ud83d\u0041""#, b"\xed\xa0\xbdA"),
            (r#""\ud83d\n""#, b"\xed\xa0\xbd\n"),
        ] {
            assert_eq!(meant(text).as_deref(), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_string_is_none() {
        for text in [r#"""#, r#""\"#, r#""\""#, r#""\x""#, r#""\u12""#, r#""\u12g4""#, r#""\ud83d\u""#, r#""a"b"#, "a"]
        {
            assert_eq!(meant(text), Err(Ambiguous), "{text}");
        }
    }
}
