//! One call: the request to the provider, and its answer back.

mod answer;
mod fanout;
mod keyed;
mod model;
mod native;
mod pending;
mod prepare;
mod split;

pub(crate) use fanout::copies;
pub(crate) use native::{is_for_a_provider, pass};

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, request};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Failure, Operation, Unanswered, head};
use tower_service::Service;

use crate::{Provider, claude, errors, framing::Framing, headers, layer::Settings, observe, translate::Translate};

/// How an answer is to be read; decided when its request was made.
enum Reading {
    /// It is in Anthropic's words, and so is the client. A stream may come in frames.
    Messages(Option<(Framing, Box<dyn Translate>)>),
    /// It is in OpenAI's shape. A stream may need repair.
    Compatible(Option<Box<dyn Translate>>),
    /// It is in another format.
    Other(Framing, Box<dyn Translate>),
}

/// What was decided about a call when its request was made.
struct Prepared {
    reading: Reading,
    /// Further calls, where the provider gives one choice at a time, or embeds fewer texts at once than it is given.
    /// What authenticates each of them is put in when its turn comes.
    more: Vec<(Request<Body>, Reading)>,
    /// `x-llm-warning`.
    warnings: Option<HeaderValue>,
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
    let awaits_continue = head::awaits_continue(&head.headers);
    let provider = match choose(&settings, &head) {
        Ok(provider) => Arc::clone(provider),
        Err(failure) => return Ok(tell(operation, failure)),
    };
    let prepared = match prepare::prepare(&settings, &provider, operation, &mut head, &mut body).await {
        Ok(prepared) => prepared,
        Err(failure) => {
            observe::refused(&provider, operation, failure.status());
            body.discard_refused(awaits_continue).await;
            return Ok(tell(operation, failure));
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
    /// A request with what authenticates it.
    async fn authorized(&self, request: Request<Body>) -> Result<Request<Body>, Failure> {
        let (mut head, mut body) = request.into_parts();
        let clock = &self.settings.clock;
        self.provider.auth().authorize(&mut head, &mut body, clock, self.provider.name()).await?;
        Ok(Request::from_parts(head, body))
    }

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
        let later = pending::Later::of(self.provider, &request);
        let response = keyed::send(service, self.settings, self.provider, request).await?;
        let response = match later {
            Some(later) if response.status() == StatusCode::ACCEPTED => later.follow(self, service, response).await?,
            _ => response,
        };
        if response.extensions().get::<Unanswered>().is_some() {
            // Nothing of it is the provider's: it leaves as the layer below has made it.
            observe::unanswered(self.provider, self.operation);
            return Ok(response);
        }
        observe::answered(self.provider, self.operation, response.status());
        Ok(self.read(response, reading).await)
    }

    async fn read(&self, response: Response<Body>, reading: Reading) -> Response<Body> {
        let (mut head, mut body) = response.into_parts();
        headers::clean_response(&mut head.headers);
        let reader = answer::Reader { settings: self.settings, provider: self.provider };
        let failure = if head.status.is_success() {
            reader.success(reading, &mut head.headers, &mut body).await.err()
        } else {
            reader.refusal(self.operation, &mut head, &mut body).await
        };
        match failure {
            None => Response::from_parts(head, body),
            Some(failure) => {
                let wait = errors::from_headers(&head.headers, self.settings.clock.now());
                let failure = wait.into_iter().fold(failure, Failure::with_retry_after);
                let mut response = tell(self.operation, failure);
                headers::keep_of_failed(&head.headers, response.headers_mut());
                response.extensions_mut().extend(head.extensions);
                response
            }
        }
    }
}

/// A failure, as the client knows them.
fn tell(operation: Operation, failure: Failure) -> Response<Body> {
    match operation {
        Operation::Message => claude::refusal(failure),
        _ => failure.into_response(),
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
