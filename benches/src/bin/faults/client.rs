//! A client that looks at what it gets.

use std::{collections::BTreeMap, net::SocketAddr, ops::AddAssign};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::Error;

#[derive(Clone)]
pub(crate) struct Client {
    http: HttpClient<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

/// What became of calls.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) whole: u64,
    pub(crate) streams: u64,
    /// Calls that failed before a word of an answer had come.
    pub(crate) failed: u64,
    /// Answers that began and did not come to their end.
    pub(crate) broken: u64,
    /// The most attempts at one deployment that any answer took.
    pub(crate) most_attempts: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.whole += other.whole;
        self.streams += other.streams;
        self.failed += other.failed;
        self.broken += other.broken;
        self.most_attempts = self.most_attempts.max(other.most_attempts);
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { http: HttpClient::builder(TokioExecutor::new()).build_http(), address }
    }

    /// One call, and all of its answer.
    pub(crate) async fn ask(&self, stream: bool, number: usize) -> Tally {
        let mut tally = Tally::default();
        let body = format!(
            r#"{{"model":"both","stream":{stream},"messages":[{{"role":"user","content":"sim:say The answer to call {number}, word by word."}}]}}"#
        );
        match self.post(body).await {
            Ok(answer) if answer.status().is_success() => {
                let attempts =
                    answer.headers().get("x-llm-attempts").and_then(|value| value.to_str().ok()?.parse().ok());
                tally.most_attempts = attempts.unwrap_or_default();
                let said = answer.into_body().collect().await.map(|body| body.to_bytes());
                let is_whole = |said: &Bytes| {
                    let text = String::from_utf8_lossy(said);
                    text.contains("\"stop\"") && (!stream || text.ends_with("data: [DONE]\n\n"))
                };
                match said {
                    Ok(said) if is_whole(&said) && stream => tally.streams = 1,
                    Ok(said) if is_whole(&said) => tally.whole = 1,
                    _ => tally.broken = 1,
                }
            }
            _ => tally.failed = 1,
        }
        tally
    }

    async fn post(&self, body: String) -> Result<Response<Incoming>, Error> {
        let request = Request::post(format!("http://{}/v1/chat/completions", self.address))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        Ok(self.http.request(request).await?)
    }

    /// What the proxy has counted, summed over all labels.
    pub(crate) async fn metrics(&self) -> Result<BTreeMap<String, u64>, Error> {
        let request = Request::get(format!("http://{}/metrics", self.address)).body(Full::default())?;
        let text = self.http.request(request).await?.into_body().collect().await?.to_bytes();
        let mut sums = BTreeMap::new();
        for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let name = name.split('{').next().unwrap_or(name);
            *sums.entry(name.to_owned()).or_default() += value.parse::<f64>().unwrap_or_default() as u64;
        }
        Ok(sums)
    }
}
