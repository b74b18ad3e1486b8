//! OpenAI's dialect: paths, credentials, the headers of every answer.

mod chat;
mod choice;
mod completions;
pub(crate) mod embeddings;
pub(crate) mod error;
mod models;
mod stream;
pub(crate) mod usage;
mod validate;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::call::Call;
use crate::ids;
use crate::reply::Reply;

/// The same request has the same answer, so time stands still.
pub(crate) const CREATED: u64 = 1_795_225_404;
pub(crate) const FINGERPRINT: &str = "fp_sim0000001";

/// A member that no schema of OpenAI's knows, in every chat answer and chunk: tests see whether it survives.
pub(crate) const EXTRA: &str = "kept";

/// The answer to a request that has shown its key.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    let path = call.path.strip_prefix("/v1").unwrap_or(call.path).trim_end_matches('/');
    let reply = match (path, call.method) {
        ("/chat/completions", &Method::POST) => with_body(call, chat::reply),
        ("/completions", &Method::POST) => with_body(call, completions::reply),
        ("/embeddings", &Method::POST) => with_body(call, embeddings::reply),
        ("/chat/completions" | "/completions" | "/embeddings", _) => error::method(),
        _ => match path.strip_prefix("/models") {
            Some("") if call.method == Method::GET => models::list(call.settings),
            Some(id) if call.method == Method::GET && id.starts_with('/') => {
                models::one(call.settings, id.trim_start_matches('/'))
            }
            Some(id) if id.is_empty() || id.starts_with('/') => error::method(),
            _ => error::unknown_path(call.method, call.path),
        },
    };
    headers(reply, call.seed)
}

fn with_body(call: &Call<'_>, answer: fn(&Call<'_>, &Value) -> Result<Reply, Reply>) -> Reply {
    let Some(body) = &call.json else {
        return error::no_json();
    };
    let Some(model) = body["model"].as_str().filter(|model| !model.is_empty()) else {
        return error::invalid("you must provide a model parameter", None, None);
    };
    if !call.settings.serves(model) {
        return error::model_not_found(model);
    }
    match answer(call, body) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn headers(reply: Reply, seed: u64) -> Reply {
    reply
        .with_text("x-request-id", &ids::id("req_", seed, 32))
        .with_text("openai-version", "2020-10-01")
        .with_text("openai-organization", "org-sim")
        .with_text("openai-processing-ms", "1")
        .with_text("x-ratelimit-limit-requests", "10000")
        .with_text("x-ratelimit-limit-tokens", "2000000")
        .with_text("x-ratelimit-remaining-requests", "9999")
        .with_text("x-ratelimit-remaining-tokens", "1999000")
        .with_text("x-ratelimit-reset-requests", "6ms")
        .with_text("x-ratelimit-reset-tokens", "30ms")
}

/// The 401 for a key that is missing or wrong.
pub(crate) fn authenticate(key: &str, headers: &HeaderMap) -> Option<Reply> {
    let given = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim) {
        Some(given) if given == key => None,
        Some(_) => Some(error::wrong_key()),
        None => Some(error::no_key()),
    }
}
