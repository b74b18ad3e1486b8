//! Whatever comes, nothing panics, and what goes out is JSON.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Words that mean something to the translation, so that chance goes deep.
const NAMES: &[&str] = &[
    "candidates",
    "content",
    "parts",
    "text",
    "thought",
    "thoughtSignature",
    "functionCall",
    "id",
    "name",
    "args",
    "index",
    "finishReason",
    "groundingMetadata",
    "groundingChunks",
    "groundingSupports",
    "segment",
    "startIndex",
    "endIndex",
    "web",
    "uri",
    "groundingChunkIndices",
    "promptFeedback",
    "blockReason",
    "usageMetadata",
    "promptTokenCount",
    "totalTokenCount",
    "logprobsResult",
    "chosenCandidates",
    "error",
    "details",
    "violations",
    "$ref",
    "properties",
    "items",
    "anyOf",
    "allOf",
    "const",
    "$defs",
    "definitions",
    "type",
    "google",
    "safety_settings",
];
const WORDS: &[&str] = &[
    "",
    "a",
    "STOP",
    "OTHER",
    "SAFETY",
    "#/properties/a",
    "#",
    "#/$defs/a",
    "object",
    "\u{1f600}é",
    "YQ==",
    "37s",
    "{}",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

/// Right in its shape, so that chance reaches what is within.
fn any_answer() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        any_json(),
        prop::sample::select(WORDS).prop_map(|text| json!({"text": text})),
        (prop::sample::select(WORDS), any_json())
            .prop_map(|(name, args)| json!({"functionCall": {"name": name, "args": args}})),
    ];
    let parts = prop::collection::vec(part, 0..4);
    let segment =
        (0..20_usize, 0..20_usize).prop_map(|(start, end)| json!({"startIndex": start, "endIndex": end, "text": "é"}));
    (parts, segment, prop::sample::select(WORDS), any_json(), any::<u32>()).prop_map(|(parts, segment, reason, other, index)| {
        let grounding = json!({"groundingChunks": [{"web": {"uri": "u"}}], "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0, 7]}]});
        let candidate = json!({"index": index % 10, "content": {"parts": parts}, "finishReason": reason, "groundingMetadata": grounding});
        json!({"candidates": [candidate], "usageMetadata": other})
    })
}

proptest! {
    #[test]
    fn any_schema(schema in any_json(), extra in any_json()) {
        for members in [
            json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}),
            json!({"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}),
            json!({"extra_body": extra, "google": schema, "web_search_options": extra, "thinking": schema}),
        ] {
            if let Ok(outgoing) = chat(NEW, &with(&members)) {
                prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
            }
        }
    }

    #[test]
    fn any_conversation(content in any_json(), calls in any_json(), name in prop::sample::select(WORDS)) {
        let list = json!([
            {"role": "user", "content": content},
            {"role": "assistant", "content": "x", "tool_calls": [{"id": "1", "function": {"name": name, "arguments": "{}"}, "extra_content": calls}]},
            {"role": "tool", "tool_call_id": "1", "content": calls.to_string()},
        ]);
        for model in [NEW, OLD] {
            if let Ok(outgoing) = chat(model, &messages(&list)) {
                prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
            }
        }
    }

    #[test]
    fn any_stream(chunks in prop::collection::vec(prop_oneof![any_json(), any_answer()], 0..5)) {
        for chunk in &chunks {
            let _ = tried(&with(&json!({})), chunk);
        }
        let _ = run_all(&chunks);
    }

    #[test]
    fn any_error(body in any_json()) {
        let _ = super::super::errors::in_stream(json!({"error": body}).to_string().as_bytes(), "p");
        let _ = super::super::errors::in_stream(body.to_string().as_bytes(), "p");
    }
}

fn run_all(chunks: &[Value]) -> Vec<Value> {
    streamed(&streaming(), &[sse(chunks)]).0
}

/// What grows with the square of its size would take minutes here.
#[test]
fn much_of_one_kind_is_no_feast() {
    let many = 20_000;
    let calls: Vec<Value> = (0..many)
        .map(|_| json!({"id": "a", "type": "function", "function": {"name": "f g", "arguments": "{}"}}))
        .collect();
    let mut list = vec![json!({"role": "user", "content": "q"}), json!({"role": "assistant", "tool_calls": calls})];
    list.extend((0..many).map(|_| json!({"role": "tool", "tool_call_id": "a", "content": "r"})));
    let (body, _) = sent(&messages(&json!(list)));
    assert_eq!(body["contents"][2]["parts"].as_array().map(Vec::len), Some(many));

    let properties: Map<String, Value> =
        (0..many).map(|n| (format!("x{n}"), json!({"$ref": "#/properties/x0/items"}))).collect();
    let schema = json!({"type": "object", "properties": properties});
    let _ =
        chat(NEW, &with(&json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]})));
}

#[test]
fn more_than_anybody_reads_is_named_and_not_kept() {
    let mut answer = answered(&json!([{"text": "x"}]), "STOP");
    answer["candidates"][0]["groundingMetadata"] =
        json!({"searchEntryPoint": {"renderedContent": "x".repeat(1 << 20)}});
    answer["candidates"][0]["avgLogprobs"] = json!(-0.5);
    let native = whole(&with(&json!({})), &answer)["native"].clone();
    assert_eq!(native, json!({"candidates": [{"avgLogprobs": -0.5, "index": 0, "left_out": ["groundingMetadata"]}]}));
}
