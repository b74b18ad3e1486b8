//! A layer that is on or off.
//!
//! tower's `option_layer` does the same by calls of its own, each of which moves the request: six of them cost 2,000
//! instructions.

use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use llm_layers_core::Body;
use tower_layer::Layer;
use tower_service::Service;

/// A service with the layer around it, or without.
#[derive(Clone, Debug)]
pub(crate) enum Switch<On, Off> {
    On(On),
    Off(Off),
}

/// Puts the layer around the service, if there is one.
pub(crate) fn switch<L: Layer<S>, S>(layer: Option<L>, service: S) -> Switch<L::Service, S> {
    match layer {
        Some(layer) => Switch::On(layer.layer(service)),
        None => Switch::Off(service),
    }
}

impl<On, Off> Service<Request<Body>> for Switch<On, Off>
where
    On: Service<Request<Body>, Response = Response<Body>>,
    Off: Service<Request<Body>, Response = Response<Body>, Error = On::Error>,
{
    type Response = Response<Body>;
    type Error = On::Error;
    type Future = Either<On::Future, Off::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::On(service) => service.poll_ready(cx),
            Self::Off(service) => service.poll_ready(cx),
        }
    }

    #[inline(always)]
    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self {
            Self::On(service) => Either::Left(service.call(request)),
            Self::Off(service) => Either::Right(service.call(request)),
        }
    }
}
