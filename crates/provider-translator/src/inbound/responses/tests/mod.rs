//! The whole of the translation, from JSON to JSON.

mod folding;
mod golden;
mod hostile;
mod requests;
mod streams;

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use llm_layers_core::{Clock, Failure, Rng};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use serde_json::{Value, json};

use crate::{
    inbound::{Inbound, Options},
    translate::{Flow, Translate},
};

/// Times and ids are the same in every run.
fn run(request: &Value) -> Result<Inbound, Failure> {
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_millis(1_795_225_404_000));
    let object = Object::parse(request.to_string()).expect("an object");
    super::request(&object, &Options { clock, rng: &Rng::seeded(7) })
}

/// What is sent, and what the client is warned of.
fn sent(request: &Value) -> (Value, String) {
    let mut inbound = run(request).unwrap_or_else(|failure| panic!("{failure}: {request}"));
    let bytes = inbound.body.bytes(1 << 20).now_or_never().expect("at once").expect("bytes");
    let warnings = inbound.warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
    (serde_json::from_slice(&bytes).expect("JSON"), warnings.unwrap_or_default())
}

/// A request of this input.
fn input(input: &Value) -> Value {
    json!({"model": "m-1", "input": input})
}

/// A request with these members.
fn with(members: &Value) -> Value {
    let mut request = input(&json!("Hi"));
    request.as_object_mut().expect("an object").extend(members.as_object().expect("members").clone());
    request
}

/// The member and the code of a refusal.
fn refused(request: &Value) -> (String, String) {
    let failure = run(request).map(|_| ()).expect_err("it is refused");
    assert_eq!(failure.status(), 400);
    let error = failure.error().clone();
    (error.param.unwrap_or_default(), error.code.unwrap_or_default())
}

fn answer_to(request: &Value) -> Box<dyn Translate> {
    run(request).expect("it is translated").answer
}

fn whole(request: &Value, completion: &Value) -> Value {
    let whole = answer_to(request).whole(Bytes::from(completion.to_string())).expect("an answer");
    serde_json::from_slice(&whole).expect("JSON")
}

/// The chunk of a delta.
fn chunk(delta: &Value, finish: &Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_795_225_400, "model": "m-1-2026",
           "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]})
}

/// A stream of these chunks, without a farewell.
fn sse(chunks: &[Value]) -> String {
    chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect()
}

const DONE: &str = "data: [DONE]\n\n";

/// Runs a stream through, in pieces, and gives what the client sees.
fn streamed<P: AsRef<[u8]>>(request: &Value, pieces: &[P]) -> Vec<Value> {
    let mut answer = answer_to(request);
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece.as_ref()));
        while let Some(event) = decoder.next().expect("within limits") {
            match answer.event(event, &mut out) {
                Flow::Opening | Flow::Going => {}
                Flow::Over => return told(&out),
                Flow::Failed(failure) => panic!("told in another shape: {failure}"),
            }
        }
    }
    if let Some(rest) = decoder.finish().expect("within limits") {
        answer.event(rest, &mut out);
    }
    assert!(matches!(answer.end(None, &mut out), Flow::Over));
    told(&out)
}

/// The data of events, each under its name and numbered by its place.
fn told(out: &[Event]) -> Vec<Value> {
    let data = |(place, event): (usize, &Event)| {
        let data: Value = serde_json::from_slice(event.data().expect("data")).expect("JSON");
        assert_eq!(data["type"].as_str().map(str::as_bytes), event.name());
        assert_eq!(data["sequence_number"], place);
        data
    };
    out.iter().filter(|event| event.data().is_some()).enumerate().map(data).collect()
}

/// The kinds of events, each once for a run of them.
fn kinds(events: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    kinds.dedup();
    kinds
}
