//! One call: the request to the provider, and its answer back.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version,
    header::{CONTENT_TYPE, EXPECT},
    request,
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Failure, Operation, encoding, head};
use llm_layers_wire::openai;
use tower_service::Service;

use crate::{
    Dialect, Provider, anthropic, errors, headers, layer::Settings, observe, openai as openai_dialect, stream,
    translate::Translate,
};

/// What was decided about a call when its request was made, and what its answer needs.
struct Prepared {
    body: Body,
    warnings: Option<HeaderValue>,
    translate: Option<Box<dyn Translate>>,
    /// Whether also a whole answer must be translated, and not streams only.
    whole: bool,
}

pub(crate) async fn exchange<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    let awaits_continue = head.headers.contains_key(EXPECT);
    let provider = match choose(&settings, &head) {
        Ok(provider) => Arc::clone(provider),
        Err(failure) => return Ok(failure.into_response()),
    };
    let prepared = match prepare(&settings, &provider, operation, &mut head, &mut body).await {
        Ok(prepared) => prepared,
        Err(failure) => {
            observe::refused(&provider, operation, failure.status());
            if !awaits_continue {
                body.discard_refused().await;
            }
            return Ok(failure.into_response());
        }
    };
    let Prepared { body, warnings, translate, whole } = prepared;
    let response = service.call(Request::from_parts(head, body)).await?;
    observe::answered(&provider, operation, response.status());

    let (mut head, body) = response.into_parts();
    let mut body = Body::new(body);
    headers::clean_response(&mut head.headers);
    let failure = if head.status.is_success() {
        answer(&settings, &provider, &mut head.headers, &mut body, translate, whole).await.err()
    } else {
        refusal(&settings, &provider, operation, head.status, &head.headers, &mut body).await
    };
    let mut response = match failure {
        None => Response::from_parts(head, body),
        Some(failure) => {
            let mut response = failure.into_response();
            headers::keep_of_failed(&head.headers, response.headers_mut());
            response
        }
    };
    if let Some(warnings) = warnings {
        response.headers_mut().insert(HeaderName::from_static("x-llm-warning"), warnings);
    }
    Ok(response)
}

fn choose<'a>(settings: &'a Settings, head: &request::Parts) -> Result<&'a Arc<Provider>, Failure> {
    let Some(deployment) = head.extensions.get::<Deployment>() else {
        return settings.providers.first().ok_or_else(|| Failure::not_found("No provider is configured."));
    };
    settings.provider(deployment.provider()).ok_or_else(|| {
        let name = deployment.provider();
        Failure::not_found(format!("The provider `{name}` is not configured.")).with_code("model_not_found")
    })
}

