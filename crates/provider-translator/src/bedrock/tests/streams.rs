use llm_layers_testkit::split::for_every_split;
use llm_layers_wire::{assemble::Assembler, openai::Chunk};

use super::*;
use crate::testing::chunks;

const RECORDED: &str = include_str!("../../../fixtures/bedrock/converse_stream.txt");

fn asked() -> Value {
    with(&json!({"stream": true, "stream_options": {"include_usage": true}}))
}

fn stream(frames: &[Vec<u8>]) -> Bytes {
    Bytes::from(frames.concat())
}

/// The same answer, had it not been streamed.
fn recorded_whole() -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"reasoningContent": {"redactedContent": "cmVk"}},
            {"text": "Let me chück \u{1f600}\n\"."},
            {"toolUse": {"toolUseId": "srv_1", "name": "nova_grounding", "input": {}, "type": "server_tool_use"}},
            {"toolUse": {"toolUseId": "tooluse_1", "name": "add", "input": {"a": 1}}},
            {"toolUse": {"toolUseId": "tooluse_2", "name": "now", "input": {}}},
        ]}},
        "stopReason": "tool_use",
        "metrics": {"latencyMs": 1085},
        "usage": {
            "inputTokens": 12, "outputTokens": 34, "totalTokens": 2099,
            "cacheReadInputTokens": 2048, "cacheWriteInputTokens": 5,
        },
    })
}

