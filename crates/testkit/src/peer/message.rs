use super::framing::{dechunk, head_len, values};
use bytes::Bytes;
use std::borrow::Cow;

/// One HTTP/1.1 message, byte for byte as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    bytes: Bytes,
    head_len: usize,
}

impl RawMessage {
    pub(super) fn new(bytes: Bytes) -> Self {
        let head_len = head_len(&bytes).unwrap_or(bytes.len());
        Self { bytes, head_len }
    }

    /// All of it, head and body.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The head with its empty line; bytes that are no UTF-8 are replaced.
    pub fn head(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.head_bytes())
    }

    /// The first line: of a request method, target and version, of a response version, status and reason.
    pub fn start_line(&self) -> String {
        self.head().lines().next().unwrap_or_default().to_owned()
    }

    /// The values of all lines of a header, in order, not joined. None where the head is no UTF-8.
    pub fn header_lines(&self, name: &str) -> Vec<&str> {
        values(self.head_bytes(), name).collect()
    }

    /// The body as it came, chunk sizes and trailers and all.
    pub fn body(&self) -> Bytes {
        self.bytes.slice(self.head_len..)
    }

    /// The data of the body: its chunks joined where it came in chunks.
    pub fn data(&self) -> Bytes {
        let chunked =
            self.header_lines("transfer-encoding").iter().any(|value| value.to_ascii_lowercase().ends_with("chunked"));
        match dechunk(&self.body()).filter(|_| chunked) {
            Some((_, data)) => data.into(),
            None => self.body(),
        }
    }

    fn head_bytes(&self) -> &[u8] {
        self.bytes.get(..self.head_len).unwrap_or_default()
    }
}
