//! Frames of AWS's event streams, for tests.

/// A header's value.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A type, and what stands behind it.
    Raw(u8, &'a [u8]),
}

pub(crate) fn frame(headers: &[(&str, Value<'_>)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend(name.as_bytes());
        let mut sized = |kind: u8, value: &[u8]| {
            head.push(kind);
            head.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            head.extend(value);
        };
        match value {
            Value::Text(text) => sized(7, text.as_bytes()),
            Value::Bytes(bytes) => sized(6, bytes),
            Value::Raw(kind, bytes) => {
                head.push(*kind);
                head.extend(*bytes);
            }
        }
    }
    raw(&head, payload)
}

/// A frame of these headers, whether they make sense or not.
pub(crate) fn raw(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + headers.len() + payload.len()).unwrap();
    let mut frame = [length.to_be_bytes(), u32::try_from(headers.len()).unwrap().to_be_bytes()].concat();
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}
