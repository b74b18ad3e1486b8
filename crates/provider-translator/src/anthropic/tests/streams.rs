use llm_layers_wire::{assemble::Assembler, openai::Chunk};
use serde_json::{Value, json};

use super::*;

fn start() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_01Ab", "type": "message", "role": "assistant", "model": "claude-x", "content": [], "stop_reason": null,
        "usage": {"input_tokens": 12, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 2048, "output_tokens": 1},
    }})
}

fn open(index: u32, block: Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: u32, kind: &str, member: &str, value: &str) -> Value {
    let mut delta = json!({"type": kind});
    delta[member] = json!(value);
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn stop(index: u32) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn end(reason: &str) -> [Value; 2] {
    let usage = json!({"output_tokens": 34, "input_tokens": null, "output_tokens_details": {"thinking_tokens": 10}});
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": usage}),
        json!({"type": "message_stop"}),
    ]
}

/// Everything that a stream of Anthropic's may hold.
fn recorded() -> Vec<Value> {
    let mut events = vec![
        start(),
        json!({"type": "ping"}),
        open(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, "thinking_delta", "thinking", "h"),
        delta(0, "thinking_delta", "thinking", "m"),
        delta(0, "signature_delta", "signature", "s1"),
        stop(0),
        open(1, json!({"type": "redacted_thinking", "data": "d1"})),
        stop(1),
        open(2, json!({"type": "text", "text": ""})),
        delta(2, "text_delta", "text", "Let me "),
        json!({"type": "ping"}),
        delta(2, "text_delta", "text", "chück \u{1f600}\n\"."),
        stop(2),
        open(3, json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}})),
        delta(3, "input_json_delta", "partial_json", "{\"query\":1}"),
        stop(3),
        open(4, json!({"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}})),
        delta(4, "input_json_delta", "partial_json", ""),
        delta(4, "input_json_delta", "partial_json", "{\"a\""),
        delta(4, "input_json_delta", "partial_json", ":1}"),
        stop(4),
        json!({"type": "made_up_later", "index": 4, "x": {}}),
        open(5, json!({"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}})),
        stop(5),
    ];
    events.extend(end("tool_use"));
    events
}

/// The same answer, had it not been streamed.
fn recorded_whole() -> Value {
    json!({
        "id": "msg_01Ab", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "tool_use",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s1"},
            {"type": "redacted_thinking", "data": "d1"},
            {"type": "text", "text": "Let me chück \u{1f600}\n\"."},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": 1}},
            {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}},
            {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
        ],
        "usage": {
            "input_tokens": 12, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 2048,
            "output_tokens": 34, "output_tokens_details": {"thinking_tokens": 10},
        },
    })
}

fn asked() -> Value {
    with(&json!({"stream": true, "stream_options": {"include_usage": true}}))
}

/// Chunks without the time, which goes on while a test runs.
fn chunks(data: &[String]) -> Vec<Value> {
    let parse = |data: &String| {
        let mut chunk: Value = serde_json::from_str(data).expect("a chunk");
        chunk["created"] = json!(1);
        chunk
    };
    data.iter().filter(|data| *data != "[DONE]").map(parse).collect()
}

fn all(events: &[Value]) -> (Vec<Value>, Vec<String>) {
    let (data, end) = streamed(&asked(), &[sse(events).as_bytes()]);
    end.expect("a whole answer");
    assert_eq!(data.last().map(String::as_str), Some("[DONE]"));
    (chunks(&data), data)
}

#[test]
fn a_stream_is_what_openai_would_have_streamed() {
    let (chunks, _) = all(&recorded());
    let search = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": 1}});
    let blocks = json!([
        {"type": "thinking"}, {"type": "thinking"}, {"type": "text", "length": 17}, search,
        {"type": "tool_use", "id": "toolu_1"}, {"type": "tool_use", "id": "toolu_2"},
    ]);
    let delta = |delta: Value| (delta, json!(null));
    let call = |call: Value| delta(json!({"tool_calls": [call]}));
    let expected = [
        delta(json!({"role": "assistant", "content": null})),
        delta(json!({"reasoning_content": "h"})),
        delta(json!({"reasoning_content": "m"})),
        delta(
            json!({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "hm", "signature": "s1", "format": "anthropic-v1"}]}),
        ),
        delta(
            json!({"reasoning_details": [{"type": "reasoning.encrypted", "index": 1, "data": "d1", "format": "anthropic-v1"}]}),
        ),
        delta(json!({"content": "Let me "})),
        delta(json!({"content": "chück \u{1f600}\n\"."})),
        call(json!({"index": 0, "id": "toolu_1", "type": "function", "function": {"name": "add", "arguments": ""}})),
        call(json!({"index": 0, "function": {"arguments": "{\"a\""}})),
        call(json!({"index": 0, "function": {"arguments": ":1}"}})),
        call(json!({"index": 1, "id": "toolu_2", "type": "function", "function": {"name": "now", "arguments": ""}})),
        call(json!({"index": 1, "function": {"arguments": "{}"}})),
        delta(json!({"native": {"content": blocks}})),
        (json!({}), json!("tool_calls")),
    ];
    assert_eq!(chunks.len(), expected.len() + 1);
    for (chunk, (delta, finish)) in chunks.iter().zip(expected) {
        assert_eq!(
            *chunk,
            json!({
                "id": "chatcmpl-01Ab", "object": "chat.completion.chunk", "created": 1, "model": "claude-x", "usage": null,
                "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
            })
        );
    }
    let last = chunks.last().expect("a chunk");
    assert_eq!(last["choices"], json!([]));
    assert_eq!((&last["usage"]["prompt_tokens"], &last["usage"]["completion_tokens"]), (&json!(2065), &json!(34)));
}

#[test]
fn without_being_asked_no_usage_is_told() {
    let (data, _) = streamed(&with(&json!({"stream": true})), &[sse(&recorded()).as_bytes()]);
    assert!(data.iter().all(|data| !data.contains("usage")));
    assert_eq!(chunks(&data).last().expect("a chunk")["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn a_text_begins_with_an_empty_one() {
    let mut events =
        vec![start(), open(0, json!({"type": "text", "text": ""})), delta(0, "text_delta", "text", "x"), stop(0)];
    events.extend(end("end_turn"));
    let (chunks, _) = all(&events);
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    assert_eq!(chunks[1]["choices"][0]["delta"], json!({"content": "x"}));
    assert_eq!(chunks[2]["choices"][0]["finish_reason"], "stop");
}

#[test]
fn an_answer_of_nothing_is_still_an_answer() {
    let [message_delta, message_stop] = end("end_turn");
    let (chunks, _) = all(&[start(), message_delta, message_stop]);
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    assert_eq!(chunks[1]["choices"][0]["finish_reason"], "stop");
}

#[test]
fn cut_anywhere_it_stays_the_same() {
    let text = sse(&recorded());
    let (_, expected) = all(&recorded());
    let expected = chunks(&expected);
    for at in 0..text.len() {
        let (head, tail) = text.as_bytes().split_at(at);
        let (data, end) = streamed(&asked(), &[head, tail]);
        assert!(end.is_ok() && chunks(&data) == expected, "cut at {at}");
    }
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(chunks(&streamed(&asked(), &bytes).0), expected);
}

#[test]
fn streamed_or_not_it_is_the_same_answer() {
    let citation = json!({"type": "web_search_result_location", "url": "https://a.example", "title": "A"});
    let mut cited = vec![start(), open(0, json!({"type": "text", "text": ""}))];
    cited.push(
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": citation}}),
    );
    cited.extend([delta(0, "text_delta", "text", "Hé"), stop(0)]);
    cited.extend(end("max_tokens"));
    let mut cited_whole = recorded_whole();
    cited_whole["content"] = json!([{"type": "text", "text": "Hé", "citations": [citation]}]);
    cited_whole["stop_reason"] = json!("max_tokens");

    for (events, answer) in [(recorded(), recorded_whole()), (cited, cited_whole)] {
        let (_, data) = all(&events);
        let mut assembler = Assembler::new();
        for chunk in data.into_iter().filter(|data| data != "[DONE]") {
            assembler.push(&Chunk::parse(chunk).expect("a chunk")).expect("it joins");
        }
        let assembled = assembler.finish().expect("a completion").to_bytes();
        let mut assembled: Value = serde_json::from_slice(&assembled).expect("JSON");
        let mut whole = whole(&asked(), &answer);
        assembled["created"] = json!(1);
        whole["created"] = json!(1);
        assert_eq!(assembled, whole);
    }
}

#[test]
fn usage_is_overwritten_and_never_added() {
    let mut events = vec![start(), json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 20}})];
    events.extend(end("end_turn"));
    let (chunks, _) = all(&events);
    let usage = &chunks.last().expect("a chunk")["usage"];
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"], &usage["total_tokens"]),
        (&json!(2065), &json!(34), &json!(2099))
    );
}

