//! Newline-delimited JSON, as Ollama streams it: each line an object, and the last one may lack its end.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::Body as _;
use llm_layers_core::{Body, BoxError, Events};
use llm_layers_wire::sse::{self, Event};

/// The lines of a body, each as the data of an event.
pub(super) fn events(body: Body, limits: sse::Limits) -> Events {
    let lines = Streamed { body, lines: Some(Lines::new(limits)) };
    // It is made of events already: nothing is decoded.
    Body::from_events(lines).into_events(limits)
}

/// Turns bytes, cut anywhere, into lines. A line within one piece of input shares its memory.
#[derive(Debug)]
pub(crate) struct Lines {
    limits: sse::Limits,
    /// A line that has begun, and whose end is not here yet.
    begun: BytesMut,
    /// Bytes not looked at yet.
    fresh: Bytes,
    at_start: bool,
}

impl Lines {
    pub(crate) fn new(limits: sse::Limits) -> Self {
        Self { limits, begun: BytesMut::new(), fresh: Bytes::new(), at_start: true }
    }

    /// Adds bytes. All lines must have been taken before.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.fresh = bytes;
    }

    /// The next whole line that is not blank, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, sse::Error> {
        while let Some(length) = self.fresh.iter().position(|byte| *byte == b'\n') {
            self.check(length)?;
            let end = self.fresh.split_to(length);
            let _newline = self.fresh.split_to(1);
            let line = if self.begun.is_empty() {
                end
            } else {
                self.begun.extend_from_slice(&end);
                self.begun.split().freeze()
            };
            if let Some(line) = self.trimmed(line) {
                return Ok(Some(Event::new(line)));
            }
        }
        self.check(self.fresh.len())?;
        self.begun.extend_from_slice(&std::mem::take(&mut self.fresh));
        Ok(None)
    }

    /// What the end of the stream left: a line without its end. It may be whole or cut, and so is an event that is
    /// not [terminated](Event::is_terminated).
    pub(crate) fn finish(&mut self) -> Result<Option<Event>, sse::Error> {
        let line = self.begun.split().freeze();
        let Some(line) = self.trimmed(line) else { return Ok(None) };
        // The longest that was let in, and what is put before it.
        let longest = self.limits.max_line.saturating_add(DATA.len());
        let mut decoder = sse::Decoder::new(self.limits.with_max_line(longest).with_max_event(longest));
        decoder.push([DATA, &line].concat().into());
        match decoder.next()? {
            Some(event) => Ok(Some(event)),
            None => decoder.finish(),
        }
    }

    /// A line without the white space around it, and the first without a byte order mark, if anything is left.
    fn trimmed(&mut self, line: Bytes) -> Option<Bytes> {
        let text = match std::mem::take(&mut self.at_start) {
            true => line.strip_prefix(BOM).unwrap_or(&line),
            false => &line,
        };
        let text = text.trim_ascii();
        (!text.is_empty()).then(|| line.slice_ref(text))
    }

    fn check(&self, more: usize) -> Result<(), sse::Error> {
        let limit = self.limits.max_line;
        if self.begun.len().saturating_add(more) > limit { Err(sse::Error::LineTooLong { limit }) } else { Ok(()) }
    }
}

const DATA: &[u8] = b"data: ";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a body into lines as far as it is asked for.
struct Streamed {
    body: Body,
    /// Gone once the stream is over.
    lines: Option<Lines>,
}

impl Stream for Streamed {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(lines) = &mut this.lines else { return Poll::Ready(None) };
            let over: Option<Result<Event, BoxError>> = match lines.next() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Err(error) => Some(Err(error.into())),
                Ok(None) => match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            lines.push(data);
                        }
                        continue;
                    }
                    Some(Err(error)) => Some(Err(error)),
                    None => lines.finish().map_err(Into::into).transpose(),
                },
            };
            this.lines = None;
            this.body = Body::empty();
            return Poll::Ready(over);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Waker};

    use llm_layers_testkit::split::{Split, for_every_split};

    use super::*;

    const LIMITS: sse::Limits = sse::Limits::DEFAULT;

    /// The lines, whether each had its end, and whether it went well.
    fn lines(pieces: &[Bytes], limits: sse::Limits) -> (Vec<(String, bool)>, Result<(), sse::Error>) {
        let mut decoder = Lines::new(limits);
        let mut found = Vec::new();
        let mut take = |event: Event| {
            let data = String::from_utf8(event.data().expect("data").to_vec()).expect("UTF-8");
            found.push((data, event.is_terminated()));
        };
        let run = || -> Result<(), sse::Error> {
            for piece in pieces {
                decoder.push(piece.clone());
                while let Some(event) = decoder.next()? {
                    take(event);
                }
            }
            decoder.finish()?.map(take).map_or(Ok(()), Ok)
        };
        let end = { run }();
        (found, end)
    }

    #[test]
    fn cut_anywhere_the_lines_are_the_same() {
        let text = "\u{feff}{\"a\":\"\u{e4}\\n\"}\n\n  \r\n{\"b\":2}\r\n {\"c\":\" data: \"}\t\n{\"cut";
        let (found, end) = for_every_split(text, |pieces| lines(pieces, LIMITS));
        assert_eq!(end, Ok(()));
        let line = |text: &str, whole| (text.to_owned(), whole);
        assert_eq!(
            found,
            [
                line("{\"a\":\"\u{e4}\\n\"}", true),
                line("{\"b\":2}", true),
                line("{\"c\":\" data: \"}", true),
                line("{\"cut", false)
            ]
        );
    }

    #[test]
    fn a_line_is_bounded_whether_it_ends_or_not() {
        let limits = LIMITS.with_max_line(5);
        for text in ["12345\n123456\n", "12345\n123456"] {
            let (found, end) = for_every_split(text, |pieces| lines(pieces, limits));
            assert_eq!(found, [("12345".to_owned(), true)]);
            assert_eq!(end, Err(sse::Error::LineTooLong { limit: 5 }));
        }
        let (found, end) = for_every_split("12345", |pieces| lines(pieces, limits));
        assert_eq!((found, end), (vec![("12345".to_owned(), false)], Ok(())));
    }

    #[test]
    fn a_body_is_read_as_it_is_asked_for() {
        let body = |text: &'static str| Split::at(text, [1, 4]).script(false).body();
        let read = |text| {
            let mut events = pin!(events(Body::new(body(text)), LIMITS));
            let mut cx = Context::from_waker(Waker::noop());
            let mut found = Vec::new();
            while let Poll::Ready(Some(event)) = pin!(poll_fn(|cx| events.as_mut().poll_next(cx))).poll(&mut cx) {
                found.push(event.expect("an event").data_bytes().expect("data"));
            }
            found
        };
        assert_eq!(read("{}\n{\"a\":1}\n[]"), ["{}", "{\"a\":1}", "[]"]);
        assert!(read("").is_empty());
    }
}
