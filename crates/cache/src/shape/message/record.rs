use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Object},
    sse::Event,
};

use super::{
    super::UNBOUNDED,
    LIMITS,
    block::{Block, push},
};

/// What a block or a member costs beyond its text, about.
const OVERHEAD: usize = 64;

/// Puts the events of a message together.
#[derive(Debug)]
pub(in crate::shape) struct Recorder {
    /// The bytes that may still come.
    left: usize,
    /// What `message_start` has begun.
    message: Option<Box<Message>>,
    /// Whether `message_stop` has come.
    is_ended: bool,
}

/// A message in the making.
#[derive(Debug)]
struct Message {
    /// All members but the content.
    head: Object,
    /// The blocks that are whole, with their commas.
    content: Vec<u8>,
    blocks: usize,
    open: Option<Block>,
}

impl Recorder {
    /// Of a message of up to so many bytes.
    pub(in crate::shape) const fn new(max_bytes: usize) -> Self {
        Self { left: max_bytes, message: None, is_ended: false }
    }

    /// Joins an event, and says whether it could be: what is unknown makes the message another than would be kept.
    pub(in crate::shape) fn push(&mut self, event: &Event) -> bool {
        // Some gateways end every stream by it.
        event.is_done() || self.join(event).is_some()
    }

    fn join(&mut self, event: &Event) -> Option<()> {
        let event_name = event.name();
        let event = Object::parse_with(event.data_bytes()?, &LIMITS).ok()?;
        let kind = event.text("type")?;
        // Anthropic's SDKs go by the name, others by the type.
        if event_name.is_some_and(|name| name != kind.as_bytes()) {
            return None;
        }
        match (&*kind, &mut self.message) {
            ("ping", _) => {}
            _ if self.is_ended => return None,
            ("message_start", None) => {
                let message = event.get_bytes("message")?;
                self.take(message.len())?;
                self.message = Some(Message::new(message)?.into());
            }
            ("message_stop", Some(message)) if message.open.is_none() => self.is_ended = true,
            (kind, Some(message)) => {
                let bytes = message.join(kind, &event)?;
                self.take(bytes)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn take(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        Some(())
    }

    /// The whole message, if the stream has come to its proper end.
    pub(in crate::shape) fn finish(self) -> Option<Object> {
        let Message { mut head, content, .. } = *self.message.filter(|_| self.is_ended)?;
        head.set_raw("content", [b"[", &*content, b"]"].concat()).ok()?;
        Some(head)
    }
}

impl Message {
    fn new(raw: Bytes) -> Option<Self> {
        let mut head = Object::parse_with(raw, &LIMITS).ok()?;
        let whole = Array::parse_with(head.get_bytes("content")?, &UNBOUNDED).ok()?;
        let mut content = Vec::new();
        whole.iter().for_each(|block| push(&mut content, &block));
        // The place stays, and the text is let go.
        head.set_raw("content", "[]").ok()?;
        Some(Self { head, content, blocks: whole.len(), open: None })
    }

    /// Joins an event, and says how many bytes it has brought.
    fn join(&mut self, kind: &str, event: &Object) -> Option<usize> {
        match kind {
            "content_block_start" if self.open.is_none() && self.is_next(event) => {
                let raw = event.get_bytes("content_block")?;
                let bytes = raw.len() + OVERHEAD;
                self.open = Some(Block::new(raw)?);
                Some(bytes)
            }
            "content_block_delta" if self.is_next(event) => {
                let delta = Object::parse_with(event.get_bytes("delta")?, &LIMITS).ok()?;
                self.open.as_mut()?.join(&delta)
            }
            "content_block_stop" if self.is_next(event) => {
                push(&mut self.content, &self.open.take()?.finish()?);
                self.blocks += 1;
                Some(0)
            }
            "message_delta" if self.open.is_none() => self.end(event),
            _ => None,
        }
    }

    /// Whether an event is about the block behind those that are whole.
    fn is_next(&self, event: &Object) -> bool {
        event.read::<usize>("index").is_ok_and(|index| index == Some(self.blocks))
    }

    /// What the end of a message tells: why it has ended, the usage, and members of the message itself.
    fn end(&mut self, event: &Object) -> Option<usize> {
        let mut bytes = 0;
        for (name, raw) in event.iter() {
            bytes += match &*name {
                "type" => 0,
                "delta" => merge(&mut self.head, &part(event, "delta")?)?,
                "usage" => {
                    let mut usage = part(&self.head, "usage").unwrap_or_default();
                    let bytes = merge(&mut usage, &part(event, "usage")?)?;
                    self.head.set_raw("usage", usage.to_bytes()).ok()?;
                    bytes
                }
                "content" => return None,
                name => set(&mut self.head, name, raw)?,
            };
        }
        Some(bytes)
    }
}

/// A member that is an object.
fn part(object: &Object, name: &str) -> Option<Object> {
    Object::parse_with(object.get_bytes(name)?, &LIMITS).ok()
}

/// Takes over what an object tells, and says how many bytes that were.
fn merge(into: &mut Object, from: &Object) -> Option<usize> {
    from.iter().try_fold(0, |bytes, (name, raw)| Some(bytes + set(into, &name, raw)?))
}

/// Sets a member. `null` never overwrites.
fn set(into: &mut Object, name: &str, raw: &[u8]) -> Option<usize> {
    if raw != b"null" || !into.contains(name) {
        // Copied: else it would keep all that came with it.
        into.set_raw(name, Bytes::copy_from_slice(raw)).ok()?;
    }
    Some(raw.len() + name.len() + OVERHEAD)
}
