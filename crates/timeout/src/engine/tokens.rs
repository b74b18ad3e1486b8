//! Tokens of an event, estimated without parsing it.

use memchr::{memchr, memchr2};

/// Members whose strings are pieces of an answer, in chats, completions, messages and responses: text, reasoning,
/// arguments of calls.
const TEXTS: [&[u8]; 10] = [
    b"content",
    b"text",
    b"delta",
    b"arguments",
    b"partial_json",
    b"thinking",
    b"reasoning_content",
    b"reasoning",
    b"refusal",
    b"input",
];

/// A quarter of the bytes of its texts, rounded up. An event without such a member (a picture, a name, an end) is one.
pub(crate) fn estimate(data: &[u8]) -> u32 {
    let (mut bytes, mut has_text) = (0, false);
    let mut rest = data;
    while let Some((name, behind)) = string(rest) {
        rest = behind;
        if !TEXTS.contains(&name) {
            continue;
        }
        // A value of another type is gone into like everything else.
        let Some(value) = behind.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { continue };
        if value.first() != Some(&b'"') {
            continue;
        }
        let Some((text, behind)) = string(value) else { break };
        has_text = true;
        bytes += text.len();
        rest = behind;
    }
    if has_text { u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX) } else { 1 }
}

/// The next string, as it is spelled, and what stands behind it.
fn string(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = memchr(b'"', json)? + 1;
    let mut end = start;
    loop {
        end += memchr2(b'"', b'\\', json.get(end..)?)?;
        if json.get(end) == Some(&b'"') {
            return Some((json.get(start..end)?, json.get(end + 1..)?));
        }
        end += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_wherever_they_stand() {
        for (data, tokens) in [
            (r#"{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#, 1),
            (r#"{"choices":[{"delta":{"content":"eight by"}}]}"#, 2),
            (r#"{"choices":[{"delta":{"content":""}}]}"#, 0),
            (r#"{"choices": [ {"delta" : { "content" : "a \"b\" \\" } } ] }"#, 3),
            (r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"a\""}}]}}]}"#, 2),
            (r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"four"}}"#, 1),
            (r#"{"type":"response.output_text.delta","item_id":"a-long-name-of-an-item","delta":"four!"}"#, 2),
            (r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, 1),
            (r#"{"choices":[{"delta":{"content":null,"role":"assistant"}}]}"#, 1),
            ("[DONE]", 1),
        ] {
            assert_eq!(estimate(data.as_bytes()), tokens, "{data}");
        }
    }

    #[test]
    fn what_is_no_json_is_counted_all_the_same() {
        for data in
            ["", "\"", "\"content\"", "\"content\":\"", "\"content\":\"a\\", "{\"content\":\"\\\"", "\\", "\"\\\"\\"]
        {
            assert_eq!(estimate(data.as_bytes()), 1, "{data}");
        }
    }
}