#[test]
fn an_error_in_a_stream_is_a_failure_with_the_status_of_its_type() {
    let error =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}, "request_id": "req_1"});
    let (data, end) = streamed(&asked(), &[sse(&[start(), error.clone()]).as_bytes()]);
    assert!(data.is_empty(), "nothing was said, so that the call can be tried again");
    let failure = end.expect_err("it failed");
    assert_eq!((failure.status().as_u16(), failure.error().code.as_deref()), (503, Some("server_is_overloaded")));
    assert_eq!(failure.error().more["native"]["request_id"], "req_1");

    let begun = [start(), open(0, json!({"type": "text", "text": ""})), delta(0, "text_delta", "text", "x"), error];
    let (data, end) = streamed(&asked(), &[sse(&begun).as_bytes()]);
    assert_eq!(data.len(), 2);
    assert!(end.is_err(), "and no finish, no `[DONE]`");
}

#[test]
fn it_goes_only_when_something_was_said() {
    let mut answer = answer_to(&asked());
    let mut out = Vec::new();
    let mut flow = |data: &Value| answer.event(Event::new(data.to_string()), &mut out);
    let opening = [
        start(),
        json!({"type": "ping"}),
        open(0, json!({"type": "text", "text": ""})),
        delta(0, "text_delta", "text", ""),
    ];
    assert!(opening.iter().all(|data| matches!(flow(data), Flow::Opening)));
    assert!(matches!(flow(&delta(0, "text_delta", "text", "x")), Flow::Going));
    assert!(matches!(flow(&json!({"type": "ping"})), Flow::Going));
}

