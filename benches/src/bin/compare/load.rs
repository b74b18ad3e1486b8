//! Load: so many connections, each with one request after the other.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time::Instant};

use crate::{
    Error,
    process::{BARE, Peer},
};

const CONNECTIONS: usize = 32;

/// Chunks in the provider's stream.
pub(crate) const CHUNKS: usize = 50;

/// What is asked.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What our proxy is asked for.
    pub(crate) model: &'static str,
    /// What the bare one is asked for, which has no names of its own.
    pub(crate) provider_model: &'static str,
    /// How the chat begins, as JSON spells it.
    pub(crate) opening: &'static str,
    /// Bytes of the request's body.
    pub(crate) bytes: usize,
    pub(crate) stream: bool,
}

impl Case {
    /// Answers that are made beforehand.
    pub(crate) const fn new(name: &'static str, bytes: usize, stream: bool) -> Self {
        Self { name, model: "small", provider_model: "bench", opening: "", bytes, stream }
    }
}

/// What a round showed.
pub(crate) struct Outcome {
    pub(crate) requests: f64,
    /// How many of them a cache has answered.
    pub(crate) hits: f64,
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) cpu_micros: f64,
}

/// Loads a proxy for a time.
pub(crate) async fn run(peer: &Peer, case: &Case, time: Duration) -> Result<Outcome, Error> {
    let body = body(case, peer.name);
    let mut senders = Vec::new();
    for _ in 0..CONNECTIONS {
        senders.push(connect(peer).await?);
    }
    let cpu = peer.cpu_nanos()?;
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for mut sender in senders {
        let body = body.clone();
        tasks.spawn(async move {
            let (mut latencies, mut hits) = (Vec::with_capacity(1 << 14), 0.0);
            while start.elapsed() < time {
                let begun = Instant::now();
                hits += f64::from(ask(&mut sender, body.clone()).await?);
                latencies.push(begun.elapsed());
            }
            Ok::<_, Error>((latencies, hits))
        });
    }
    let (mut latencies, mut hits) = (Vec::new(), 0.0);
    while let Some(done) = tasks.join_next().await {
        let (of_task, hits_of_task) = done??;
        latencies.extend(of_task);
        hits += hits_of_task;
    }
    let elapsed = start.elapsed();
    let cpu = peer.cpu_nanos()? - cpu;
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share) as usize;
        latencies.get(index).or(latencies.last()).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    };
    let requests = latencies.len() as f64;
    Ok(Outcome {
        requests,
        hits,
        per_second: requests / elapsed.as_secs_f64(),
        p50: at(0.5),
        p99: at(0.99),
        cpu_micros: cpu as f64 / 1e3 / requests,
    })
}

/// Asks so many times over one connection.
pub(crate) async fn repeat(peer: &Peer, case: &Case, times: usize) -> Result<(), Error> {
    let body = body(case, peer.name);
    let mut sender = connect(peer).await?;
    for _ in 0..times {
        ask(&mut sender, body.clone()).await?;
    }
    Ok(())
}

async fn connect(peer: &Peer) -> Result<SendRequest<Full<Bytes>>, Error> {
    let stream = TcpStream::connect(peer.address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Asks once, and says whether a cache has answered.
async fn ask(sender: &mut SendRequest<Full<Bytes>>, body: Bytes) -> Result<bool, Error> {
    let request = Request::post("/v1/chat/completions")
        .header("host", "bench")
        .header("content-type", "application/json")
        .header("authorization", "Bearer sk-client")
        // Each chunk of a stream is a write of its own, as a model that speaks sends them.
        .header("x-sim-pace-us", "0")
        .header("x-sim-chunks", CHUNKS)
        .body(Full::new(body))?;
    sender.ready().await?;
    let mut answer = sender.send_request(request).await?;
    if !answer.status().is_success() {
        return Err(format!("answered {}", answer.status()).into());
    }
    let is_hit = answer.headers().get("x-llm-cache").is_some_and(|outcome| outcome == "hit");
    let mut bytes = 0;
    while let Some(frame) = answer.frame().await {
        bytes += frame?.data_ref().map_or(0, Bytes::len);
    }
    if bytes < 900 { Err(format!("only {bytes} bytes").into()) } else { Ok(is_hit) }
}

/// A chat of prose with a line break now and then, as long as the case asks for.
fn body(case: &Case, proxy: &str) -> Bytes {
    let model = if proxy == BARE { case.provider_model } else { case.model };
    let stream = if case.stream { r#""stream":true,"# } else { "" };
    let mut text = format!(r#"{{"model":"{model}",{stream}"messages":[{{"role":"user","content":"{}"#, case.opening);
    let prose = "The quick brown fox jumps over the lazy dog, and then it said: \\\"Hello!\\\" to all who heard.\\n";
    while text.len() + prose.len() + 4 < case.bytes {
        text += prose;
    }
    while text.len() + 4 < case.bytes {
        text.push('x');
    }
    Bytes::from(text + "\"}]}")
}
