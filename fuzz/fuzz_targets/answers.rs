//! Whatever a provider answers, whole or streamed, in pieces of any size, no dialect panics or waits for more.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_fuzz::{Answer, exchange};

const PATHS: [&str; 4] = ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings"];

fuzz_target!(|input: (u8, u16, bool, Vec<Vec<u8>>)| {
    let (path, status, streams, pieces) = input;
    let path = PATHS[usize::from(path) % PATHS.len()];
    let status = if status % 4 == 0 { 200 + status % 400 } else { 200 };
    let tool = r#"{"type":"function","function":{"name":"a.b","parameters":{"type":"object"}}}"#;
    let request = match path {
        "/v1/messages" => r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"a"}]}"#.into(),
        "/v1/responses" => r#"{"model":"m","stream":true,"input":"a"}"#.into(),
        "/v1/embeddings" => r#"{"model":"m","input":["a","b"]}"#.into(),
        _ => format!(
            r#"{{"model":"m","stream":{streams},"stream_options":{{"include_usage":true}},"tools":[{tool}],"messages":[{{"role":"user","content":"a"}}]}}"#
        ),
    };
    exchange(path, request.as_bytes(), Answer { status, streams, pieces });
});
