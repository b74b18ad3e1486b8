use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Clock, FailureKind, head, retry_after};

use crate::{
    Classify, Permit, Verdict,
    body::{self, Kind},
};

pin_project_lite::pin_project! {
    /// The future of [`CircuitBreaker`](crate::CircuitBreaker).
    pub struct ResponseFuture<F> {
        #[pin]
        way: Way<F>,
    }
}

pin_project_lite::pin_project! {
    #[project = WayProjected]
    enum Way<F> {
        /// Not a call of a model.
        Pass { #[pin] inner: F },
        Guarded {
            #[pin]
            inner: F,
            // Gone once the call is answered.
            guard: Option<(Permit, Arc<dyn Classify>)>,
        },
        Refused { response: Option<Box<Response<Body>>> },
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) const fn pass(inner: F) -> Self {
        Self { way: Way::Pass { inner } }
    }

    pub(crate) const fn guarded(inner: F, permit: Permit, classify: Arc<dyn Classify>) -> Self {
        Self { way: Way::Guarded { inner, guard: Some((permit, classify)) } }
    }

    pub(crate) fn refused(response: Response<Body>) -> Self {
        Self { way: Way::Refused { response: Some(Box::new(response)) } }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().way.project() {
            WayProjected::Pass { inner } => inner.poll(cx).map_ok(|response| response.map(Body::new)),
            WayProjected::Guarded { inner, guard } => {
                let answered = ready!(inner.poll(cx));
                let Some((permit, classify)) = guard.take() else { return Poll::Ready(answered.map(unguarded)) };
                Poll::Ready(match answered {
                    Ok(response) => Ok(judge(response.map(Body::new), permit, classify)),
                    Err(error) => {
                        permit.judge(Verdict::Failure(FailureKind::Unreachable));
                        Err(error)
                    }
                })
            }
            WayProjected::Refused { response } => {
                // Polled once more than once, as a future must not be, it is an answer without content.
                Poll::Ready(Ok(response.take().map_or_else(Response::default, |response| *response)))
            }
        }
    }
}

fn unguarded<B>(response: Response<B>) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    response.map(Body::new)
}

/// Judges an answer by its head, or leaves the judgement to its end.
fn judge(response: Response<Body>, permit: Permit, classify: Arc<dyn Classify>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let head = Response::from_parts(parts, ());
    let verdict = classify.head(&head);
    let (parts, ()) = head.into_parts();
    if verdict != Verdict::Success {
        let retry_after = if let Verdict::Failure(kind) = verdict { wait(&parts.headers, kind) } else { None };
        permit.judge_with(verdict, retry_after);
        return Response::from_parts(parts, body);
    }
    let kind = if !head::is_event_stream(&parts.headers) {
        permit.begin_plain();
        Kind::Plain
    } else if permit.wants_first_token() {
        Kind::Stream
    } else {
        Kind::Begun
    };
    Response::from_parts(parts, body::watch(body, permit, classify, kind))
}

/// When to come back, where the provider is overrun and says so.
fn wait(headers: &HeaderMap, kind: FailureKind) -> Option<Duration> {
    is_overrun(kind).then(|| retry_after::from_headers(headers, Clock::system().now())).flatten()
}

/// Whether what a provider asks for is a rest, and not what came with an accident.
pub(crate) const fn is_overrun(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::RateLimit | FailureKind::Overloaded)
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
