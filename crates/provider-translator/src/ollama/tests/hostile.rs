//! Whatever comes, nothing panics, and what goes out is JSON.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::testing::with;

/// Words that mean something to the translation, so that chance goes deep.
const NAMES: &[&str] = &[
    "message",
    "content",
    "thinking",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "id",
    "done",
    "done_reason",
    "model",
    "created_at",
    "prompt_eval_count",
    "eval_count",
    "logprobs",
    "token",
    "logprob",
    "bytes",
    "top_logprobs",
    "num_ctx",
];
const WORDS: &[&str] = &["", "stop", "length", "{}", "\u{1f600}", "\\\"", "f", "2026-11-21T01:43:24Z", "0000-00-00"];

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

fn any_line() -> impl Strategy<Value = Value> {
    (any_json(), any_json(), any::<bool>()).prop_map(|(message, other, done)| {
        json!({"message": message, "done": done, "done_reason": other, "created_at": "x", "logprobs": null})
    })
}

proptest! {
    #[test]
    fn any_answer(answer in any_json(), line in any_line()) {
        let _ = BENCH.whole(&with(&json!({})), &answer);
        let _ = BENCH.whole(&with(&json!({})), &line);
    }

    #[test]
    fn any_stream(lines in prop::collection::vec(any_line(), 0..8)) {
        let stream: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (data, _) = BENCH.streamed(&with(&json!({"stream": true})), &[stream.into()]);
        for data in data.iter().filter(|data| *data != "[DONE]") {
            prop_assert!(serde_json::from_str::<Value>(data).is_ok(), "{data}");
        }
    }

    #[test]
    fn any_member(value in any_json(), name in prop::sample::select(&[
        "tools", "tool_choice", "response_format", "stop", "think", "reasoning", "options", "keep_alive", "messages",
        "num_ctx", "seed", "temperature", "top_k", "n", "logprobs", "top_logprobs",
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

    let options: Map<_, _> = (0..many).map(|n| (format!("o{n}"), json!(n))).collect();
    let (body, _) = BENCH.sent(&with(&json!({"options": options, "num_ctx": 1})));
    assert_eq!(body["options"].as_object().map(Map::len), Some(many + 1));
}
