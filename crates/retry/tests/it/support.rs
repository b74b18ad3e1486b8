//! A provider that answers as it is told, and remembers what it was asked and when.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, atomic::AtomicU64, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body as _;
use llm_layers_core::{Attempts, Body, BoxError};
use llm_layers_testkit::body::{Hint, Script};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

pub(crate) type Outcome = Result<Response<Body>, BoxError>;
type Answer = Box<dyn FnOnce() -> Outcome + Send>;

#[derive(Clone)]
pub(crate) struct Provider {
    start: Instant,
    answers: Arc<Mutex<VecDeque<(Duration, Answer)>>>,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    in_flight: Arc<AtomicU64>,
}

pub(crate) struct Asked {
    pub(crate) at: Duration,
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
}

/// Counts down when a call is over, in whatever way.
struct InFlight(Arc<AtomicU64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Provider {
    /// One that answers 200 once its answers are used up.
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), answers: Arc::default(), asked: Arc::default(), in_flight: Arc::default() }
    }

    /// One that answers so, in turn.
    pub(crate) fn answering<A: FnOnce() -> Outcome + Send + 'static>(answers: impl IntoIterator<Item = A>) -> Self {
        answers.into_iter().fold(Self::new(), |provider, answer| provider.then(answer))
    }

    /// One that answers with these statuses, in turn.
    pub(crate) fn statuses(statuses: impl IntoIterator<Item = u16>) -> Self {
        Self::answering(statuses.into_iter().map(|status| move || Ok(plain(status, &[]))))
    }

    pub(crate) fn then(self, answer: impl FnOnce() -> Outcome + Send + 'static) -> Self {
        self.then_after(Duration::ZERO, answer)
    }

    /// Then answers so, after this time.
    pub(crate) fn then_after(self, time: Duration, answer: impl FnOnce() -> Outcome + Send + 'static) -> Self {
        self.answers.lock().unwrap().push_back((time, Box::new(answer)));
        self
    }

    pub(crate) fn service(
        &self,
    ) -> impl Service<
        Request<Body>,
        Response = Response<Body>,
        Error = BoxError,
        Future = Pin<Box<dyn Future<Output = Outcome> + Send>>,
    >
    + Clone
    + Send
    + 'static
    + use<> {
        let this = self.clone();
        service_fn(move |request: Request<Body>| {
            let this = this.clone();
            Box::pin(async move {
                this.in_flight.fetch_add(1, Ordering::Relaxed);
                let _in_flight = InFlight(Arc::clone(&this.in_flight));
                let (parts, mut body) = request.into_parts();
                let body = body.bytes(1 << 30).await?;
                this.asked.lock().unwrap().push(Asked { at: this.start.elapsed(), parts, body });
                let answer = this.answers.lock().unwrap().pop_front();
                let Some((time, answer)) = answer else { return Ok(plain(200, &[])) };
                if !time.is_zero() {
                    sleep(time).await;
                }
                answer()
            }) as Pin<Box<dyn Future<Output = Outcome> + Send>>
        })
    }

    pub(crate) fn calls(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// When it was asked, in milliseconds from the start.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.asked.lock().unwrap().iter().map(|asked| asked.at.as_millis()).collect()
    }

    /// What lay between one call and the next.
    pub(crate) fn waits(&self) -> Vec<u128> {
        self.times().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

pub(crate) fn plain(status: u16, headers: &[(&'static str, &'static str)]) -> Response<Body> {
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = if status < 300 { r#"{"choices":[]}"# } else { r#"{"error":{"message":"m"}}"# };
    response.body(Body::from(body)).unwrap()
}

pub(crate) fn error(status: u16, body: &'static str) -> Response<Body> {
    let mut response = plain(status, &[]);
    *response.body_mut() = Body::from(body);
    response
}

pub(crate) fn events(script: Script) -> Response<Body> {
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Body::new(script.hint(Hint::Unknown).body())).unwrap()
}

pub(crate) const GREETING: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
pub(crate) const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
pub(crate) const FAILED: &str = "data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";

pub(crate) fn chat() -> Request<Body> {
    Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m"}"#)).unwrap()
}

/// The status, and the attempts by header and extension, which agree.
pub(crate) async fn ask<S, RB>(service: S, request: Request<Body>) -> (u16, Option<u32>)
where
    S: Service<Request<Body>, Response = Response<RB>>,
    S::Error: fmt::Debug,
{
    let response = service.oneshot(request).await.unwrap();
    (response.status().as_u16(), attempts(&response))
}

pub(crate) fn attempts<B>(response: &Response<B>) -> Option<u32> {
    let header = response.headers().get("x-llm-attempts").map(|value| value.to_str().unwrap().parse().unwrap());
    assert_eq!(header, response.extensions().get().map(|Attempts(attempts)| *attempts));
    header
}

/// All that is left of a body, and whether it broke.
pub(crate) async fn read(mut body: Body) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame {
            Ok(frame) => read.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => return (read, true),
        }
    }
    (read, false)
}
