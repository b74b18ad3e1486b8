//! Strings as they are spelled in JSON: escaped, and without their quotes.
//!
//! What a model says is handed on as its provider spelled it. That costs nothing, and a pair of surrogates that a
//! provider has cut in two, one half to a chunk, is whole again where the pieces are joined.

use std::borrow::Cow;

use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

/// A member that is a string, else nothing.
pub(super) fn member<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(|text| std::str::from_utf8(text).ok()).map(inner).unwrap_or_default()
}

/// A value that is a string, else nothing.
pub(super) fn value(raw: &RawValue) -> &str {
    inner(raw.get())
}

fn inner(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default()
}

/// A string of ours.
pub(super) fn spell(text: &str) -> String {
    // A string: writing it cannot fail.
    let quoted = serde_json::to_string(text).unwrap_or_default();
    inner(&quoted).to_owned()
}

/// With its quotes, as a value of its own.
pub(super) fn quote(spelled: &str) -> Box<RawValue> {
    // It was cut out of JSON: it is as good between new quotes.
    RawValue::from_string(format!("\"{spelled}\"")).unwrap_or_default()
}

/// What it says. A lone half of a surrogate pair says nothing, and is left out.
pub(super) fn read(spelled: &str) -> Cow<'_, str> {
    if !spelled.contains('\\') {
        return Cow::Borrowed(spelled);
    }
    let text = serde_json::from_str(&format!("\"{spelled}\""));
    Cow::Owned(text.unwrap_or_else(|_| serde_json::from_str(&format!("\"{}\"", whole(spelled))).unwrap_or_default()))
}

/// Without escapes of surrogates.
fn whole(spelled: &str) -> String {
    let mut kept = String::with_capacity(spelled.len());
    let mut rest = spelled;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        kept.push_str(before);
        let length = if escape.starts_with("\\u") { 6 } else { 2 };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        if !is_surrogate(escape) {
            kept.push_str(escape);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn is_surrogate(escape: &str) -> bool {
    matches!(escape.as_bytes(), [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_can_be_read() {
        for (spelled, text) in [
            ("", ""),
            ("a\u{e4}", "a\u{e4}"),
            (r#"\"\\u00e4\n\/"#, "\"\\u00e4\n/"),
            (r"\ud83d\ude42", "\u{1f642}"),
            (r"a\ud83d", "a"),
            (r"\uDE42b\\\\ud83d\u00e4", "b\\\\ud83d\u{e4}"),
            (r"\ud83d\\", "\\"),
        ] {
            assert_eq!(read(spelled), text, "{spelled}");
            assert_eq!(quote(spelled).get(), format!("\"{spelled}\""));
            assert_eq!(read(&spell(text)), text);
        }
    }
}
