//! What the wire, fault and bad-input tests share: a client, an answer, the proxy in front of a raw peer.

mod rules;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use llm_layers_testkit::peer::{Conversation, RawServer};
use llm_layers_tests::{KEY, proxy};
use serde_json::{Value, json};

pub use rules::{check, data_lines};

/// The key that the proxy sends to the raw provider.
pub const PROVIDER_KEY: &str = "sk-provider";

/// The proxy in front of whoever listens at `upstream`, which it knows as `raw`.
///
/// `mapped` is the provider's `real-model`, and `same` is named alike on both sides.
pub async fn front_of(upstream: SocketAddr) -> SocketAddr {
    let config = format!(
        r#"
        [providers.raw]
        dialect = "openai"
        base_url = "http://{upstream}/v1"
        api_key = "{PROVIDER_KEY}"
        [[deployments]]
        name = "mapped"
        provider = "raw"
        model = "real-model"
        [[deployments]]
        name = "same"
        provider = "raw"
        [keys.tests]
        key = "{KEY}"
        [keys.others]
        key = "sk-other"
        [layers]
        retry = {{ enabled = false }}
        circuit_breaker = {{ enabled = false }}
        "#
    );
    proxy(&config).await.0
}

/// A raw provider that plays one conversation, and the proxy in front of it.
pub async fn raw(conversation: Conversation) -> (RawServer, SocketAddr) {
    let server = RawServer::start([conversation]).await;
    let front = front_of(server.addr()).await;
    (server, front)
}

/// An answer of this status and type with a right `content-length`.
pub fn answer(status: &str, kind: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The bytes of a chat call; `headers` are whole lines.
pub fn call(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: proxy\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A body that asks `model` for a stream or a whole answer.
pub fn ask(model: &str, text: &str, stream: bool) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}], "stream": stream})
}

/// A client with a pool of connections.
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    addr: SocketAddr,
}

impl Client {
    pub fn new(addr: SocketAddr) -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), addr }
    }

    /// HTTP/2 by prior knowledge.
    pub fn h2(addr: SocketAddr) -> Self {
        Self { http: Http::builder(TokioExecutor::new()).http2_only(true).build_http(), addr }
    }

    pub async fn chat(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.post(body.to_string(), headers).await
    }

    /// A chat call with this fault at the provider.
    pub async fn fault(&self, spec: &str, body: &Value) -> Answer {
        self.chat(body, &[("x-sim-fault", spec)]).await
    }

    pub async fn post(&self, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Answer {
        let uri = format!("http://{}/v1/chat/completions", self.addr);
        let mut request = Request::post(uri).header("content-type", "application/json");
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {KEY}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::new(body.into())).unwrap()).await
    }

    pub async fn get(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.addr));
        self.send(request.body(Full::default()).unwrap()).await
    }

    pub async fn head_of(&self, body: &Value, headers: &[(&str, &str)]) -> http::Response<hyper::body::Incoming> {
        let mut request = Request::post(format!("http://{}/v1/chat/completions", self.addr))
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.http.request(request.body(Full::from(body.to_string())).unwrap()).await.unwrap()
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let (head, mut body) = self.http.request(request).await.expect("an answer").into_parts();
        let mut read = Vec::new();
        let mut broken = false;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => read.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
                // Over HTTP/2 it says so for ever.
                Err(_) => {
                    broken = true;
                    break;
                }
            }
        }
        Answer { status: head.status.as_u16(), version: head.version, headers: head.headers, body: read.into(), broken }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub version: http::Version,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body ended with an error.
    pub broken: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error of an answer with this status, which is as OpenAI's are.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert!(self.header("x-request-id").is_some_and(|id| id.starts_with("req_")), "{self:?}");
        assert!(!self.broken, "{self:?}");
        shaped(&self.json()["error"])
    }

    /// A stream that went wrong on its way: what was said before, and the error that is its last event.
    #[track_caller]
    pub fn stream_error(&self) -> (Vec<Value>, Value) {
        assert_eq!(self.status, 200, "{self:?}");
        assert!(!self.broken, "{self:?}");
        assert!(!self.text().contains("[DONE]"), "{self:?}");
        let mut events: Vec<Value> =
            data_lines(&self.body).iter().map(|data| serde_json::from_str(data).expect("JSON in an event")).collect();
        let last = events.pop().expect("an event");
        assert!(events.iter().all(|event| event.get("error").is_none()), "{self:?}");
        (events, shaped(&last["error"]))
    }
}

/// All four members, of the types that OpenAI's have.
#[track_caller]
pub fn shaped(error: &Value) -> Value {
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    assert!(error["type"].as_str().is_some_and(|kind| !kind.is_empty()), "{error}");
    for name in ["param", "code"] {
        let value = error.get(name).unwrap_or_else(|| panic!("{name} is missing: {error}"));
        assert!(value.is_null() || value.is_string(), "{error}");
    }
    error.clone()
}
