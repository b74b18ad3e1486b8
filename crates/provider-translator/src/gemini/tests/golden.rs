//! Recorded shapes: what is sent, and what answers become, streamed and whole.

use llm_layers_testkit::split::for_every_split;
use llm_layers_wire::{assemble::Assembler, openai::Chunk};
use serde_json::{Value, json};

use super::*;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("a fixture")
}

#[test]
fn requests() {
    let fixture = parse(include_str!("../../../fixtures/gemini/requests.json"));
    for case in fixture["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("a name");
        let (body, warnings) = sent_to(case["model"].as_str().expect("a model"), &case["openai"]);
        assert_eq!(body, case["native"], "{name}: {body}");
        assert_eq!(warnings, case["warnings"].as_str().unwrap_or_default(), "{name}");
    }
}

#[test]
fn answers_streamed_and_whole() {
    for (whole_text, stream) in [
        (include_str!("../../../fixtures/gemini/tools.json"), include_str!("../../../fixtures/gemini/tools.sse")),
        (include_str!("../../../fixtures/gemini/grounded.json"), include_str!("../../../fixtures/gemini/grounded.sse")),
    ] {
        let fixture = parse(whole_text);
        let expected = &fixture["openai"];
        let request = streaming();
        assert_eq!(whole(&request, &fixture["native"]), *expected, "{}", whole(&request, &fixture["native"]));

        // As Google's own servers end lines.
        let stream = stream.replace('\n', "\r\n");
        let (chunks, end) = for_every_split(stream, |pieces| {
            let (chunks, end) = streamed(&request, pieces);
            (chunks, end.map_err(|failure| failure.to_string()))
        });
        assert_eq!(end, Ok(()));
        assert_eq!(chunks.last(), Some(&json!("[DONE]")));
        let mut assembler = Assembler::new();
        for chunk in chunks.iter().filter(|chunk| chunk.is_object()) {
            assembler.push(&Chunk::parse(chunk.to_string()).expect("a chunk")).expect("it joins");
        }
        let assembled = assembler.finish().expect("a completion").to_bytes();
        let assembled: Value = serde_json::from_slice(&assembled).expect("JSON");
        assert_eq!(assembled, *expected, "{assembled}");
    }
}
