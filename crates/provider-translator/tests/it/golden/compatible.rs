//! Providers that are compatible with OpenAI: what comes, and what leaves, byte for byte.

use std::path::Path;

use llm_layers_provider_translator::catalogue;
use llm_layers_testkit::split::{Splits, assert_same_async};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    exchange::{Answered, Failed, Reply, compact, exchange},
    files, parse, provider, stem,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    source: String,
    /// The header of the key, where it is not `Authorization: Bearer`.
    key_header: Option<String>,
    request: Pair,
    /// What the client is warned of.
    #[serde(default)]
    warnings: String,
    #[serde(default)]
    refused: Vec<Refused>,
    answer: Pair,
    stream: Stream,
    error: Option<Error>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    before: Box<RawValue>,
    after: Box<RawValue>,
}

/// A request that the provider is not asked, for the sake of one of its members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    request: Box<RawValue>,
    param: String,
}

/// Events by their data, or as a string: of what comes the whole block, without the empty line behind it, and of what
/// leaves the data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    #[serde(default)]
    include_usage: bool,
    before: Vec<Box<RawValue>>,
    after: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Error {
    status: u16,
    before: Box<RawValue>,
    after: Failed,
}

const CHAT: &str = "/v1/chat/completions";
const PLAIN: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;

#[test]
fn every_row_of_the_catalogue_has_a_file_and_every_file_a_row() {
    let files = files("compatible", "json");
    let files: Vec<&str> = files.iter().map(|path| stem(path)).collect();
    let mut rows: Vec<&str> = catalogue().iter().map(|known| known.name()).collect();
    rows.sort_unstable();
    assert_eq!(files, rows);
}

#[test]
fn what_comes_and_what_leaves() {
    let mut files = files("compatible", "json");
    files.extend(super::files("azure", "json"));
    super::check(&files, check);
}

async fn check(path: &Path) {
    let fixture: Fixture = parse(path);
    assert!(!fixture.source.is_empty());
    let provider = provider(stem(path)).expect("no feature is needed");
    let ask = async |request: String, reply: Reply| exchange(&provider, CHAT, request, reply).await;

    let (asked, answered) = ask(compact(&fixture.request.before), Reply::json(500, "")).await;
    let asked = asked.expect("a call");
    assert_eq!(asked.uri, format!("{}/chat/completions", provider.base_url()));
    let (name, key) = fixture.key_header.as_deref().map_or(("authorization", "Bearer key"), |name| (name, "key"));
    assert_eq!(asked.headers.get(name).map(|value| value.as_bytes()), Some(key.as_bytes()), "{name}");
    assert_eq!(String::from_utf8_lossy(&asked.body), compact(&fixture.request.after), "the request");
    assert_eq!(answered.warnings(), fixture.warnings);

    for Refused { request, param } in &fixture.refused {
        let (asked, answered) = ask(compact(request), Reply::json(500, "")).await;
        let seen = (asked.is_none(), answered.status, answered.json()["error"]["param"].clone());
        assert_eq!(seen, (true, 400, param.as_str().into()), "{request}");
    }

    let (_, answered) = ask(PLAIN.into(), Reply::json(200, compact(&fixture.answer.before))).await;
    assert_eq!(String::from_utf8_lossy(&answered.body), compact(&fixture.answer.after), "the answer");

    let Stream { include_usage, before, after } = &fixture.stream;
    let asked = format!(r#","stream":true,"stream_options":{{"include_usage":{include_usage}}}}}"#);
    let request = PLAIN.strip_suffix('}').expect("an object").to_owned() + &asked;
    let block = |raw: &RawValue| string(raw).unwrap_or_else(|| format!("data: {}", compact(raw)));
    let stream: String = before.iter().map(|raw| block(raw) + "\n\n").collect();
    let splits = Splits::of(stream);
    let streamed: Answered = assert_same_async(&splits, async |split| {
        ask(request.clone(), Reply::stream("text/event-stream", split)).await.1
    })
    .await;
    let after: Vec<String> = after.iter().map(|raw| string(raw).unwrap_or_else(|| compact(raw))).collect();
    assert_eq!(streamed.data(), after, "the stream");

    if let Some(Error { status, before, after }) = fixture.error {
        // A text that is no JSON is written as a string.
        let body = string(&before).unwrap_or_else(|| compact(&before));
        let (_, answered) = ask(PLAIN.into(), Reply::json(status, body)).await;
        assert_eq!(Failed::from(&answered), after);
    }
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}
