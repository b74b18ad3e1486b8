//! Binary frames of `application/vnd.amazon.eventstream`, as the Smithy specification of that media type lays them
//! out: lengths and a checksum of them, headers, payload, a checksum of everything.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};

/// The type of a header's value that is a string.
const STRING: u8 = 7;
/// Two lengths, their checksum, and the checksum of the whole.
const OVERHEAD: usize = 16;

/// A member of the stream's union. One whose name ends in `Exception` is an exception.
pub(crate) fn member(name: Option<&str>, payload: &str) -> Bytes {
    let name = name.unwrap_or("unknown");
    if name.ends_with("Exception") {
        return encode(&[(":exception-type", name), JSON, (":message-type", "exception")], payload.as_bytes());
    }
    encode(&[(":event-type", name), JSON, (":message-type", "event")], payload.as_bytes())
}

/// The event of another API, wrapped as InvokeModelWithResponseStream does it.
pub(crate) fn chunk(name: Option<&str>, payload: &str) -> Bytes {
    if name.is_some_and(|name| name.ends_with("Exception")) {
        return member(name, payload);
    }
    member(Some("chunk"), &format!("{{\"bytes\":\"{}\"}}", STANDARD.encode(payload)))
}

const JSON: (&str, &str) = (":content-type", "application/json");

fn encode(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut head = BytesMut::new();
    for (name, value) in headers {
        // Names and values are our own and short.
        head.put_u8(u8::try_from(name.len()).unwrap_or(0));
        head.put_slice(name.as_bytes());
        head.put_u8(STRING);
        head.put_u16(u16::try_from(value.len()).unwrap_or(0));
        head.put_slice(value.as_bytes());
    }
    let mut frame = BytesMut::with_capacity(OVERHEAD + head.len() + payload.len());
    frame.put_u32(u32::try_from(OVERHEAD + head.len() + payload.len()).unwrap_or(u32::MAX));
    frame.put_u32(u32::try_from(head.len()).unwrap_or(u32::MAX));
    let prelude = crc32fast::hash(&frame);
    frame.put_u32(prelude);
    frame.put_slice(&head);
    frame.put_slice(payload);
    let whole = crc32fast::hash(&frame);
    frame.put_u32(whole);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written down by Python's `struct` and `zlib`, and read back by `botocore.eventstream` of botocore 1.44.5.
    #[test]
    fn a_frame_byte_for_byte() {
        let mut expected = vec![0, 0, 0, 34, 0, 0, 0, 16, 0xc3, 0x94, 0xb3, 0x69];
        expected.extend(b"\x0b:event-type\x07\x00\x01x{}");
        expected.extend([0xf0, 0x9f, 0x1a, 0xfd]);
        assert_eq!(encode(&[(":event-type", "x")], b"{}"), expected);
    }
}
