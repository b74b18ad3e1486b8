//! Whatever comes, nothing panics, and what goes out is JSON.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Words that mean something to the translation, so that chance goes deep.
const NAMES: &[&str] = &[
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
    "tool_call_id",
    "id",
    "function",
    "name",
    "arguments",
    "image_url",
    "url",
    "file",
    "file_data",
    "filename",
    "cache_control",
    "ttl",
    "reasoning_details",
    "thinking_blocks",
    "signature",
    "data",
    "format",
    "index",
    "custom",
    "input",
    "parameters",
    "strict",
    "properties",
    "anyOf",
    "items",
    "$ref",
    "enum",
    "refusal",
    "function_call",
    "delta",
    "message",
    "usage",
    "content_block",
    "stop_reason",
    "partial_json",
    "thinking",
    "native",
    "length",
    "citations",
    "caller",
];
const WORDS: &[&str] = &[
    "",
    " ",
    "user",
    "assistant",
    "system",
    "tool",
    "function",
    "text",
    "image_url",
    "file",
    "a",
    "{}",
    "{\"a\":1}",
    "[",
    "data:image/png;base64,iVBORw0KGgoAAAAN",
    "data:,x",
    "data:\u{fffd};base64,ÿ",
    "reasoning.text",
    "thinking",
    "object",
    "\u{1f600}",
    "\\\"",
    "content_block_start",
    "content_block_delta",
    "message_start",
    "tool_use",
    "input_json_delta",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

fn any_message() -> impl Strategy<Value = Value> {
    let roles = prop::sample::select(&["user", "assistant", "system", "tool", "function", "developer"][..]);
    (roles, any_json(), any_json(), any_json(), any_json()).prop_map(|(role, content, calls, details, native)| {
        json!({"role": role, "content": content, "tool_calls": calls, "reasoning_details": details, "tool_call_id": "a", "name": "f", "native": {"content": native}})
    })
}

proptest! {
    #[test]
    fn any_request(list in prop::collection::vec(any_message(), 0..5), tools in any_json(), other in any_json(), name in prop::sample::select(&[
        "tool_choice", "response_format", "stop", "temperature", "thinking", "reasoning", "functions", "cache_control", "stream_options", "user",
    ][..])) {
        for whole in [false, true] {
            let mut request = json!({"messages": list, "max_tokens": 100});
            request[name] = other.clone();
            if whole {
                request["tools"] = tools.clone();
            }
            if let Ok(translated) = run(&request, &options(MODEL)) {
                prop_assert!(serde_json::from_slice::<Value>(&translated.body).is_ok());
            }
        }
    }

    #[test]
    fn any_schema(schema in any_json()) {
        for members in [
            json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": schema, "strict": true}}]}),
            json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}),
            json!({"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}),
        ] {
            if let Ok(translated) = run(&with(&members), &options(MODEL)) {
                prop_assert!(serde_json::from_slice::<Value>(&translated.body).is_ok());
            }
        }
    }

    #[test]
    fn any_answer(answer in any_json(), events in prop::collection::vec((prop::sample::select(&[
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop", "error",
    ][..]), any_json(), any_json(), 0..3_u32), 0..8)) {
        let _ = Box::new(answer_to(&with(&json!({})))).whole(Bytes::from(answer.to_string()));
        let events: Vec<Value> = events.into_iter().map(|(kind, a, b, index)| {
            json!({"type": kind, "index": index, "delta": a, "content_block": b, "message": b, "usage": a})
        }).collect();
        let (data, _) = streamed(&with(&json!({"stream": true})), &[sse(&events).as_bytes()]);
        for data in data.iter().filter(|data| *data != "[DONE]") {
            prop_assert!(serde_json::from_str::<Value>(data).is_ok(), "{data}");
        }
    }
}

/// What grows with the square of its size would take minutes here.
#[test]
fn much_of_one_kind_is_no_feast() {
    let many = 20_000;
    let calls: Vec<Value> = (0..many)
        .map(|_| json!({"id": "a", "type": "function", "function": {"name": "f.g", "arguments": "{}"}}))
        .collect();
    let results = (0..many).map(|_| json!({"role": "tool", "tool_call_id": "a", "content": "r"}));
    let mut list = vec![json!({"role": "user", "content": "q"}), json!({"role": "assistant", "tool_calls": calls})];
    list.extend(results);
    let (body, _) = sent(&messages(&json!(list)));
    assert_eq!(body["messages"][2]["content"].as_array().map(Vec::len), Some(many));

    let mut unknown = Map::new();
    for n in 0..many {
        unknown.insert(format!("x{n}"), json!(n));
    }
    let format = json!({"type": "json_schema", "json_schema": {"schema": unknown}});
    sent(&with(&json!({"response_format": format})));
}
