//! A request on its way to a dialect, and the choice of the dialect.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::gemini::Surface;
use crate::reply::Reply;
use crate::sim::Dialect;
use crate::state::Settings;
use crate::{anthropic, azure, bedrock, cohere, gemini, ollama, openai};

/// One request, parsed as far as all dialects need it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
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
            query: parts.uri.query(),
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
    Bedrock,
    Cohere,
    Ollama,
    Google(Surface),
    Azure,
}

impl Speaks {
    pub(crate) fn of(dialect: Dialect, parts: &Parts) -> Self {
        match dialect {
            Dialect::OpenAi => Self::OpenAi,
            Dialect::Anthropic => Self::Anthropic,
            Dialect::Bedrock => Self::Bedrock,
            Dialect::Cohere => Self::Cohere,
            Dialect::Ollama => Self::Ollama,
            Dialect::Gemini => Self::Google(Surface::Developer),
            Dialect::Vertex => Self::Google(Surface::Vertex),
            Dialect::Azure => Self::Azure,
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
            _ if matches!(self, Self::Google(_) | Self::Azure) => {
                format!("{path}?{}", parts.uri.query().unwrap_or_default())
            }
            _ => path.to_owned(),
        }
    }

    /// The dialect's own 401, where a key is asked for and not given.
    pub(crate) fn authenticate(self, settings: &Settings, parts: &Parts, body: &[u8]) -> Option<Reply> {
        if self == Self::Bedrock {
            return bedrock::authenticate(settings, parts, body);
        }
        let headers = &parts.headers;
        let key = settings.api_key.as_deref()?;
        match self {
            Self::OpenAi => openai::authenticate(key, headers),
            Self::Anthropic => anthropic::authenticate(key, headers),
            Self::Bedrock => None,
            Self::Cohere => cohere::authenticate(key, headers),
            Self::Ollama => ollama::authenticate(key, headers),
            Self::Google(surface) => gemini::authenticate(surface, key, headers),
            Self::Azure => azure::authenticate(key, headers),
        }
    }

    /// The model that is asked for: in the body, or in the path.
    pub(crate) fn model(self, call: &Call<'_>) -> Option<String> {
        match self {
            Self::Bedrock => bedrock::model(call.path),
            Self::Google(surface) => gemini::model(surface, call.path),
            Self::Azure => azure::model(call),
            _ => call.model().map(str::to_owned),
        }
    }

    pub(crate) fn reply(self, call: &Call<'_>) -> Reply {
        match self {
            Self::OpenAi => openai::reply(call),
            Self::Anthropic => anthropic::reply(call),
            Self::Bedrock => bedrock::reply(call),
            Self::Cohere => cohere::reply(call),
            Self::Ollama => ollama::reply(call),
            Self::Google(surface) => gemini::reply(surface, call),
            Self::Azure => azure::reply(call),
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
            Self::Bedrock => bedrock::error::of_status(status),
            Self::Cohere => cohere::error::of_status(status),
            Self::Ollama => ollama::error::of_status(status),
            Self::Google(surface) => gemini::error::of_status(surface, status, retry_after),
            Self::Azure => azure::error::of_status(status, retry_after),
        }
    }

    pub(crate) fn quota(self) -> Reply {
        match self {
            Self::OpenAi => openai::error::insufficient_quota(),
            Self::Anthropic => anthropic::error::spend_limit(),
            Self::Bedrock => bedrock::error::quota(),
            Self::Cohere => cohere::error::quota(),
            Self::Ollama => ollama::error::quota(),
            Self::Google(_) => gemini::error::day_quota(),
            Self::Azure => azure::error::quota(),
        }
    }

    /// The error as this call wants it: Google's is the only element of an array where one was to come.
    pub(crate) fn shaped(self, error: Reply, call: &Call<'_>) -> Reply {
        if matches!(self, Self::Google(_)) { gemini::in_array(error, call) } else { error }
    }

    /// A fault that was asked for in words that mean nothing.
    pub(crate) fn bad_fault(self, message: &str) -> Reply {
        match self {
            Self::OpenAi => openai::error::invalid(message, Some("x-sim-fault"), Some("sim_unknown_fault")),
            Self::Anthropic => anthropic::error::invalid(message),
            Self::Bedrock => bedrock::error::validation(message),
            Self::Cohere => cohere::error::invalid(message),
            Self::Ollama => ollama::error::invalid(message),
            Self::Google(_) => gemini::error::invalid(message),
            Self::Azure => openai::error::invalid(message, Some("x-sim-fault"), Some("sim_unknown_fault")),
        }
    }
}
