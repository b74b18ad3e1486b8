//! A client whose redirects are errors.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response, Uri};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::Redirect;
use crate::{BoxError, Refused};

/// A client whose redirects are errors: [`Refused::Redirect`] in place of any answer that is a [`Redirect`].
///
/// Put it right around the HTTP client. Nothing above it then sees a `location` that it might follow or pass on.
///
/// ```
/// use http::{Request, Response};
/// use llm_layers_egress::{Refused, RefuseRedirects};
/// use tower::{ServiceExt, service_fn};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let provider = service_fn(async |_: Request<()>| {
///     Response::builder().status(302).header("location", "https://evil.example/").body(())
/// });
/// let request = Request::post("https://api.example.com/v1/chat/completions").body(())?;
/// let error = RefuseRedirects::new(provider).oneshot(request).await.unwrap_err();
/// assert!(matches!(Refused::find(&*error), Some(Refused::Redirect(redirect)) if redirect.crosses_origins()));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RefuseRedirects<S> {
    inner: S,
}

pin_project! {
    /// The future of [`RefuseRedirects`].
    #[derive(Debug)]
    pub struct Answering<F> {
        #[pin]
        inner: F,
        asked: Uri,
    }
}

impl<S> RefuseRedirects<S> {
    /// Wraps a client.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B, RB> Service<Request<B>> for RefuseRedirects<S>
where
    S: Service<Request<B>, Response = Response<RB>>,
    S::Error: Into<BoxError>,
{
    type Response = Response<RB>;
    type Error = BoxError;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let asked = request.uri().clone();
        Answering { inner: self.inner.call(request), asked }
    }
}

impl<F, RB, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<RB>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<RB>, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(context)).map_err(Into::into)?;
        Poll::Ready(match Redirect::of(this.asked, answer.status(), answer.headers()) {
            Some(redirect) => Err(Refused::Redirect(redirect).into()),
            None => Ok(answer),
        })
    }
}
