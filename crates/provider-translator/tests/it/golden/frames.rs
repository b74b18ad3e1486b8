//! Bedrock's way to stream: events of Anthropic's, wrapped in frames of AWS's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

/// The headers of a frame that holds a chunk, each of type 7: text.
const HEADERS: [(&str, &str); 3] =
    [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")];

/// The frames of a stream that is written as server-sent events.
pub(crate) fn of(stream: &str) -> Vec<u8> {
    let events = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    events.flat_map(|data| frame(json!({"bytes": STANDARD.encode(data)}).to_string().as_bytes())).collect()
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in HEADERS {
        headers.push(u8::try_from(name.len()).expect("short"));
        headers.extend(name.as_bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let length = |length: usize| u32::try_from(length).expect("short").to_be_bytes();
    let mut frame = [length(16 + headers.len() + payload.len()), length(headers.len())].concat();
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}
