//! The whole of the translation, from JSON to JSON.

mod answers;
mod conversations;
mod embeddings;
mod golden;
mod hostile;
mod requests;
mod streams;
mod tools;
mod vertex;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{Clock, Failure, Operation, Rng};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use serde_json::{Value, json};

use super::{Gemini, Surface};
use crate::{
    format::{Call, Format, Outgoing},
    translate::{Flow, Translate},
};

/// Of the third generation, and of the second.
const NEW: &str = "gemini-3-flash-preview";
const OLD: &str = "gemini-2.5-flash";

fn developer() -> Surface {
    Surface::developer()
}

fn vertex() -> Surface {
    Surface::vertex("p", "global").expect("legal")
}

/// What becomes of a call.
fn run(surface: Surface, operation: Operation, model: &str, request: &Value) -> Result<Outgoing, Failure> {
    call(surface, operation, model, &Object::parse(request.to_string()).expect("an object"), false)
}

fn call(
    surface: Surface,
    operation: Operation,
    model: &str,
    object: &Object,
    strict: bool,
) -> Result<Outgoing, Failure> {
    let provider: Arc<str> = "gemini".into();
    Gemini::new(surface).call(&Call {
        operation,
        object,
        model,
        provider: &provider,
        strict,
        default_max_tokens: 4096,
        clock: Clock::system(),
        rng: &Rng::seeded(1),
    })
}

fn chat(model: &str, request: &Value) -> Result<Outgoing, Failure> {
    run(developer(), Operation::ChatCompletion, model, request)
}

/// What is sent, and what the client is warned of.
fn sent_to(model: &str, request: &Value) -> (Value, String) {
    let outgoing = chat(model, request).unwrap_or_else(|failure| panic!("{failure}: {request}"));
    let warnings = outgoing.warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
    (serde_json::from_slice(&outgoing.body).expect("JSON"), warnings.unwrap_or_default())
}

fn sent(request: &Value) -> (Value, String) {
    sent_to(NEW, request)
}

/// A request of these messages.
fn messages(messages: &Value) -> Value {
    json!({"model": "alias", "messages": messages})
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
    let failure = chat(OLD, request).map(|_| ()).expect_err("it is refused");
    assert_eq!(failure.status(), 400);
    let error = failure.error().clone();
    (error.param.unwrap_or_default(), error.code.unwrap_or_default())
}

/// The side of a translation that reads the answer to this request.
fn answer_to(request: &Value) -> Box<dyn Translate> {
    chat(NEW, request).expect("it is translated").answer
}

fn tried(request: &Value, answer: &Value) -> Result<Value, Failure> {
    let whole = answer_to(request).whole(Bytes::from(answer.to_string()))?;
    let mut whole: Value = serde_json::from_slice(&whole).expect("JSON");
    whole["created"] = json!(1);
    Ok(whole)
}

fn whole(request: &Value, answer: &Value) -> Value {
    tried(request, answer).expect("an answer")
}

/// An answer of one candidate with these parts.
fn answered(parts: &Value, reason: &str) -> Value {
    json!({
        "candidates": [{"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": reason}],
        "modelVersion": "m1", "responseId": "r1",
    })
}

/// Runs a stream through, in pieces, and gives the data that the client sees and how it ended.
fn streamed(request: &Value, pieces: &[Bytes]) -> (Vec<Value>, Result<(), Failure>) {
    let mut answer = answer_to(request);
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(event) = decoder.next().expect("within limits") {
            match answer.event(event, &mut out) {
                Flow::Opening | Flow::Going => {}
                Flow::Over => return (data(&out), Ok(())),
                Flow::Failed(failure) => return (data(&out), Err(failure)),
            }
        }
    }
    match answer.end(None, &mut out) {
        Flow::Failed(failure) => (data(&out), Err(failure)),
        _ => (data(&out), Ok(())),
    }
}

/// Chunks without the time, which goes on while a test runs; the farewell is a text.
fn data(out: &[Event]) -> Vec<Value> {
    let parse = |event: &Event| {
        if event.is_done() {
            return json!("[DONE]");
        }
        let mut chunk: Value = serde_json::from_slice(event.data().expect("data")).expect("a chunk");
        chunk["created"] = json!(1);
        chunk
    };
    out.iter().map(parse).collect()
}

/// A stream of Google's.
fn sse(chunks: &[Value]) -> Bytes {
    chunks.iter().map(|chunk| format!("data: {chunk}\r\n\r\n")).collect::<String>().into()
}

/// A request whose stream tells its usage.
fn streaming() -> Value {
    with(&json!({"stream": true, "stream_options": {"include_usage": true}}))
}
