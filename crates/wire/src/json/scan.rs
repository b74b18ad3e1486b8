//! One pass over JSON text: validates it and tells where values begin and end.

use super::{
    error::{Error, ErrorKind},
    limits::Limits,
    strings,
};

/// A cursor over JSON text.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The objects and arrays around the next value, which the caller has opened.
    level: u32,
    max_depth: u32,
    non_ascii: bool,
}

/// The objects and arrays that are open: one bit each, set for an object.
#[derive(Default)]
struct Open {
    depth: u32,
    kinds: u128,
}

impl Open {
    fn push(&mut self, object: bool) {
        self.kinds = self.kinds << 1 | u128::from(object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.kinds >>= 1;
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        self.kinds & 1 == 1
    }
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let limit = limits.max_bytes.min(u32::MAX as usize);
        if bytes.len() > limit {
            return Err(Error::new(ErrorKind::TooLong { limit }, limit));
        }
        let max_depth = u32::from(limits.max_depth.min(127));
        Ok(Self { bytes, at: 0, level: 0, max_depth, non_ascii: false })
    }

    /// Goes into an object or array, whose values the caller asks for one by one.
    pub(crate) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), Error> {
        self.level += 1;
        self.check_depth(0)?;
        self.expect(bracket, expected)?;
        self.skip_white_space();
        Ok(())
    }

    /// Whether another value follows in the object or array that was entered; if none does, it is left.
    pub(crate) fn goes_on(&mut self, closing: u8, expected: &'static str) -> Result<bool, Error> {
        self.skip_white_space();
        if self.take(b',') {
            self.skip_white_space();
            return Ok(true);
        }
        self.expect(closing, expected)?;
        self.level -= 1;
        Ok(false)
    }

    /// Leaves the object or array that was entered, if it is empty.
    pub(crate) fn leaves_empty(&mut self, closing: u8) -> bool {
        let empty = self.take(closing);
        self.level -= u32::from(empty);
        empty
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes `byte` if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(crate) fn unexpected(&self, expected: &'static str) -> Error {
        match self.peek() {
            None => Error::new(ErrorKind::UnexpectedEnd, self.at),
            Some(_) => Error::new(ErrorKind::Unexpected { expected }, self.at),
        }
    }

    /// Skips a member's name with its quotes; says whether it holds an escape.
    pub(crate) fn key(&mut self) -> Result<bool, Error> {
        self.expect(b'"', "a member's name in double quotes")?;
        self.string()
    }

    /// Skips the colon between a name and its value, and the white space around it.
    pub(crate) fn colon(&mut self) -> Result<(), Error> {
        self.skip_white_space();
        self.expect(b':', "`:` after a member's name")?;
        self.skip_white_space();
        Ok(())
    }

    /// Skips the rest of a string whose opening quote has been taken.
    fn string(&mut self) -> Result<bool, Error> {
        let skipped = strings::skip(self.bytes, self.at)?;
        self.at = skipped.end + 1;
        self.non_ascii |= skipped.non_ascii;
        Ok(skipped.escaped)
    }

    /// Skips one value of any kind, without recursion.
    pub(crate) fn value(&mut self) -> Result<(), Error> {
        let mut open = Open::default();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.string()?;
                }
                Some(b'{') => {
                    self.open(&mut open, true)?;
                    if !self.take(b'}') {
                        self.key()?;
                        self.colon()?;
                        continue;
                    }
                    open.pop();
                }
                Some(b'[') => {
                    self.open(&mut open, false)?;
                    if !self.take(b']') {
                        continue;
                    }
                    open.pop();
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal(b"true")?,
                Some(b'f') => self.literal(b"false")?,
                Some(b'n') => self.literal(b"null")?,
                _ => return Err(self.unexpected("a value")),
            }
            // A value is over; so may be what it stands in.
            loop {
                if open.depth == 0 {
                    return Ok(());
                }
                self.skip_white_space();
                if open.in_object() {
                    if self.take(b',') {
                        self.skip_white_space();
                        self.key()?;
                        self.colon()?;
                        break;
                    }
                    self.expect(b'}', "`,` or `}` after a member")?;
                } else {
                    if self.take(b',') {
                        self.skip_white_space();
                        break;
                    }
                    self.expect(b']', "`,` or `]` after an item")?;
                }
                open.pop();
            }
        }
    }

    fn open(&mut self, open: &mut Open, object: bool) -> Result<(), Error> {
        open.push(object);
        self.check_depth(open.depth)?;
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    fn check_depth(&self, inner: u32) -> Result<(), Error> {
        if self.level + inner <= self.max_depth {
            return Ok(());
        }
        #[allow(clippy::cast_possible_truncation, reason = "made from a u8")]
        let limit = self.max_depth as u8;
        Err(Error::new(ErrorKind::TooDeep { limit }, self.at))
    }

    fn literal(&mut self, literal: &'static [u8]) -> Result<(), Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(literal) {
            self.at += literal.len();
            return Ok(());
        }
        let same = rest.iter().zip(literal).take_while(|(found, wanted)| found == wanted).count();
        self.at += same;
        Err(self.unexpected("`true`, `false` or `null`"))
    }

    fn number(&mut self) -> Result<(), Error> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        match self.peek() {
            Some(b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E') => Err(Error::new(ErrorKind::InvalidNumber, self.at)),
            _ => Ok(()),
        }
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        let kind = if self.peek().is_none() { ErrorKind::UnexpectedEnd } else { ErrorKind::InvalidNumber };
        Err(Error::new(kind, self.at))
    }

    /// Checks that nothing but white space follows, and that all of the text was UTF-8.
    ///
    /// Outside strings the grammar allows ASCII only, so text without a high byte is not looked at again.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.skip_white_space();
        if self.at < self.bytes.len() {
            return Err(Error::new(ErrorKind::TrailingCharacters, self.at));
        }
        if self.non_ascii {
            // The basic check is the faster one; only a failure is worth the search for its place.
            if simdutf8::basic::from_utf8(self.bytes).is_err() {
                let offset = std::str::from_utf8(self.bytes).map_or_else(|error| error.valid_up_to(), str::len);
                return Err(Error::new(ErrorKind::InvalidUtf8, offset));
            }
        }
        Ok(())
    }
}
