//! Google's dialect, on both of its surfaces: the Gemini Developer API and Vertex AI. The bodies are the same,
//! the paths and the credentials are not.
//!
//! Wire facts: types and converters of google-genai 3.4.0, ai.google.dev and cloud.google.com; the texts of errors
//! as public issues quote them (langgenius/dify#29187, gemini-cli#16984, heyhuynhgiabuu/proxypal#119,
//! decolua/9router#301, zed#53919, GewoonJaap/gemini-cli-openai#156). Looked up in November 2026.

mod candidate;
mod config;
mod embeddings;
pub(crate) mod error;
mod fields;
mod generate;
mod models;
mod proto;
mod route;
mod schema;
mod signature;
mod tools;
mod turns;
pub(crate) mod usage;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::call::Call;
use crate::reply::{Payload, Reply};
use generate::Sending;
use route::Route;

/// Whose paths, credentials and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Surface {
    Developer,
    Vertex,
}

impl Surface {
    fn knows(self, field: &str) -> bool {
        match self {
            Self::Developer => !fields::VERTEX_ONLY.contains(&field),
            Self::Vertex => !fields::DEVELOPER_ONLY.contains(&field),
        }
    }
}

/// A model, as far as its name tells what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Model<'a> {
    name: &'a str,
}

impl Model<'_> {
    /// Gemini 3 and later: ids of calls, signatures that must come back.
    fn is_third(self) -> bool {
        let generation = self.name.strip_prefix("gemini-").and_then(|rest| rest.split(['.', '-']).next());
        generation.and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number >= 3)
    }

    fn thinks(self) -> bool {
        !["gemini-1", "gemini-2.0"].iter().any(|old| self.name.starts_with(old))
    }

    fn must_think(self) -> bool {
        self.name.starts_with("gemini-2.5-pro")
    }
}

/// The answer to a request that has shown its key.
pub(crate) fn reply(surface: Surface, call: &Call<'_>) -> Reply {
    let reply = match route(surface, call) {
        Ok(reply) | Err(reply) => reply,
    };
    headers(in_array(reply, call))
}

fn route(surface: Surface, call: &Call<'_>) -> Result<Reply, Reply> {
    let Some(route) = Route::read(surface, call.path) else {
        return match call.method {
            &Method::GET => models::reply(surface, call),
            _ => Err(error::not_found("Requested entity was not found.")),
        };
    };
    if call.method != Method::POST {
        return Err(error::not_found("Requested entity was not found."));
    }
    let body = call.json.as_ref().ok_or_else(no_json)?;
    if !call.settings.serves(route.model.name) {
        return Err(error::not_found(&error::no_model(surface, route.model.name, route.verb)));
    }
    match route.verb {
        "generateContent" => generate::reply(call, &route, body, Sending::Plain),
        "streamGenerateContent" if asks_for_sse(call) => generate::reply(call, &route, body, Sending::Sse),
        "streamGenerateContent" => generate::reply(call, &route, body, Sending::Array),
        "countTokens" => generate::count(body, route.model, surface),
        "embedContent" => embeddings::one(&route, body),
        "batchEmbedContents" => embeddings::batch(&route, body),
        "predict" if surface == Surface::Vertex => embeddings::predict(&route, body),
        verb => Err(error::not_found(&error::no_model(surface, route.model.name, verb))),
    }
}

fn no_json() -> Reply {
    error::violations(&[error::Violation {
        field: String::new(),
        description: "Invalid JSON payload received. Unexpected end of string. Expected a value.".to_owned(),
    }])
}

fn asks_for_sse(call: &Call<'_>) -> bool {
    call.query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse" || pair == "$alt=sse"))
}

/// Where an array of chunks was to come, an error is its only element.
pub(crate) fn in_array(mut reply: Reply, call: &Call<'_>) -> Reply {
    let is_error = !reply.status.is_success();
    if is_error
        && call.path.ends_with(":streamGenerateContent")
        && !asks_for_sse(call)
        && let Payload::Json(value) = &mut reply.payload
    {
        *value = Value::Array(vec![value.take()]);
    }
    reply
}

fn headers(reply: Reply) -> Reply {
    let is_json = matches!(reply.payload, Payload::Json(_) | Payload::Raw(_));
    let reply = reply
        .with_text("vary", "Origin, X-Origin, Referer")
        .with_text("server", "scaffolding on HTTPServer2")
        .with_text("x-content-type-options", "nosniff");
    if is_json { reply.with_text("content-type", "application/json; charset=UTF-8") } else { reply }
}

/// The model that the path names.
pub(crate) fn model(surface: Surface, path: &str) -> Option<String> {
    Route::read(surface, path).map(|route| route.model.name.to_owned())
}

/// The error for a key (Vertex AI: a token) that is missing or wrong.
pub(crate) fn authenticate(surface: Surface, key: &str, headers: &HeaderMap) -> Option<Reply> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let given = match surface {
        Surface::Developer => text("x-goog-api-key"),
        Surface::Vertex => text("authorization").and_then(|value| value.strip_prefix("Bearer ")),
    };
    match given {
        Some(given) if given.trim() == key => None,
        Some(_) => Some(self::headers(error::wrong_key(surface))),
        None => Some(self::headers(error::no_key(surface))),
    }
}
