//! A walk over JSON that was [validated](super::Object) before: values as slices of the text, nothing built, nothing
//! copied. It answers for any bytes, and takes each step in linear time: what is no JSON ends the walk.

use memchr::memchr2;

/// The members of an object; none of what is no object.
///
/// A name is what stands between its quotes, escapes and all. A name may come twice.
///
/// ```
/// use llm_layers_wire::json::members;
///
/// let found: Vec<_> = members(br#"{"a":[1, {"b":2}], "c": "d"}"#).collect();
/// assert_eq!(found, [(&b"a"[..], &br#"[1, {"b":2}]"#[..]), (b"c", br#""d""#)]);
/// ```
#[must_use]
pub fn members(value: &[u8]) -> Members<'_> {
    Members { rest: value.trim_ascii_start().strip_prefix(b"{").unwrap_or_default() }
}

/// The items of an array; none of what is no array.
#[must_use]
pub fn items(value: &[u8]) -> Items<'_> {
    Items { rest: value.trim_ascii_start().strip_prefix(b"[").unwrap_or_default() }
}

/// The iterator of [`members`].
#[derive(Clone, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let name = take(&mut self.rest)?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some((name, take(&mut self.rest)?))
    }
}

/// The iterator of [`items`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        take(&mut self.rest)
    }
}

/// Takes the next value, with the comma or colon before it.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let from = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':'))?;
    let text = rest.get(from..)?;
    let length = length(text);
    let (value, after) = text.split_at_checked(length)?;
    *rest = after;
    (length > 0).then_some(value)
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let text = br#" {"a" : [1, "x\"]", {"b":[]}, null ] , "c":{"d":"e"},"a":7 } "#;
        let found: Vec<_> = members(text).collect();
        let list: &[u8] = br#"[1, "x\"]", {"b":[]}, null ]"#;
        assert_eq!(found, [(&b"a"[..], list), (b"c", br#"{"d":"e"}"#), (b"a", b"7")]);
        assert_eq!(items(list).collect::<Vec<_>>(), [&b"1"[..], br#""x\"]""#, br#"{"b":[]}"#, b"null"]);
    }

    #[test]
    fn what_is_something_else_has_none() {
        for text in ["", "[", "7", "\"{\"", "{", "{}", "{\"a\"", "{7:8}"] {
            assert_eq!(members(text.as_bytes()).count(), 0, "{text}");
        }
        assert_eq!(items(b"{\"a\":1}").count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_comes_to_an_end(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(members(&text).count() <= text.len());
            prop_assert!(items(&text).count() <= text.len());
        }
    }
}
