//! A call through the layer, and what comes of it on both sides.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Clock, Rng};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_testkit::split::Split;
use llm_layers_wire::sse::Decoder;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tower::{Layer, ServiceExt, service_fn};

/// What a provider was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a client was answered.
#[derive(Debug, PartialEq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What the provider answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    kind: &'static str,
    headers: BTreeMap<String, String>,
    body: Split,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, kind: "application/json", headers: BTreeMap::new(), body: Split::at(body, []) }
    }

    pub(crate) const fn stream(kind: &'static str, body: Split) -> Self {
        Self { status: 200, kind, headers: BTreeMap::new(), body }
    }

    pub(crate) fn with_headers(mut self, headers: BTreeMap<String, String>) -> Self {
        self.headers = headers;
        self
    }
}

/// Sends a call through the layer. Where the provider is asked several times the first call is shown.
pub(crate) async fn exchange(
    provider: &Provider,
    path: &str,
    request: impl Into<Bytes>,
    reply: Reply,
) -> (Option<Asked>, Answered) {
    let layer = TranslatorLayer::new(provider.clone())
        .clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(5)))
        .rng(Rng::seeded(1));
    let asked = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&asked);
    let service = layer.layer(service_fn(move |request: Request<Body>| {
        let (noted, reply) = (Arc::clone(&noted), reply.clone());
        async move {
            let (head, mut body) = request.into_parts();
            let body = body.bytes(1 << 20).await?;
            let asked = Asked { uri: head.uri.to_string(), headers: head.headers, body };
            noted.lock().expect("a lock").get_or_insert(asked);
            let response = Response::builder().status(reply.status).header(CONTENT_TYPE, reply.kind);
            let response = reply.headers.iter().fold(response, |response, (name, value)| response.header(name, value));
            Ok::<_, BoxError>(response.body(Body::new(reply.body.script(true).body())).expect("a response"))
        }
    }));
    let request = Request::post(path).header(CONTENT_TYPE, "application/json").body(Body::from(request.into()));
    let response = service.oneshot(request.expect("a request")).await.expect("an answer");
    let (head, mut body) = response.into_parts();
    let body = body.bytes(1 << 20).await.expect("a body");
    let asked = asked.lock().expect("a lock").take();
    (asked, Answered { status: head.status.as_u16(), headers: head.headers, body })
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub(crate) fn warnings(&self) -> &str {
        self.header("x-llm-warning").unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// The data of a stream's events.
    pub(crate) fn data(&self) -> Vec<String> {
        let mut decoder = Decoder::default();
        decoder.push(self.body.clone());
        let mut data = Vec::new();
        while let Some(event) = decoder.next().expect("a stream") {
            data.extend(event.data().map(|data| String::from_utf8(data.to_vec()).expect("UTF-8")));
        }
        data
    }
}

/// An error as a client reads it.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    status: u16,
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    message: String,
    param: Option<String>,
    retry_after: Option<String>,
}

impl From<&Answered> for Failed {
    fn from(answered: &Answered) -> Self {
        let error = answered.json()["error"].clone();
        let text = |name: &str| error[name].as_str().map(str::to_owned);
        Self {
            status: answered.status,
            kind: text("type").unwrap_or_default(),
            code: text("code"),
            message: text("message").unwrap_or_default(),
            param: text("param"),
            retry_after: answered.header("retry-after").map(str::to_owned),
        }
    }
}

/// Without the white space between tokens: fixtures are laid out to be read.
pub(crate) fn compact(raw: &RawValue) -> String {
    let (mut out, mut in_string, mut escaped) = (String::new(), false, false);
    for letter in raw.get().chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            letter if !in_string && letter.is_ascii_whitespace() => continue,
            _ => {}
        }
        out.push(letter);
    }
    out
}
