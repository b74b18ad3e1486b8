//! Ollama's own dialect: paths, and the key that its cloud asks for.
//!
//! Members: ollama-python 0.6.3. The words of refusals: those of the server's Go code and of its JSON decoder, as
//! quoted in public issues. Read 2026-11-21.

mod chat;
mod embed;
pub(crate) mod error;
mod models;
mod options;
mod validate;

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::call::Call;
use crate::reply::Reply;

/// The same request has the same answer, so time stands still.
const CREATED: &str = "2026-11-21T01:43:24.276Z";
/// Nanoseconds: of loading, of reading a token, of writing one.
const LOAD: u64 = 1_000_000;
const READ: u64 = 100_000;
const WRITE: u64 = 10_000_000;

/// The answer to a request that has shown its key.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    match (call.path, call.method) {
        ("/api/chat", &Method::POST) => with_body(call, chat::reply),
        ("/api/embed", &Method::POST) => with_body(call, embed::reply),
        ("/api/show", &Method::POST) => with_body(call, models::show),
        ("/api/tags", &Method::GET) => models::tags(call.settings),
        ("/api/version", &Method::GET) => Reply::json(StatusCode::OK, json!({"version": "0.32.1"})),
        ("/api/chat" | "/api/embed" | "/api/show" | "/api/tags" | "/api/version", _) => {
            error::error(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
        }
        _ => Reply::raw(StatusCode::NOT_FOUND, "text/plain", "404 page not found".into()),
    }
}

fn with_body(call: &Call<'_>, answer: fn(&Call<'_>, &Value) -> Result<Reply, Reply>) -> Reply {
    let Some(body) = &call.json else {
        return error::invalid("invalid character or unexpected end of JSON input");
    };
    match answer(call, body) {
        Ok(reply) | Err(reply) => reply,
    }
}

/// The 401 for a key that is missing or wrong.
pub(crate) fn authenticate(key: &str, headers: &HeaderMap) -> Option<Reply> {
    let given = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    (given != Some(key)).then(|| error::error(StatusCode::UNAUTHORIZED, "unauthorized"))
}
