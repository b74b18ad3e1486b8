//! The layers that are judged, over a client on real sockets.

use std::convert::Infallible;

use http::{Request, Response};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, Deployment, ErrorToResponseLayer};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use tower::{ServiceBuilder, ServiceExt as _, util::BoxCloneSyncService};

use crate::kinds::Kind;

/// Takes chat completions for any model, and asks the kind's own.
pub(crate) type Chat = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

pub(crate) fn chat(kind: &Kind, provider: Provider) -> Chat {
    let deployment = Deployment::new(kind.name, kind.name, kind.model);
    let service = ServiceBuilder::new()
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>())
        .map_request(move |mut request: Request<Body>| {
            request.extensions_mut().insert(deployment.clone());
            request
        });
    BoxCloneSyncService::new(service)
}