#[test]
fn a_stream_that_ends_early_says_so_unless_only_the_farewell_is_missing() {
    let text = sse(&recorded());
    let events: Vec<&str> = text.split_inclusive("\n\n").collect();
    for kept in 0..events.len() {
        let (data, end) = streamed(&asked(), &[events[..kept].concat().as_bytes()]);
        let is_whole = kept + 1 == events.len();
        assert_eq!(end.is_ok(), is_whole, "{kept} of {}", events.len());
        assert_eq!(data.last().is_some_and(|data| data == "[DONE]"), is_whole);
        if let Err(failure) = end {
            assert_eq!(failure.error().code.as_deref(), Some("upstream_incomplete_stream"));
        }
    }
}

#[test]
fn garbage_is_a_failure_and_not_silence() {
    for garbage in ["data: {oops\n\n", "data: [1]\n\n", "data: {\"type\":\"content_block_delta\",\"index\":0}\n\n"] {
        let failure = streamed(&asked(), &[garbage.as_bytes()]).1.expect_err("it failed");
        assert_eq!(failure.error().code.as_deref(), Some("upstream_protocol_error"), "{garbage}");
    }
}

#[test]
fn an_input_may_come_with_the_start_of_its_block() {
    let mut events =
        vec![start(), open(0, json!({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}})), stop(0)];
    events.extend(end("tool_use"));
    let (chunks, _) = all(&events);
    assert_eq!(chunks[2]["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
}

#[test]
fn old_functions_are_streamed_as_they_were() {
    let request = with(&json!({"stream": true, "functions": [{"name": "f"}]}));
    let mut events = vec![start(), open(0, json!({"type": "tool_use", "id": "t", "name": "f", "input": {}})), stop(0)];
    events.extend(end("tool_use"));
    let (data, _) = streamed(&request, &[sse(&events).as_bytes()]);
    let chunks = chunks(&data);
    assert_eq!(chunks[1]["choices"][0]["delta"], json!({"function_call": {"name": "f", "arguments": ""}}));
    assert_eq!(chunks[2]["choices"][0]["delta"], json!({"function_call": {"arguments": "{}"}}));
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "function_call");
}
