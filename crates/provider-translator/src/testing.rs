//! Runs a format from JSON to JSON, for tests.

use bytes::Bytes;
use llm_layers_core::{Clock, Failure, Operation, Rng};
use llm_layers_wire::{assemble::Assembler, json::Object, openai::Chunk, sse::Event};
use serde_json::{Value, json};

use crate::{
    format::{Call, Format, Outgoing},
    translate::{Flow, Translate},
};

pub(crate) const MODEL: &str = "m1";

/// A format under test, and how its streams are cut.
pub(crate) struct Bench<F> {
    pub(crate) format: F,
    pub(crate) cut: fn(&[Bytes]) -> Vec<Event>,
}

impl<F: Format> Bench<F> {
    pub(crate) fn call(&self, operation: Operation, request: &Value, strict: bool) -> Result<Outgoing, Failure> {
        self.format.call(&Call {
            operation,
            object: &Object::parse(request.to_string()).expect("an object"),
            model: request["model"].as_str().filter(|model| *model != "alias").unwrap_or(MODEL),
            provider: &"here".into(),
            strict,
            default_max_tokens: 4096,
            clock: Clock::system(),
            rng: &Rng::seeded(1),
        })
    }

    pub(crate) fn chat(&self, request: &Value) -> Outgoing {
        self.call(Operation::ChatCompletion, request, false).unwrap_or_else(|failure| panic!("{failure:?}: {request}"))
    }

    /// What is sent, and what the client is warned of.
    pub(crate) fn sent(&self, request: &Value) -> (Value, String) {
        said(self.chat(request))
    }

    /// The member and the code of a refusal.
    pub(crate) fn refused(&self, request: &Value) -> (String, String) {
        self.refused_by(Operation::ChatCompletion, request, false)
    }

    pub(crate) fn refused_by(&self, operation: Operation, request: &Value, strict: bool) -> (String, String) {
        let refused = self.call(operation, request, strict).map(|_| ());
        let failure = refused.expect_err(&format!("it is refused: {request}"));
        assert_eq!(failure.status(), 400);
        let error = failure.error().clone();
        (error.param.unwrap_or_default(), error.code.unwrap_or_default())
    }

    /// Runs the cases of a fixture: requests, and what is sent for them.
    pub(crate) fn run_requests(&self, fixture: &str) {
        let fixture: Value = serde_json::from_str(fixture).expect("JSON");
        assert!(fixture["source"].is_string(), "a fixture says where its facts come from");
        for case in fixture["cases"].as_array().expect("cases") {
            let mut request = json!({"model": "alias", "messages": [{"role": "user", "content": "Hi"}]});
            merge(&mut request, &case["request"]);
            let (sent, warnings) = self.sent(&request);
            let mut expected = fixture["base"].clone();
            merge(&mut expected, &case["sent"]);
            assert_eq!(sent, expected, "{}", case["name"]);
            assert_eq!(warnings, case["warnings"].as_str().unwrap_or_default(), "{}", case["name"]);
        }
    }

    /// A whole answer, without the time.
    pub(crate) fn whole(&self, request: &Value, answer: &Value) -> Result<Value, Failure> {
        let whole = self.chat(request).answer.whole(Bytes::from(answer.to_string()))?;
        let mut whole: Value = serde_json::from_slice(&whole).expect("JSON");
        whole["created"] = json!(1);
        Ok(whole)
    }

    /// Runs a stream through, and gives the data that the client sees and how it ended.
    pub(crate) fn streamed(&self, request: &Value, pieces: &[Bytes]) -> (Vec<String>, Result<(), Failure>) {
        let mut answer = self.chat(request).answer;
        let mut out = Vec::new();
        let end = self.run(&mut *answer, pieces, &mut out);
        let text = |event: &Event| String::from_utf8(event.data().expect("data").to_vec()).expect("UTF-8");
        (out.iter().map(text).collect(), end)
    }

    fn run(&self, answer: &mut dyn Translate, pieces: &[Bytes], out: &mut Vec<Event>) -> Result<(), Failure> {
        for event in (self.cut)(pieces) {
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

    /// The chunks of a stream that goes well, without the time.
    pub(crate) fn chunks(&self, request: &Value, stream: &str) -> Vec<Value> {
        let (data, end) = self.streamed(request, &[Bytes::copy_from_slice(stream.as_bytes())]);
        end.expect("a whole answer");
        assert_eq!(data.last().map(String::as_str), Some("[DONE]"));
        chunks(&data)
    }

    /// A stream, put together as a client would.
    pub(crate) fn assembled(&self, request: &Value, stream: &str) -> Value {
        let mut assembler = Assembler::new();
        for chunk in self.chunks(request, stream) {
            assembler.push(&Chunk::parse(chunk.to_string()).expect("a chunk")).expect("it joins");
        }
        let assembled = assembler.finish().expect("a completion").to_bytes();
        serde_json::from_slice(&assembled).expect("JSON")
    }
}

/// A call's body, and what the client is warned of.
pub(crate) fn said(outgoing: Outgoing) -> (Value, String) {
    let warnings = outgoing.warnings.into_header().map(|header| header.to_str().expect("text").to_owned());
    (serde_json::from_slice(&outgoing.body).expect("JSON"), warnings.unwrap_or_default())
}

/// Chunks without the time, which goes on while a test runs.
pub(crate) fn chunks(data: &[String]) -> Vec<Value> {
    let parse = |data: &String| {
        let mut chunk: Value = serde_json::from_str(data).expect("a chunk");
        chunk["created"] = json!(1);
        chunk
    };
    data.iter().filter(|data| *data != "[DONE]").map(parse).collect()
}

/// A request of one message of the user's, and these members.
pub(crate) fn with(members: &Value) -> Value {
    let mut request = json!({"model": "alias", "messages": [{"role": "user", "content": "Hi"}]});
    merge(&mut request, members);
    request
}

fn merge(object: &mut Value, members: &Value) {
    let members = members.as_object().cloned().unwrap_or_default();
    object.as_object_mut().expect("an object").extend(members);
}

/// A fixture's text without its first line, which says where its facts come from.
pub(crate) fn recorded(fixture: &'static str) -> &'static str {
    let (source, stream) = fixture.split_once('\n').expect("lines");
    assert!(source.starts_with("# Source: "), "{source}");
    stream
}
