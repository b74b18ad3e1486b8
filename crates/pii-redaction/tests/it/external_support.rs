//! A server that answers as it is told, and remembers what it was asked.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, Request, Response, StatusCode};
use llm_layers_core::{Body, BoxError};
use llm_layers_pii_redaction::{Entity, Finding, Text};
use llm_layers_testkit::body::Script;
use tower::Service;

/// What the server does with a question.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// 200 with this body.
    Ok(String),
    /// An empty body with this status.
    Status(u16),
    /// No connection.
    Refused,
    /// A head, this much of the body, and then an error.
    BreaksOff(&'static str),
    /// A head, this much of the body, and then nothing.
    Stalls(&'static str),
    /// As the other one, after some time.
    After(Duration, Box<Reply>),
    /// Nothing, ever.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: serde_json::Value,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Replies in this order, and then no more.
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), asked: Arc::default() }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    async fn answer(self, mut request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let body = request.body_mut().bytes(1 << 20).await?;
        let body = serde_json::from_slice(&body).expect("JSON was asked");
        let asked = Asked { uri: request.uri().to_string(), headers: request.headers().clone(), body };
        self.asked.lock().unwrap().push(asked);
        let mut reply = self.replies.lock().unwrap().pop_front().expect("a question too many");
        while let Reply::After(delay, then) = reply {
            tokio::time::sleep(delay).await;
            reply = *then;
        }
        match reply {
            Reply::Ok(body) => Ok(Response::new(Body::from(body))),
            Reply::Status(status) => {
                let mut response = Response::new(Body::from("Anna Meyer, an error page that quotes what it was sent"));
                *response.status_mut() = StatusCode::from_u16(status)?;
                Ok(response)
            }
            Reply::Refused => Err("connection refused".into()),
            Reply::BreaksOff(start) => Ok(Response::new(Body::new(Script::new().data(start).error("reset").body()))),
            Reply::Stalls(start) => Ok(Response::new(Body::new(Script::new().data(start).never().body()))),
            Reply::After(..) => unreachable!("it has just been waited for"),
            Reply::Never => std::future::pending().await,
        }
    }
}

/// A client of the server is the server itself.
impl Service<Request<Body>> for Server {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

/// What was found, by text: entity, text, score in hundredths.
pub(crate) fn named<'a>(texts: &[&'a str], findings: &[Vec<Finding>]) -> Vec<Vec<(String, &'a str, u32)>> {
    assert_eq!(texts.len(), findings.len());
    let one = |text: &'a str, finding: &Finding| {
        (finding.entity.to_string(), &text[finding.range.clone()], (finding.score * 100.0).round() as u32)
    };
    let list = |(text, list): (&&'a str, &Vec<Finding>)| list.iter().map(|finding| one(text, finding)).collect();
    texts.iter().zip(findings).map(list).collect()
}

pub(crate) fn texts<'a>(texts: &[&'a str]) -> Vec<Text<'a>> {
    texts.iter().map(|text| Text::from(*text)).collect()
}

pub(crate) fn finding(entity: &'static str, range: std::ops::Range<usize>) -> Finding {
    Finding { entity: Entity::new(entity), range, score: 1.0 }
}
