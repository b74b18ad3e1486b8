use std::ops::ControlFlow;

use llm_layers_wire::json::members;

/// Walks over JSON that has been found to be JSON before, once and without a copy. On a text that is none it stops
/// somewhere, and finds nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The first byte of what comes next.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes over a value and gives its text.
    pub(super) fn value(&mut self) -> Option<&'a [u8]> {
        let first = self.peek()?;
        let from = self.at;
        match first {
            b'"' => self.string().map(|_| ())?,
            b'{' | b'[' => self.nested()?,
            _ => self.scalar(),
        }
        self.bytes.get(from..self.at)
    }

    /// Goes over a string and gives what is between its quotes, as it is written. `None` if something else is there.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        if self.peek()? != b'"' {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)?;
            if *self.bytes.get(at)? == b'"' {
                self.at = at + 1;
                return self.bytes.get(from..at);
            }
            at += 2;
        }
    }

    /// Goes over the items of an array, or does nothing if something else is there. Each must be gone over by `each`,
    /// unless it breaks: the cursor then stays where it is.
    pub(super) fn items(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Option<ControlFlow<()>>,
    ) -> Option<ControlFlow<()>> {
        self.enter(b'[', b']', |cursor| each(cursor))
    }

    /// Goes over the members of an object, likewise. `each` is given the name as it is written.
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&'a [u8], &mut Self) -> Option<ControlFlow<()>>,
    ) -> Option<ControlFlow<()>> {
        self.enter(b'{', b'}', |cursor| {
            let name = cursor.string()?;
            if cursor.peek()? != b':' {
                return None;
            }
            cursor.at += 1;
            each(name, cursor)
        })
    }

    fn enter(
        &mut self,
        open: u8,
        close: u8,
        mut each: impl FnMut(&mut Self) -> Option<ControlFlow<()>>,
    ) -> Option<ControlFlow<()>> {
        if self.peek()? != open {
            self.value()?;
            return Some(ControlFlow::Continue(()));
        }
        self.at += 1;
        if self.peek()? == close {
            self.at += 1;
            return Some(ControlFlow::Continue(()));
        }
        loop {
            if each(self)?.is_break() {
                return Some(ControlFlow::Break(()));
            }
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                next if next == close => return Some(ControlFlow::Continue(())),
                _ => return None,
            }
        }
    }

    /// Any depth, without recursion.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn scalar(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
    }
}

/// The value of a member of an object as it is written; the last one, as parsers have it, where it is there twice.
/// `None` if something else is there.
pub(super) fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    members(object).filter(|(known, _)| *known == name).last().map(|(_, value)| value)
}

/// What is between the quotes of a string, as it is written.
pub(super) fn text(value: &[u8]) -> Option<&[u8]> {
    Cursor::new(value).string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_over_every_kind_of_value_once() {
        let text = br#" { "a" : [1, "x\"]", {"b":[[]]}, null , -1e3 ] , "c":{}, "d":"\\" } "#;
        let mut seen = Vec::new();
        let walked = Cursor::new(text).members(|name, cursor| {
            if name == b"a" {
                return cursor.items(|item| {
                    seen.push(String::from_utf8_lossy(item.value()?).into_owned());
                    Some(ControlFlow::Continue(()))
                });
            }
            seen.push(String::from_utf8_lossy(cursor.value()?).into_owned());
            Some(ControlFlow::Continue(()))
        });
        assert_eq!(walked, Some(ControlFlow::Continue(())));
        assert_eq!(seen, ["1", r#""x\"]""#, r#"{"b":[[]]}"#, "null", "-1e3", "{}", r#""\\""#]);
    }

    #[test]
    fn what_is_no_json_ends_somewhere() {
        let whole = br#"[{"role":"user","content":[{"type":"text","text":"\u00e4\\"}]},[[[[1]]]],"x"]"#;
        for end in 0..whole.len() {
            for start in 0..end {
                let mut cursor = Cursor::new(&whole[start..end]);
                while cursor.value().is_some() && cursor.at < cursor.bytes.len() {}
                let mut cursor = Cursor::new(&whole[start..end]);
                let _ = cursor.items(|item| item.members(|_, value| value.value().map(|_| ControlFlow::Continue(()))));
            }
        }
        let deep = [b'['].repeat(1_000_000);
        assert!(Cursor::new(&deep).value().is_none());
    }
}
