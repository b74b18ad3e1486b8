//! Amazon Bedrock's runtime: operations, credentials, the headers of every answer.
//!
//! Members, limits and enumerations: the service model `bedrock-runtime` 2023-09-30 of botocore 1.44.5. The words of
//! refusals: as quoted in public issues (2024 to 2026). Read 2026-11-21.

mod claude;
mod converse;
mod documents;
pub(crate) mod error;
pub(crate) mod frame;
mod invoke;
mod members;
mod operation;
mod shape;
mod sigv4;
mod stream;
mod tools;
mod turns;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use serde_json::Value;

use crate::call::Call;
use crate::ids;
use crate::reply::{Event, Layout, Reply};
use crate::state::Settings;
use operation::{Kind, Operation};

pub(crate) use operation::model;
pub(crate) use sigv4::Signer;

/// The answer to a request that has shown who it is from.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    let reply = match route(call) {
        Ok(reply) | Err(reply) => reply,
    };
    reply.with_text("x-amzn-requestid", &ids::uuid(call.seed))
}

fn route(call: &Call<'_>) -> Result<Reply, Reply> {
    let operation = Operation::of(call.path).filter(|_| call.method == Method::POST);
    let operation = operation.ok_or_else(error::unknown_operation)?;
    let Some(model) = operation.served(call.settings) else {
        return Err(error::validation("The provided model identifier is invalid."));
    };
    let body = call.json.as_ref().ok_or_else(error::no_json)?;
    match operation.kind {
        Kind::Converse { stream } => converse::reply(call, body, model, stream),
        Kind::Invoke { stream } => invoke::reply(call, body, model, stream),
    }
}

/// A stream of binary frames.
fn frames(events: Vec<Event>, layout: Layout) -> Reply {
    let mut reply = Reply::events(events);
    reply.headers.remove(http::header::CACHE_CONTROL);
    reply.layout = layout;
    reply.with(CONTENT_TYPE, HeaderValue::from_static("application/vnd.amazon.eventstream"))
}

/// Arguments as an object: those that were cut, or that a prompt made invalid on purpose, cannot be shown as one.
fn object(arguments: &str) -> Value {
    let value = serde_json::from_str::<Value>(arguments).ok().filter(Value::is_object);
    value.unwrap_or_else(|| Value::Object(serde_json::Map::new()))
}

/// AWS's 403 where a key or a signature is asked for and not given. Either will do where both are asked for.
pub(crate) fn authenticate(settings: &Settings, parts: &Parts, body: &[u8]) -> Option<Reply> {
    if settings.api_key.is_none() && settings.signer.is_none() {
        return None;
    }
    let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let checked = match given {
        None => Err(error::forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")),
        Some(given) => match given.strip_prefix("Bearer ") {
            Some(key) if settings.api_key.as_deref() == Some(key.trim()) => Ok(()),
            Some(_) => {
                let message = "Authentication failed: Please make sure your API Key is valid.";
                Err(error::forbidden("AccessDeniedException", message))
            }
            None => sigv4::check(settings.signer.as_ref(), given, parts, body),
        },
    };
    checked.err().map(|reply| reply.with_text("x-amzn-requestid", &ids::uuid(403)))
}
