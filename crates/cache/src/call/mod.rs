//! The course of one call: all of the layer that waits for anything.

mod arrival;
mod ask;
mod fly;
mod keep;
mod serve;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Failure, Operation, encoding, head};
use llm_layers_wire::json;
use tower_service::Service;

use crate::{
    Entry,
    control::{self, Control, Outcome, Told},
    embeddings,
    layer::{Settings, Shared},
    shape::Shape,
};

pub(crate) use ask::Context;
use fly::Flying;
pub(crate) use fly::is_failure;
pub(crate) use serve::Wants;

/// What is kept was checked before: only what can be held is bounded.
const KEPT: json::Limits = json::Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);

/// Answers a request from the cache, or sends it on and keeps its answer.
pub(crate) async fn call<S, RB>(
    mut service: S,
    shared: Shared,
    operation: Operation,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let control = match read(&shared.settings, &mut request).await {
        Ok(control) => control,
        Err(failure) => return Ok(failure.into_response()),
    };
    let only_cached = control.only_cached;
    let (head, body) = request.into_parts();
    let context = body.as_object().and_then(|body| Context::of(&shared, operation, control, &head, body));
    let request = Request::from_parts(head, body);
    let Some(context) = context else {
        if only_cached {
            return Ok(control::nothing_cached().into_response());
        }
        shared.state.counters.answered(operation, Outcome::Bypass);
        let response = service.call(request).await?;
        return Ok(control::bypassed(response.map(Body::new)));
    };
    let Some(shape) = Shape::of(operation) else {
        return embeddings::call(service, context, request).await;
    };
    let wants = Wants::of(operation, &request);
    let found = if context.control.reads { shared.settings.store.get(&context.key).get().await } else { None };
    let mut stale = None;
    if let Some(entry) = found {
        match context.judge(&entry) {
            Standing::Fresh => return Ok(context.answer(&entry, shape, wants, Outcome::Hit)),
            Standing::Stale { now: true } if !context.has_judges() => {
                let response = context.answer(&entry, shape, wants, Outcome::Stale);
                if context.control.stores && !context.control.only_cached {
                    Flying { service, context, request, shape }.refresh();
                }
                return Ok(response);
            }
            Standing::Stale { .. } => stale = Some(entry),
            Standing::Dead => {}
        }
    }
    if context.control.only_cached {
        shared.state.counters.answered(operation, Outcome::Miss);
        return Ok(control::nothing_cached().into_response());
    }
    Flying { service, context, request, shape }.fly(wants, stale).await
}

/// Reads what a request says of the cache, and its body.
async fn read(settings: &Settings, request: &mut Request<Body>) -> Result<Control, Failure> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let max = settings.limits.max_bytes;
    let read = async {
        let control = Control::take(&mut head.headers)?;
        encoding::decode_request(&mut head.headers, &mut body, max).await?;
        body.object(&settings.limits).await?;
        Ok::<_, Failure>(control)
    };
    let read = read.await;
    if read.is_err() {
        body.discard_refused(head::awaits_continue(&head.headers)).await;
    }
    *request = Request::from_parts(head, body);
    read
}

/// What an entry is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Fresh,
    /// Fresh no more: good at once, while another is asked for, or only where none can be had.
    Stale {
        now: bool,
    },
    Dead,
}

impl Context {
    /// Whether somebody above reads each answer before it may be kept: nobody reads what is asked for beside the calls.
    fn has_judges(&self) -> bool {
        self.approval.is_some()
    }

    /// The answer that an entry of this very request is.
    fn answer(&self, entry: &Entry, shape: Shape, wants: Wants, outcome: Outcome) -> Response<Body> {
        self.shared.state.counters.answered(self.operation, outcome);
        self.serve(entry, shape, wants, Told { key: Some(self.key), ..Told::new(outcome) })
    }

    /// What an entry is good for, to this request and now.
    pub(crate) fn judge(&self, entry: &Entry) -> Standing {
        let age = entry.age(self.shared.settings.now());
        let past = age.saturating_sub(entry.fresh_for());
        if past.is_zero() && self.control.allows(age) {
            Standing::Fresh
        } else if !self.control.reads || age > entry.life() {
            Standing::Dead
        } else if self.control.allows(age) && past < self.shared.settings.stale_while_revalidate {
            Standing::Stale { now: true }
        } else if past < self.shared.settings.stale_if_error {
            // Better than an error, whatever age it was to be of.
            Standing::Stale { now: false }
        } else {
            Standing::Dead
        }
    }
}
