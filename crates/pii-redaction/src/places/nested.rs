//! JSON as the text of a string.

use memchr::memchr2;
use serde_json::value::RawValue;

/// Whether a text may be an object, an array, or a string with escapes: worth the look whether it is.
pub(super) fn looks_like_json(text: &str) -> bool {
    let text = text.trim_ascii().as_bytes();
    match (text.first(), text.last()) {
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) => true,
        (Some(b'"'), Some(b'"')) => text.len() > 1 && memchr::memchr(b'\\', text).is_some(),
        _ => false,
    }
}

/// How deep the objects and arrays of a text are; `None` when it is no JSON.
pub(super) fn depth(text: &str) -> Option<usize> {
    // It builds nothing, and does not recurse.
    serde_json::from_str::<&RawValue>(text).ok()?;
    let (mut open, mut deepest, mut at) = (0_usize, 0, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b'"' => loop {
                at += memchr2(b'"', b'\\', bytes.get(at..)?)? + 1;
                if bytes.get(at - 1) == Some(&b'"') {
                    break;
                }
                at += 1;
            },
            _ => {}
        }
    }
    Some(deepest)
}
