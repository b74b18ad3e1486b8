//! `application/vnd.amazon.eventstream`: binary frames of headers and a payload, each with two checksums.
//!
//! Layout, by the Smithy specification of the media type and as `botocore.eventstream` of botocore 1.44.5 reads it; all
//! numbers are big-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | length of the frame, these included |
//! | 4 | length of its headers, 128 KiB at most |
//! | 4 | CRC-32 of these eight bytes |
//! | … | headers: length and name, type, value |
//! | … | payload |
//! | 4 | CRC-32 of all before it |
//!
//! `aws-smithy-eventstream` 0.60 has an incremental decoder too. It waits for as many bytes as a frame says it has,
//! up to 4 GiB, before it looks at the checksum of that very number; hence this one.

#[cfg(test)]
pub(crate) mod frames;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Events};
use llm_layers_wire::sse::{self, Event};
use serde::Serialize;

/// Two lengths and their checksum.
const PRELUDE: usize = 12;
/// The prelude, and the checksum at the end.
const OVERHEAD: usize = PRELUDE + 4;
const MAX_HEADERS: usize = 128 << 10;

/// The events of a body, which are decoded as they are asked for.
///
/// An event is named by its `:event-type`, an exception by its `:exception-type`, and their data is the payload.
/// An error that belongs to no type is named [`ERROR`].
pub(super) fn events(body: Body, limits: sse::Limits) -> Events {
    let decoder = Some(Decoder::new(limits));
    Body::from_events(Decode { body, decoder }).into_events(limits)
}

/// The name of an error of the service's framework. Its data is an object of a `code` and a `message`.
pub(crate) const ERROR: &str = "error";

/// Bytes that are no frame. What follows them cannot be read either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameError {
    TooLong { limit: usize },
    Checksum,
    Length,
    Headers,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "a frame of the event stream is longer than {limit} bytes"),
            Self::Checksum => f.write_str("a frame of the event stream does not match its checksum"),
            Self::Length => f.write_str("a frame of the event stream has an impossible length"),
            Self::Headers => f.write_str("a frame of the event stream has headers that cannot be read"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Cuts bytes into events, however they are split. It holds one frame at most, beside the bytes pushed last.
#[derive(Debug)]
struct Decoder {
    buffer: BytesMut,
    max_frame: usize,
}

impl Decoder {
    fn new(limits: sse::Limits) -> Self {
        Self { buffer: BytesMut::new(), max_frame: limits.max_event }
    }

    fn push(&mut self, data: Bytes) {
        if self.buffer.is_empty() {
            self.buffer = data.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        } else {
            self.buffer.extend_from_slice(&data);
        }
    }

    fn next(&mut self) -> Result<Option<Event>, FrameError> {
        let Some((prelude, _)) = self.buffer.split_first_chunk::<PRELUDE>() else { return Ok(None) };
        let (length, headers) = lengths(prelude)?;
        if length > self.max_frame {
            return Err(FrameError::TooLong { limit: self.max_frame });
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        let frame = self.buffer.split_to(length).freeze();
        let (checked, checksum) = frame.split_last_chunk::<4>().ok_or(FrameError::Length)?;
        if crc32fast::hash(checked) != u32::from_be_bytes(*checksum) {
            return Err(FrameError::Checksum);
        }
        let named = checked.get(PRELUDE..PRELUDE + headers).and_then(Headers::read).ok_or(FrameError::Headers)?;
        named.event(&frame, frame.slice(PRELUDE + headers..length - 4)).ok_or(FrameError::Headers).map(Some)
    }
}

/// The lengths of the frame and of its headers, which are believed only if their checksum is right.
fn lengths(prelude: &[u8; PRELUDE]) -> Result<(usize, usize), FrameError> {
    let [a, b, c, d, e, f, g, h, checksum @ ..] = *prelude;
    if crc32fast::hash(&[a, b, c, d, e, f, g, h]) != u32::from_be_bytes(checksum) {
        return Err(FrameError::Checksum);
    }
    let wide = |bytes| usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| FrameError::Length);
    let (length, headers) = (wide([a, b, c, d])?, wide([e, f, g, h])?);
    let fits = headers <= MAX_HEADERS && headers.checked_add(OVERHEAD).is_some_and(|least| least <= length);
    if fits { Ok((length, headers)) } else { Err(FrameError::Length) }
}

/// The headers that tell what a frame is.
#[derive(Default)]
struct Headers<'a> {
    message: Option<&'a str>,
    event: Option<&'a str>,
    exception: Option<&'a str>,
    code: Option<&'a str>,
    text: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut headers = Self::default();
        while let Some((length, rest)) = bytes.split_first() {
            let (name, rest) = rest.split_at_checked(usize::from(*length))?;
            let (kind, rest) = rest.split_first()?;
            let (length, rest) = match kind {
                0 | 1 => (0, rest),
                2 => (1, rest),
                3 => (2, rest),
                4 => (4, rest),
                5 | 8 => (8, rest),
                6 | 7 => {
                    let (length, rest) = rest.split_first_chunk::<2>()?;
                    (usize::from(u16::from_be_bytes(*length)), rest)
                }
                9 => (16, rest),
                _ => return None,
            };
            let (value, rest) = rest.split_at_checked(length)?;
            bytes = rest;
            let slot = match name {
                b":message-type" => &mut headers.message,
                b":event-type" => &mut headers.event,
                b":exception-type" => &mut headers.exception,
                b":error-code" => &mut headers.code,
                b":error-message" => &mut headers.text,
                _ => continue,
            };
            // These are strings, and each comes once.
            let value = std::str::from_utf8(value).ok().filter(|_| *kind == 7)?;
            if slot.replace(value).is_some() {
                return None;
            }
        }
        Some(headers)
    }

    /// What the frame says, in the frame's own memory.
    fn event(&self, frame: &Bytes, payload: Bytes) -> Option<Event> {
        #[derive(Serialize)]
        struct Error<'a> {
            code: Option<&'a str>,
            message: Option<&'a str>,
        }
        let name = match self.message? {
            "event" => self.event?,
            "exception" => self.exception?,
            "error" => {
                let error = Error { code: self.code, message: self.text };
                // Two strings: writing them cannot fail.
                let data = serde_json::to_vec(&error).unwrap_or_default();
                return Some(Event::new(data).with_name(ERROR));
            }
            _ => return None,
        };
        Some(Event::new(payload).with_name(frame.slice_ref(name.as_bytes())))
    }
}

