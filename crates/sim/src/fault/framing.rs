//! Faults in how it is said: legal framings of `text/event-stream` that parsers trip over, and writes that
//! split anything anywhere.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::reply::{Event, Layout};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Framing {
    pub(super) tear: bool,
    pub(super) crlf: bool,
    pub(super) bom: bool,
    pub(super) comments: bool,
    pub(super) bad_crc: bool,
}

impl Framing {
    /// One frame an event; a byte order mark and comments join the frame of the event that follows.
    pub(super) fn encode(self, events: &[Event], layout: Layout) -> Arc<[Bytes]> {
        let eol = if self.crlf { "\r\n" } else { layout.eol() };
        let comments = self.comments && layout.has_comments();
        let mut frames = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let mut frame = BytesMut::new();
            if self.bom && at == 0 && layout.is_text() {
                frame.extend_from_slice("\u{feff}".as_bytes());
            }
            if comments {
                // A comment of its own, as keep-alives are sent, and an empty one right before the event's lines.
                frame.extend_from_slice(format!(": keep-alive{eol}{eol}:{eol}").as_bytes());
            }
            frame.extend_from_slice(&layout.encode(at, event, eol));
            // The last four bytes of a binary frame are its checksum.
            if self.bad_crc
                && !layout.is_text()
                && at == events.len() / 2
                && let Some(last) = frame.last_mut()
            {
                *last = !*last;
            }
            frames.push(frame.freeze());
        }
        frames.into()
    }
}

/// Pieces of one to seven bytes, by a pattern whose length (23 bytes) falls in step with nothing.
pub(super) fn tear(frames: &[Bytes]) -> Arc<[Bytes]> {
    let mut sizes = [1_usize, 2, 3, 1, 5, 7, 4].into_iter().cycle();
    let mut pieces = Vec::new();
    for frame in frames {
        let mut rest = frame.clone();
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(1).min(rest.len());
            pieces.push(rest.split_to(size));
        }
    }
    pieces.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torn_pieces_add_up_and_split_characters() {
        let text = Bytes::from("é🌍ß".repeat(40));
        let pieces = tear(std::slice::from_ref(&text));
        assert!(pieces.iter().all(|piece| (1..=7).contains(&piece.len())));
        assert!(pieces.iter().any(|piece| std::str::from_utf8(piece).is_err()));
        assert_eq!(pieces.concat(), text);
    }
}
