use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;

use crate::{Body, BoxError};

pin_project_lite::pin_project! {
    /// The future of a layer's service that lets some calls pass, and does something about the others.
    ///
    /// A call that passes costs no allocation; the work on another one is boxed, once.
    pub struct ResponseFuture<F, E> {
        #[pin]
        kind: Kind<F, E>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjected]
    enum Kind<F, E> {
        Pass { #[pin] inner: F },
        Work { work: Work<E> },
    }
}

/// Takes the service that has been readied, to be called, and leaves a clone of it, which waits for the next turn.
///
/// The other way round a service is called that was never readied: over a limit on concurrent calls that panics.
#[must_use]
pub fn take_readied<S: Clone>(inner: &mut S) -> S {
    let clone = inner.clone();
    std::mem::replace(inner, clone)
}

type Work<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<F, E> ResponseFuture<F, E> {
    /// The call goes on as it is.
    pub const fn pass(inner: F) -> Self {
        Self { kind: Kind::Pass { inner } }
    }

    /// Something is done about the call.
    pub fn work(work: impl Future<Output = Result<Response<Body>, E>> + Send + 'static) -> Self {
        Self { kind: Kind::Work { work: Box::pin(work) } }
    }
}

impl<F, E, B> Future for ResponseFuture<F, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjected::Pass { inner } => inner.poll(cx).map_ok(|response| response.map(Body::new)),
            KindProjected::Work { work } => work.as_mut().poll(cx),
        }
    }
}

impl<F, E> fmt::Debug for ResponseFuture<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_readied_is_taken_and_not_its_clone() {
        #[derive(PartialEq, Debug)]
        struct Readied(bool);
        impl Clone for Readied {
            fn clone(&self) -> Self {
                Self(false)
            }
        }
        let mut inner = Readied(true);
        assert_eq!((take_readied(&mut inner), inner), (Readied(true), Readied(false)));
    }
}
