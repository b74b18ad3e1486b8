//! `fixtures/compatible`: a file for each family, with the source of what it holds.
//!
//! `request` and what is `sent` of it, with `warnings`; a whole `answer` and what is `said` of it; a `stream` of data and
//! what is `streamed`, wherever it is cut.

use llm_layers_testkit::{body::Script, split};
use llm_layers_wire::sse::Decoder;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    source: String,
    /// A name of the catalogue, or the base URL of one that is not in it.
    provider: String,
    request: Option<Pair>,
    #[serde(default)]
    warnings: String,
    answer: Option<Pair>,
    stream: Option<Stream>,
}

/// What comes, and what leaves: byte for byte, so raw.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    before: Box<RawValue>,
    after: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    #[serde(default)]
    include_usage: bool,
    /// Blocks of the stream as they come, without the empty line behind each.
    before: Vec<String>,
    after: Vec<String>,
}

fn provider(name: &str) -> Provider {
    match name.contains("://") {
        true if name.contains("azure.com") => Provider::azure(name).unwrap(),
        true => Provider::openai(name).unwrap(),
        false => Provider::known(name).unwrap(),
    }
}

/// Without the white space between tokens: fixtures are laid out to be read.
fn compact(raw: &RawValue) -> String {
    let (mut out, mut in_string, mut escaped) = (String::new(), false, false);
    for letter in raw.get().chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            letter if !in_string && letter.is_ascii_whitespace() => continue,
            _ => {}
        }
        out.push(letter);
    }
    out
}

fn check(name: &str, text: &str) {
    let fixture: Fixture = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!fixture.source.is_empty(), "{name}");
    const DEFAULT: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]"#;
    if let Some(Pair { before, after }) = &fixture.request {
        let provider = provider(&fixture.provider);
        let (asked, answered) = chat(provider, compact(before), 500, "application/json", Body::empty);
        assert_eq!(String::from_utf8_lossy(&asked[0].body), compact(after), "{name}: request");
        assert_eq!(answered.warnings(), fixture.warnings, "{name}: warnings");
    }
    if let Some(Pair { before, after }) = &fixture.answer {
        let (provider, before) = (provider(&fixture.provider), compact(before));
        let (_, answered) =
            chat(provider, format!("{DEFAULT}}}"), 200, "application/json", move || Body::from(before.clone()));
        assert_eq!(String::from_utf8_lossy(&answered.body), compact(after), "{name}: answer");
    }
    if let Some(Stream { include_usage, before, after }) = &fixture.stream {
        let usage = format!(r#""stream_options":{{"include_usage":{include_usage}}}"#);
        let request = format!(r#"{DEFAULT},"stream":true,{usage}}}"#);
        let stream: String = before.iter().map(|block| format!("{block}\n\n")).collect();
        let streamed = split::for_every_split(stream, |pieces| {
            let script: Script = pieces.iter().cloned().collect();
            let script = Mutex::new(Some(script));
            let body = move || Body::new(script.lock().unwrap().take().expect("one call").body());
            let (_, answered) = chat(provider(&fixture.provider), request.clone(), 200, "text/event-stream", body);
            answered.body
        });
        assert_eq!(data(&streamed), *after, "{name}: stream");
    }
}

fn data(stream: &Bytes) -> Vec<String> {
    let mut decoder = Decoder::default();
    decoder.push(stream.clone());
    let mut data = Vec::new();
    while let Some(event) = decoder.next().unwrap() {
        data.extend(event.data().map(|data| String::from_utf8(data.to_vec()).unwrap()));
    }
    data
}

macro_rules! golden {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let name = stringify!($name);
            check(name, include_str!(concat!("../../../fixtures/compatible/", stringify!($name), ".json")));
        }
    )*};
}

golden! { azure cerebras deepseek gemini_layer groq litellm minimax mistral moonshot ollama openai openrouter perplexity sambanova tgi together xai zai }
