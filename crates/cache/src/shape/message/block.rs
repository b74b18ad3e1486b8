use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::{
    super::{UNBOUNDED, steps::inner},
    LIMITS,
};

/// A block that has begun, and grows by its deltas.
#[derive(Debug)]
pub(super) struct Block {
    begun: Object,
    kind: String,
    /// The text of a string in the making, escaped as it comes: of the block's text, or of the JSON of its input.
    text: Vec<u8>,
    has_text: bool,
    /// The items of a list in the making, with their commas.
    citations: Vec<u8>,
}

impl Block {
    pub(super) fn new(raw: Bytes) -> Option<Self> {
        let begun = Object::parse_with(raw, &LIMITS).ok()?;
        let kind = begun.text("type")?.into_owned();
        Some(Self { begun, kind, text: Vec::new(), has_text: false, citations: Vec::new() })
    }

    /// Joins a delta, and says how many bytes it has brought.
    pub(super) fn join(&mut self, delta: &Object) -> Option<usize> {
        match (&*self.kind, &*delta.text("type")?) {
            ("text", "text_delta") => self.append("text", delta),
            ("thinking", "thinking_delta") => self.append("thinking", delta),
            ("thinking", "signature_delta") => {
                let signature = delta.get("signature").filter(|raw| raw.starts_with(b"\""))?;
                self.begun.set_raw("signature", Bytes::copy_from_slice(signature)).ok()?;
                Some(signature.len())
            }
            ("text", "citations_delta") => {
                let citation = delta.get("citation").filter(|raw| raw.starts_with(b"{"))?;
                self.cite(citation)?;
                Some(citation.len())
            }
            (_, "input_json_delta") if self.begun.contains("input") => {
                self.has_text = true;
                self.extend(&delta.get_bytes("partial_json")?)
            }
            // What nobody knows here may change the block in ways that nobody knows here.
            _ => None,
        }
    }

    /// Appends to a text that may have begun with the block.
    fn append(&mut self, member: &str, delta: &Object) -> Option<usize> {
        if !self.has_text {
            self.extend(&self.begun.get_bytes(member)?)?;
            self.has_text = true;
        }
        self.extend(&delta.get_bytes(member)?)
    }

    fn extend(&mut self, raw: &Bytes) -> Option<usize> {
        let inner = inner(raw)?;
        self.text.extend_from_slice(&inner);
        Some(inner.len())
    }

    fn cite(&mut self, citation: &[u8]) -> Option<()> {
        if self.citations.is_empty()
            && let Some(begun) = self.begun.get_bytes("citations").filter(|raw| raw != "null")
        {
            for citation in Array::parse_with(begun, &UNBOUNDED).ok()?.iter() {
                push(&mut self.citations, &citation);
            }
        }
        push(&mut self.citations, citation);
        Some(())
    }

    /// The block as it stands in a plain message.
    pub(super) fn finish(mut self) -> Option<Bytes> {
        if self.has_text {
            let text = [b"\"", &*self.text, b"\""].concat();
            match &*self.kind {
                "text" | "thinking" => self.begun.set_raw(&self.kind, text).ok()?,
                // A tool that takes nothing may send none; a call that was cut off is no JSON.
                _ if self.text.is_empty() => {}
                _ => {
                    let input: String = serde_json::from_slice(&text).ok()?;
                    self.begun.set_raw("input", input).ok()?;
                }
            }
        }
        if !self.citations.is_empty() {
            self.begun.set_raw("citations", [b"[", &*self.citations, b"]"].concat()).ok()?;
        }
        Some(self.begun.to_bytes())
    }
}

/// Adds an item to a list.
pub(super) fn push(list: &mut Vec<u8>, item: &[u8]) {
    if !list.is_empty() {
        list.push(b',');
    }
    list.extend_from_slice(item);
}
