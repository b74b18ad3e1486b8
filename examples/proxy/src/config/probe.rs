//! Looks for model servers on this machine, on the ports that they listen on by default.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::discover::LocalServer;

/// A server on this machine answers within a millisecond or is not there.
const PATIENCE: Duration = Duration::from_millis(300);
/// No list of models is longer; whatever else listens there may send what it likes.
const LARGEST: usize = 1024 * 1024;
const MOST_MODELS: usize = 1000;
const LONGEST_ID: usize = 256;

/// Name, port and base URL: <https://docs.ollama.com/api/openai-compatibility>,
/// <https://docs.vllm.ai/en/latest/serving/openai_compatible_server/>,
/// <https://github.com/ggml-org/llama.cpp/tree/master/tools/server>,
/// <https://lmstudio.ai/docs/developer/openai-compat>.
const DEFAULTS: [(&str, u16, &str); 4] = [
    ("ollama", 11434, "http://127.0.0.1:11434/v1"),
    ("vllm", 8000, "http://127.0.0.1:8000/v1"),
    ("llamacpp", 8080, "http://127.0.0.1:8080/v1"),
    ("lmstudio", 1234, "http://127.0.0.1:1234/v1"),
];

/// The servers that answer, all asked at once; never the port that the proxy itself is to listen on.
/// Takes 300 ms at the most.
pub async fn local_servers(listen: SocketAddr) -> Vec<LocalServer> {
    let asked = DEFAULTS.iter().filter(|(_, port, _)| *port != listen.port());
    let answers = asked.map(|(name, _, base_url)| async move {
        let models = models(base_url).await?;
        Some(LocalServer { name, base_url, models })
    });
    futures_util::future::join_all(answers).await.into_iter().flatten().collect()
}

/// The ids of the models that the server at `base_url` lists; `None` where none answers in time with
/// a list that is not empty.
pub async fn models(base_url: &str) -> Option<Vec<String>> {
    tokio::time::timeout(PATIENCE, ask(base_url)).await.ok()?
}

async fn ask(base_url: &str) -> Option<Vec<String>> {
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.get(format!("{base_url}/models").parse().ok()?).await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let list: List = serde_json::from_slice(&read(answer.into_body()).await?).ok()?;
    let is_name = |id: &String| !id.is_empty() && id.len() <= LONGEST_ID && !id.contains(|c: char| c.is_control());
    let ids: Vec<String> = list.data.into_iter().map(|model| model.id).filter(is_name).take(MOST_MODELS).collect();
    (!ids.is_empty()).then_some(ids)
}

/// The whole body, unless it is too long.
async fn read(mut body: impl Body<Data = Bytes> + Unpin) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            if bytes.len() + data.len() > LARGEST {
                return None;
            }
            bytes.extend_from_slice(&data);
        }
    }
    Some(bytes)
}

/// What matters of `GET /v1/models`.
#[derive(serde::Deserialize)]
struct List {
    data: Vec<Listed>,
}

#[derive(serde::Deserialize)]
struct Listed {
    id: String,
}
