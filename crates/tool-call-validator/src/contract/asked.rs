//! Whether a request asks for calls or for JSON, told by its members alone.

use llm_layers_core::Operation;
use llm_layers_wire::json::{Object, items, members};

/// Whether the value of a member asks for something.
type Asks = fn(&[u8]) -> bool;

/// The members that may ask for something.
const fn asking(operation: Operation) -> &'static [(&'static str, Asks)] {
    match operation {
        Operation::ChatCompletion => &[("tools", lists), ("functions", lists), ("response_format", formats)],
        Operation::Response => &[("tools", lists), ("text", has_format)],
        Operation::Message => &[("tools", lists), ("output_config", has_format), ("output_format", formats)],
        _ => &[],
    }
}

pub(super) fn by(operation: Operation, object: &Object) -> bool {
    asking(operation).iter().any(|(name, asks)| object.get(name).is_some_and(asks))
}

pub(super) fn by_bytes(operation: Operation, body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let asking = asking(operation);
    let mut rest = body.strip_prefix(b"{").unwrap_or_default();
    for (name, value) in members(body) {
        let is_it = |(one, asks): &(&str, Asks)| name == one.as_bytes() && asks(value);
        if is_escaped(name) || asking.iter().any(is_it) {
            return true;
        }
        let end = (value.as_ptr() as usize + value.len()).saturating_sub(body.as_ptr() as usize);
        rest = body.get(end..).unwrap_or_default();
    }
    // Where the walk has ended before the object does, nobody knows what comes.
    rest.trim_ascii_start() != b"}"
}

/// Whether this is a list with something in it, or what nobody knows.
fn lists(value: &[u8]) -> bool {
    value != b"null" && !(value.starts_with(b"[") && items(value).next().is_none())
}

/// Whether there is a format other than text in this object.
fn has_format(config: &[u8]) -> bool {
    members(config).any(|(name, value)| is_escaped(name) || (name == b"format" && formats(value)))
}

/// Whether this is a format other than text.
fn formats(value: &[u8]) -> bool {
    let is_text = |(name, value)| name == b"type" && value == br#""text""#;
    let mut types = members(value).filter(|(name, _)| is_escaped(name) || *name == b"type").map(is_text);
    value != b"null" && !(types.next() == Some(true) && types.all(|is_text| is_text))
}

/// A name with an escape in it may be any name.
fn is_escaped(name: &[u8]) -> bool {
    name.contains(&b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_asks_is_read() {
        use Operation::{ChatCompletion as Chat, Embedding, Message, Response};
        let cases = [
            (Chat, r#"{"model":"m","messages":[]}"#, false),
            (Chat, " { } ", false),
            (Chat, r#"{"tools":[],"functions":null,"response_format":{"type":"text"}}"#, false),
            (Chat, r#"{"tools":null,"tool_choice":"none"}"#, false),
            (Chat, r#"{"messages":[{"tools":[1]}]}"#, false),
            (Chat, r#"{"tools":[ {"type":"function"} ]}"#, true),
            (Chat, r#"{"functions":[{"name":"f"}]}"#, true),
            (Chat, r#"{"response_format":{"type":"json_object"}}"#, true),
            (Chat, r#"{"response_format":{"schema":{},"type":"json_schema"}}"#, true),
            (Response, r#"{"input":"a","text":{"verbosity":"low"}}"#, false),
            (Response, r#"{"text":{"format":{"type":"text"}}}"#, false),
            (Response, r#"{"text":{"format":{"type":"json_schema"}}}"#, true),
            (Response, r#"{"text":{"f\u006frmat":{"type":"json_schema"}}}"#, true),
            (Response, r#"{"text":{"format":{"type":"text"},"format":{"type":"json_schema"}}}"#, true),
            (Response, r#"{"text":{"format":{"type":"text","t\u0079pe":"json_schema"}}}"#, true),
            (Response, r#"{"text":{"format":{"type":"json_schema","type":"text"}}}"#, true),
            (Response, r#"{"tools":[{"type":"function"}]}"#, true),
            (Message, r#"{"output_config":{"effort":"low"}}"#, false),
            (Message, r#"{"output_config":{"format":{"type":"json_schema"}}}"#, true),
            (Message, r#"{"output_format":{"type":"json_schema"}}"#, true),
            (Message, r#"{"tools":[{"name":"f"}]}"#, true),
            (Embedding, r#"{"tools":[1]}"#, false),
        ];
        for (operation, body, expected) in cases {
            assert_eq!(by(operation, &Object::parse(body).expect("an object")), expected, "{body}");
            assert_eq!(by_bytes(operation, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_told_may_be_asking() {
        for body in [
            r#"{"t\u006fols":[1]}"#,
            "",
            "[]",
            "\u{feff}{}",
            r#"{"model":"m""#,
            r#"{"model":"m" 7 "tools":[1]}"#,
            r#"{"model":"m"} {"tools":[1]}"#,
            r#"{model:"m"}"#,
        ] {
            assert!(by_bytes(Operation::ChatCompletion, body.as_bytes()), "{body}");
        }
    }
}
