//! Chunks survive being read and edited; whatever a stream assembles to is JSON, and survives being split.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use llm_layers_wire::{
    assemble::{Assembler, SplitOptions, split},
    openai::{Chunk, Completion, CompletionChoice},
    sse::Decoder,
};
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|stream: &[u8]| {
    let mut decoder = Decoder::default();
    decoder.push(Bytes::copy_from_slice(stream));
    let mut assembler = Assembler::with_max_bytes(1 << 20);
    while let Ok(Some(event)) = decoder.next() {
        if let Some(chunk) = event.chunk() {
            edit(chunk);
            _ = assembler.push(chunk);
        }
    }
    if let Ok(completion) = assembler.finish() {
        split_and_join(completion.to_bytes());
    }
});

fn edit(chunk: &Chunk) {
    let mut edited = chunk.clone();
    for choice in edited.choices_mut() {
        choice.delta_mut().set("content", "new");
        choice.object_mut().set("finish_reason", "stop");
    }
    let again = Chunk::parse(edited.to_bytes()).expect("a chunk after the edit");
    assert_eq!(again.choices().len(), chunk.choices().len());
    for choice in again.choices() {
        assert_eq!(choice.delta().text("content").as_deref(), Some("new"));
        assert_eq!(choice.finish_reason().as_deref(), Some("stop"));
    }
}

/// Once joined, a completion is in its normal form: to split and to join it again changes nothing.
fn split_and_join(text: Bytes) {
    assert_json(&text);
    let completion = Completion::parse(text).expect("a completion");
    let options = SplitOptions::default().with_include_usage(true).with_piece_chars(3);
    let mut assembler = Assembler::new();
    for chunk in split(&completion, &options) {
        assert_json(&chunk.to_bytes());
        assembler.push(&chunk).expect("chunks of our own making");
    }
    let again = Completion::parse(assembler.finish().expect("a completion").to_bytes()).expect("a completion");
    assert_eq!(again.choices().len(), completion.choices().len());
    for (again, choice) in again.choices().iter().zip(completion.choices()) {
        for name in ["content", "refusal", "reasoning", "reasoning_details", "audio", "tool_calls"] {
            // White space may differ; a text with a lone surrogate is no `Value`, and is looked at no closer.
            let value = |choice: &CompletionChoice| choice.message().read::<Value>(name).ok().flatten();
            assert_eq!(value(again), value(choice), "{name}");
        }
    }
}

fn assert_json(text: &[u8]) {
    serde_json::from_slice::<IgnoredAny>(text).expect("JSON");
}
