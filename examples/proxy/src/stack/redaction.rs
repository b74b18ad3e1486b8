//! The redaction layer, and the connections to those who are asked for what must not leave.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use llm_layers_core::{Body, BoxError, Deployment};
use llm_layers_pii_redaction::RedactLayer;
use tower_service::Service;

use super::{
    Error,
    upstream::{Destination, Upstream},
};
use crate::config::{Config, Redaction};

/// The layer as it is set, with its detectors outside.
pub(super) fn layer(settings: &Redaction, config: &Config) -> Result<RedactLayer, Error> {
    let destinations = settings.outside.iter().map(|outside| Destination {
        name: outside.name.clone(),
        base_url: outside.base_url.clone(),
        connect_timeout: None,
        reach: &outside.reach,
    });
    let destinations: Vec<_> = destinations.collect();
    if destinations.is_empty() {
        return Ok(settings.layer.clone());
    }
    let upstream = Upstream::new(&destinations, config.egress())?;
    settings.outside.iter().try_fold(settings.layer.clone(), |layer, outside| {
        let client = Named { upstream: upstream.clone(), deployment: Deployment::new("detector", &*outside.name, "") };
        let detector = outside.detector(client).map_err(Error::Redaction)?;
        Ok(layer.detect_async(detector))
    })
}

/// The client of one of them: the connections are known by the name of the deployment.
#[derive(Clone)]
struct Named {
    upstream: Upstream,
    deployment: Deployment,
}

impl Service<Request<Body>> for Named {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.upstream.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request.extensions_mut().insert(self.deployment.clone());
        let call = self.upstream.call(request);
        Box::pin(async move { Ok(call.await?.map(Body::new)) })
    }
}
