//! What providers are told and what they say, from the files under `fixtures`, each with the source of what it holds.
//!
//! | folder | holds | driven by |
//! | --- | --- | --- |
//! | `compatible` | a row of the catalogue each: request, answer, stream, error, byte for byte | `compatible` |
//! | `azure` | the same of Azure, which is no row | `compatible` |
//! | `anthropic/requests.json`, `anthropic/errors.json` | pairs of JSON, at each of Claude's hosts | `cases` |
//! | `anthropic/answers` | whole answers beside their streams, at each of Claude's hosts | `answers` |
//! | `embeddings` | requests and answers of each dialect that has them | `cases` |
//! | `gemini`, `bedrock`, `cohere`, `ollama` | the same of their chats | the tests of each format in `src` |
//!
//! Every stream is cut at every place.

mod answers;
mod cases;
mod compatible;
mod exchange;
#[cfg(feature = "bedrock")]
mod frames;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use llm_layers_core::Secret;
use llm_layers_provider_translator::Provider;
use serde::de::DeserializeOwned;

/// The files of a folder with this extension, in order.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let entries = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder:?}");
    files
}

/// The name of a file, without its extension.
fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

fn parse<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Checks files at once, each in a thread of its name, by which a failure tells where it is.
fn check(files: &[PathBuf], check: impl AsyncFn(&Path) + Copy + Send + Sync) {
    thread::scope(|scope| {
        for path in files {
            let run = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
                // Paused: `created` is the same however long a busy machine takes.
                runtime.expect("a runtime").block_on(check(path));
            };
            thread::Builder::new().name(stem(path).to_owned()).spawn_scoped(scope, run).expect("a thread");
        }
    });
}

/// A provider by its name here, with a key; `None` if it takes a feature that is off.
fn provider(name: &str) -> Option<Provider> {
    let provider = match name {
        "anthropic" => Provider::anthropic("https://api.anthropic.com"),
        "anthropic 2026-10-21" => Provider::anthropic("https://api.anthropic.com")
            .and_then(|provider| provider.with_api_version("2026-10-21")),
        "vertex" => Provider::vertex("p", "us-east5"),
        "gemini" => Provider::gemini("https://generativelanguage.googleapis.com"),
        "cohere" => Provider::cohere("https://api.cohere.com"),
        "ollama" => Provider::ollama("http://localhost:11434"),
        "azure" => Provider::azure("https://r.openai.azure.com"),
        #[cfg(feature = "bedrock")]
        "bedrock" => Provider::bedrock("us-east-1"),
        #[cfg(not(feature = "bedrock"))]
        "bedrock" => return None,
        known => Provider::known(known),
    };
    let provider = provider.unwrap_or_else(|error| panic!("{name}: {error}"));
    Some(provider.with_key(&Secret::new("key")).expect("a key"))
}
