//! The answer, as it goes to the client.

use std::{mem, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header::CONTENT_TYPE, response};
use llm_layers_core::{Body, Failure, Operation, encoding, head};

use super::Reading;
use crate::{
    Provider, anthropic, claude, errors,
    format::Refusal,
    framing::Framing,
    headers,
    layer::Settings,
    openai::{self, errors as openai_errors},
    provider::Wire,
    stream,
    translate::Translate,
};

/// Reads the answers of one provider.
pub(super) struct Reader<'a> {
    pub(super) settings: &'a Settings,
    pub(super) provider: &'a Arc<Provider>,
}

impl Reader<'_> {
    /// An answer that is read, or an error. What goes wrong is for the client; `None` when the response is as it leaves.
    pub(super) async fn read(
        &self,
        operation: Operation,
        reading: Reading,
        response: &mut Response<Body>,
    ) -> Option<Failure> {
        let (mut head, mut body) = mem::take(response).into_parts();
        let failure = if head.status.is_success() {
            self.success(reading, &mut head.headers, &mut body).await.err()
        } else {
            self.refusal(operation, &mut head, &mut body).await
        };
        *response = Response::from_parts(head, body);
        failure
    }

    /// A successful answer that leaves as it came, unless it is small and turns out to be an error.
    pub(super) async fn glance(&self, response: &mut Response<Body>) -> Option<Failure> {
        let name = self.provider.name();
        if !head::is_media_type(response.headers(), "application/json") {
            return not_html(response.headers(), name).err();
        }
        let is_trusted = match self.provider.wire() {
            Wire::Compatible(wire) => !wire.quirks().hides_errors,
            Wire::Other(_) => true,
        };
        if is_trusted || response.body().content_length().is_none_or(|length| length > openai::GLANCE) {
            return None;
        }
        // What has been read stays in the body; that it cannot be decoded is for the client to find.
        let limit = self.settings.max_response;
        match Box::pin(response.body_mut().bytes(limit)).await {
            Ok(bytes) => openai::hidden_error(&encoding::decode(response.headers(), bytes, limit).ok()?, self.provider),
            Err(error) => Some(errors::unreadable(&error, name)),
        }
    }

    async fn success(&self, reading: Reading, headers: &mut HeaderMap, body: &mut Body) -> Result<(), Failure> {
        let streams = |framing: Framing| framing.is_stream(headers) && !encoding::is_encoded(headers);
        match reading {
            Reading::Compatible(Some(repair)) if streams(Framing::Sse) => {
                self.stream(Framing::Sse, repair, headers, body).await
            }
            // A stream was asked for, and the answer has come at once.
            Reading::Compatible(Some(repair)) if head::is_media_type(headers, "application/json") => {
                let answer = self.whole(headers, body).await?;
                *body = openai::into_stream(answer, self.provider, self.settings)?;
                self.stream(Framing::Sse, repair, headers, body).await
            }
            Reading::Messages(Some((framing, answer))) | Reading::Other(framing, answer) if streams(framing) => {
                self.stream(framing, answer, headers, body).await
            }
            Reading::Other(_, answer) => {
                *body = Body::from(answer.whole(self.whole(headers, body).await?)?);
                head::body_replaced(headers, body);
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Ok(())
            }
            _ => not_html(headers, self.provider.name()),
        }
    }

    async fn stream(
        &self,
        framing: Framing,
        answer: Box<dyn Translate>,
        headers: &mut HeaderMap,
        body: &mut Body,
    ) -> Result<(), Failure> {
        let events = framing.events(std::mem::take(body), self.settings.sse_limits);
        *body = stream::open(events, answer, Arc::clone(self.provider)).await?;
        head::body_replaced(headers, body);
        headers::set_event_stream(headers);
        Ok(())
    }

    /// An answer that is an error. `None` when it is in the client's shape already and leaves as it came.
    async fn refusal(&self, operation: Operation, head: &mut response::Parts, body: &mut Body) -> Option<Failure> {
        if let Some(failure) = redirected(head.status) {
            return Some(failure);
        }
        let provider = self.provider.name();
        // Where it cannot be read the status says enough.
        let bytes = self.whole(&head.headers, body).await.unwrap_or_default();
        let bytes = self.provider.auth().conceal(bytes);
        if operation == Operation::Message && claude::is_error(&bytes) {
            head.extensions.insert(anthropic::class_of(head.status, &bytes));
            *body = Body::from(bytes);
            head::body_replaced(&mut head.headers, body);
            return None;
        }
        Some(match self.provider.wire() {
            Wire::Other(format) => {
                let (status, headers) = (head.status, &head.headers);
                let failure = format.failure(&Refusal { status, headers, body: &bytes, provider });
                self.provider.auth().learn(failure, status, headers, &self.settings.clock, provider)
            }
            Wire::Compatible(_)
                if openai_errors::is_normal(head.status, &bytes) && !encoding::is_encoded(&head.headers) =>
            {
                head.extensions.insert(openai_errors::class_of(head.status, &bytes));
                *body = Body::from(bytes);
                head::set_content_length(&mut head.headers, body.content_length());
                return None;
            }
            Wire::Compatible(_) => openai_errors::failure(head.status, &bytes, provider),
        })
    }

    async fn whole(&self, headers: &HeaderMap, body: &mut Body) -> Result<Bytes, Failure> {
        let limit = self.settings.max_response;
        let bytes = body.bytes(limit).await.map_err(|error| errors::unreadable(&error, self.provider.name()))?;
        encoding::decode(headers, bytes, limit).map_err(|error| errors::unreadable(&error, self.provider.name()))
    }
}

/// A load balancer's or a login page's greeting is not a model's answer.
fn not_html(headers: &HeaderMap, provider: &str) -> Result<(), Failure> {
    if head::is_media_type(headers, "text/html") {
        return Err(errors::not_an_answer("an HTML page", provider));
    }
    Ok(())
}

/// An answer that sends the client elsewhere: nobody follows it with a key in hand.
pub(super) fn redirected(status: StatusCode) -> Option<Failure> {
    (status.is_redirection() && status != StatusCode::NOT_MODIFIED).then(|| {
        let message = "The provider answered with a redirect, which is not followed.";
        Failure::bad_gateway(message).with_code("upstream_redirect")
    })
}
