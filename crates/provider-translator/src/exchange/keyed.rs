//! A call by one of several keys, and by another at once where that one is refused.

use std::{future::poll_fn, pin::Pin, time::Duration};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Body, BoxError, Deployment, FailureKind, Rejection, Unanswered, encoding, head, rendezvous::stable_hash,
    retry_after,
};
use llm_layers_wire::json::Object;
use tower_service::Service;

use crate::{
    Provider, errors,
    format::Refusal,
    layer::Settings,
    observe,
    openai::errors as openai_errors,
    provider::{
        Wire,
        keys::{Keys, Taken, Wish},
    },
};

/// What the calls of a conversation have in common, as a hash. An extension of a request.
#[derive(Clone, Copy)]
pub(super) struct Affinity(u64);

impl Affinity {
    /// By the member in which clients say so: those who say nothing are not guessed at, for what begins alike may be
    /// everybody's.
    pub(super) fn of(object: &Object) -> Option<Self> {
        object.text("prompt_cache_key").map(|key| Self(stable_hash(key.as_bytes())))
    }
}

/// Sends a request that has been made ready. One key, or what else authenticates it, is in it already; one of several is
/// put in here.
///
/// The future does not hold the request, which is large.
pub(super) fn send<'a, S, RB>(
    service: &'a mut S,
    settings: &'a Settings,
    provider: &'a Provider,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let sent = match provider.auth().several() {
        None => Sent::Once(service.call(request)),
        Some(keys) => Sent::Keyed(Box::pin(Keyed { settings, provider, keys }.send(service, request))),
    };
    async move {
        match sent {
            Sent::Once(call) => Ok(call.await?.map(Body::new)),
            Sent::Keyed(calls) => calls.await,
        }
    }
}

enum Sent<F, K> {
    Once(F),
    /// Boxed, to keep the future of all other calls small.
    Keyed(Pin<Box<K>>),
}

struct Keyed<'a> {
    settings: &'a Settings,
    provider: &'a Provider,
    keys: &'a Keys,
}

impl Keyed<'_> {
    async fn send<S, RB>(self, service: &mut S, request: Request<Body>) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<RB>>,
        RB: HttpBody<Data = Bytes> + Send + 'static,
        RB::Error: Into<BoxError>,
    {
        let (head, mut body) = request.into_parts();
        let wish = wish(&head, &body);
        let mut tried: Vec<Taken> = Vec::new();
        let mut forbidden: Vec<Taken> = Vec::new();
        // To be told to wait is better news than to be told that a key is bad.
        let mut limited = None;
        let mut next = self.keys.take(&wish, &tried);
        loop {
            let again = body.try_clone();
            let mut request = Request::from_parts(head.clone(), body);
            if let Some(taken) = next {
                self.keys.put(request.headers_mut(), taken);
                tried.push(taken);
            }
            let mut response = service.call(request).await?.map(Body::new);
            // There is always a first one, and none is asked for after the last.
            let Some(taken) = next else { return Ok(response) };
            let Some((kind, wait)) = self.trouble(&mut response).await else {
                if response.status().is_success() {
                    self.keys.works(taken, wish.scope);
                    for taken in forbidden {
                        self.set_aside(taken, Some(wish.scope), FailureKind::Forbidden);
                    }
                }
                response.extensions_mut().insert(taken);
                return Ok(response);
            };
            match kind {
                // It may be the request: that is known once another key is let in with it.
                FailureKind::Forbidden => forbidden.push(taken),
                FailureKind::RateLimit => {
                    let wait = self.keys.rest(taken, wish.scope, wait);
                    observe::key_rests(self.provider, taken.number(), wait);
                }
                _ => self.set_aside(taken, None, kind),
            }
            next = if again.is_some() { self.keys.take(&wish, &tried) } else { None };
            let (Some(again), Some(_)) = (again, next) else {
                if self.keys.are_all(&forbidden) {
                    self.keys.pardon(wish.scope);
                }
                return Ok(self.last(kind, response, limited, wish.scope));
            };
            if kind == FailureKind::RateLimit && response.body().is_replayable() {
                limited = Some(response);
            } else {
                // What it holds, a connection or a permit, may be what the next call waits for.
                drop(response);
            }
            poll_fn(|cx| service.poll_ready(cx)).await?;
            body = again;
        }
    }

    /// The answer where no key is left.
    fn last(
        &self,
        kind: FailureKind,
        response: Response<Body>,
        limited: Option<Response<Body>>,
        scope: u64,
    ) -> Response<Body> {
        let mut response = match limited {
            Some(limited) if kind != FailureKind::RateLimit => limited,
            None if kind != FailureKind::RateLimit => return response,
            _ => response,
        };
        retry_after::write(response.headers_mut(), self.keys.wait(scope));
        response
    }

    fn set_aside(&self, taken: Taken, scope: Option<u64>, kind: FailureKind) {
        if let Some(length) = self.keys.set_aside(taken, scope) {
            observe::key_set_aside(self.provider, taken.number(), kind.as_str(), length);
        }
    }

    /// What an answer says against the key, in its provider's own words, and how long it is to rest. What was read of the
    /// answer stays in it.
    async fn trouble(&self, response: &mut Response<Body>) -> Option<(FailureKind, Option<Duration>)> {
        /// Longer errors are pages.
        const MAX_ERROR: usize = 64 << 10;
        const PATIENCE: Duration = Duration::from_secs(1);
        let status = response.status();
        let extensions = response.extensions();
        let is_own = extensions.get::<Unanswered>().is_some() || extensions.get::<Rejection>().is_some();
        // Some say by a 400 that a key is not known, or not paid for.
        if is_own || !matches!(status.as_u16(), 400 | 401 | 402 | 403 | 429) {
            return None;
        }
        let read = tokio::time::timeout(PATIENCE, response.body_mut().read_ahead(MAX_ERROR)).await;
        if matches!(read, Ok(Err(_))) {
            head::body_replaced(response.headers_mut(), &Body::empty());
        }
        let body = response.body_mut();
        let bytes =
            if body.is_replayable() { body.bytes(2 * MAX_ERROR).await.unwrap_or_default() } else { Bytes::new() };
        let bytes = encoding::decode(response.headers(), bytes, MAX_ERROR).unwrap_or_default();
        let (headers, name) = (response.headers(), self.provider.name());
        let failure = match self.provider.wire() {
            Wire::Other(format) => format.failure(&Refusal { status, headers, body: &bytes, provider: name }),
            Wire::Compatible(_) => openai_errors::failure(status, &bytes, name),
        };
        let said = failure.into_response();
        let now = self.settings.clock.now();
        let wait = errors::from_headers(headers, now).or_else(|| errors::from_headers(said.headers(), now));
        let kind = FailureKind::of(&said)?;
        let is_of_a_key = matches!(
            kind,
            FailureKind::Unauthenticated | FailureKind::Quota | FailureKind::Forbidden | FailureKind::RateLimit
        );
        is_of_a_key.then_some((kind, wait))
    }
}

fn wish(head: &request::Parts, body: &Body) -> Wish {
    let deployed = head.extensions.get::<Deployment>().map(Deployment::model).filter(|model| !model.is_empty());
    let scope = match deployed {
        Some(model) => stable_hash(model.as_bytes()),
        // The path names the model, or it is in the body.
        None => {
            let model = body.as_object().and_then(|object| object.text("model"));
            stable_hash([head.uri.path(), model.as_deref().unwrap_or_default()].join(" ").as_bytes())
        }
    };
    let affinity = head.extensions.get::<Affinity>().map(|Affinity(hash)| *hash);
    Wish { scope, affinity, once: !body.is_replayable() }
}
