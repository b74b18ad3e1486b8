use std::collections::BTreeMap;

use bytes::Bytes;
use llm_layers_wire::{
    json::{Object, items},
    sse::Event,
};

use super::LIMITS;

/// What an item costs beyond its text, about.
const OVERHEAD: usize = 64;

/// Waits for the response that the end of a stream tells.
#[derive(Debug)]
pub(in crate::shape) struct Recorder {
    /// The bytes that a response may have, and those that its items may still have.
    max_bytes: usize,
    left: usize,
    /// The items that are done, by their places.
    done: BTreeMap<u64, Bytes>,
    /// How many items there must be, by what was told of them.
    told: u64,
    response: Option<Object>,
}

impl Recorder {
    /// Of a response of up to so many bytes.
    pub(in crate::shape) const fn new(max_bytes: usize) -> Self {
        Self { max_bytes, left: max_bytes, done: BTreeMap::new(), told: 0, response: None }
    }

    /// Joins an event, and says whether it could be.
    pub(in crate::shape) fn push(&mut self, event: &Event) -> bool {
        // Some gateways end every stream by it.
        event.is_done() || self.join(event).is_some()
    }

    fn join(&mut self, event: &Event) -> Option<()> {
        let event_name = event.name();
        let event = Object::parse_with(event.data_bytes()?, &LIMITS).ok()?;
        let kind = event.text("type")?;
        if event_name.is_some_and(|name| name != kind.as_bytes()) {
            return None;
        }
        let Some(kind) = kind.strip_prefix("response.") else {
            // What keeps the connection is no part of the response.
            return (kind != "error").then_some(());
        };
        if self.response.is_some() {
            return None;
        }
        if let Some(place) = event.read::<u64>("output_index").ok()? {
            self.told = self.told.max(place.checked_add(1)?);
            if kind == "output_item.done" {
                self.keep(place, event.get("item")?)?;
            }
        }
        match kind {
            "completed" | "incomplete" => self.response = Some(self.whole(&event)?),
            "failed" => return None,
            _ => {}
        }
        Some(())
    }

    fn keep(&mut self, place: u64, item: &[u8]) -> Option<()> {
        self.left = self.left.checked_sub(item.len() + OVERHEAD)?;
        // Copied: else it would keep all that came with it.
        self.done.insert(place, Bytes::copy_from_slice(item));
        Some(())
    }

    /// The response of the last event, with all items that were told.
    fn whole(&mut self, event: &Object) -> Option<Object> {
        let raw = event.get_bytes("response").filter(|raw| raw.len() <= self.max_bytes)?;
        let mut response = Object::parse_with(raw, &LIMITS).ok()?;
        let done = std::mem::take(&mut self.done);
        let has = items(response.get("output").unwrap_or_default()).count();
        if (has as u64) < self.told {
            if done.len() as u64 != self.told {
                return None;
            }
            let mut output = Vec::from(b"[");
            for (place, item) in done {
                if place > 0 {
                    output.push(b',');
                }
                output.extend_from_slice(&item);
            }
            output.push(b']');
            response.set_raw("output", output).ok()?;
        }
        Some(response)
    }

    /// The whole response, if the stream has come to its proper end.
    pub(in crate::shape) fn finish(self) -> Option<Object> {
        self.response
    }
}
