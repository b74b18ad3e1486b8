//! The course of a call for embeddings.

use std::{collections::VecDeque, future::poll_fn, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesOrdered};
use http::{
    HeaderName, HeaderValue, Request, Response,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Body, BoxError, Cost, Eventually, Failure, FailureKind, Usage as Used, encoding, head, metering::Reading,
};
use llm_layers_wire::json::Object;
use rust_decimal::Decimal;
use tower_service::Service;

use super::{
    answer::{self, Answer, Element, Usage},
    batch::Batch,
    share::shares,
};
use crate::{
    Entry,
    call::{Context, Standing, is_failure},
    control::{self, Outcome, Told},
};

const INPUTS: HeaderName = HeaderName::from_static("x-llm-cache-inputs");

/// So many entries are asked for, or kept, at once.
const AT_ONCE: usize = 64;

/// What is kept of one input.
struct Held {
    entry: Entry,
    envelope: Object,
    element: Element,
}

/// What is kept of a batch: of each input, by its place.
struct Found {
    fresh: Vec<Option<Held>>,
    /// Fresh no more, and better than an error.
    stale: Vec<Option<Held>>,
}

/// Answers from the cache, or asks for what is missing there and keeps it.
pub(crate) async fn call<S, RB>(
    mut service: S,
    context: Context,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let keyring = &context.shared.settings.keyring;
    let read = request.body().as_object().and_then(|object| Batch::read(keyring, &context.asked(object)));
    let Some(batch) = read else {
        if context.control.only_cached {
            return Ok(nothing_cached(&context));
        }
        return Ok(tell(&context, Outcome::Bypass, service.call(request).await?));
    };
    let mut found = look_up(&context, &batch).await;
    let mut missing = found.missing();
    if missing.is_empty() {
        return Ok(from_cache(&context, &batch, found.fresh, Outcome::Hit));
    }
    if context.control.only_cached {
        return Ok(nothing_cached(&context));
    }
    let (parts, body) = request.into_parts();
    let object = body.as_object().cloned().unwrap_or_default();
    loop {
        let asks_for_all = batch.is_all(missing.len());
        let answered = service.call(asking(parts.clone(), batch.request(&object, &missing))).await;
        let has_failed = answered.as_ref().map_or(true, |response| is_failure(response.status()));
        if has_failed && found.fill_by_stale() {
            return Ok(from_cache(&context, &batch, found.fresh, Outcome::Stale));
        }
        let mut response = answered?.map(Body::new);
        if !response.status().is_success() {
            return Ok(tell(&context, Outcome::Miss, response));
        }
        match read_answer(&mut response, missing.len()).await {
            Err(_) => {
                let failure = Failure::bad_gateway("The provider's answer broke off.");
                return Ok(tell(&context, Outcome::Miss, failure.with_kind(FailureKind::Unreachable).into_response()));
            }
            Ok(Some(answer)) if found.fits(&missing, &answer) => {
                return Ok(merge(&context, &batch, &found, &missing, response, answer));
            }
            // Another model's. It is asked for all, and then nothing that is held has to fit with it.
            Ok(Some(_)) => missing = found.all(),
            Ok(None) if asks_for_all => {
                return Ok(told_inputs(0, missing.len(), tell(&context, Outcome::Miss, response)));
            }
            Ok(None) => break,
        }
        poll_fn(|cx| service.poll_ready(cx)).await?;
    }
    // What has come is no answer to all of the request: whoever can read it is to have it whole.
    poll_fn(|cx| service.poll_ready(cx)).await?;
    let response = tell(&context, Outcome::Miss, service.call(asking(parts, object)).await?);
    let is_answer = response.status().is_success();
    Ok(if is_answer { told_inputs(0, batch.keys().len(), response) } else { response })
}

async fn look_up(context: &Context, batch: &Batch) -> Found {
    let keys = batch.keys();
    let mut found = Found { fresh: none(keys.len()), stale: none(keys.len()) };
    if !context.control.reads {
        return found;
    }
    // What is there at once goes no way around.
    let (mut coming, mut places) = (FuturesOrdered::new(), VecDeque::new());
    for (place, key) in keys.iter().enumerate() {
        match context.shared.settings.store.get(key) {
            Eventually::Now(entry) => found.take(context, place, entry),
            Eventually::Later(entry) => {
                coming.push_back(entry);
                places.push_back(place);
            }
        }
        if coming.len() >= AT_ONCE
            && let (Some(entry), Some(place)) = (coming.next().await, places.pop_front())
        {
            found.take(context, place, entry);
        }
    }
    while let (Some(entry), Some(place)) = (coming.next().await, places.pop_front()) {
        found.take(context, place, entry);
    }
    found
}

