//! Every request to every kind, and what came of it.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use http::{HeaderMap, Request};
use llm_layers_core::Body;
use llm_layers_sim::{Received, SimHandle};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::{
    kinds::KINDS,
    stack::{self, Stack},
};

/// The longest answer that is kept.
const MAX_ANSWER: usize = 4 << 20;

/// The header that says which exchange a request belongs to.
const MARK: &str = "x-exchange";

/// A request as a client of OpenAI's might send it.
struct Case {
    name: String,
    request: Map<String, Value>,
}

pub(crate) async fn run(folder: &Path, out: &Path) -> Result<(), String> {
    let cases = read(folder)?;
    let failed = |error| format!("{}: {error}", out.display());
    let mut lines = BufWriter::new(fs::File::create(out).map_err(failed)?);
    for kind in KINDS {
        let (sim, provider) = kind.start().await;
        let service = stack::of(kind, provider);
        for case in &cases {
            for stream in [false, true] {
                let mut line = exchange(&service, &sim, case, stream).await;
                line["kind"] = kind.name.into();
                line["model"] = kind.model.into();
                writeln!(lines, "{line}").map_err(failed)?;
            }
        }
        sim.stop().await;
    }
    lines.flush().map_err(failed)?;
    println!("{} requests, plain and streamed, to {} kinds of providers", cases.len(), KINDS.len());
    Ok(())
}

async fn exchange(service: &Stack, sim: &SimHandle, case: &Case, stream: bool) -> Value {
    let mut asked = case.request.clone();
    asked.entry("model").or_insert_with(|| "any".into());
    if stream {
        asked.insert("stream".into(), true.into());
        asked.entry("stream_options").or_insert_with(|| json!({"include_usage": true}));
    }
    let asked = Value::Object(asked);
    sim.clear_received();
    // A call that was given up may still be on its way from the exchange before: each says what it belongs to.
    let mark = format!("{}{}", case.name, if stream { " streamed" } else { "" });
    let request = Request::post("/v1/chat/completions").header("content-type", "application/json").header(MARK, &mark);
    let request = request.body(Body::from(asked.to_string())).expect("a request");
    let response = service.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    let (head, mut body) = response.into_parts();
    let answer = body.bytes(MAX_ANSWER).await;
    let (answer, broken) = match answer {
        Ok(bytes) => (String::from_utf8_lossy(&bytes).into_owned(), None),
        Err(error) => (String::new(), Some(error.to_string())),
    };
    let received = sim.received();
    let sent: Vec<_> = received.iter().filter(|received| received.header(MARK) == Some(&mark)).map(sent).collect();
    json!({
        "case": case.name,
        "stream": stream,
        "asked": asked,
        "sent": sent,
        "status": head.status.as_u16(),
        "headers": headers(&head.headers),
        "answer": answer,
        "broken": broken,
    })
}

/// What reached the provider. Its credentials are made up, and judges look at how they are sent.
fn sent(received: &Received) -> Value {
    json!({
        "method": received.method.as_str(),
        "path": received.path,
        "headers": headers(&received.headers),
        // As text: a parsed one would hide a member that stands there twice.
        "body": String::from_utf8_lossy(&received.body),
    })
}

fn headers(headers: &HeaderMap) -> Value {
    let text = |bytes| Value::from(String::from_utf8_lossy(bytes));
    headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect()
}

/// All requests, in the order of files and of places in them.
fn read(folder: &Path) -> Result<Vec<Case>, String> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read(&file).map_err(|error| failed(&file, &error))?;
        let parsed: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| failed(&file, &error))?;
        let group = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (name, case) in parsed {
            let why = case["why"].as_str().is_some_and(|why| !why.is_empty());
            match &case["request"] {
                Value::Object(request) if why => {
                    cases.push(Case { name: format!("{group}/{name}"), request: request.clone() });
                }
                _ => return Err(failed(&file, &format_args!("`{name}` wants a `why` and a `request`"))),
            }
        }
    }
    if cases.is_empty() { Err(failed(folder, &"no requests")) } else { Ok(cases) }
}
