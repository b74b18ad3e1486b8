//! Azure OpenAI: OpenAI's dialect under Azure's paths, credentials and errors, with the results of its filters.
//!
//! Wire facts: the Azure client of openai-python, learn.microsoft.com; the chunks and errors as public issues quote
//! them (AbanteAI/archive-old-cli-mentat#429, microsoft/autogen#6465, langchain-ai/langchain#18977,
//! langchain4j#2385, TinyTroupe#85, browser-use#4783). Looked up in November 2026.

pub(crate) mod error;
mod filter;
mod version;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::call::Call;
use crate::ids;
use crate::openai;
use crate::reply::Reply;

/// A deployment of this name has the asynchronous filter, whose findings come in chunks of their own.
const ASYNC_FILTER: &str = "sim-async-filter";

/// What the path asks for: the deployment, where it names one, and OpenAI's path.
#[derive(Debug, PartialEq, Eq)]
struct Route {
    deployment: Option<String>,
    path: String,
}

impl Route {
    fn read(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/openai/")?.trim_end_matches('/');
        if let Some(rest) = rest.strip_prefix("deployments/") {
            let (deployment, rest) = rest.split_once('/')?;
            return Some(Self { deployment: Some(decode(deployment)), path: format!("/v1/{rest}") });
        }
        let path = rest.strip_prefix("v1/").or_else(|| rest.starts_with("models").then_some(rest))?;
        Some(Self { deployment: None, path: format!("/v1/{path}") })
    }
}

/// Names of deployments are percent-encoded by whoever is careful.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The answer to a request that has shown its key.
pub(crate) fn reply(call: &Call<'_>) -> Reply {
    let reply = match route(call) {
        Ok(reply) | Err(reply) => reply,
    };
    headers(reply, call.seed)
}

fn route(call: &Call<'_>) -> Result<Reply, Reply> {
    let route = Route::read(call.path).ok_or_else(error::no_path)?;
    let is_v1 = call.path.starts_with("/openai/v1/");
    version::check(call.query, is_v1, call.json.as_ref())?;
    if call.method != Method::POST {
        return Ok(openai::reply(&inner(call, &route.path, None)));
    }
    let body = call.json.as_ref();
    let named = body.and_then(|body| body["model"].as_str()).map(str::to_owned);
    let deployment = route.deployment.or(named).unwrap_or_default();
    if !call.settings.serves(&deployment) {
        return Err(error::no_deployment());
    }
    let mut json = body.cloned();
    if let Some(members) = json.as_mut().and_then(Value::as_object_mut) {
        // Which model is meant, the path says; what the body says is not looked at.
        members.insert("model".to_owned(), Value::from(deployment.as_str()));
    }
    let reply = openai::reply(&inner(call, &route.path, json));
    if route.path == "/v1/chat/completions" && reply.status.is_success() {
        let asked = filter::Asked::of(body.unwrap_or(&Value::Null));
        return filter::annotate(reply, asked, deployment == ASYNC_FILTER);
    }
    Ok(reply)
}

/// The call as OpenAI's dialect is to see it.
fn inner<'a>(call: &Call<'a>, path: &'a str, json: Option<Value>) -> Call<'a> {
    Call {
        settings: call.settings,
        method: call.method,
        path,
        query: None,
        headers: call.headers,
        json,
        seed: call.seed,
    }
}

/// Azure's headers in place of OpenAI's.
fn headers(mut reply: Reply, seed: u64) -> Reply {
    for name in ["openai-version", "openai-organization", "openai-processing-ms", "x-ratelimit-reset-tokens"] {
        reply.headers.remove(name);
    }
    let id = ids::id("", seed, 32);
    let mut reply = reply
        .with_text("apim-request-id", &id)
        .with_text("x-request-id", &id)
        .with_text("x-ms-region", "Sim Central")
        .with_text("x-ms-rai-invoked", "true")
        .with_text("x-content-type-options", "nosniff");
    let limits = [
        ("x-ratelimit-limit-requests", "1000"),
        ("x-ratelimit-remaining-requests", "999"),
        ("x-ratelimit-reset-requests", "1"),
        ("x-ratelimit-limit-tokens", "100000"),
        ("x-ratelimit-remaining-tokens", "99000"),
    ];
    if reply.status.is_success() {
        for (name, value) in limits {
            reply = reply.with_text(name, value);
        }
    }
    reply
}

/// The deployment that the path names; on the v1 path it is the model of the body.
pub(crate) fn model(call: &Call<'_>) -> Option<String> {
    let route = Route::read(call.path);
    route.and_then(|route| route.deployment).or_else(|| call.model().map(str::to_owned))
}

/// The 401 for a key that is missing or wrong. Either header will do; both at once will not.
pub(crate) fn authenticate(key: &str, headers: &HeaderMap) -> Option<Reply> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    match (text("api-key"), token) {
        (Some(given), None) | (None, Some(given)) if given.trim() == key => None,
        _ => Some(self::headers(error::unauthorized(), 401)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_deployment_or_none() {
        let read = |path: &str| Route::read(path).map(|route| (route.deployment, route.path));
        let chat = "/v1/chat/completions".to_owned();
        let deployment = Some("my gpt/4".to_owned());
        assert_eq!(read("/openai/deployments/my%20gpt%2F4/chat/completions"), Some((deployment, chat.clone())));
        assert_eq!(read("/openai/v1/chat/completions"), Some((None, chat)));
        assert_eq!(read("/openai/models"), Some((None, "/v1/models".to_owned())));
        for path in ["/v1/chat/completions", "/openai/chat/completions", "/openai/deployments/x", "/"] {
            assert_eq!(read(path), None, "{path}");
        }
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%C3%A9"), "%zzé");
    }
}
