//! A request on its way to a dialect, and the choice of the dialect.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::reply::Reply;
use crate::sim::Dialect;
use crate::state::Settings;
use crate::{anthropic, openai};

/// One request, parsed as far as all dialects need it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// The body; `None` where it is no JSON object.
    pub(crate) json: Option<Value>,
    /// Decides all ids of the answer.
    pub(crate) seed: u64,
}

impl<'a> Call<'a> {
    pub(crate) fn new(settings: &'a Settings, parts: &'a Parts, body: &Bytes, seed: u64) -> Self {
        let json = if parts.method == Method::POST { serde_json::from_slice(body).ok() } else { None };
        Self {
            settings,
            method: &parts.method,
            path: parts.uri.path(),
            headers: &parts.headers,
            json: json.filter(Value::is_object),
            seed,
        }
    }

    pub(crate) fn model(&self) -> Option<&str> {
        self.json.as_ref()?.get("model")?.as_str()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The dialect of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Speaks {
    OpenAi,
    Anthropic,
}

impl Speaks {
    pub(crate) fn of(dialect: Dialect, parts: &Parts) -> Self {
        match dialect {
            Dialect::OpenAi => Self::OpenAi,
            Dialect::Anthropic => Self::Anthropic,
            Dialect::Both => {
                let messages = parts.uri.path().starts_with("/v1/messages");
                if messages || parts.headers.contains_key("anthropic-version") { Self::Anthropic } else { Self::OpenAi }
            }
        }
    }

    /// What besides the body decides the answer to a POST.
    pub(crate) fn variant(self, parts: &Parts) -> String {
        let path = parts.uri.path();
        match parts.headers.get("anthropic-version") {
            Some(version) if self == Self::Anthropic => format!("{path} {version:?}"),
            _ => path.to_owned(),
        }
    }

    /// The dialect's own 401, where a key is asked for and not given.
    pub(crate) fn authenticate(self, settings: &Settings, headers: &HeaderMap) -> Option<Reply> {
        let key = settings.api_key.as_deref()?;
        match self {
            Self::OpenAi => openai::authenticate(key, headers),
            Self::Anthropic => anthropic::authenticate(key, headers),
        }
    }

    pub(crate) fn reply(self, call: &Call<'_>) -> Reply {
        match self {
            Self::OpenAi => openai::reply(call),
            Self::Anthropic => anthropic::reply(call),
        }
    }

    pub(crate) fn too_large(self) -> Reply {
        self.status(413, None)
    }

    /// The error that the provider gives with this status.
    pub(crate) fn status(self, status: u16, retry_after: Option<&str>) -> Reply {
        match self {
            Self::OpenAi => openai::error::of_status(status, retry_after),
            Self::Anthropic => anthropic::error::of_status(status, retry_after),
        }
    }

    pub(crate) fn quota(self) -> Reply {
        match self {
            Self::OpenAi => openai::error::insufficient_quota(),
            Self::Anthropic => anthropic::error::spend_limit(),
        }
    }

    /// A fault that was asked for in words that mean nothing.
    pub(crate) fn bad_fault(self, message: &str) -> Reply {
        match self {
            Self::OpenAi => openai::error::invalid(message, Some("x-sim-fault"), Some("sim_unknown_fault")),
            Self::Anthropic => anthropic::error::invalid(message),
        }
    }
}