/// The events of whole frames.
#[cfg(test)]
pub(crate) fn cut(pieces: &[Bytes]) -> Vec<Event> {
    let mut decoder = Decoder::new(sse::Limits::DEFAULT);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(event) = decoder.next().expect("frames") {
            events.push(event);
        }
    }
    events
}

struct Decode {
    body: Body,
    /// Gone once the stream is over.
    decoder: Option<Decoder>,
}

impl Stream for Decode {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(decoder) = &mut this.decoder else { return Poll::Ready(None) };
            let error: BoxError = match decoder.next() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Err(error) => error.into(),
                Ok(None) => match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            decoder.push(data);
                        }
                        continue;
                    }
                    Some(Err(error)) => error,
                    // Half a frame says nothing: the answer is not whole, and whoever translates it knows.
                    None => {
                        this.decoder = None;
                        return Poll::Ready(None);
                    }
                },
            };
            this.decoder = None;
            this.body = Body::empty();
            return Poll::Ready(Some(Err(error)));
        }
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_testkit::split::for_every_split;
    use proptest::prelude::*;

    use super::{
        frames::{Value, frame},
        *,
    };

    type Seen = Vec<(String, String)>;

    fn seen(pieces: &[Bytes], limits: sse::Limits) -> (Seen, Option<FrameError>) {
        let mut decoder = Decoder::new(limits);
        let mut seen = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for piece in pieces {
            decoder.push(piece.clone());
            loop {
                match decoder.next() {
                    Ok(Some(event)) => {
                        seen.push((text(event.name().unwrap_or_default()), text(event.data().unwrap_or_default())));
                    }
                    Ok(None) => break,
                    Err(error) => return (seen, Some(error)),
                }
            }
        }
        (seen, None)
    }

    fn read(bytes: &[u8]) -> (Seen, Option<FrameError>) {
        seen(&[Bytes::copy_from_slice(bytes)], sse::Limits::DEFAULT)
    }

    fn event(name: &str, payload: &str) -> Vec<u8> {
        let text = Value::Text;
        frame(&[(":event-type", text(name)), (":message-type", text("event"))], payload.as_bytes())
    }

    /// Encoded and checked by botocore 1.44.5, whose `EventStreamBuffer` reads the same of it:
    /// headers of all ten types, and a payload of `{"a":1}`.
    const ALL_TYPES: &str = include_str!("../../fixtures/bedrock/all_types.hex");

    fn unhex(hex: &str) -> Vec<u8> {
        let lines = hex.lines().filter(|line| !line.starts_with('#'));
        let digits: Vec<u8> = lines.flat_map(str::bytes).filter(u8::is_ascii_hexdigit).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(pair).collect()
    }

    #[test]
    fn every_type_of_header_is_passed_over() {
        let (seen, error) = read(&unhex(ALL_TYPES));
        assert_eq!((seen, error), (vec![("messageStart".into(), "{\"a\":1}".into())], None));
    }

    #[test]
    fn frames_are_found_wherever_they_are_cut() {
        let text = Value::Text;
        let mut stream = event("messageStart", "{\"role\":\"assistant\"}");
        stream.extend(event("contentBlockDelta", "{\"delta\":{\"text\":\"a\\nb ü\"}}"));
        stream.extend(event("contentBlockStop", ""));
        stream.extend(frame(
            &[(":message-type", text("exception")), (":exception-type", text("throttlingException"))],
            b"{\"message\":\"slow\"}",
        ));
        stream.extend(frame(
            &[
                (":message-type", text("error")),
                (":error-code", text("InternalFailure")),
                (":error-message", text("\"x\"")),
            ],
            b"",
        ));
        let (seen, error) = for_every_split(stream, |pieces| seen(pieces, sse::Limits::DEFAULT));
        let expected = [
            ("messageStart", "{\"role\":\"assistant\"}"),
            ("contentBlockDelta", "{\"delta\":{\"text\":\"a\\nb ü\"}}"),
            ("contentBlockStop", ""),
            ("throttlingException", "{\"message\":\"slow\"}"),
            (ERROR, r#"{"code":"InternalFailure","message":"\"x\""}"#),
        ];
        let expected: Seen = expected.iter().map(|(name, data)| ((*name).into(), (*data).into())).collect();
        assert_eq!((seen, error), (expected, None));
    }

    #[test]
    fn one_wrong_bit_anywhere_is_noticed() {
        let good = event("messageStart", "{\"role\":\"assistant\"}");
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            let (seen, error) = read(&bad);
            assert!(seen.is_empty() && error == Some(FrameError::Checksum), "bit {at}: {error:?}");
        }
    }

    #[test]
    fn a_frame_that_makes_no_sense_is_refused() {
        let text = Value::Text;
        let of = |headers: &[(&str, Value<'_>)]| read(&frame(headers, b"{}")).1;
        assert_eq!(of(&[]), Some(FrameError::Headers), "of no kind");
        assert_eq!(of(&[(":message-type", text("event"))]), Some(FrameError::Headers), "without its type");
        assert_eq!(of(&[(":message-type", text("exception"))]), Some(FrameError::Headers));
        assert_eq!(of(&[(":message-type", text("other"))]), Some(FrameError::Headers));
        assert_eq!(of(&[(":message-type", Value::Bytes(b"event"))]), Some(FrameError::Headers), "no string");
        assert_eq!(of(&[(":message-type", Value::Raw(10, b""))]), Some(FrameError::Headers), "no type of value");
        assert_eq!(of(&[(":message-type", Value::Raw(7, b"\x00\xffevent"))]), Some(FrameError::Headers), "too long");
        let twice = [(":event-type", text("a")), (":event-type", text("b")), (":message-type", text("event"))];
        assert_eq!(of(&twice), Some(FrameError::Headers));

        let prelude = |length: u32, headers: u32| {
            let mut bytes = [length.to_be_bytes(), headers.to_be_bytes()].concat();
            bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
            read(&bytes).1
        };
        assert_eq!(prelude(15, 0), Some(FrameError::Length));
        assert_eq!(prelude(20, 5), Some(FrameError::Length), "headers longer than the frame");
        assert_eq!(prelude(1 << 20, (128 << 10) + 1), Some(FrameError::Length));
        assert_eq!(prelude(u32::MAX, 0), Some(FrameError::TooLong { limit: 4 << 20 }), "it is not waited for");
        assert_eq!(prelude(16, 0), None, "more may come");
    }

    #[test]
    fn a_frame_is_as_long_as_the_limits_say() {
        let good = event("x", "{}");
        let limits = |bytes| sse::Limits::DEFAULT.with_max_event(bytes);
        let read = |limits| seen(&[Bytes::from(good.clone())], limits);
        assert_eq!(read(limits(good.len())).1, None);
        assert_eq!(read(limits(good.len() - 1)).1, Some(FrameError::TooLong { limit: good.len() - 1 }));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), headers in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
            // With checksums that are right, so that chance goes deeper.
            let frame = frames::raw(&headers, &bytes);
            let (_, error) = read(&frame);
            prop_assert!(matches!(error, None | Some(FrameError::Headers)));
        }
    }
}
