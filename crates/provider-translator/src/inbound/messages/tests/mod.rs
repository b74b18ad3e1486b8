//! The whole of the translation, from JSON to JSON.

mod answers;
mod hostile;
mod requests;
mod streams;

use bytes::Bytes;
use llm_layers_core::{Clock, Failure, Rng};
use llm_layers_wire::{
    json::{Limits, Object},
    sse::{Decoder, Event},
};
use serde_json::{Value, json};

use crate::{
    inbound::{Inbound, Options},
    translate::{Flow, Translate},
};

fn run(request: &str) -> Result<Inbound, Failure> {
    let object = Object::parse(request.to_owned()).expect("an object");
    super::request(&object, &Options { clock: Clock::system(), rng: &Rng::seeded(7) })
}

/// What is sent, and what the client is warned of.
fn sent(request: &Value) -> (Value, String) {
    let mut inbound = run(&request.to_string()).unwrap_or_else(|failure| panic!("{failure}: {request}"));
    let warnings = inbound.warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
    let object = futures_util::FutureExt::now_or_never(inbound.body.object(&Limits::DEFAULT));
    let body = object.expect("it is there").expect("an object").to_bytes();
    (serde_json::from_slice(&body).expect("JSON"), warnings.unwrap_or_default())
}

/// A request of these messages.
fn messages(messages: &Value) -> Value {
    json!({"model": "m", "max_tokens": 100, "messages": messages})
}

/// A request of one message of the user's, and these members.
fn with(members: &Value) -> Value {
    let mut request = messages(&json!([{"role": "user", "content": "Hi"}]));
    let merged = members.as_object().expect("members").clone();
    request.as_object_mut().expect("an object").extend(merged);
    request
}

/// The member and the code of a refusal.
fn refused(request: &Value) -> (String, String) {
    let failure = run(&request.to_string()).map(|_| ()).expect_err("it is refused");
    assert_eq!(failure.status(), 400);
    let error = failure.error().clone();
    (error.param.unwrap_or_default(), error.code.unwrap_or_default())
}

fn answer() -> Box<dyn Translate> {
    run(&with(&json!({"stop_sequences": ["END"]})).to_string()).expect("it is translated").answer
}

/// A whole answer: one choice with this message and finish.
fn whole(message: &Value, finish: &str) -> Value {
    let completion = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "served",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}});
    let bytes = answer().whole(Bytes::from(completion.to_string())).expect("an answer");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// A chunk with this delta.
fn delta(delta: &Value) -> Value {
    chunk(delta, &Value::Null)
}

fn chunk(delta: &Value, finish: &Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "served",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}], "usage": null})
}

/// A fragment of a call.
fn fragment(index: u64, arguments: &str) -> Value {
    delta(&json!({"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}))
}

/// A call begins.
fn opens(index: u64, arguments: &str) -> Value {
    let function = json!({"name": format!("f{index}"), "arguments": arguments});
    delta(
        &json!({"tool_calls": [{"index": index, "id": format!("call_{index}"), "type": "function", "function": function}]}),
    )
}

/// The end of a stream, as it should be.
fn ends(finish: &str) -> String {
    let usage = json!({"id": "chatcmpl-1", "choices": [],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}});
    format!("data: {}\n\ndata: {usage}\n\ndata: [DONE]\n\n", chunk(&json!({}), &json!(finish)))
}

fn data(chunks: &[Value]) -> String {
    chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect()
}

/// Runs a stream through and gives its events, in a short form: `+text`, `text:Hi`, `-`, and the names of the others.
fn streamed(stream: &str) -> (Vec<Value>, Vec<String>) {
    let mut answer = answer();
    let mut decoder = Decoder::default();
    decoder.push(Bytes::copy_from_slice(stream.as_bytes()));
    let mut out = Vec::new();
    let mut is_over = false;
    while let Some(event) = decoder.next().expect("within limits") {
        is_over = is_over || matches!(answer.event(event, &mut out), Flow::Over);
        if is_over {
            break;
        }
    }
    if !is_over {
        if let Some(event) = decoder.finish().expect("within limits") {
            answer.event(event, &mut out);
        }
        assert!(matches!(answer.end(None, &mut out), Flow::Over), "it tells its end itself");
    }
    let data = |event: &Event| serde_json::from_slice::<Value>(event.data().unwrap_or(b"null")).expect("JSON");
    let events: Vec<Value> = out.iter().map(data).collect();
    let short = events.iter().map(shorten).collect();
    (events, short)
}

fn shorten(event: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    match text(&event["type"]).as_str() {
        "content_block_start" => format!("+{}", text(&event["content_block"]["type"])),
        "content_block_stop" => "-".into(),
        "content_block_delta" => {
            let delta = &event["delta"];
            let kind = text(&delta["type"]);
            let kind = kind.trim_end_matches("_delta");
            let said = ["text", "thinking", "signature", "partial_json"].iter().find_map(|name| delta[*name].as_str());
            format!("{kind}:{}", said.expect("a delta"))
        }
        other => other.into(),
    }
}

/// The short form, without what is the same in every stream.
fn blocks(stream: &str) -> Vec<String> {
    let (_, mut short) = streamed(stream);
    assert_eq!(short.first().map(String::as_str), Some("message_start"));
    let end = short.split_off(short.len() - 2);
    assert_eq!(end, ["message_delta", "message_stop"], "{short:?}");
    short.split_off(1)
}
