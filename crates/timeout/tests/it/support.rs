//! Providers that take their time, and readers that write down when they got what.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::{Body as HttpBody, Frame};
use llm_layers_core::{Body, BoxError};
use tokio::time::{Instant, Sleep, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A body that gives each piece so long after the one before was taken.
#[derive(Default)]
pub(crate) struct Slow {
    steps: VecDeque<(Duration, Bytes)>,
    sleep: Option<Pin<Box<Sleep>>>,
    is_endless: bool,
    alive: Arc<()>,
}

impl Slow {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn then(mut self, wait: Duration, piece: impl Into<Bytes>) -> Self {
        self.steps.push_back((wait, piece.into()));
        self
    }

    /// The same piece several times.
    pub(crate) fn repeat(self, times: usize, wait: Duration, piece: &'static str) -> Self {
        (0..times).fold(self, |body, _| body.then(wait, piece))
    }

    /// Silence in place of an end.
    pub(crate) fn endless(mut self) -> Self {
        self.is_endless = true;
        self
    }

    /// Dead once the body is dropped.
    pub(crate) fn alive(&self) -> Weak<()> {
        Arc::downgrade(&self.alive)
    }
}

impl HttpBody for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((wait, _)) = self.steps.front().cloned() else {
            return if self.is_endless { Poll::Pending } else { Poll::Ready(None) };
        };
        if !wait.is_zero() {
            ready!(self.sleep.get_or_insert_with(|| Box::pin(sleep(wait))).as_mut().poll(cx));
            self.sleep = None;
        }
        Poll::Ready(self.steps.pop_front().map(|(_, piece)| Ok(Frame::data(piece))))
    }
}

pub(crate) const SSE: &str = "text/event-stream";

pub(crate) fn chat() -> Request<Body> {
    post("/v1/chat/completions")
}

pub(crate) fn post(path: &str) -> Request<Body> {
    Request::post(path).body(Body::from(r#"{"model":"m","messages":[],"stream":true}"#)).unwrap()
}

/// An answer of this layer over a provider whose head comes after `head`.
pub(crate) async fn answer<L>(
    layer: &L,
    request: Request<Body>,
    head: Duration,
    kind: &str,
    body: Slow,
) -> Response<Body>
where
    L: Layer<tower::util::BoxCloneService<Request<Body>, Response<Body>, BoxError>>,
    L::Service: Service<Request<Body>, Response = Response<Body>, Error = BoxError>,
{
    let answer = Response::builder().header(CONTENT_TYPE, kind).body(Body::new(body)).unwrap();
    let mut answer = Some(answer);
    let provider = service_fn(move |_: Request<Body>| {
        let answer = answer.take().unwrap();
        async move {
            sleep(head).await;
            Ok::<_, BoxError>(answer)
        }
    });
    // Called once: the clone is never asked.
    let provider = tower::util::BoxCloneService::new(Once(Some(provider)));
    layer.layer(provider).oneshot(request).await.unwrap()
}

/// A service that only its first owner calls.
struct Once<S>(Option<S>);

impl<S> Clone for Once<S> {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<S: Service<R>, R> Service<R> for Once<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.as_mut().unwrap().poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.as_mut().unwrap().call(request)
    }
}

/// What came, and how many milliseconds after `start`.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) at: u128,
    pub(crate) what: Result<String, BoxError>,
}

pub(crate) async fn next(body: &mut Body, start: Instant) -> Option<Got> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
    let what = frame.map(|frame| String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap());
    Some(Got { at: start.elapsed().as_millis(), what })
}

/// Reads a body to its end.
pub(crate) async fn read(body: &mut Body, start: Instant) -> Vec<Got> {
    let mut all = Vec::new();
    while let Some(got) = next(body, start).await {
        all.push(got);
    }
    all
}

/// The last of what came, as text.
pub(crate) fn last(all: &[Got]) -> (u128, &str) {
    let last = all.last().unwrap();
    (last.at, last.what.as_ref().unwrap())
}

pub(crate) const ROLE: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
pub(crate) const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" a\"}}]}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";
pub(crate) const COMMENT: &str = ": keep-alive\n\n";
