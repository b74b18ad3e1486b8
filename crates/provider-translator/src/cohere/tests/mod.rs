//! The whole of the translation, from JSON to JSON.

mod answers;
mod embeddings;
mod hostile;
mod requests;

use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_wire::sse::{Decoder, Event};

use super::Cohere;
use crate::testing::Bench;

const BENCH: Bench<Cohere> = Bench { format: Cohere, cut };

fn cut(pieces: &[Bytes]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(event) = decoder.next().expect("within limits") {
            events.push(event);
        }
    }
    events.extend(decoder.finish().expect("within limits"));
    events
}