async fn prepare(
    settings: &Settings,
    provider: &Arc<Provider>,
    operation: Operation,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    let unsupported = || {
        let message = format!("The provider `{}` has no such operation: {}.", provider.name(), operation.as_str());
        Failure::bad_request(message).with_code("unsupported_operation")
    };
    let native = match (provider.dialect(), operation) {
        (Dialect::OpenAi, Operation::Message) | (Dialect::Anthropic, Operation::Models) => return Err(unsupported()),
        (Dialect::OpenAi, _) | (Dialect::Anthropic, Operation::Message) => true,
        (Dialect::Anthropic, Operation::ChatCompletion) => false,
        (Dialect::Anthropic, _) => return Err(unsupported()),
    };
    let target = if native { operation } else { Operation::Message };
    let tail = headers::tail(&head.uri, operation);
    head.uri = provider.uri(target, tail).ok_or_else(unsupported)?;
    // The version that the client came by is its own; hyper's client refuses HTTP/2 over an HTTP/1 connection.
    head.version = Version::HTTP_11;

    let encoded = encoding::is_encoded(&head.headers);
    if encoded {
        let limit = settings.request_limits.max_bytes;
        let plain = encoding::decode(&head.headers, body.bytes(limit).await?, limit)?;
        *body = Body::from(plain);
        head::body_replaced(&mut head.headers, body);
    }
    headers::clean_request(&mut head.headers);
    provider.authenticate(&mut head.headers);
    if operation == Operation::Models {
        return Ok(Prepared { body: std::mem::take(body), warnings: None, translate: None, whole: false });
    }

    let model = head.extensions.get::<Deployment>().map(Deployment::model);
    let object = body.object(&settings.request_limits).await?;
    let prepared = if native {
        let translate = openai_dialect::request(object, model, operation, provider, settings)?;
        if encoded || object.is_edited() {
            head::body_replaced(&mut head.headers, body);
        } else {
            head::set_content_length(&mut head.headers, body.content_length());
        }
        Prepared { body: std::mem::take(body), warnings: None, translate, whole: false }
    } else {
        let asked = openai::ChatRequest::new(object).model()?;
        let model = model.map_or(asked, |model| Some(model.into()));
        let missing = || Failure::bad_request("`model` is missing.").with_param("model");
        let options = anthropic::Options {
            provider: provider.shared_name(),
            model: &model.ok_or_else(missing)?,
            api_version: provider.api_version(),
            strict: provider.is_strict(),
            default_max_tokens: settings.default_max_tokens,
            clock: settings.clock,
        };
        let translated = anthropic::request(object, &options)?;
        let body = Body::from(translated.body);
        head::body_replaced(&mut head.headers, &body);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let warnings = translated.warnings.into_header();
        Prepared { body, warnings, translate: Some(Box::new(translated.answer)), whole: true }
    };
    Ok(prepared)
}

/// A successful answer.
async fn answer(
    settings: &Settings,
    provider: &Arc<Provider>,
    headers: &mut HeaderMap,
    body: &mut Body,
    translate: Option<Box<dyn Translate>>,
    whole: bool,
) -> Result<(), Failure> {
    let encoded = encoding::is_encoded(headers);
    if let Some(translate) = translate {
        if headers::is_event_stream(headers) && !encoded {
            let events = std::mem::take(body).into_events(settings.sse_limits);
            *body = stream::open(events, translate, Arc::clone(provider)).await?;
            head::body_replaced(headers, body);
            headers::set_event_stream(headers);
            return Ok(());
        }
        if whole {
            let bytes = read(settings, provider, headers, body).await?;
            *body = Body::from(translate.whole(bytes)?);
            head::body_replaced(headers, body);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return Ok(());
        }
    }
    if headers::is_html(headers) {
        // A load balancer's or a login page's greeting, not a model's answer.
        return Err(errors::not_an_answer("an HTML page", provider.name()));
    }
    Ok(())
}

/// An answer that is an error. `None` when it is in OpenAI's shape already and leaves as it came.
async fn refusal(
    settings: &Settings,
    provider: &Arc<Provider>,
    operation: Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: &mut Body,
) -> Option<Failure> {
    if operation == Operation::Message {
        // Its client speaks the provider's own dialect, and so does the error.
        return None;
    }
    let bytes = match read(settings, provider, headers, body).await {
        Ok(bytes) => bytes,
        // The status says enough; what should have explained it is not to be had.
        Err(_) => Bytes::new(),
    };
    match provider.dialect() {
        Dialect::OpenAi if errors::is_normal(status, &bytes) && !encoding::is_encoded(headers) => {
            *body = Body::from(bytes);
            None
        }
        Dialect::OpenAi => Some(errors::failure(status, &bytes, provider.name())),
        Dialect::Anthropic => Some(anthropic::failure(status, headers, &bytes, provider.name())),
    }
}

async fn read(
    settings: &Settings,
    provider: &Provider,
    headers: &HeaderMap,
    body: &mut Body,
) -> Result<Bytes, Failure> {
    let limit = settings.max_response;
    let bytes = body.bytes(limit).await.map_err(|error| errors::unreadable(&error, provider.name()))?;
    encoding::decode(headers, bytes, limit).map_err(|error| errors::unreadable(&error, provider.name()))
}
