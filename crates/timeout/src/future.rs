use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, FailureKind, Unanswered};

use crate::{Limit, call::Call};

pin_project_lite::pin_project! {
    /// The future of [`Timeout`](crate::Timeout) and of [`EnforceDeadline`](crate::EnforceDeadline).
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjected]
    #[allow(clippy::large_enum_variant, reason = "what is not boxed here costs calls no allocation")]
    enum Kind<F> {
        /// Not a call that has limits.
        Pass { #[pin] inner: F },
        Timed { #[pin] inner: F, call: Option<Call> },
        /// The service below is not called.
        Refused { refusal: Refusal },
        Done,
    }
}

type Refusal = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

impl<F> ResponseFuture<F> {
    pub(crate) const fn pass(inner: F) -> Self {
        Self { kind: Kind::Pass { inner } }
    }

    pub(crate) const fn timed(inner: F, call: Call) -> Self {
        Self { kind: Kind::Timed { inner, call: Some(call) } }
    }

    pub(crate) fn refused(refusal: impl Future<Output = Response<Body>> + Send + 'static) -> Self {
        Self { kind: Kind::Refused { refusal: Box::pin(refusal) } }
    }
}

impl<F, E, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let output = match this.kind.as_mut().project() {
            KindProjected::Pass { inner } => inner.poll(cx).map_ok(|response| response.map(Body::new)),
            KindProjected::Refused { refusal } => refusal.as_mut().poll(cx).map(Ok),
            KindProjected::Timed { inner, call } => match (inner.poll(cx), call.as_mut()) {
                (Poll::Ready(answer), _) => Poll::Ready(answer.map(|response| match call.take() {
                    Some(call) => call.answer(response),
                    None => response.map(Body::new),
                })),
                (Poll::Pending, Some(call)) => call.watch.poll_expired(cx).map(|limit| Ok(timed_out(call, limit))),
                (Poll::Pending, None) => Poll::Pending,
            },
            // As every future that has given its output.
            KindProjected::Done => Poll::Pending,
        };
        if output.is_ready() {
            // Whoever keeps the future keeps nothing below alive by it.
            this.kind.set(Kind::Done);
        }
        output
    }
}

fn timed_out(call: &Call, limit: Limit) -> Response<Body> {
    let mut response = call.expired(limit).failure().into_response();
    // For whoever keeps the accounts: a provider was asked. Others go by the rejection.
    response.extensions_mut().insert(FailureKind::Timeout);
    if limit != Limit::Deadline {
        response.extensions_mut().insert(Unanswered);
    }
    response
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
