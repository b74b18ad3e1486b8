//! What all shapes need to hold events until there is a verdict.

use bytes::Bytes;
use llm_layers_wire::sse::{Decoder, Event};

use crate::{Fault, Reason, contract::Contract, contract::Text, layer::Settings};

/// How much may still be held.
#[derive(Debug)]
pub(super) struct Room {
    limit: usize,
    taken: usize,
}

impl Room {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, taken: 0 }
    }

    /// Takes so many bytes. Gives `false` where there are not as many left.
    #[must_use]
    pub(super) const fn take(&mut self, bytes: usize) -> bool {
        self.taken = self.taken.saturating_add(bytes);
        self.taken <= self.limit
    }

    pub(super) const fn give(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_sub(bytes);
    }

    /// What is wrong with an answer for which there was no room.
    pub(super) fn fault(&self, choice: usize, tool: Option<&str>) -> Fault {
        let message = format!("must be held whole to be checked, and is longer than {} bytes", self.limit);
        let tool = tool.map(|tool| llm_layers_core::cut(tool, 64).into());
        Fault { choice, tool, reason: Reason::TooLong, path: String::new(), message }
    }
}

/// The event in memory of its own, and not parsed: one that waits must keep neither the buffer alive that it came in,
/// nor what was read of it.
pub(super) fn apart(event: &Event) -> Event {
    decode(Bytes::copy_from_slice(&event.to_bytes())).unwrap_or_else(|| event.clone())
}

/// How much memory a held event takes, about.
pub(super) fn weight(event: &Event) -> usize {
    size_of::<Event>() + event.raw().map_or_else(|| event.data().map_or(0, <[u8]>::len), Bytes::len)
}

/// A comment that says how many calls of the stream are invalid.
pub(super) fn comment(invalid: usize) -> Option<Event> {
    decode(Bytes::from(format!(": x-llm-tool-calls: invalid={invalid}\n\n")))
}

fn decode(raw: Bytes) -> Option<Event> {
    let mut decoder = Decoder::default();
    if raw.starts_with(b"\n") {
        // It leads with the second half of a line break that the stream was cut in: so must this one.
        decoder.push(Bytes::from_static(b":\r\r"));
        decoder.next().ok()?;
    }
    decoder.push(raw);
    match decoder.next() {
        Ok(Some(event)) => Some(event),
        _ => decoder.finish().ok().flatten(),
    }
}

/// Whether the model may be asked again after so many times, as far as the settings say.
pub(super) fn may_ask(contract: &Contract, settings: &Settings, reasks: u32) -> bool {
    settings.may_ask(contract, reasks)
}

/// Whether calls wait for their verdict.
pub(super) fn holds_calls(settings: &Settings) -> bool {
    settings.default_policy.holds() || settings.tools.values().any(crate::Policy::holds)
}

/// Whether text that is to be JSON waits for its verdict.
pub(super) fn holds_text(contract: &Contract, settings: &Settings) -> bool {
    settings.hold_text && is_structured(contract) && settings.policy(None).holds()
}

/// Whether the text is to be JSON.
pub(super) const fn is_structured(contract: &Contract) -> bool {
    !matches!(contract.text, Text::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_set_apart_leaves_as_it_came() {
        for raw in ["data: {\"a\":1}\r\n\r\n", "event: e\nid: 1\ndata: x\ndata: y\n\n", ": note\n\n", "data: cut"] {
            let mut decoder = Decoder::default();
            decoder.push(raw.into());
            let event = decoder.next().unwrap().or_else(|| decoder.finish().unwrap()).unwrap();
            let (event, apart) = (&event, apart(&event));
            assert_eq!(apart.to_bytes(), raw);
            assert_eq!(
                (apart.data(), apart.name(), apart.is_terminated()),
                (event.data(), event.name(), event.is_terminated())
            );
        }
        let mut decoder = Decoder::default();
        decoder.push("data: 1\r\n\r".into());
        let _ = decoder.next();
        decoder.push("\ndata: 2\r\n\r\n".into());
        let late = apart(&decoder.next().unwrap().unwrap());
        assert_eq!((late.data(), &*late.to_bytes()), (Some(&b"2"[..]), &b"\ndata: 2\r\n\r\n"[..]));
        let made = Event::new("{}").with_name("error");
        assert_eq!(apart(&made).to_bytes(), made.to_bytes());
    }

    #[test]
    fn room_is_given_back() {
        let mut room = Room::new(10);
        assert!(room.take(10) && !room.take(1));
        room.give(2);
        assert!(room.take(1));
    }

    #[test]
    fn a_comment_is_no_event_for_clients() {
        let comment = comment(2).unwrap();
        assert_eq!((comment.data(), &*comment.to_bytes()), (None, &b": x-llm-tool-calls: invalid=2\n\n"[..]));
    }
}
