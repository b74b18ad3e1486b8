//! Anthropic's dialect: paths, credentials, versions, the headers of every answer.

mod block;
pub(crate) mod error;
mod messages;
mod models;
mod schema;
pub(crate) mod signature;
mod stream;
mod tools;
mod turns;
pub(crate) mod usage;
mod validate;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::call::Call;
use crate::ids;
use crate::reply::{Payload, Reply};

/// The versions that are live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V2023,
    /// Knows no sampling parameters any more.
    V2026,
}

impl Version {
    fn of(name: &str) -> Result<Self, Reply> {
        match name {
            "2023-06-01" => Ok(Self::V2023),
            "2026-10-21" => Ok(Self::V2026),
            other => Err(error::invalid(&format!("anthropic-version: \"{other}\" is not a valid version"))),
        }
    }
}

/// The answer to a request that has shown its key.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    let reply = match route(call) {
        Ok(reply) | Err(reply) => reply,
    };
    headers(reply, call.seed)
}

fn route(call: &Call<'_>) -> Result<Reply, Reply> {
    let version = call.header("anthropic-version");
    let version = Version::of(version.ok_or_else(|| error::invalid("anthropic-version: header is required"))?)?;
    let path = call.path.trim_end_matches('/');
    match (path, call.method) {
        ("/v1/messages", &Method::POST) => messages::reply(call, body(call)?, version),
        ("/v1/messages/count_tokens", &Method::POST) => messages::count(call, body(call)?, version),
        ("/v1/messages" | "/v1/messages/count_tokens", _) => Err(error::method()),
        ("/v1/models", &Method::GET) => Ok(models::list(call.settings)),
        _ => match path.strip_prefix("/v1/models/") {
            Some(id) if call.method == Method::GET => models::one(call.settings, id),
            _ => Err(error::not_found("Not Found")),
        },
    }
}

/// The answer to a message that came by another provider's road, where the version is named in the body. Neither
/// identified nor dressed in Anthropic's headers.
pub(crate) fn reply_to(call: &Call<'_>, body: &Value, version: &str) -> Result<Reply, Reply> {
    messages::reply(call, body, Version::of(version)?)
}

fn body<'c>(call: &'c Call<'_>) -> Result<&'c Value, Reply> {
    call.json.as_ref().ok_or_else(|| error::invalid("The request body is not valid JSON: expected a JSON object"))
}

/// The request id goes into the header and, for errors, into the body.
fn headers(mut reply: Reply, seed: u64) -> Reply {
    let id = ids::id("req_01", seed, 22);
    if let Payload::Json(Value::Object(members)) = &mut reply.payload
        && members.get("type").is_some_and(|kind| kind == "error")
    {
        members.insert("request_id".to_owned(), Value::from(id.as_str()));
    }
    let mut reply = reply
        .with_text("request-id", &id)
        .with_text("anthropic-organization-id", "00000000-0000-4000-8000-000000000001");
    for (name, value) in LIMITS {
        reply = reply.with_text(name, value);
    }
    reply
}

/// Limits, what is left of them, and the instant at which they are full again (which stands still like all time here).
const LIMITS: [(&str, &str); 12] = [
    ("anthropic-ratelimit-requests-limit", "4000"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
    ("anthropic-ratelimit-requests-reset", RESET),
    ("anthropic-ratelimit-tokens-limit", "480000"),
    ("anthropic-ratelimit-tokens-remaining", "479000"),
    ("anthropic-ratelimit-tokens-reset", RESET),
    ("anthropic-ratelimit-input-tokens-limit", "400000"),
    ("anthropic-ratelimit-input-tokens-remaining", "399000"),
    ("anthropic-ratelimit-input-tokens-reset", RESET),
    ("anthropic-ratelimit-output-tokens-limit", "80000"),
    ("anthropic-ratelimit-output-tokens-remaining", "80000"),
    ("anthropic-ratelimit-output-tokens-reset", RESET),
];
const RESET: &str = "2026-11-21T00:00:01Z";

/// The 401 for a key that is missing or wrong. Where both headers are sent, `x-api-key` is the one that counts.
pub(crate) fn authenticate(key: &str, headers: &HeaderMap) -> Option<Reply> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refused = match (text("x-api-key"), text("authorization").and_then(|value| value.strip_prefix("Bearer "))) {
        (Some(given), _) if given == key => return None,
        (Some(_), _) => "invalid x-api-key",
        (None, Some(given)) if given.trim() == key => return None,
        (None, Some(_)) => "Invalid bearer token",
        (None, None) => "x-api-key header is required",
    };
    Some(self::headers(error::unauthorized(refused), 401))
}
