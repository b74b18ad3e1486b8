use std::ops::Range;

use memchr::memchr2;

/// A place in JSON text that was validated: steps over it, and `None` where it is not as it should be.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Goes into an object or an array.
    pub(super) fn enter(&mut self) {
        self.at += 1;
        self.white();
    }

    /// Goes over the colon between a name and its value.
    pub(super) fn colon(&mut self) -> Option<()> {
        self.white();
        self.expect(b':')?;
        self.white();
        Some(())
    }

    /// Whether another value follows in an object or an array, or it closes.
    pub(super) fn goes_on(&mut self, closing: u8) -> Option<bool> {
        self.white();
        if self.take(b',') {
            self.white();
            return Some(true);
        }
        self.expect(closing).map(|()| false)
    }

    /// Takes a number; its range.
    pub(super) fn number(&mut self) -> Option<Range<usize>> {
        let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        let rest = self.text.as_bytes().get(self.at..)?;
        let start = self.at;
        self.at += rest.iter().take_while(is_number).count();
        Some(start..self.at)
    }

    /// Takes `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let letters = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        self.at += letters;
        (letters > 0).then_some(())
    }

    /// Takes a string; its range, quotes included.
    pub(super) fn quoted(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.expect(b'"')?;
        loop {
            let found = memchr2(b'"', b'\\', self.text.as_bytes().get(self.at..)?)?;
            self.at += found + 1;
            if self.text.as_bytes().get(self.at - 1) == Some(&b'"') {
                return Some(start..self.at);
            }
            self.at += 1;
        }
    }

    pub(super) fn inner(&self, quoted: &Range<usize>) -> Option<&'a str> {
        self.text.get(quoted.start + 1..quoted.end - 1)
    }

    /// Passes over a value, whatever is in it.
    pub(super) fn skip(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.quoted()?;
                }
                byte => {
                    match byte {
                        b'{' | b'[' => open += 1,
                        // The end of what the value stands in.
                        b'}' | b']' | b',' if open == 0 => return Some(()),
                        b'}' | b']' => open -= 1,
                        _ => {}
                    }
                    self.at += 1;
                }
            }
            if open == 0 && matches!(self.peek(), Some(b'}' | b']' | b',') | None) {
                return Some(());
            }
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    pub(super) fn white(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}
