//! The whole of the translation, from JSON to JSON.

mod answers;
mod conversations;
mod formats;
mod gateways;
mod handed;
mod hostile;
mod requests;
mod streams;
mod tools;

use bytes::Bytes;
use llm_layers_core::{Clock, Failure, Operation, Rng};
use llm_layers_wire::{
    json::Object,
    sse::{Decoder, Event},
};
use serde_json::{Value, json};

use super::Answer;
use crate::{
    ApiVersion,
    format::Call,
    translate::{Flow, Translate},
    warnings::Warnings,
};

const MODEL: &str = "claude-sonnet-4-5";

/// How a request is to be translated.
#[derive(Clone, Copy)]
struct Options<'a> {
    model: &'a str,
    api_version: ApiVersion,
    strict: bool,
}

struct Translated {
    body: Bytes,
    warnings: Warnings,
    answer: Answer,
}

const fn options(model: &str) -> Options<'_> {
    Options { model, api_version: ApiVersion::V2023_06_01, strict: false }
}

fn run(request: &Value, options: &Options<'_>) -> Result<Translated, Failure> {
    translate(&Object::parse(request.to_string()).expect("an object"), options)
}

fn translate(object: &Object, options: &Options<'_>) -> Result<Translated, Failure> {
    let (body, warnings, answer) = super::request::request(
        &Call {
            operation: Operation::ChatCompletion,
            object,
            model: options.model,
            provider: &"anthropic".into(),
            strict: options.strict,
            default_max_tokens: 4096,
            clock: Clock::system(),
            rng: &Rng::seeded(1),
        },
        options.api_version,
        super::Host::Anthropic,
    )?;
    Ok(Translated { body, warnings, answer })
}

/// What is sent, and what the client is warned of.
fn sent_with(request: &Value, options: &Options<'_>) -> (Value, String) {
    let translated = run(request, options).unwrap_or_else(|failure| panic!("{failure}: {request}"));
    let warnings = translated.warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
    (serde_json::from_slice(&translated.body).expect("JSON"), warnings.unwrap_or_default())
}

fn sent(request: &Value) -> (Value, String) {
    sent_with(request, &options(MODEL))
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
    let failure = run(request, &options(MODEL)).map(|_| ()).expect_err("it is refused");
    assert_eq!(failure.status(), 400);
    let error = failure.error().clone();
    (error.param.unwrap_or_default(), error.code.unwrap_or_default())
}

/// The side of a translation that reads the answer to this request.
fn answer_to(request: &Value) -> Answer {
    run(request, &options(MODEL)).expect("it is translated").answer
}

fn whole(request: &Value, answer: &Value) -> Value {
    let answer = Bytes::from(answer.to_string());
    let whole = Box::new(answer_to(request)).whole(answer).expect("an answer");
    serde_json::from_slice(&whole).expect("JSON")
}

/// Runs a stream through, in pieces, and gives the data that the client sees and how it ended.
fn streamed(request: &Value, pieces: &[&[u8]]) -> (Vec<String>, Result<(), Failure>) {
    run_stream(answer_to(request), pieces)
}

fn run_stream(mut answer: Answer, pieces: &[&[u8]]) -> (Vec<String>, Result<(), Failure>) {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    let texts = |out: Vec<Event>| {
        out.iter().map(|event| String::from_utf8(event.data().expect("data").to_vec()).expect("UTF-8")).collect()
    };
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next().expect("within limits") {
            match answer.event(event, &mut out) {
                Flow::Opening | Flow::Going => {}
                Flow::Over => return (texts(out), Ok(())),
                Flow::Failed(failure) => return (texts(out), Err(failure)),
            }
        }
    }
    match answer.end(None, &mut out) {
        Flow::Failed(failure) => (texts(out), Err(failure)),
        _ => (texts(out), Ok(())),
    }
}

/// A stream of Anthropic's out of the data of its events.
fn sse(events: &[Value]) -> String {
    let event = |data: &Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().expect("a type"));
    events.iter().map(event).collect()
}
