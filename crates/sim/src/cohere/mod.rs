//! Cohere's dialect, version 2: paths, credentials, the headers of every answer.
//!
//! Members and events: the SDK cohere 7.3.1. The words of refusals: as quoted in public issues (2024 to 2026). Read
//! 2026-11-21.

mod chat;
mod citation;
mod embed;
pub(crate) mod error;
mod models;
mod stream;
mod tools;
mod turns;
mod validate;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::call::Call;
use crate::ids;
use crate::reply::{Payload, Reply};

/// The answer to a request that has shown its key.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    let path = call.path.trim_end_matches('/');
    let reply = match (path, call.method) {
        ("/v2/chat", &Method::POST) => with_body(call, chat::reply),
        ("/v2/embed", &Method::POST) => with_body(call, embed::reply),
        ("/v2/chat" | "/v2/embed", _) => error::error(http::StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
        ("/v1/models", &Method::GET) => models::list(call.settings),
        _ => match path.strip_prefix("/v1/models/") {
            Some(name) if call.method == Method::GET => models::one(call.settings, name),
            _ => error::error(http::StatusCode::NOT_FOUND, "not found"),
        },
    };
    headers(reply, call.seed)
}

fn with_body(call: &Call<'_>, answer: fn(&Call<'_>, &Value) -> Result<Reply, Reply>) -> Reply {
    let Some(body) = &call.json else {
        return error::invalid("invalid request: the body is not a JSON object");
    };
    match answer(call, body) {
        Ok(reply) | Err(reply) => reply,
    }
}

/// Errors carry an id in their body.
fn headers(mut reply: Reply, seed: u64) -> Reply {
    let id = ids::uuid(seed);
    if !reply.status.is_success()
        && let Payload::Json(Value::Object(members)) = &mut reply.payload
    {
        members.insert("id".to_owned(), Value::from(id.as_str()));
    }
    reply
        .with_text("x-debug-trace-id", &format!("{seed:016x}"))
        .with_text("x-trial-endpoint-call-limit", "40")
        .with_text("x-trial-endpoint-call-remaining", "39")
}

/// The 401 for a key that is missing or wrong.
pub(crate) fn authenticate(key: &str, headers: &HeaderMap) -> Option<Reply> {
    let given = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let refused = match given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim) {
        Some(given) if given == key => return None,
        Some(_) => "invalid api token",
        None => "no api key supplied",
    };
    Some(self::headers(error::error(http::StatusCode::UNAUTHORIZED, refused), 401))
}
