use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use super::{Error, Event, Limits};

/// What is left of a blank line whose CR went out with its event, because the LF was still on its way.
/// Any other LF that leads a block would have ended it.
const LATE_LF: &[u8] = b"\n";

/// Turns bytes, cut anywhere, into [`Event`]s.
///
/// Give it bytes by [`push`](Self::push), then take events by [`next`](Self::next) until there is
/// none; at the end of the stream take the rest by [`finish`](Self::finish). An event that lies
/// within one piece of input shares its memory; only one that is cut is copied.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    /// The begun event, when it did not begin in `fresh`.
    begun: BytesMut,
    /// Bytes not looked at yet.
    fresh: Bytes,
    line: Line,
    at_start: bool,
    failed: Option<Error>,
}

/// Where the search for the blank line stands.
#[derive(Debug, Default)]
struct Line {
    /// Bytes of the current line so far.
    length: usize,
    /// The last byte was a CR that ended a line: an LF that follows belongs to it.
    after_cr: bool,
}

impl Decoder {
    /// A decoder with limits of your own.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            begun: BytesMut::new(),
            fresh: Bytes::new(),
            line: Line::default(),
            at_start: true,
            failed: None,
        }
    }

    /// Adds bytes. What an earlier piece left is copied; so take all events before the next piece.
    pub fn push(&mut self, bytes: Bytes) {
        if self.fresh.is_empty() {
            self.fresh = bytes;
        } else {
            let mut joined = BytesMut::from(std::mem::take(&mut self.fresh));
            joined.extend_from_slice(&bytes);
            self.fresh = joined.freeze();
        }
    }

    /// The next whole event, if there is one.
    ///
    /// # Errors
    /// The stream goes beyond a limit. The same error is given ever after.
    #[allow(clippy::should_implement_trait, reason = "`None` means not yet, which no iterator may mean")]
    pub fn next(&mut self) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.take_next().inspect_err(|error| {
            self.failed = Some(*error);
            self.begun = BytesMut::new();
            self.fresh = Bytes::new();
        })
    }

    fn take_next(&mut self) -> Result<Option<Event>, Error> {
        let end = self.line.find_blank(&self.fresh, &self.limits)?;
        let length = self.begun.len() + end.unwrap_or(self.fresh.len());
        if length > self.limits.max_event {
            return Err(Error::EventTooLong { limit: self.limits.max_event });
        }
        let Some(end) = end else {
            self.begun.extend_from_slice(&self.fresh);
            self.fresh = Bytes::new();
            return Ok(None);
        };
        let raw = if self.begun.is_empty() {
            self.fresh.split_to(end)
        } else {
            self.begun.extend_from_slice(self.fresh.get(..end).unwrap_or_default());
            self.fresh.advance(end);
            self.begun.split().freeze()
        };
        let at_start = std::mem::take(&mut self.at_start);
        Ok(Some(Event::decode(raw, at_start, true)))
    }

    /// What the end of the stream left: an event without its blank line. It may be whole or cut.
    ///
    /// Or the LF of a CRLF that was cut after the last event: a block that says nothing, and counts as terminated.
    ///
    /// # Errors
    /// As [`next`](Self::next), which must have been called until it gave `None`.
    pub fn finish(&mut self) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut raw = std::mem::take(&mut self.begun);
        raw.extend_from_slice(&std::mem::take(&mut self.fresh));
        self.line = Line::default();
        let at_start = std::mem::take(&mut self.at_start);
        let terminated = &*raw == LATE_LF;
        Ok((!raw.is_empty()).then(|| Event::decode(raw.freeze(), at_start, terminated)))
    }

    /// Whether a part of an event is held back.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        !self.fresh.is_empty() || !(self.begun.is_empty() || &*self.begun == LATE_LF)
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(Limits::DEFAULT)
    }
}

impl Line {
    /// The end of the first blank line: the end of an event.
    fn find_blank(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<usize>, Error> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = memchr2(b'\n', b'\r', rest) else {
                self.length += rest.len();
                self.after_cr &= rest.is_empty();
                self.check(limits)?;
                return Ok(None);
            };
            self.length += length;
            self.check(limits)?;
            let lf = rest.get(length) == Some(&b'\n');
            let second_half = lf && length == 0 && std::mem::take(&mut self.after_cr);
            at += length + 1;
            if second_half {
                continue;
            }
            self.after_cr = !lf;
            if std::mem::take(&mut self.length) > 0 {
                continue;
            }
            // An LF that came with this CR goes with this event; one that is still on its way leads the next.
            if self.after_cr && bytes.get(at) == Some(&b'\n') {
                self.after_cr = false;
                at += 1;
            }
            return Ok(Some(at));
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        if self.length > limits.max_line {
            return Err(Error::LineTooLong { limit: limits.max_line });
        }
        Ok(())
    }
}
