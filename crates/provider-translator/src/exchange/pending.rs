//! Answers that are not there yet: a 202 with an id, by which the answer is asked for until it is there.
//!
//! Source: the pages on `statuspolling` of docs.api.nvidia.com (`GET /v1/status/{requestId}` of
//! integrate.api.nvidia.com: 200 when done, 202 while pending, 422 and 500 when it has failed), read on 2026-11-21. The
//! id is in the header `NVCF-REQID`, as NVIDIA's guide on cloud functions says; that an answer waits for as long as
//! `NVCF-POLL-SECONDS` before it is a 202 is why there is little to wait for between two of them.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use http::{
    Method, Request, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    request,
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError};
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::One;
use crate::{
    Provider,
    errors::{self, Class, Report},
    provider::Wire,
};

/// An answer that has been asked for so often, or for so long, is not coming.
const MOST_ASKED: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Between two questions, where the provider does not say how long.
const PAUSE: Duration = Duration::from_secs(1);
/// Whatever the provider says.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What it takes to ask for an answer once more: the head of its request, with the credentials.
/// Boxed, to keep the future of all other calls small.
pub(super) struct Later(Box<request::Parts>);

impl Later {
    /// Nothing if the provider answers at once or not at all.
    pub(super) fn of(provider: &Provider, request: &request::Parts) -> Option<Self> {
        let Wire::Compatible(wire) = provider.wire() else { return None };
        if !wire.quirks().answers_later {
            return None;
        }
        let mut head = Request::new(()).into_parts().0;
        head.method = Method::GET;
        head.version = request.version;
        head.headers = request.headers.clone();
        head.headers.remove(CONTENT_LENGTH);
        head.headers.remove(CONTENT_TYPE);
        // What the layers below choose a connection by.
        head.extensions = request.extensions.clone();
        Some(Self(Box::new(head)))
    }

    /// Asks until the answer is there. What a 202 says beside the id is of no use to a client.
    pub(super) async fn follow<S, RB>(
        mut self,
        one: &One<'_>,
        service: &mut S,
        mut response: Response<Body>,
    ) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<RB>>,
        RB: HttpBody<Data = Bytes> + Send + 'static,
        RB::Error: Into<BoxError>,
    {
        let provider = one.provider.name();
        // Below the base URL and nowhere else: the key goes with it.
        let uri = id(&response).and_then(|id| one.provider.uri(&format!("/status/{id}")));
        let Some(uri) = uri else {
            return Ok(errors::not_an_answer("a 202 without an id to ask by", provider).into_response());
        };
        self.0.uri = uri;
        one.provider.auth().put_same(&response, &mut self.0.headers);
        let end = Instant::now() + PATIENCE;
        let mut asked = 0;
        while asked < MOST_ASKED && Instant::now() < end {
            asked += 1;
            let said = errors::from_headers(response.headers(), one.settings.clock.now());
            drop(response);
            sleep(said.unwrap_or(PAUSE).clamp(PAUSE, LONGEST_PAUSE)).await;
            poll_fn(|cx| service.poll_ready(cx)).await?;
            let request = Request::from_parts((*self.0).clone(), Body::empty());
            response = service.call(request).await?.map(Body::new);
            if response.status() != StatusCode::ACCEPTED {
                return Ok(response);
            }
        }
        let message = Some(format!("The answer was not there after it had been asked for {asked} times."));
        let report = Report { message, ..Report::default() };
        Ok(report.into_failure(Class::Timeout, 202, provider).into_response())
    }
}

/// It becomes a part of a path.
fn id(response: &Response<Body>) -> Option<&str> {
    let id = response.headers().get("nvcf-reqid")?.to_str().ok()?;
    let is_legal = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_legal.then_some(id)
}
