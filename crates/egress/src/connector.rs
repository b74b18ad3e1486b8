//! A connector that connects only where it may.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::origin::Origin;
use crate::{AddressPolicy, Allowlist, BoxError, GuardedResolver, Refused};

/// What may be reached: an [`Allowlist`], if there is one, and an [`AddressPolicy`].
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowlist: Option<Arc<Allowlist>>,
    addresses: Arc<AddressPolicy>,
}

/// A connector that asks its [`Guard`] for each connection.
///
/// Put it below TLS, where it sees each URL that a connection is made for, whoever made the URL. An HTTP client asks
/// its connector once for each new connection, not for each request.
#[derive(Debug, Clone)]
pub struct GuardedConnector<C> {
    inner: C,
    guard: Guard,
}

pin_project! {
    /// The future of [`GuardedConnector`].
    #[derive(Debug)]
    pub struct Connecting<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F> {
        Refused { refused: Option<Refused> },
        Inner { #[pin] inner: F },
    }
}

impl Guard {
    /// Permits every origin whose addresses the policy lets pass.
    #[must_use]
    pub fn new(addresses: AddressPolicy) -> Self {
        Self { allowlist: None, addresses: Arc::new(addresses) }
    }

    /// Permits only the origins on this list.
    #[must_use]
    pub fn allowlist(mut self, list: impl Into<Arc<Allowlist>>) -> Self {
        self.allowlist = Some(list.into());
        self
    }

    /// Whether this URL may be connected to, as far as it shows. This is what to ask of a base URL when a
    /// configuration is read.
    ///
    /// # Errors
    /// [`Refused::Origin`], [`Refused::Address`] for an address or `localhost`, or [`Refused::Spelling`].
    pub fn check(&self, uri: &Uri) -> Result<(), Refused> {
        let origin = Origin::of(uri).map_err(Refused::Spelling)?;
        if self.allowlist.as_ref().is_some_and(|list| !list.permits_origin(&origin)) {
            return Err(Refused::Origin { origin: origin.to_string() });
        }
        self.addresses.permits_origin(&origin)
    }

    /// A resolver by the same policy: for `HttpConnector::new_with_resolver`.
    pub fn resolver<R>(&self, inner: R) -> GuardedResolver<R> {
        GuardedResolver::new(inner, Arc::clone(&self.addresses))
    }

    /// Guards a connector; give it the [resolver](Guard::resolver) of this guard.
    pub fn connector<C>(&self, inner: C) -> GuardedConnector<C> {
        GuardedConnector { inner, guard: self.clone() }
    }
}

impl<C> Service<Uri> for GuardedConnector<C>
where
    C: Service<Uri>,
    C::Error: Into<BoxError>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Connecting<C::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let state = match self.guard.check(&uri) {
            Ok(()) => State::Inner { inner: self.inner.call(uri) },
            Err(refused) => State::Refused { refused: Some(refused) },
        };
        Connecting { state }
    }
}

impl<F, T, E> Future for Connecting<F>
where
    F: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    type Output = Result<T, BoxError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inner { inner } => inner.poll(context).map_err(Into::into),
            StateProjection::Refused { refused } => match refused.take() {
                Some(refused) => Poll::Ready(Err(refused.into())),
                // Polled again after its answer, which no caller may do; there is nothing to wake it.
                None => Poll::Pending,
            },
        }
    }
}
