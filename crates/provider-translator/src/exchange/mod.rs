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

use std::{mem, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, request};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Failure, Operation, Unanswered};
use tower_service::Service;

use self::pending::Later;
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

/// The future is moved once and kept for as long as the provider takes, with all that any way through it may need: what
/// is rare is boxed, and no argument is kept twice, as an `async fn` does.
pub(crate) fn exchange<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    async move {
        let one = match choose(&settings, &head) {
            Ok(provider) => One { settings: &settings, provider, operation },
            Err(failure) => return Ok(tell(operation, failure)),
        };
        let prepared = match prepare::prepare(&one, &mut head, &mut body).await {
            Ok(prepared) => prepared,
            Err(failure) => return Ok(tell(operation, failure)),
        };
        let mut response;
        if prepared.more.is_empty() {
            let later = Later::of(one.provider, &head);
            response = keyed::send(&mut service, &settings, one.provider, Request::from_parts(head, body)).await?;
            one.answer(&mut service, later, &mut response, prepared.reading).await?;
        } else {
            let request = Request::from_parts(head, body);
            response = Box::pin(fanout::answer(&one, service, request, prepared.reading, prepared.more)).await?;
        }
        if let Some(warnings) = prepared.warnings {
            response.headers_mut().insert(HeaderName::from_static("x-llm-warning"), warnings);
        }
        Ok(response)
    }
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

    /// Makes the client's of an answer as it came.
    async fn answer<S, RB>(
        &self,
        service: &mut S,
        later: Option<Later>,
        response: &mut Response<Body>,
        reading: Reading,
    ) -> Result<(), S::Error>
    where
        S: Service<Request<Body>, Response = Response<RB>>,
        RB: HttpBody<Data = Bytes> + Send + 'static,
        RB::Error: Into<BoxError>,
    {
        if let Some(later) = later
            && response.status() == StatusCode::ACCEPTED
        {
            *response = Box::pin(later.follow(self, service, mem::take(response))).await?;
        }
        if response.extensions().get::<Unanswered>().is_some() {
            // Nothing of it is the provider's: it leaves as the layer below has made it.
            observe::unanswered(self.provider, self.operation);
            return Ok(());
        }
        observe::answered(self.provider, self.operation, response.status());
        self.read(response, reading).await;
        Ok(())
    }

    fn read(&self, response: &mut Response<Body>, reading: Reading) -> impl Future<Output = ()> {
        headers::clean_response(response.headers_mut());
        let reader = answer::Reader { settings: self.settings, provider: self.provider };
        async move {
            let failure = match reading {
                Reading::Compatible(None) if response.status().is_success() => reader.glance(response).await,
                // Boxed, to keep the future of all other calls small.
                reading => Box::pin(reader.read(self.operation, reading, response)).await,
            };
            if let Some(failure) = failure {
                self.fail(response, failure);
            }
        }
    }

    /// Puts a failure in the place of a response, of which some headers stay.
    fn fail(&self, response: &mut Response<Body>, failure: Failure) {
        let (head, _) = mem::take(response).into_parts();
        let wait = errors::from_headers(&head.headers, self.settings.clock.now());
        let failure = wait.into_iter().fold(failure, Failure::with_retry_after);
        *response = tell(self.operation, failure);
        headers::keep_of_failed(&head.headers, response.headers_mut());
        response.extensions_mut().extend(head.extensions);
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
