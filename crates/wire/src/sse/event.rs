use std::{fmt, sync::OnceLock};

use bytes::{BufMut, Bytes, BytesMut};
use memchr::memchr2;

use crate::{json, openai::Chunk};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One block of an event stream: an event, or a comment or setting that stands alone.
///
/// It keeps the bytes that it came as until it is changed.
#[derive(Clone)]
pub struct Event {
    raw: Option<Bytes>,
    data: Option<Bytes>,
    /// Rare in LLM streams but for Anthropic's `event`: boxed, to keep the common event small.
    fields: Option<Box<Fields>>,
    terminated: bool,
    chunk: OnceLock<Option<Box<Chunk>>>,
}

#[derive(Clone, Default)]
struct Fields {
    name: Option<Bytes>,
    id: Option<Bytes>,
    retry: Option<u64>,
}

impl Event {
    /// An event with this data, which may be of several lines.
    #[must_use]
    pub fn new(data: impl Into<Bytes>) -> Self {
        Self { raw: None, data: Some(data.into()), fields: None, terminated: true, chunk: OnceLock::new() }
    }

    /// The event that ends every OpenAI stream.
    #[must_use]
    pub fn done() -> Self {
        Self::new(Bytes::from_static(b"[DONE]"))
    }

    /// An event for a chunk, which is not parsed again.
    #[must_use]
    pub fn from_chunk(chunk: Chunk) -> Self {
        let event = Self::new(chunk.to_bytes());
        let _ = event.chunk.set(Some(Box::new(chunk)));
        event
    }

    /// Sets the event's name (its `event` field). Line breaks are not allowed in it, and end it.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Bytes>) -> Self {
        let mut name = name.into();
        name.truncate(memchr2(b'\n', b'\r', &name).unwrap_or(name.len()));
        self.fields.get_or_insert_default().name = Some(name);
        self.raw = None;
        self
    }

    /// Reads the fields of a block.
    pub(super) fn decode(raw: Bytes, at_start: bool, terminated: bool) -> Self {
        let mut data: Option<Bytes> = None;
        let mut joined: Option<BytesMut> = None;
        let mut fields: Option<Box<Fields>> = None;
        let mut at = if at_start && raw.starts_with(BOM) { BOM.len() } else { 0 };
        while at < raw.len() {
            let rest = raw.get(at..).unwrap_or_default();
            let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            let line_start = at;
            at += end + 1;
            let colon = memchr::memchr(b':', line);
            let name = line.get(..colon.unwrap_or(end)).unwrap_or_default();
            let mut value = colon.map_or(end, |colon| colon + 1);
            value += usize::from(line.get(value) == Some(&b' '));
            let value = || raw.slice(line_start + value..line_start + end);
            match name {
                b"data" => match (&mut joined, &data) {
                    (Some(joined), _) => {
                        joined.put_u8(b'\n');
                        joined.put(value());
                    }
                    (None, Some(first)) => {
                        let lines = joined.insert(BytesMut::from(&first[..]));
                        lines.put_u8(b'\n');
                        lines.put(value());
                    }
                    (None, None) => data = Some(value()),
                },
                b"event" => fields.get_or_insert_default().name = Some(value()),
                b"id" if !value().contains(&0) => fields.get_or_insert_default().id = Some(value()),
                b"retry" => {
                    let digits = value();
                    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
                        let retry = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
                        fields.get_or_insert_default().retry = retry;
                    }
                }
                _ => {}
            }
        }
        let data = joined.map(BytesMut::freeze).or(data);
        Self { raw: Some(raw), data, fields, terminated, chunk: OnceLock::new() }
    }

    /// The data, several lines joined by LF. `None` for a comment or a setting that stands alone.
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        self.data.as_deref()
    }

    /// The data, sharing the event's memory.
    #[must_use]
    pub fn data_bytes(&self) -> Option<Bytes> {
        self.data.clone()
    }

    /// The event's name. The standard's default is `message`.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.fields.as_ref()?.name.as_deref()
    }

    /// The event's id.
    #[must_use]
    pub fn id(&self) -> Option<&[u8]> {
        self.fields.as_ref()?.id.as_deref()
    }

    /// The reconnection time that the server asks for, in milliseconds.
    #[must_use]
    pub fn retry(&self) -> Option<u64> {
        self.fields.as_ref()?.retry
    }

    /// Whether this is the end of an OpenAI stream. As OpenAI's SDKs do, it looks at the beginning only.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.data.as_ref().is_some_and(|data| data.starts_with(b"[DONE]"))
    }

    /// Whether the blank line came that ends an event. Without it the stream ended here, perhaps within the data.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// Accepts an event that the end of the stream left without its blank line: it will be written with one.
    pub fn terminate(&mut self) {
        if !self.terminated {
            self.terminated = true;
            self.raw = None;
        }
    }

    /// The data as a chunk of a chat completion, parsed at the first call and kept. `None` when it is no JSON object.
    #[must_use]
    pub fn chunk(&self) -> Option<&Chunk> {
        let parse = || Chunk::parse_with(self.data.clone()?, &json::Limits::LENIENT).ok().map(Box::new);
        self.chunk.get_or_init(parse).as_deref()
    }

    /// Changes the chunk. If `edit` changed nothing, the event still leaves as it came.
    ///
    /// Does nothing to an event that holds no chunk.
    pub fn edit_chunk(&mut self, edit: impl FnOnce(&mut Chunk)) {
        if self.chunk().is_none() {
            return;
        }
        if let Some(chunk) = self.chunk.get_mut().and_then(Option::as_mut) {
            edit(chunk);
            if chunk.is_edited() {
                self.data = Some(chunk.to_bytes());
                self.raw = None;
            }
        }
    }

    /// Replaces the data; name, id and retry stay.
    pub fn set_data(&mut self, data: impl Into<Bytes>) {
        self.data = Some(data.into());
        self.raw = None;
        self.chunk = OnceLock::new();
    }

    /// The bytes that it came as, unless it was changed or made.
    #[must_use]
    pub fn raw(&self) -> Option<&Bytes> {
        self.raw.as_ref()
    }

    /// The event as it goes onto the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }

    /// Writes the event as it goes onto the wire.
    pub fn encode(&self, out: &mut BytesMut) {
        if let Some(raw) = &self.raw {
            out.extend_from_slice(raw);
            return;
        }
        let data = self.data.as_deref().unwrap_or_default();
        out.reserve(data.len() + 16);
        if let Some(fields) = &self.fields {
            for (name, value) in [(&b"event: "[..], &fields.name), (b"id: ", &fields.id)] {
                if let Some(value) = value {
                    out.extend_from_slice(name);
                    out.extend_from_slice(value);
                    out.put_u8(b'\n');
                }
            }
            if let Some(retry) = fields.retry {
                out.extend_from_slice(format!("retry: {retry}\n").as_bytes());
            }
        }
        if self.data.is_some() {
            let mut rest = data;
            loop {
                let end = memchr2(b'\n', b'\r', rest);
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
                out.put_u8(b'\n');
                let Some(end) = end else { break };
                let crlf = rest.get(end..end + 2) == Some(b"\r\n");
                rest = rest.get(end + 1 + usize::from(crlf)..).unwrap_or_default();
            }
        }
        out.put_u8(b'\n');
    }
}

/// Tells the kind and size, and no data: data are answers.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("name", &self.name().map(String::from_utf8_lossy))
            .field("data_len", &self.data.as_ref().map(Bytes::len))
            .field("changed", &self.raw.is_none())
            .finish_non_exhaustive()
    }
}
