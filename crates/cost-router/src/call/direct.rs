use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, opening};
use tower_service::Service;

use crate::{
    answer::{self, Begun, Name, Seen},
    headers,
    layer::Settings,
};

/// Asks the one deployment that was asked for. Nothing is counted, and nobody else is asked.
pub(super) async fn call<S, RB>(
    inner: &mut S,
    settings: &Settings,
    mut request: Request<Body>,
    deployment: Deployment,
    name: Option<Name>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    request.extensions_mut().insert(deployment.clone());
    let mut response = inner.call(request).await?.map(Body::new);
    let mut model = None;
    if let Some(name) = name.filter(|_| response.status().is_success()) {
        opening::open(&mut response, &settings.hold).await;
        answer::read_plain(&mut response).await;
        model = Begun::of(&mut response, &settings.hold).await.model;
        response = answer::watch(response, &settings.hold, Seen { name: Some(name), hides_usage: false, call: None });
    }
    if settings.tells {
        headers::tell_deployment(response.headers_mut(), &deployment);
        headers::tell_model(response.headers_mut(), model.as_deref().unwrap_or(deployment.model()));
    }
    Ok(response)
}
