//! A client over a real socket.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use llm_layers_sim::SimHandle;
use serde_json::{Value, json};

pub(crate) type Http = Client<HttpConnector, Full<Bytes>>;

pub(crate) fn client() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

pub(crate) fn h2_client() -> Http {
    Client::builder(TokioExecutor::new()).http2_only(true).build_http()
}

/// An answer as far as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) frames: Vec<Bytes>,
    /// The body ended in an error.
    pub(crate) broken: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.frames.concat()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.frames.concat()).unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    /// The data of all events; what is no JSON as a string.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text().replace("\r\n", "\n");
        let lines = text.trim_start_matches('\u{feff}').lines();
        let data = lines.filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn request(url: &str, body: &[u8], headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::post(url).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(Bytes::copy_from_slice(body))).unwrap()
}

pub(crate) async fn finish(response: Response<Incoming>) -> Answer {
    let (head, mut body) = response.into_parts();
    let (mut frames, mut broken) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => frames.extend(frame.into_data().ok()),
            Err(_) => {
                // hyper's HTTP/2 body would give the same error for ever.
                broken = true;
                break;
            }
        }
    }
    Answer { status: head.status, headers: head.headers, frames, broken }
}

/// No test hangs, whatever goes wrong.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("took too long")
}

pub(crate) async fn post(http: &Http, url: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    soon(async { finish(http.request(request(url, body.to_string().as_bytes(), headers)).await.unwrap()).await }).await
}

pub(crate) async fn get(http: &Http, url: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::default()).unwrap();
    soon(async { finish(http.request(request).await.unwrap()).await }).await
}

pub(crate) fn chat(prompt: &str) -> Value {
    json!({"model": "sim-small", "messages": [{"role": "user", "content": prompt}]})
}

pub(crate) fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

pub(crate) fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

pub(crate) async fn ask(sim: &SimHandle, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/chat/completions", sim.base_url()), body, headers).await
}

pub(crate) async fn ask_with(sim: &SimHandle, fault: &str, body: &Value) -> Answer {
    ask(sim, body, &[("x-sim-fault", fault)]).await
}

pub(crate) fn message(prompt: &str) -> Value {
    json!({"model": "claude-sim", "max_tokens": 4096, "messages": [{"role": "user", "content": prompt}]})
}

pub(crate) const V2023: (&str, &str) = ("anthropic-version", "2023-06-01");

pub(crate) async fn send(sim: &SimHandle, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![V2023];
    all.extend(headers);
    post(&client(), &format!("{}/v1/messages", sim.base_url()), body, &all).await
}

/// The texts of all content deltas.
pub(crate) fn content(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
}
