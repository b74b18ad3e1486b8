//! One call: the request to the provider, and its answer back.

mod answer;
mod fanout;
mod model;
mod native;
mod prepare;

pub(crate) use fanout::copies;
pub(crate) use native::{is_for_a_provider, pass};

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, header::EXPECT, request};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Failure, Operation, Unanswered};
use tower_service::Service;

use crate::{Provider, errors, framing::Framing, headers, layer::Settings, observe, translate::Translate};

/// How an answer is to be read; decided when its request was made.
enum Reading {
    /// It is in the client's shape, and so is an error.
    Native,
    /// It is in OpenAI's shape. A stream may need repair.
    Compatible(Option<Box<dyn Translate>>),
    /// It is in another format.
    Other(Framing, Box<dyn Translate>),
}

/// What was decided about a call when its request was made.
struct Prepared {
    reading: Reading,
    /// Readings of further answers, where the provider gives one choice at a time and several are asked for.
    more: Vec<Reading>,
    /// `x-llm-warning`.
    warnings: Option<HeaderValue>,
}

impl Prepared {
    const fn one(reading: Reading) -> Self {
        Self { reading, more: Vec::new(), warnings: None }
    }
}

pub(crate) async fn exchange<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    let awaits_continue = head.headers.contains_key(EXPECT);
    let provider = match choose(&settings, &head) {
        Ok(provider) => Arc::clone(provider),
        Err(failure) => return Ok(failure.into_response()),
    };
    let prepared = match prepare::prepare(&settings, &provider, operation, &mut head, &mut body).await {
        Ok(prepared) => prepared,
        Err(failure) => {
            observe::refused(&provider, operation, failure.status());
            if !awaits_continue {
                body.discard_refused().await;
            }
            return Ok(failure.into_response());
        }
    };
    let Prepared { reading, more, warnings } = prepared;
    let one = One { settings: &settings, provider: &provider, operation };
    let request = Request::from_parts(head, body);
    let mut response = if more.is_empty() {
        one.answer(&mut service, request, reading).await?
    } else {
        // Boxed, for it is large and rare.
        Box::pin(fanout::answer(&one, service, request, reading, more)).await?
    };
    if let Some(warnings) = warnings {
        response.headers_mut().insert(HeaderName::from_static("x-llm-warning"), warnings);
    }
    Ok(response)
}

/// One request of a call, and its answer.
#[derive(Clone, Copy)]
struct One<'a> {
    settings: &'a Settings,
    provider: &'a Arc<Provider>,
    operation: Operation,
}

impl One<'_> {
    async fn answer<S, RB>(
        &self,
        service: &mut S,
        request: Request<Body>,
        reading: Reading,
    ) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<RB>>,
        RB: HttpBody<Data = Bytes> + Send + 'static,
        RB::Error: Into<BoxError>,
    {
        let response = service.call(request).await?;
        if response.extensions().get::<Unanswered>().is_some() {
            // Nothing of it is the provider's: it leaves as the layer below has made it.
            observe::unanswered(self.provider, self.operation);
            return Ok(response.map(Body::new));
        }
        observe::answered(self.provider, self.operation, response.status());

        let (mut head, body) = response.into_parts();
        let mut body = Body::new(body);
        headers::clean_response(&mut head.headers);
        let reader = answer::Reader { settings: self.settings, provider: self.provider };
        let failure = if head.status.is_success() {
            reader.success(reading, &mut head.headers, &mut body).await.err()
        } else {
            reader.refusal(matches!(reading, Reading::Native), &mut head, &mut body).await
        };
        Ok(match failure {
            None => Response::from_parts(head, body),
            Some(failure) => {
                let wait = errors::from_headers(&head.headers, self.settings.clock.now());
                let failure = wait.into_iter().fold(failure, Failure::with_retry_after);
                let mut response = failure.into_response();
                headers::keep_of_failed(&head.headers, response.headers_mut());
                response.extensions_mut().extend(head.extensions);
                response
            }
        })
    }
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
