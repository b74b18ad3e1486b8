//! Calls in a provider's own words: nothing of them is read, and the credentials are put in.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, Version, request};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Failure, Operation, Unanswered, head};
use tower_service::Service;

use super::{One, answer, choose, keyed, prepare};
use crate::{Provider, claude, headers, layer::Settings, observe, openai, provider::Wire};

/// Where calls in a provider's own words come in: `/providers/NAME/…`.
const PREFIX: &str = "/providers/";

const COUNT_TOKENS: &str = "/v1/messages/count_tokens";

/// Whether a call that is none of the operations is for a provider all the same: by its path, or because a layer above
/// has chosen a deployment for it (`/v1/audio/…`, `/v1/files` and the like).
pub(crate) fn is_for_a_provider<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PREFIX) || request.extensions().get::<Deployment>().is_some()
}

/// Passes a call on, and its answer back, as they come.
pub(crate) async fn pass<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    if head.method == Method::POST
        && head.uri.path().ends_with(COUNT_TOKENS)
        && !head.uri.path().starts_with(PREFIX)
        && let Ok(provider) = choose(&settings, &head)
    {
        return count(service, &settings, provider, head, body).await;
    }
    let awaits_continue = head::awaits_continue(&head.headers);
    let provider = match ready(&settings, &mut head, &mut body).await {
        Ok(provider) => provider,
        Err(failure) => {
            body.discard_refused(awaits_continue).await;
            return Ok(failure.into_response());
        }
    };
    let mut response = keyed::send(&mut service, &settings, &provider, Request::from_parts(head, body)).await?;
    if response.extensions().get::<Unanswered>().is_some() {
        // Nothing of it is the provider's: it leaves as the layer below has made it.
        return Ok(response);
    }
    observe::passed(&provider, response.status());
    headers::clean_response(response.headers_mut());
    match answer::redirected(response.status()) {
        Some(failure) => Ok(failure.into_response()),
        None => Ok(response),
    }
}

/// Anthropic's count of tokens, for which its clients ask before they send what they have counted.
async fn count<S, RB>(
    mut service: S,
    settings: &Settings,
    provider: &Arc<Provider>,
    mut head: request::Parts,
    mut body: Body,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let awaits_continue = head::awaits_continue(&head.headers);
    let reading = match prepare::count(settings, provider, &mut head, &mut body).await {
        Ok(reading) => reading,
        Err(failure) => {
            body.discard_refused(awaits_continue).await;
            return Ok(claude::refusal(failure));
        }
    };
    let mut response = keyed::send(&mut service, settings, provider, Request::from_parts(head, body)).await?;
    if response.extensions().get::<Unanswered>().is_some() {
        return Ok(response);
    }
    observe::passed(provider, response.status());
    One { settings, provider, operation: Operation::Message }.read(&mut response, reading).await;
    Ok(response)
}

async fn ready(settings: &Settings, head: &mut request::Parts, body: &mut Body) -> Result<Arc<Provider>, Failure> {
    // TRACE would show the key to whoever asks for it.
    if !matches!(head.method, Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
    {
        return Err(Failure::bad_request("The method is none that is passed on.").with_code("method_not_supported"));
    }
    let provider = match head.uri.path().strip_prefix(PREFIX) {
        Some(below) => {
            let (name, _) = below.split_once('/').unwrap_or((below, ""));
            let unknown = || Failure::not_found("The provider in the path is not configured.");
            let provider = Arc::clone(settings.provider(name).ok_or_else(unknown)?);
            let query = kept_query(&head.uri, &provider);
            let rest = below.get(name.len()..).unwrap_or_default();
            head.uri = join(&provider, rest, query.as_deref())?;
            // For whatever below chooses a connection by it.
            head.extensions.insert(Deployment::new(provider.name(), provider.name(), ""));
            provider
        }
        None => resource(settings, head, body).await?,
    };
    head.version = Version::HTTP_11;
    headers::clean_native_request(&mut head.headers);
    provider.add_native_headers(&mut head.headers);
    let auth = provider.auth();
    if auth.reads_body() {
        // A signature covers the body.
        body.bytes(settings.request_limits.max_bytes).await?;
    }
    auth.authorize(head, body, &settings.clock, provider.name()).await?;
    Ok(provider)
}

/// One of OpenAI's further resources, at a provider that is compatible with it.
async fn resource(settings: &Settings, head: &mut request::Parts, body: &mut Body) -> Result<Arc<Provider>, Failure> {
    let provider = Arc::clone(choose(settings, head)?);
    let path = head.uri.path();
    let below = match provider.wire() {
        Wire::Compatible(_) => path.find("/v1/").and_then(|at| path.get(at + "/v1".len()..)).unwrap_or(path),
        Wire::Other(_) => {
            let message = format!("The provider `{}` has no such endpoint.", provider.name());
            return Err(Failure::bad_request(message).with_code("unsupported_operation"));
        }
    };
    head.uri = join(&provider, below, head.uri.query())?;
    // The model of a JSON body goes by the id that the provider knows.
    let model = head.extensions.get::<Deployment>().map(Deployment::model).filter(|model| !model.is_empty());
    if model.is_some() && head::is_media_type(&head.headers, "application/json") {
        let object = body.object(&settings.request_limits).await?;
        openai::set_model(object, model);
        if object.is_edited() {
            head::body_replaced(&mut head.headers, body);
        }
    }
    Ok(provider)
}

fn join(provider: &Provider, path: &str, query: Option<&str>) -> Result<Uri, Failure> {
    // A path that climbs out of the base URL would be another resource, asked for by our key.
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let uri = if head::climbs(path) { None } else { provider.uri(&format!("{path}{query}")) };
    uri.ok_or_else(|| Failure::not_found("The path cannot be part of the provider's URL."))
}

/// The query, without the key that Google's clients may put there: it is the caller's, and not the provider's.
fn kept_query(uri: &Uri, provider: &Provider) -> Option<String> {
    let query = uri.query()?;
    if matches!(provider.wire(), Wire::Compatible(..)) {
        return Some(query.to_owned());
    }
    let is_secret = |pair: &&str| ["key=", "access_token=", "$key="].iter().any(|name| pair.starts_with(name));
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_secret(pair)).collect();
    (!kept.is_empty()).then(|| kept.join("&"))
}
