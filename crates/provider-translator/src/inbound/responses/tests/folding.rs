//! A stream ends with what the whole answer would have been.

use llm_layers_wire::{assemble::Assembler, openai::Chunk};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DONE, chunk, input, sse, streamed, whole};

/// The last response of a stream of these chunks, and the whole answer that they add up to.
fn both(chunks: &[Value]) -> (Value, Value) {
    let request = input(&json!("Hi"));
    let mut assembler = Assembler::new();
    for chunk in chunks {
        assembler.push(&Chunk::parse(chunk.to_string()).expect("a chunk")).expect("it joins");
    }
    let completion = assembler.finish().expect("a choice").to_bytes();
    let completion: Value = serde_json::from_slice(&completion).expect("JSON");
    let events = streamed(&request, &[sse(chunks) + DONE]);
    let mut last = events.last().expect("events")["response"].clone();
    let mut whole = whole(&request, &completion);
    for response in [&mut last, &mut whole] {
        // The clock goes on.
        response["completed_at"] = Value::Null;
    }
    (last, whole)
}

/// Without ids, which count the items; with the texts of one kind in one, in the order of a whole answer.
fn joined(response: &Value) -> Value {
    let (mut thoughts, mut text, mut refusal, mut calls) = (String::new(), String::new(), String::new(), Vec::new());
    let push = |to: &mut String, from: &Value| to.push_str(from.as_str().unwrap_or_default());
    for item in response["output"].as_array().expect("items") {
        match item["type"].as_str() {
            Some("reasoning") => push(&mut thoughts, &item["summary"][0]["text"]),
            Some("message") => {
                for part in item["content"].as_array().expect("parts") {
                    push(&mut text, &part["text"]);
                    push(&mut refusal, &part["refusal"]);
                }
            }
            _ => calls.push(json!([item["call_id"], item["name"], item["arguments"], item["input"]])),
        }
    }
    json!([response["status"], response["incomplete_details"], response["usage"], thoughts, text, refusal, calls])
}

fn delta() -> impl Strategy<Value = Value> {
    let text = "[a-z\"\\\\\u{e9}\u{1f600} ]{0,6}";
    prop_oneof![
        text.prop_map(|text| json!({"content": text})),
        text.prop_map(|text| json!({"refusal": text})),
        text.prop_map(|text| json!({"reasoning_content": text})),
        (0_u32..3, text)
            .prop_map(|(index, text)| json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]})),
    ]
}

/// Deltas in which each call is opened, by its id and name, before it grows; calls are numbered as they come.
fn opened(deltas: Vec<Value>) -> Vec<Value> {
    let mut calls: Vec<Value> = Vec::new();
    deltas
        .into_iter()
        .map(|mut delta| {
            if let Some(call) = delta.get_mut("tool_calls").and_then(|calls| calls.get_mut(0)) {
                let at = calls.iter().position(|known| *known == call["index"]).unwrap_or_else(|| {
                    calls.push(call["index"].clone());
                    call["id"] = format!("call_{}", calls.len()).into();
                    call["type"] = "function".into();
                    call["function"]["name"] = "f".into();
                    calls.len() - 1
                });
                call["index"] = at.into();
            }
            delta
        })
        .collect()
}

/// The order that a whole answer has.
fn rank(delta: &Value) -> usize {
    ["reasoning_content", "content", "refusal", "tool_calls"]
        .iter()
        .position(|name| delta.get(name).is_some())
        .unwrap_or(9)
}

fn chunks(deltas: &[Value], finish: &str) -> Vec<Value> {
    let mut chunks: Vec<_> = deltas.iter().map(|delta| chunk(delta, &Value::Null)).collect();
    chunks.push(chunk(&json!({}), &finish.into()));
    let mut usage = chunk(&json!({}), &Value::Null);
    usage["choices"] = json!([]);
    usage["usage"] = json!({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3});
    chunks.push(usage);
    chunks
}

proptest! {
    #[test]
    fn in_the_usual_order_to_the_byte(
        mut deltas in prop::collection::vec(delta(), 0..12),
        finish in prop::sample::select(vec!["stop", "tool_calls", "length", "content_filter"]),
    ) {
        deltas.sort_by_key(rank);
        let (last, whole) = both(&chunks(&opened(deltas), finish));
        prop_assert_eq!(last, whole);
    }

    #[test]
    fn in_any_order_all_of_it(deltas in prop::collection::vec(delta(), 0..12)) {
        let (last, whole) = both(&chunks(&opened(deltas), "stop"));
        prop_assert_eq!(joined(&last), joined(&whole));
    }
}