fn none(length: usize) -> Vec<Option<Held>> {
    std::iter::repeat_with(|| None).take(length).collect()
}

impl Held {
    /// `None` if somebody else has put something there.
    fn read(entry: Entry) -> Option<Self> {
        let (envelope, element) = Answer::read(entry.body().clone(), 1)?.into_one()?;
        Some(Self { entry, envelope, element })
    }
}

impl Found {
    /// Takes what the store has for this place.
    fn take(&mut self, context: &Context, place: usize, entry: Option<Entry>) {
        let Some(entry) = entry else { return };
        let held = match context.judge(&entry) {
            Standing::Fresh => self.fresh.get_mut(place),
            Standing::Stale { .. } => self.stale.get_mut(place),
            Standing::Dead => None,
        };
        if let Some(held) = held {
            *held = Held::read(entry);
        }
    }

    /// The places of what is not fresh; all of them, where what is fresh does not fit together.
    fn missing(&self) -> Vec<usize> {
        if !are_of_one_model(self.fresh.iter().flatten().map(|held| &held.envelope)) {
            return self.all();
        }
        let places = self.fresh.iter().enumerate();
        places.filter(|(_, held)| held.is_none()).map(|(place, _)| place).collect()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.fresh.len()).collect()
    }

    /// What is held of the places beside those that are missing.
    fn held<'a>(&'a self, missing: &'a [usize]) -> impl Iterator<Item = (usize, &'a Held)> {
        // They are in order.
        let places = self.fresh.iter().enumerate().filter(|(place, _)| missing.binary_search(place).is_err());
        places.filter_map(|(place, held)| Some((place, held.as_ref()?)))
    }

    /// Whether an answer to what is missing fits together with what is held.
    fn fits(&self, missing: &[usize], answer: &Answer) -> bool {
        are_of_one_model(self.held(missing).map(|(_, held)| &held.envelope).chain([&answer.envelope]))
    }

    /// Takes what is stale for what is missing. Says whether that is all, and fits together.
    fn fill_by_stale(&mut self) -> bool {
        let held = || self.fresh.iter().zip(&self.stale).map(|(fresh, stale)| fresh.as_ref().or(stale.as_ref()));
        let is_all = held().all(|held| held.is_some());
        let is_answer = is_all && are_of_one_model(held().flatten().map(|held| &held.envelope));
        if is_answer {
            for (fresh, stale) in self.fresh.iter_mut().zip(&mut self.stale) {
                if fresh.is_none() {
                    *fresh = stale.take();
                }
            }
        }
        is_answer
    }
}

/// Whether vectors of these answers may stand side by side: those of two models have nothing in common, and a router below
/// may ask now this one, now that.
fn are_of_one_model<'a>(envelopes: impl IntoIterator<Item = &'a Object>) -> bool {
    let mut models = envelopes.into_iter().map(|envelope| envelope.get("model"));
    let first = models.next();
    models.all(|model| Some(model) == first)
}

/// An answer for which nobody was asked. All of the request's inputs are held.
fn from_cache(context: &Context, batch: &Batch, held: Vec<Option<Held>>, outcome: Outcome) -> Response<Body> {
    let counters = &context.shared.state.counters;
    counters.answered(context.operation, outcome);
    let held: Vec<Held> = held.into_iter().flatten().collect();
    let now = context.shared.settings.now();
    let (mut age, mut saved) = (Duration::ZERO, None::<Decimal>);
    for Held { entry, .. } in &held {
        counters.saved(entry);
        age = age.max(entry.age(now));
        saved = match (saved, entry.cost()) {
            (Some(sum), Some(cost)) => Some(sum.saturating_add(cost)),
            (sum, cost) => sum.or(cost),
        };
    }
    let envelope = held.first().map(|held| held.envelope.clone()).unwrap_or_default();
    let elements = batch.order().iter().filter_map(|place| Some(&held.get(*place)?.element));
    let text = answer::join(&envelope, elements, &Usage::Tokens(0));
    let length = text.len();
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response.extensions_mut().insert(Used::new(0, 0));
    // Of several there is no one key.
    let key = if let [key] = batch.keys() { Some(*key) } else { None };
    Told { key, age: Some(age), saved, ..Told::new(outcome) }.write(&mut response);
    told_inputs(held.len(), 0, response)
}

