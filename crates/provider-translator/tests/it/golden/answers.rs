//! Claude's answers, whole and streamed, as Anthropic, Vertex AI and Bedrock give them.

use std::path::Path;

use llm_layers_testkit::split::{Splits, assert_same_async};
use llm_layers_wire::{assemble::Assembler, openai::Chunk};
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(feature = "bedrock")]
use super::frames;
use super::{
    exchange::{Answered, Reply, exchange},
    files, parse, provider, text,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    source: String,
    /// Members of the request.
    #[serde(default)]
    request: Value,
    /// The whole answer, and what is made of it and of the stream; nothing of a stream that breaks off.
    native: Option<Value>,
    openai: Option<Value>,
    /// The stream's deltas, each with its finish reason.
    chunks: Vec<(Value, Value)>,
    /// The code by which a stream ends that breaks off.
    error: Option<String>,
}

/// Who serves Claude, and under which name.
const HOSTS: [(&str, &str); 3] = [
    ("anthropic", "claude-sonnet-4-5"),
    ("vertex", "claude-sonnet-4-5@20250929"),
    ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
];

#[test]
fn streamed_or_not_it_is_the_same_answer_at_every_host() {
    let files = files("anthropic/answers", "json");
    assert_eq!(files.len(), super::files("anthropic/answers", "sse").len());
    super::check(&files, check);
}

async fn check(path: &Path) {
    let fixture: Fixture = parse(path);
    assert!(!fixture.source.is_empty());
    let stream = text(&path.with_extension("sse"));
    for (host, model) in HOSTS {
        let Some(provider) = provider(host) else { continue };
        let ask = async |stream: bool, reply: Reply| {
            let mut request = json!({"model": model, "messages": [{"role": "user", "content": "q"}], "stream": stream});
            let members = fixture.request.as_object().cloned().unwrap_or_default();
            request.as_object_mut().expect("an object").extend(members);
            if stream {
                request["stream_options"] = json!({"include_usage": true});
            }
            exchange(&provider, "/v1/chat/completions", request.to_string(), reply).await.1
        };
        if let Some(native) = &fixture.native {
            let answered = ask(false, Reply::json(200, native.to_string())).await;
            assert_eq!(Some(answered.json()), fixture.openai, "{host}: {}", answered.json());
        }
        let (kind, bytes) = match host {
            #[cfg(feature = "bedrock")]
            "bedrock" => ("application/vnd.amazon.eventstream", frames::of(&stream)),
            _ => ("text/event-stream", stream.clone().into_bytes()),
        };
        let splits = Splits::of(bytes);
        let streamed = assert_same_async(&splits, async |split| ask(true, Reply::stream(kind, split)).await).await;
        compare(&fixture, &streamed, host);
    }
}

fn compare(fixture: &Fixture, streamed: &Answered, host: &str) {
    let mut data = streamed.data();
    let last = data.pop().expect("an event");
    match &fixture.error {
        Some(code) => {
            let error: Value = serde_json::from_str(&last).expect("JSON");
            assert_eq!(error["error"]["code"], code.as_str(), "{host}");
        }
        None => assert_eq!(last, "[DONE]", "{host}"),
    }
    let chunks: Vec<Value> = data.iter().map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let choices = chunks.iter().filter_map(|chunk| chunk["choices"].get(0));
    let seen: Vec<(Value, Value)> =
        choices.map(|choice| (choice["delta"].clone(), choice["finish_reason"].clone())).collect();
    assert_eq!(seen, fixture.chunks, "{host}: {}", json!(seen));
    let Some(openai) = &fixture.openai else { return };
    let mut assembler = Assembler::new();
    for chunk in data {
        assembler.push(&Chunk::parse(chunk).expect("a chunk")).expect("it joins");
    }
    let assembled = assembler.finish().expect("a completion").to_bytes();
    let assembled: Value = serde_json::from_slice(&assembled).expect("JSON");
    assert_eq!(same(assembled), same(openai.clone()), "{host}");
}

/// With the arguments of calls as what they mean: a stream has the blanks that the model has put between tokens.
fn same(mut answer: Value) -> Value {
    for call in answer["choices"][0]["message"]["tool_calls"].as_array_mut().into_iter().flatten() {
        let arguments = call["function"]["arguments"].as_str().expect("a string").to_owned();
        call["function"]["arguments"] = serde_json::from_str(&arguments).expect("JSON");
    }
    answer
}
