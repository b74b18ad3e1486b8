//! Whatever comes, nothing panics, and what goes out is JSON.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::testing::with;

/// Words that mean something to the translation, so that chance goes deep.
const NAMES: &[&str] = &[
    "message",
    "delta",
    "content",
    "text",
    "thinking",
    "tool_plan",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "id",
    "citations",
    "sources",
    "document",
    "url",
    "start",
    "end",
    "content_index",
    "usage",
    "tokens",
    "input_tokens",
    "finish_reason",
    "type",
    "error",
];
const WORDS: &[&str] = &["", "COMPLETE", "ERROR", "TIMEOUT", "MAX_TOKENS", "text", "{}", "\u{1f600}", "\\\"", "f"];
const KINDS: &[&str] = &[
    "message-start",
    "content-start",
    "content-delta",
    "content-end",
    "tool-plan-delta",
    "tool-call-start",
    "tool-call-delta",
    "tool-call-end",
    "citation-start",
    "message-end",
    "made-up",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer(answer in any_json()) {
        let _ = BENCH.whole(&with(&json!({})), &answer);
    }

    #[test]
    fn any_stream(events in prop::collection::vec((prop::sample::select(KINDS), any_json(), 0..3_u32), 0..8)) {
        let event = |(kind, message, index): &(&str, Value, u32)| {
            let delta = if *kind == "message-end" { message.clone() } else { json!({"message": message}) };
            format!("data: {}\n\n", json!({"type": kind, "id": "a", "index": index, "delta": delta}))
        };
        let stream: String = events.iter().map(event).collect();
        let (data, _) = BENCH.streamed(&with(&json!({"stream": true})), &[stream.into()]);
        for data in data.iter().filter(|data| *data != "[DONE]") {
            prop_assert!(serde_json::from_str::<Value>(data).is_ok(), "{data}");
        }
    }

    #[test]
    fn any_member(value in any_json(), name in prop::sample::select(&[
        "tools", "tool_choice", "response_format", "stop", "thinking", "reasoning", "documents", "priority", "messages",
        "service_tier", "seed", "temperature", "top_k", "n", "citation_options", "safety_mode",
    ][..])) {
        let mut members = json!({});
        members[name] = value;
        if let Ok(outgoing) = BENCH.call(Operation::ChatCompletion, &with(&members), false) {
            prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
        }
    }
}

/// What grows with the square of its size would take minutes here.
#[test]
fn much_of_one_kind_is_no_feast() {
    let many = 20_000;
    let call = json!({"id": "a", "type": "function", "function": {"name": "f.g", "arguments": "{}"}});
    let mut messages = vec![json!({"role": "assistant", "tool_calls": vec![call; many]})];
    messages.extend(vec![json!({"role": "tool", "tool_call_id": "a", "content": "r"}); many]);
    let (body, _) = BENCH.sent(&json!({"messages": messages}));
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(many + 1));
}

#[test]
fn more_sources_than_anybody_reads_are_named_and_not_kept() {
    let citation =
        json!({"start": 0, "end": 1, "sources": [{"type": "document", "document": {"text": "x".repeat(200 << 10)}}]});
    let answer = |count: usize| {
        let message = json!({"content": [{"type": "text", "text": "a"}], "citations": vec![&citation; count]});
        BENCH
            .whole(&with(&json!({})), &json!({"id": "a", "finish_reason": "COMPLETE", "message": message}))
            .expect("an answer")
    };
    assert_eq!(answer(4)["native"]["citations"].as_array().map(Vec::len), Some(4));
    assert_eq!(answer(5)["native"], json!({"left_out": ["citations"]}));
}
