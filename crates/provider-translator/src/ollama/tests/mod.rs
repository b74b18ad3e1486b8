//! The whole of the translation, from JSON to JSON.

mod answers;
mod embeddings;
mod hostile;
mod requests;

use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_wire::sse::{Event, Limits};

use super::Ollama;
use crate::{framing::ndjson::Lines, testing::Bench};

const BENCH: Bench<Ollama> = Bench { format: Ollama, cut };

fn cut(pieces: &[Bytes]) -> Vec<Event> {
    let mut lines = Lines::new(Limits::DEFAULT);
    let mut events = Vec::new();
    for piece in pieces {
        lines.push(piece.clone());
        while let Some(event) = lines.next().expect("within limits") {
            events.push(event);
        }
    }
    events.extend(lines.finish().expect("within limits"));
    events
}
