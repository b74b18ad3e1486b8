use std::{
    convert::Infallible,
    error::Error,
    fmt, future, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Body, BoxError, Failure, FailureKind, Unanswered};

/// Turns errors of the service below into answers in OpenAI's shape, so that the stack above is infallible.
///
/// It belongs at the foot of a stack, right above the HTTP client; axum asks for an infallible
/// service. A timeout becomes a 504, everything else a 502. The answer tells no more of the error
/// than its kind: addresses and internals are for the log.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ErrorToResponseLayer;

impl ErrorToResponseLayer {
    /// The layer. It has no settings.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for ErrorToResponseLayer {
    type Service = ErrorToResponse<S>;

    fn layer(&self, inner: S) -> ErrorToResponse<S> {
        ErrorToResponse::new(inner)
    }
}

/// The service of [`ErrorToResponseLayer`].
#[derive(Debug)]
pub struct ErrorToResponse<S> {
    inner: S,
    /// What the readiness of the service below failed with: the answer to the next call.
    /// Boxed, for it is rare, and the service is cloned and moved for each call.
    failed: Option<Box<Failure>>,
}

impl<S> ErrorToResponse<S> {
    /// Wraps a service.
    pub const fn new(inner: S) -> Self {
        Self { inner, failed: None }
    }
}

/// A clone has a readiness of its own.
impl<S: Clone> Clone for ErrorToResponse<S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<S, R, B> Service<R> for ErrorToResponse<S>
where
    S: Service<R, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ErrorToResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.failed.is_none() {
            self.failed = ready!(self.inner.poll_ready(cx)).err().map(|error| Box::new(failure(&*error.into())));
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let kind = match self.failed.take() {
            // What is not ready may not be called.
            Some(failure) => Kind::Failed { failure: future::ready(failure) },
            None => Kind::Called { inner: self.inner.call(request) },
        };
        ErrorToResponseFuture { kind }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`ErrorToResponse`].
    #[derive(Debug)]
    pub struct ErrorToResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjected]
    #[derive(Debug)]
    enum Kind<F> {
        Called { #[pin] inner: F },
        /// The service below did not become ready.
        Failed { #[pin] failure: future::Ready<Box<Failure>> },
    }
}

impl<F, B, E> Future for ErrorToResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match self.project().kind.project() {
            KindProjected::Called { inner } => match ready!(inner.poll(cx)) {
                Ok(response) => response.map(Body::new),
                Err(error) => unanswered(failure(&*error.into())),
            },
            KindProjected::Failed { failure } => unanswered(*ready!(failure.poll(cx))),
        }))
    }
}

fn unanswered(failure: Failure) -> Response<Body> {
    let mut response = failure.into_response();
    response.extensions_mut().insert(Unanswered);
    response
}

fn failure(error: &(dyn Error + 'static)) -> Failure {
    tracing::warn!(error = %Chain(error), "the call to the provider failed");
    if is_timeout(error) {
        Failure::timed_out("The provider did not answer in time.")
    } else {
        Failure::bad_gateway("The provider could not be reached, or broke off before it answered.")
            .with_kind(FailureKind::Unreachable)
    }
}

/// An error with all that caused it: what a client's error says of itself is seldom the reason.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        if io || error.is::<tokio::time::error::Elapsed>() {
            return true;
        }
        next = error.source();
    }
    false
}
