//! Any events into the recorder of each shape, and any object as an answer: nothing panics, and what is told as a stream
//! and recorded again is the same as what was told.

#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use llm_layers_wire::{
    json::{Limits, Object},
    sse::{Decoder, Event},
};

/// The module itself: it is private, and has no need of the rest of its crate.
#[allow(dead_code, unused_imports, reason = "the rest of its crate uses them")]
#[path = "../../crates/cache/src/shape/mod.rs"]
mod shape;

use shape::{Recorder, Replay, Shape};

const SHAPES: [Shape; 4] = [Shape::Chat, Shape::Text, Shape::Message, Shape::Response];
const MAX: usize = 64 << 10;

fuzz_target!(|input: (Vec<u8>, Vec<Vec<u8>>, u8, bool)| {
    let (request, pieces, piece_chars, include_usage) = input;
    let request = Object::parse(request).unwrap_or_default();
    let how = Replay { include_usage, piece_chars: piece_chars.into() };
    let whole = Object::parse_with(pieces.concat(), &Limits::LENIENT).ok();
    let events = events(pieces.into_iter().map(Bytes::from));
    for shape in SHAPES {
        for answer in [record(shape, &events), whole.clone()].into_iter().flatten() {
            let is_fit = shape.check(&answer, &request).is_ok();
            let told: Vec<_> = shape.replay(&answer, how).collect();
            // As who reads it sees it: an event must be one, whatever its data are.
            let mut stream = BytesMut::new();
            told.iter().for_each(|event| event.encode(&mut stream));
            let read = self::events([stream.freeze()].into_iter());
            assert_eq!(read.len(), told.len());
            if let Some(again) = record(shape, &read).filter(|_| is_fit) {
                // Not as a whole: what a shape does not know may come back in another order, or without what is empty.
                assert_eq!(shape.check(&again, &request), Ok(()), "{shape:?}");
                let once: Vec<_> = shape.replay(&again, how).map(|event| event.to_bytes()).collect();
                let again = record(shape, &self::events(once.iter().cloned())).expect("told once, told twice");
                let twice: Vec<_> = shape.replay(&again, how).map(|event| event.to_bytes()).collect();
                assert_eq!(once, twice, "{shape:?}");
            }
        }
    }
});

fn events(pieces: impl Iterator<Item = Bytes>) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        while let Ok(Some(event)) = decoder.next() {
            events.push(event);
        }
    }
    events.extend(decoder.finish().ok().flatten());
    events
}

fn record(shape: Shape, events: &[Event]) -> Option<Object> {
    let mut recorder = Recorder::new(shape, MAX);
    events.iter().for_each(|event| recorder.push(event));
    recorder.finish()
}