#[test]
fn a_stream_is_what_openai_would_have_streamed() {
    let (data, end) = converse(CLAUDE).streamed(&asked(), &[stream(&recorded(RECORDED))]);
    end.expect("a whole answer");
    assert_eq!(data.last().map(String::as_str), Some("[DONE]"));
    let mut chunks = chunks(&data);
    let delta = |delta: Value| (delta, json!(null));
    let call = |call: Value| delta(json!({"tool_calls": [call]}));
    let detail = |detail: Value| delta(json!({"reasoning_details": [detail]}));
    let expected = [
        delta(json!({"role": "assistant", "content": null})),
        delta(json!({"reasoning_content": "h"})),
        delta(json!({"reasoning_content": "m"})),
        detail(
            json!({"type": "reasoning.text", "index": 0, "text": "hm", "signature": "c2ln", "format": "bedrock-v1"}),
        ),
        detail(json!({"type": "reasoning.encrypted", "index": 1, "data": "cmVk", "format": "bedrock-v1"})),
        delta(json!({"content": "Let me "})),
        delta(json!({"content": "chück \u{1f600}\n\"."})),
        call(json!({"index": 0, "id": "tooluse_1", "type": "function", "function": {"name": "add", "arguments": ""}})),
        call(json!({"index": 0, "function": {"arguments": "{\"a\""}})),
        call(json!({"index": 0, "function": {"arguments": ":1}"}})),
        call(json!({"index": 1, "id": "tooluse_2", "type": "function", "function": {"name": "now", "arguments": ""}})),
        call(json!({"index": 1, "function": {"arguments": "{}"}})),
        (json!({}), json!("tool_calls")),
    ];
    assert_eq!(chunks.len(), expected.len() + 1);
    let last = chunks[expected.len() - 1].as_object_mut().expect("an object").remove("native");
    assert_eq!(last, Some(json!({"metrics": {"latencyMs": 1085}})));
    let id = chunks[0]["id"].as_str().expect("an id");
    assert!(id.starts_with("chatcmpl-"), "{id}");
    for (chunk, (delta, finish)) in chunks.iter().zip(expected) {
        assert_eq!(
            *chunk,
            json!({
                "id": id, "object": "chat.completion.chunk", "created": 1, "model": CLAUDE, "usage": null,
                "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
            })
        );
    }
    let usage = &chunks.last().expect("a chunk")["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(2065), &json!(34)));
    let details = json!({"cached_tokens": 2048, "cache_write_tokens": 5});
    assert_eq!((&usage["total_tokens"], &usage["prompt_tokens_details"]), (&json!(2099), &details));
}

#[test]
fn cut_anywhere_it_stays_the_same() {
    let frames = stream(&recorded(RECORDED));
    let data = for_every_split(frames, |pieces| {
        let (data, end) = converse(CLAUDE).streamed(&asked(), pieces);
        assert!(end.is_ok());
        let done = data.last().cloned();
        (chunks(&data), done)
    });
    assert_eq!(data.1.as_deref(), Some("[DONE]"));
}

fn assembled(setup: &Setup<'_>, request: &Value, frames: &[Vec<u8>]) -> Value {
    let (data, end) = setup.streamed(request, &[stream(frames)]);
    end.expect("a whole answer");
    let mut assembler = Assembler::new();
    for chunk in chunks(&data) {
        assembler.push(&Chunk::parse(chunk.to_string()).expect("a chunk")).expect("it joins");
    }
    serde_json::from_slice(&assembler.finish().expect("a completion").to_bytes()).expect("JSON")
}

#[test]
fn streamed_or_not_it_is_the_same_answer() {
    let setup = converse(CLAUDE);
    assert_eq!(
        assembled(&setup, &asked(), &recorded(RECORDED)),
        setup.whole(&asked(), &recorded_whole()).expect("an answer")
    );
    let web = json!({"title": "A", "location": {"web": {"url": "https://a.example", "domain": "a.example"}}});
    let page = json!({"title": "B", "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}});
    let frames = [
        frame("messageStart", r#"{"role":"assistant"}"#),
        // Some that imitate Bedrock send this; it never does.
        frame("contentBlockStart", r#"{"contentBlockIndex":0,"start":{}}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hé"}}"#),
        frame("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"citation": web}}).to_string()),
        frame("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"citation": page}}).to_string()),
        frame("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        frame("messageStop", r#"{"stopReason":"max_tokens"}"#),
        frame("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#),
    ];
    let content = json!([{"citationsContent": {"content": [{"text": "Hé"}], "citations": [web, page]}}]);
    let whole = json!({
        "output": {"message": {"role": "assistant", "content": content}}, "stopReason": "max_tokens",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
    });
    let expected = setup.whole(&asked(), &whole).expect("an answer");
    assert_eq!(expected["choices"][0]["message"]["annotations"][0]["url_citation"]["end_index"], 2);
    assert_eq!(assembled(&setup, &asked(), &frames), expected);
}

#[test]
fn calls_that_nobody_asked_for_are_not_passed_on() {
    let tools =
        json!([{"type": "function", "function": {"name": "add"}}, {"type": "function", "function": {"name": "now"}}]);
    let one = with(&json!({"stream": true, "tools": tools, "parallel_tool_calls": false}));
    let setup = converse(NOVA);
    let answer = assembled(&setup, &one, &recorded(RECORDED));
    let calls = answer["choices"][0]["message"]["tool_calls"].as_array().expect("calls");
    assert_eq!((calls.len(), &calls[0]["function"]["name"]), (1, &json!("add")));
    assert_eq!(setup.whole(&one, &recorded_whole()).expect("an answer")["choices"], answer["choices"]);

    let history = json!([
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "add", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    ]);
    let none = json!({"stream": true, "messages": history, "tools": tools, "tool_choice": "none"});
    let answer = assembled(&setup, &none, &recorded(RECORDED));
    assert!(answer["choices"][0]["message"].get("tool_calls").is_none());
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[test]
fn an_answer_by_a_tool_is_text() {
    let schema = |schema: Value| {
        let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
        with(&json!({"stream": true, "response_format": format}))
    };
    let frames = |input: &str| {
        let input = json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": input}}}).to_string();
        [
            frame("messageStart", r#"{"role":"assistant"}"#),
            frame(
                "contentBlockStart",
                r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"answer"}}}"#,
            ),
            frame("contentBlockDelta", &input),
            frame("contentBlockStop", r#"{"contentBlockIndex":0}"#),
            frame("messageStop", r#"{"stopReason":"tool_use"}"#),
            frame("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#),
        ]
    };
    let object = assembled(&converse(NOVA), &schema(json!({"type": "object"})), &frames(r#"{"a":1.50}"#));
    assert_eq!(object["choices"][0]["message"]["content"], r#"{"a":1.50}"#);
    assert_eq!(object["choices"][0]["finish_reason"], "stop");
    let list = assembled(&converse(NOVA), &schema(json!({"type": "array"})), &frames(r#"{"value":[1]}"#));
    assert_eq!(list["choices"][0]["message"]["content"], "[1]");
}

#[test]
fn a_stream_that_ends_early_says_so_unless_only_the_usage_is_missing() {
    let frames = recorded(RECORDED);
    for kept in 0..frames.len() {
        let (data, end) = converse(CLAUDE).streamed(&asked(), &[stream(&frames[..kept])]);
        let is_whole = kept + 1 == frames.len();
        assert_eq!(end.is_ok(), is_whole, "{kept} of {}", frames.len());
        assert_eq!(data.last().is_some_and(|data| data == "[DONE]"), is_whole);
        if let Err(failure) = end {
            assert_eq!(failure.error().code.as_deref(), Some("upstream_incomplete_stream"));
        }
    }
}

#[test]
fn an_exception_ends_the_stream_and_is_no_answer() {
    let exception = frame("throttlingException", r#"{"message":"Too many requests"}"#);
    let frames = recorded(RECORDED);
    let (data, end) = converse(CLAUDE).streamed(&asked(), &[stream(&[frames[0].clone(), exception.clone()])]);
    assert!(data.is_empty(), "nothing was said, so that the call can be tried again");
    assert_eq!(end.expect_err("it failed").status().as_u16(), 429);
    let (data, end) = converse(CLAUDE).streamed(&asked(), &[stream(&[&frames[..9], &[exception]].concat())]);
    assert!(!data.is_empty() && data.iter().all(|data| data != "[DONE]"));
    assert_eq!(end.expect_err("it failed").error().message, "Too many requests");
}

#[test]
fn output_that_bedrock_cannot_read_is_a_failure() {
    for reason in ["malformed_model_output", "malformed_tool_use"] {
        let stop = frame("messageStop", &json!({"stopReason": reason}).to_string());
        let start = frame("messageStart", r#"{"role":"assistant"}"#);
        let failure = converse(CLAUDE).streamed(&asked(), &[stream(&[start, stop])]).1.expect_err("it failed");
        assert_eq!(
            (failure.status().as_u16(), failure.error().code.as_deref()),
            (502, Some("upstream_malformed_output"))
        );
    }
}

#[test]
fn garbage_is_a_failure_and_not_silence() {
    for (name, data) in [("messageStart", "{oops"), ("contentBlockDelta", "[1]"), ("metadata", "{\"usage\":{}}")] {
        let failure = converse(CLAUDE).streamed(&asked(), &[stream(&[frame(name, data)])]).1.expect_err("it failed");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{data}");
    }
    let later = [frame("madeUpLater", "no JSON"), frame("messageStart", "{}")];
    let failure = converse(CLAUDE).streamed(&asked(), &[stream(&later)]).1.expect_err("it ended");
    assert_eq!(failure.error().code.as_deref(), Some("upstream_incomplete_stream"), "what is not known is passed over");
}
