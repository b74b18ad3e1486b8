//! A resolver whose answers are checked.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{AddressPolicy, BoxError, Refused};

/// A resolver for hyper-util's `HttpConnector` that keeps only the addresses that a policy lets pass.
///
/// What it answers is what is connected to: nobody resolves the name a second time, so a name that changes its
/// answer between a check and its use ("DNS rebinding") gains nothing. The connector asks no resolver where the URL
/// holds an address; [`GuardedConnector`](crate::GuardedConnector) looks at that.
///
/// Where some addresses are refused, the others are used; where all are, the error is [`Refused::Address`]. A name
/// without any address is passed on as such.
#[derive(Debug, Clone)]
pub struct GuardedResolver<R> {
    inner: R,
    policy: Arc<AddressPolicy>,
}

pin_project! {
    /// The future of [`GuardedResolver`].
    #[derive(Debug)]
    pub struct Resolving<F> {
        #[pin]
        inner: F,
        host: Name,
        policy: Arc<AddressPolicy>,
    }
}

impl<R> GuardedResolver<R> {
    /// Checks what `inner` answers.
    pub fn new(inner: R, policy: impl Into<Arc<AddressPolicy>>) -> Self {
        Self { inner, policy: policy.into() }
    }
}

impl<R> Service<Name> for GuardedResolver<R>
where
    R: Service<Name>,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<BoxError>,
{
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Resolving<R::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Resolving { inner: self.inner.call(name.clone()), host: name, policy: Arc::clone(&self.policy) }
    }
}

impl<F, A, E> Future for Resolving<F>
where
    F: Future<Output = Result<A, E>>,
    A: Iterator<Item = SocketAddr>,
    E: Into<BoxError>,
{
    type Output = Result<vec::IntoIter<SocketAddr>, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(context)).map_err(Into::into)?;
        Poll::Ready(keep_permitted(answer, this.host.as_str(), this.policy).map_err(Into::into))
    }
}

fn keep_permitted(
    answer: impl Iterator<Item = SocketAddr>,
    host: &str,
    policy: &AddressPolicy,
) -> Result<vec::IntoIter<SocketAddr>, Refused> {
    let (mut permitted, mut refused) = (Vec::new(), None);
    for socket in answer {
        let address = socket.ip();
        match policy.check(address) {
            Ok(()) => permitted.push(socket),
            Err(kind) => refused = Some(Refused::Address { host: host.to_owned(), address, kind }),
        }
    }
    match refused {
        Some(refused) if permitted.is_empty() => Err(refused),
        _ => Ok(permitted.into_iter()),
    }
}