fn nothing_cached(context: &Context) -> Response<Body> {
    context.shared.state.counters.answered(context.operation, Outcome::Miss);
    control::nothing_cached().into_response()
}

/// An answer of the provider's, told and counted.
fn tell<RB>(context: &Context, outcome: Outcome, response: Response<RB>) -> Response<Body>
where
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    context.shared.state.counters.answered(context.operation, outcome);
    let mut response = response.map(Body::new);
    Told::new(outcome).write(&mut response);
    // Another cache's.
    response.headers_mut().remove(INPUTS);
    response
}

/// An answer that says how many of the different inputs were held, and how many were asked for.
fn told_inputs(hits: usize, misses: usize, mut response: Response<Body>) -> Response<Body> {
    if let Ok(told) = HeaderValue::try_from(format!("hits={hits},misses={misses}")) {
        response.headers_mut().insert(INPUTS, told);
    }
    response
}

/// A request whose answer can be read.
fn asking(mut parts: Parts, object: Object) -> Request<Body> {
    parts.headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    let body = Body::from(object);
    head::body_replaced(&mut parts.headers, &body);
    Request::from_parts(parts, body)
}

/// Reads an answer to so many inputs, which stays in its response. `None` if it is none.
///
/// # Errors
/// It broke off.
async fn read_answer(response: &mut Response<Body>, inputs: usize) -> Result<Option<Answer>, BoxError> {
    response.body_mut().read_ahead(answer::LONGEST).await?;
    let is_short = response.body().content_length().is_some_and(|length| length <= answer::LONGEST as u64);
    if !is_short || !response.body().is_in_memory() || !head::is_media_type(response.headers(), "application/json") {
        return Ok(None);
    }
    let Ok(text) = response.body_mut().bytes(answer::LONGEST).await else { return Ok(None) };
    let text = encoding::decode(response.headers(), text, answer::LONGEST);
    Ok(text.ok().and_then(|text| Answer::read(text, inputs)))
}

/// Keeps what has come, and puts it together with what was there.
fn merge(
    context: &Context,
    batch: &Batch,
    found: &Found,
    missing: &[usize],
    response: Response<Body>,
    answer: Answer,
) -> Response<Body> {
    if context.control.stores {
        keep(context, batch, missing, &response, &answer);
    }
    let mut elements: Vec<Option<&Element>> = vec![None; found.fresh.len()];
    let mut hits = 0;
    for (place, held) in found.held(missing) {
        context.shared.state.counters.saved(&held.entry);
        hits += 1;
        if let Some(slot) = elements.get_mut(place) {
            *slot = Some(&held.element);
        }
    }
    for (place, element) in missing.iter().zip(&answer.elements) {
        if let Some(slot) = elements.get_mut(*place) {
            *slot = Some(element);
        }
    }
    let elements = batch.order().iter().filter_map(|place| *elements.get(*place)?);
    let body = Body::from(answer::join(&answer.envelope, elements, &Usage::AsItCame));
    let (mut parts, _) = response.into_parts();
    head::body_replaced(&mut parts.headers, &body);
    told_inputs(hits, missing.len(), tell(context, Outcome::Miss, Response::from_parts(parts, body)))
}

/// Keeps each element as the answer to its input alone.
fn keep(context: &Context, batch: &Batch, missing: &[usize], response: &Response<Body>, answer: &Answer) {
    let settings = &context.shared.settings;
    let reading = Reading::of(&answer.envelope);
    let cost = response.extensions().get().map(|Cost(cost)| *cost).or_else(|| reading.cost());
    let lengths: Vec<usize> = missing.iter().map(|place| batch.length(*place)).collect();
    let shares = shares(reading.tokens().input.unwrap_or_default(), cost, &lengths);
    let (now, fresh_for, life) = (settings.now(), context.fresh_for(), context.life());
    let mut entries = Vec::with_capacity(missing.len());
    for ((place, element), (tokens, cost)) in missing.iter().zip(&answer.elements).zip(shares) {
        let Some(key) = batch.keys().get(*place) else { continue };
        let body = answer::join(&answer.envelope, [element], &Usage::Tokens(tokens));
        if body.len() <= settings.max_entry {
            entries.push((*key, Entry::new(body, now, fresh_for).kept_for(life).paid(tokens, 0, cost)));
        }
    }
    context.put_once_approved(entries);
}
