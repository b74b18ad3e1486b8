//! Chat completions and completions of the older kind; the other shapes have tests of their own.

mod checked;
mod recorded;
mod replayed;

use bytes::{Bytes, BytesMut};
use llm_layers_wire::{
    json::{Limits, Object},
    sse::{Decoder, Event},
};
use serde_json::Value;

use super::*;

fn object(text: impl Into<Bytes>) -> Object {
    Object::parse_with(text, &Limits::LENIENT).expect("an object")
}

fn value(object: &Object) -> Value {
    serde_json::from_slice(&object.to_bytes()).expect("JSON")
}

/// What is recorded of a stream that comes in these pieces.
fn record_pieces(shape: Shape, max_bytes: usize, pieces: &[Bytes]) -> Option<Value> {
    let mut recorder = Recorder::new(shape, max_bytes);
    let mut decoder = Decoder::default();
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(event) = decoder.next().expect("within limits") {
            recorder.push(&event);
        }
    }
    if let Some(event) = decoder.finish().expect("within limits") {
        recorder.push(&event);
    }
    recorder.finish().as_ref().map(value)
}

fn record(shape: Shape, stream: impl Into<Bytes>) -> Option<Value> {
    record_pieces(shape, 1 << 20, &[stream.into()])
}

/// The stream that an answer is told as.
fn stream(events: impl Iterator<Item = Event>) -> Bytes {
    let mut out = BytesMut::new();
    for event in events {
        event.encode(&mut out);
    }
    out.freeze()
}
