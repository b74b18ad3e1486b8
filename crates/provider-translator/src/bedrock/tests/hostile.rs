//! Whatever comes, nothing panics, and what goes out is JSON.

use proptest::prelude::*;
use serde_json::Map;

use super::*;

/// Words that mean something to the translation, so that chance goes deep.
const NAMES: &[&str] = &[
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
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
    "signature",
    "data",
    "format",
    "index",
    "custom",
    "parameters",
    "strict",
    "properties",
    "schema",
    "json_schema",
    "effort",
    "delta",
    "start",
    "toolUse",
    "toolUseId",
    "input",
    "reasoningContent",
    "reasoningText",
    "redactedContent",
    "citation",
    "citations",
    "citationsContent",
    "location",
    "web",
    "contentBlockIndex",
    "stopReason",
    "usage",
    "inputTokens",
    "output",
    "message",
    "embedding",
    "embeddings",
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
    "reasoning.text",
    "object",
    "json_schema",
    "\u{1f600}",
    "\\\"",
    "tool_use",
    "server_tool_use",
    "malformed_tool_use",
    "high",
    "required",
    "none",
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
    (roles, any_json(), any_json(), any_json()).prop_map(|(role, content, calls, details)| {
        json!({"role": role, "content": content, "tool_calls": calls, "reasoning_details": details, "tool_call_id": "a", "name": "f"})
    })
}

fn any_model() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            CLAUDE,
            NOVA,
            "us.amazon.nova-2-lite-v1:0",
            "meta.llama3-3-70b-instruct-v1:0",
            "mistral.mistral-large-2402-v1:0",
            "openai.gpt-oss-20b-1:0",
            "amazon.titan-embed-text-v2:0",
            "cohere.embed-english-v3",
            "x",
        ][..],
    )
}

proptest! {
    #[test]
    fn any_request(model in any_model(), list in prop::collection::vec(any_message(), 0..5), tools in any_json(), other in any_json(), name in prop::sample::select(&[
        "tool_choice", "response_format", "stop", "temperature", "thinking", "reasoning", "functions", "stream_options", "service_tier", "input",
        "additionalModelRequestFields", "guardrailConfig", "top_k",
    ][..])) {
        for (operation, whole) in [(Operation::ChatCompletion, false), (Operation::ChatCompletion, true), (Operation::Embedding, false)] {
            let mut request = json!({"messages": list, "max_tokens": 100});
            request[name] = other.clone();
            if whole {
                request["tools"] = tools.clone();
            }
            for invokes_claude in [false, true] {
                if let Ok(outgoing) = (Setup { operation, model, invokes_claude, strict: false }).call(&request) {
                    prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_answer(answer in any_json(), content in any_json(), events in prop::collection::vec((prop::sample::select(&[
        "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "chunk", "throttlingException", "x",
    ][..]), any_json(), any_json(), 0..3_u32), 0..8)) {
        let request = with(&json!({"stream": true}));
        let _ = converse(NOVA).whole(&request, &answer);
        let _ = converse(NOVA).whole(&request, &json!({"output": {"message": {"content": content}}, "stopReason": "end_turn"}));
        for model in ["amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"] {
            let setup = Setup { operation: Operation::Embedding, ..converse(model) };
            let _ = setup.whole(&json!({"input": "a"}), &answer);
        }
        let mut frames = frame("messageStart", "{}");
        for (name, a, b, index) in events {
            let payload = json!({"contentBlockIndex": index, "delta": a, "start": b, "usage": a, "stopReason": "end_turn", "bytes": "e30="});
            frames.extend(frame(name, &payload.to_string()));
        }
        for invokes_claude in [false, true] {
            let setup = Setup { invokes_claude, ..converse(CLAUDE) };
            let (data, _) = setup.streamed(&request, &[Bytes::from(frames.clone())]);
            for data in data.iter().filter(|data| *data != "[DONE]") {
                prop_assert!(serde_json::from_str::<Value>(data).is_ok(), "{data}");
            }
        }
    }
}

/// What grows with the square of its size would take minutes here.
#[test]
fn much_of_one_kind_is_no_feast() {
    let many = 20_000;
    let files: Vec<Value> = (0..many)
        .map(|_| json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "JVBERi0xLjQKJQ=="}, "cache_control": {"type": "ephemeral"}}))
        .collect();
    let (body, _) = converse(CLAUDE).sent(&json!({"messages": [{"role": "user", "content": files}]}));
    assert_eq!(body["messages"][0]["content"].as_array().map(Vec::len), Some(many + 4 + 1));
}

#[test]
fn more_than_anybody_reads_is_named_and_not_kept() {
    let long = "x".repeat(300 << 10);
    let cited = json!({"citationsContent": {"content": [{"text": "a"}], "citations": vec![json!({"title": long}); 4]}});
    let answer = json!({
        "output": {"message": {"content": [cited]}}, "stopReason": "end_turn",
        "trace": vec![&long; 4], "metrics": {"latencyMs": 1},
    });
    let whole = converse(NOVA).whole(&with(&json!({})), &answer).expect("an answer");
    assert_eq!(whole["native"], json!({"metrics": {"latencyMs": 1}, "left_out": ["trace", "citations"]}));
}

#[test]
fn nothing_of_a_stream_is_held_without_bounds() {
    let delta = |index: usize, delta: Value| {
        frame("contentBlockDelta", &json!({"contentBlockIndex": index, "delta": delta}).to_string())
    };
    let stream = |frames: Vec<Vec<u8>>| {
        let mut all = frame("messageStart", "{}");
        all.extend(frames.concat());
        all.extend(frame("messageStop", r#"{"stopReason":"end_turn"}"#));
        all.extend(frame("metadata", "{}"));
        converse(NOVA).streamed(&with(&json!({"stream": true})), &[Bytes::from(all)])
    };
    let (_, end) = stream((0..1000).map(|index| delta(index, json!({"text": "x"}))).collect());
    assert_eq!(end.expect_err("too many blocks").error().code.as_deref(), Some("upstream_protocol_error"));

    let piece = "s".repeat(1 << 20);
    let (data, end) = stream((0..8).map(|_| delta(0, json!({"reasoningContent": {"signature": piece}}))).collect());
    end.expect("a whole answer");
    assert!(data.iter().map(String::len).sum::<usize>() < 5 << 20);

    let source = json!({"citation": {"title": "t", "location": {"web": {"url": "u"}}}});
    let (data, end) = stream((0..5000).map(|_| delta(0, source.clone())).collect());
    end.expect("a whole answer");
    let count = |word: &str| data.iter().map(|data| data.matches(word).count()).sum::<usize>();
    assert_eq!((count("url_citation\":{"), count(r#""native":{"left_out":["citations"]}"#)), (4096, 1));

    let source = json!({"citation": {"title": "t", "location": {"documentChar": {"documentIndex": 0}}}});
    for (sources, native) in [(4096, r#""native":{"citations":[{"#), (4097, r#""native":{"left_out":["citations"]}"#)] {
        let (data, end) = stream((0..sources).map(|_| delta(0, source.clone())).collect());
        end.expect("a whole answer");
        assert!(data.iter().any(|data| data.contains(native)), "{sources}");
    }
}
