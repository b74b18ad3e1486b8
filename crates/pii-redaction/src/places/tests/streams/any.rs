use proptest::prelude::*;

use super::*;

/// Values in the places where a provider has its own, and in others.
fn event_data() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<u32>().prop_map(Value::from),
        prop::sample::select(vec![TOKEN, "<EMA", "a", "", "text_delta", "text", "stop", "response.output_text.delta"])
            .prop_map(Value::from),
        prop::sample::select(vec![
            "content_block_delta",
            "content_block_stop",
            "response.output_text.done",
            "message_stop"
        ])
        .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "choices",
        "delta",
        "content",
        "text",
        "index",
        "type",
        "finish_reason",
        "tool_calls",
        "function",
        "arguments",
        "content_block",
        "output_index",
        "sequence_number",
        "logprobs",
        "usage",
        "audio",
        "transcript",
        "error",
        "role",
    ]);
    let json = leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop_oneof![6 => json.prop_map(|json| json.to_string()), 1 => "[ -~\u{e9}]{0,40}"]
}

proptest! {
    #[test]
    fn any_event_is_seen_to(all in prop::collection::vec(event_data(), 1..8), which in 0..ALL.len()) {
        let operation = ALL[which].0;
        let stream: String = all.iter().map(|data| format!("data: {data}\n\n")).collect();
        let mut holder = Holder::default();
        let (out, sent) = run(operation, &stream, &mut holder);
        prop_assert!(holder.held.is_empty());
        for event in &out {
            let data = event.data().unwrap_or_default();
            let was_json = all.iter().all(|data| serde_json::from_str::<Value>(data).is_ok());
            prop_assert!(!was_json || serde_json::from_slice::<Value>(data).is_ok(), "{}", sent);
        }
        if !stream.contains("<EM") {
            prop_assert_eq!(sent, stream);
        }
    }
}
