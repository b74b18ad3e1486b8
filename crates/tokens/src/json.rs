//! A walk over JSON that was validated before: values as slices of the text, nothing built, nothing copied.
//!
//! It answers for any bytes, and takes each step in linear time: what is no JSON ends the walk.

use memchr::memchr2;

use crate::text::Text;

/// The text of one JSON value, white space before it cut off.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self(text.trim_ascii())
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// What stands between its quotes, if it is a string.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        self.0.strip_prefix(b"\"")?.strip_suffix(b"\"").map(Text::escaped)
    }

    pub(crate) fn is_text(self, text: &str) -> bool {
        self.text().is_some_and(|found| found.is(text))
    }

    pub(crate) fn is_array(self) -> bool {
        self.0.first() == Some(&b'[')
    }

    /// The items of an array; none of what is no array.
    pub(crate) fn items(self) -> Items<'a> {
        Items { rest: self.0.strip_prefix(b"[").unwrap_or_default() }
    }

    /// The members of an object; none of what is no object.
    pub(crate) fn members(self) -> Members<'a> {
        Members { rest: self.0.strip_prefix(b"{").unwrap_or_default() }
    }

    /// The last member of that name, as parsers take it.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        self.members().filter(|(found, _)| found.is(name)).last().map(|(_, value)| value)
    }
}

pub(crate) struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        take(&mut self.rest)
    }
}

pub(crate) struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = take(&mut self.rest)?.text()?;
        Some((name, take(&mut self.rest)?))
    }
}

/// Takes the next value, with the comma or colon before it.
fn take<'a>(rest: &mut &'a [u8]) -> Option<Value<'a>> {
    let from = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':'))?;
    let text = rest.get(from..)?;
    let length = length(text);
    let (value, after) = text.split_at_checked(length)?;
    *rest = after;
    (length > 0).then_some(Value(value))
}

/// The length of the value that a text begins with; 0 at a closing bracket.
fn length(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => string(text),
        Some(b'{' | b'[') => nested(text),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r' | b':' | b'"');
            text.iter().position(ends).unwrap_or(text.len())
        }
    }
}

/// The length of a string, both quotes included.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

/// The length of an object or array.
fn nested(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0usize, 0usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at += string(text.get(at..).unwrap_or_default());
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let value = Value::new(br#" {"a" : [1, "x\"]", {"b":[]}, null ] , "c":{"d":"e"},"a":7 } "#);
        let names: Vec<_> =
            value.members().map(|(name, value)| (name.raw().to_vec(), value.bytes().to_vec())).collect();
        assert_eq!(
            names,
            [
                (b"a".to_vec(), br#"[1, "x\"]", {"b":[]}, null ]"#.to_vec()),
                (b"c".to_vec(), br#"{"d":"e"}"#.to_vec()),
                (b"a".to_vec(), b"7".to_vec()),
            ]
        );
        assert_eq!(value.member("a").map(Value::bytes), Some(&b"7"[..]), "the last of two");
        let items: Vec<_> = value.members().next().unwrap().1.items().map(|item| item.bytes().len()).collect();
        assert_eq!(items, [1, 6, 8, 4]);
        assert_eq!(Value::new(b"[ ]").items().count() + Value::new(b"{ }").members().count(), 0);
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        for text in
            ["", "[", "{", "[\"", "{\"a\"", "{\"a\":", "{\"a\":]", "[}", "[,", "]]]", "\"\\", "[\"\\", "{1:2}", "[1 2"]
        {
            let value = Value::new(text.as_bytes());
            let _ = value.items().count() + value.members().count();
            assert!(value.text().is_none() || text.len() > 1);
        }
    }

    proptest::proptest! {
        #[test]
        fn the_walk_ends_for_any_bytes(text in "[\\[\\]{}\",: \\\\a0]{0,40}") {
            let value = Value::new(text.as_bytes());
            for item in value.items() {
                let _ = item.items().count() + item.members().count();
            }
            for (name, value) in value.members() {
                let _ = (name.raw().len(), value.member("a").is_some());
            }
        }
    }
}
