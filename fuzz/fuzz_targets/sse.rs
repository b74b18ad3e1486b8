//! The cuts of a stream do not matter, and no byte is lost. The first bytes say where to cut.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use llm_layers_wire::sse::{Decoder, Event};

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (cuts, stream) = input;
    let stream = Bytes::from(stream);
    let whole = decode([stream.clone()]);
    let cut = decode(pieces(&stream, &cuts));
    for events in [&whole, &cut] {
        let raw: Vec<u8> = events.iter().flat_map(Event::to_bytes).collect();
        assert_eq!(raw, stream);
    }
    assert!(fields(&whole).eq(fields(&cut)), "{whole:?} {cut:?}");
});

/// Pieces of the lengths in `cuts`, then the rest.
fn pieces(stream: &Bytes, cuts: &[u8]) -> Vec<Bytes> {
    let mut rest = stream.clone();
    let mut pieces: Vec<Bytes> = cuts.iter().map(|&cut| rest.split_to(usize::from(cut).min(rest.len()))).collect();
    pieces.push(rest);
    pieces
}

fn decode(pieces: impl IntoIterator<Item = Bytes>) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next().expect("inputs are smaller than the limits") {
            events.push(event);
        }
    }
    events.extend(decoder.finish().expect("inputs are smaller than the limits"));
    events
}

type Fields<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, Option<&'a [u8]>, Option<u64>, bool);

/// A block that says nothing may stand at the end of a stream that was cut within a line end.
fn fields(events: &[Event]) -> impl Iterator<Item = Fields<'_>> {
    events
        .iter()
        .map(|event| (event.name(), event.data(), event.id(), event.retry(), event.is_terminated()))
        .filter(|fields| !matches!(fields, (None, None, None, None, _)))
}
