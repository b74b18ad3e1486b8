//! What the tests of the shapes with named events share.

use bytes::{Bytes, BytesMut};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Recorder, Replay, Shape};

/// A plain answer, and the events of the stream that tells the same.
pub(super) struct Fixture {
    pub(super) plain: Value,
    pub(super) events: Vec<Event>,
}

impl Fixture {
    pub(super) fn read(text: &str) -> Self {
        let mut fixture: Value = serde_json::from_str(text).unwrap();
        assert!(!fixture["source"].as_str().unwrap().is_empty());
        let events = fixture["events"].as_array().unwrap().iter().map(event).collect();
        Self { plain: fixture["plain"].take(), events }
    }
}

/// An event that is named as its type.
pub(super) fn event(data: &Value) -> Event {
    Event::new(data.to_string()).with_name(data["type"].as_str().unwrap().to_owned())
}

/// Events as they go over the wire.
pub(super) fn written(events: &[Event]) -> Bytes {
    let mut out = BytesMut::new();
    events.iter().for_each(|event| event.encode(&mut out));
    out.freeze()
}

/// What is recorded of a stream that comes in pieces.
pub(super) fn recorded_of(shape: Shape, pieces: &[Bytes]) -> Option<Value> {
    let (mut decoder, mut recorder) = (Decoder::default(), Recorder::new(shape, 1 << 20));
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(event) = decoder.next().unwrap() {
            recorder.push(&event);
        }
    }
    value(recorder.finish()?)
}

pub(super) fn recorded<'a>(shape: Shape, events: impl IntoIterator<Item = &'a Event>) -> Option<Value> {
    recorded_within(shape, 1 << 20, events)
}

pub(super) fn recorded_within<'a>(
    shape: Shape,
    max_bytes: usize,
    events: impl IntoIterator<Item = &'a Event>,
) -> Option<Value> {
    let mut recorder = Recorder::new(shape, max_bytes);
    events.into_iter().for_each(|event| recorder.push(event));
    value(recorder.finish()?)
}

fn value(object: Object) -> Option<Value> {
    serde_json::from_slice(&object.to_bytes()).ok()
}

pub(super) fn object(value: &Value) -> Object {
    Object::parse(value.to_string()).unwrap()
}

pub(super) fn replayed(shape: Shape, answer: &Object, piece_chars: usize) -> Vec<Event> {
    shape.replay(answer, Replay { include_usage: false, piece_chars }).collect()
}

/// The data of events.
pub(super) fn data(events: &[Event]) -> Vec<Value> {
    events.iter().map(|event| serde_json::from_slice(event.data().unwrap()).unwrap()).collect()
}

/// A stream of events that have lost, doubled or exchanged some, or that end early.
pub(super) fn torn(events: Vec<Event>) -> impl Strategy<Value = Vec<Event>> {
    let places = proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 0..4);
    places.prop_map(move |changes| {
        let mut events = events.clone();
        for (one, other, change) in changes {
            if events.is_empty() {
                break;
            }
            let (one, other) = (one.index(events.len()), other.index(events.len()));
            match change {
                0 => _ = events.remove(one),
                1 => events.insert(other, events[one].clone()),
                2 => events.swap(one, other),
                _ => events.truncate(one),
            }
        }
        events
    })
}

pub(super) fn texts() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec!['"', '\\', '\n', '\u{0}', 'é', '漢', '😀', '\u{2028}', '{']);
    proptest::collection::vec(prop_oneof![any::<char>(), odd], 0..40).prop_map(|chars| chars.into_iter().collect())
}

/// Any JSON that reads back as it was.
pub(super) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            objects(inner).prop_map(Value::from),
        ]
    })
}

pub(super) fn objects(values: impl Strategy<Value = Value>) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    proptest::collection::vec(("[a-z\"\\\\é]{0,4}", values), 0..4).prop_map(|members| members.into_iter().collect())
}

/// Sets a member that no format has, half of the time.
pub(super) fn with_unknown(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (value, proptest::option::of(values())).prop_map(|(mut value, unknown)| {
        if let Some(unknown) = unknown {
            value["x_unknown"] = json!({"a": unknown});
        }
        value
    })
}
