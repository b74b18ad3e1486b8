//! Whatever a client sends, in any of the shapes, no dialect panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_fuzz::{Answer, exchange};

const PATHS: [&str; 5] =
    ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions", "/v1/embeddings"];

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (path, request) = input;
    let answer = Answer { status: 200, streams: false, pieces: vec![b"{}".to_vec()] };
    exchange(PATHS[usize::from(path) % PATHS.len()], &request, answer);
});
