//! The layers that are judged, over a client on real sockets.

use std::convert::Infallible;

use http::{Request, Response};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, Deployment, ErrorToResponseLayer, Operation};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use tower::{ServiceBuilder, ServiceExt as _, util::BoxCloneSyncService};

use crate::kinds::Kind;

/// Takes calls for any model, and asks the kind's own.
pub(crate) type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

pub(crate) fn of(kind: &Kind, provider: Provider) -> Stack {
    let deployment = |model| Deployment::new(kind.name, kind.name, model);
    let (chats, embeds) = (deployment(kind.model), deployment(kind.embeds.unwrap_or(kind.model)));
    let service = ServiceBuilder::new()
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>())
        .map_request(move |mut request: Request<Body>| {
            let embeds_it = Operation::of(&request) == Some(Operation::Embedding);
            let deployment = if embeds_it { &embeds } else { &chats };
            request.extensions_mut().insert(deployment.clone());
            request
        });
    BoxCloneSyncService::new(service)
}
