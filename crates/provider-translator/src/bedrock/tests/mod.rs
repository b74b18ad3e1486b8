//! The whole of the translation, from JSON to JSON.

mod answers;
mod embeddings;
mod hostile;
mod invoke;
mod requests;
mod streams;

use bytes::Bytes;
use http::HeaderMap;
use llm_layers_core::{Clock, Failure, Operation, Rng};
use llm_layers_wire::json::Object;
use serde_json::{Value, json};

use super::Bedrock;
use crate::{
    format::{Call, Format, Outgoing},
    framing::aws::{
        cut,
        frames::{self, Value as Header},
    },
    testing::{said, with},
    translate::{Flow, Translate},
};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";

/// How a call is to be translated.
#[derive(Clone, Copy)]
struct Setup<'a> {
    operation: Operation,
    model: &'a str,
    invokes_claude: bool,
    strict: bool,
}

const fn converse(model: &str) -> Setup<'_> {
    Setup { operation: Operation::ChatCompletion, model, invokes_claude: false, strict: false }
}

impl Setup<'_> {
    fn call(&self, request: &Value) -> Result<Outgoing, Failure> {
        let format = Bedrock { invokes_claude: self.invokes_claude };
        format.call(&Call {
            operation: self.operation,
            object: &Object::parse(request.to_string()).expect("an object"),
            model: self.model,
            provider: &"bedrock".into(),
            strict: self.strict,
            default_max_tokens: 4096,
            clock: Clock::system(),
            rng: &Rng::seeded(1),
        })
    }

    fn outgoing(&self, request: &Value) -> Outgoing {
        self.call(request).unwrap_or_else(|failure| panic!("{failure}: {request}"))
    }

    /// What is sent, and what the client is warned of.
    fn sent(&self, request: &Value) -> (Value, String) {
        said(self.outgoing(request))
    }

    /// The member and the code of a refusal.
    fn refused(&self, request: &Value) -> (String, String) {
        let failure = self.call(request).map(|_| ()).expect_err(&format!("it is refused: {request}"));
        assert_eq!(failure.status(), 400);
        let error = failure.error().clone();
        (error.param.unwrap_or_default(), error.code.unwrap_or_default())
    }

    /// A whole answer, without the time.
    fn whole(&self, request: &Value, answer: &Value) -> Result<Value, Failure> {
        let whole = self.outgoing(request).answer.whole(Bytes::from(answer.to_string()))?;
        let mut whole: Value = serde_json::from_slice(&whole).expect("JSON");
        if whole.get("created").is_some() {
            whole["created"] = json!(1);
        }
        Ok(whole)
    }

    /// Runs a stream through, and gives the data that the client sees and how it ended.
    fn streamed(&self, request: &Value, pieces: &[Bytes]) -> (Vec<String>, Result<(), Failure>) {
        let mut answer = self.outgoing(request).answer;
        let mut out = Vec::new();
        let end = run(&mut *answer, pieces, &mut out);
        let text = |event: &llm_layers_wire::sse::Event| {
            String::from_utf8(event.data().expect("data").to_vec()).expect("UTF-8")
        };
        (out.iter().map(text).collect(), end)
    }
}

fn run(
    answer: &mut dyn Translate,
    pieces: &[Bytes],
    out: &mut Vec<llm_layers_wire::sse::Event>,
) -> Result<(), Failure> {
    for event in cut(pieces) {
        match answer.event(event, out) {
            Flow::Opening | Flow::Going => {}
            Flow::Over => return Ok(()),
            Flow::Failed(failure) => return Err(failure),
        }
    }
    match answer.end(None, out) {
        Flow::Failed(failure) => Err(failure),
        _ => Ok(()),
    }
}

/// A frame of an event or, by its name, of an exception.
fn frame(name: &str, payload: &str) -> Vec<u8> {
    let (kind, message) = match name.ends_with("Exception") {
        true => (":exception-type", "exception"),
        false => (":event-type", "event"),
    };
    let text = Header::Text;
    let headers = [(kind, text(name)), (":content-type", text("application/json")), (":message-type", text(message))];
    frames::frame(&headers, payload.as_bytes())
}

/// The frames of a fixture: in each line the name of an event, and its payload.
fn recorded(fixture: &str) -> Vec<Vec<u8>> {
    let lines = fixture.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once(' ').expect("a name and a payload"))
        .map(|(name, data)| frame(name, data))
        .collect()
}

#[test]
fn the_model_is_one_segment_of_the_path() {
    let path = |model: &str, stream: bool| converse(model).outgoing(&with(&json!({"stream": stream}))).path;
    assert_eq!(path(NOVA, false), "/model/amazon.nova-lite-v1%3A0/converse");
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
    let segment = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fa1b2c3d4e5f6";
    assert_eq!(path(arn, true), format!("/model/{segment}/converse-stream"));
    assert_eq!(path("ä ?#%", false), "/model/%C3%A4%20%3F%23%25/converse");
    for model in ["", ".", "..", &"x".repeat(2049)] {
        assert_eq!(converse(model).refused(&with(&json!({}))).0, "model", "{model}");
    }
}

#[test]
fn other_operations_are_none_of_its() {
    for operation in [Operation::Completion, Operation::Models, Operation::Response, Operation::Message] {
        let setup = Setup { operation, ..converse(NOVA) };
        assert_eq!(setup.refused(&with(&json!({}))).1, "unsupported_operation");
    }
}

#[test]
fn errors_are_told_by_their_name() {
    let headers: HeaderMap =
        [(http::HeaderName::from_static("x-amzn-errortype"), http::HeaderValue::from_static("ThrottlingException:"))]
            .into_iter()
            .collect();
    let failure = Bedrock::new().failure(&crate::format::Refusal {
        status: http::StatusCode::TOO_MANY_REQUESTS,
        headers: &headers,
        body: b"{\"message\":\"slow down\"}",
        provider: "bedrock",
    });
    assert_eq!(failure.error().code.as_deref(), Some("rate_limit_exceeded"));
}
