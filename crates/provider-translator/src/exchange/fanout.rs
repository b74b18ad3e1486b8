//! Several calls for one request, and their answers made one: choices, from a provider that gives one at a time, and
//! embeddings, from one that takes few texts at once.
//!
//! [`MOST`] calls are under way at once: choices all of them, since they are streamed side by side; embeddings so many
//! that a long list is not embedded one call after the other, and so few that one client is no crowd.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Events, Failure, Operation, head};
use llm_layers_wire::{
    json::{Array, Object},
    openai::Usage,
    sse::{self, Event},
};
use tower_service::Service;

use super::{One, Reading, keyed, pending::Later, split::LIMITS, tell};
use crate::{embeddings, errors, framing::Framing};

/// Asks for each reading. The first answer that is an error is the answer to all of them, and lets the others go.
pub(super) async fn answer<S, RB>(
    one: &One<'_>,
    service: S,
    request: Request<Body>,
    reading: Reading,
    more: Vec<(Request<Body>, Reading)>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let ask = |place: usize, mut service: S, mut request: Request<Body>, reading: Reading| async move {
        if place > 0 {
            poll_fn(|cx| service.poll_ready(cx)).await?;
            // A signature does not last for as long as a long list takes.
            request = match one.authorized(request).await {
                Ok(request) => request,
                Err(failure) => return Ok((place, tell(one.operation, failure))),
            };
        }
        let (head, body) = request.into_parts();
        let later = Later::of(one.provider, &head);
        let request = Request::from_parts(head, body);
        let mut response = keyed::send(&mut service, one.settings, one.provider, request).await?;
        one.answer(&mut service, later, &mut response, reading).await?;
        Ok((place, response))
    };
    let mut answers = Vec::with_capacity(1 + more.len());
    let mut waiting = (1..).zip(more);
    let mut calls = FuturesUnordered::new();
    for (place, (request, reading)) in waiting.by_ref().take(MOST as usize - 1) {
        calls.push(ask(place, service.clone(), request, reading));
    }
    let spare = service.clone();
    // The one that was readied is called and then let go: what limits it may give its place to one of the others.
    calls.push(ask(0, service, request, reading));
    let mut room = one.settings.max_response;
    while let Some(answer) = calls.next().await {
        let (place, answer): (usize, Response<Body>) = answer?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        // A stream has no length, and is not held.
        let length = answer.body().content_length().and_then(|length| usize::try_from(length).ok());
        let Some(left) = room.checked_sub(length.unwrap_or_default()) else {
            let what = format!("longer than {} bytes", one.settings.max_response);
            return Ok(errors::not_an_answer(&what, one.provider.name()).into_response());
        };
        room = left;
        answers.push((place, answer));
        if let Some((place, (request, reading))) = waiting.next() {
            calls.push(ask(place, spare.clone(), request, reading));
        }
    }
    drop(calls);
    answers.sort_by_key(|(place, _)| *place);
    Ok(merge(one, answers.into_iter().map(|(_, answer)| answer).collect()).await)
}

async fn merge(one: &One<'_>, answers: Vec<Response<Body>>) -> Response<Body> {
    let mut head = None;
    let mut bodies = Vec::with_capacity(answers.len());
    for answer in answers {
        let (parts, body) = answer.into_parts();
        head.get_or_insert(parts);
        bodies.push(body);
    }
    let Some(mut head) = head else { return errors::broken_off(one.provider.name()).into_response() };
    let body = if Framing::Sse.is_stream(&head.headers) {
        Body::from_events(Merged::new(bodies, one.settings.sse_limits))
    } else {
        let (list, what) = match one.operation {
            Operation::Embedding => ("data", "what are no embeddings"),
            _ => ("choices", "no chat completion"),
        };
        match whole(list, bodies, one.settings.max_response).await {
            Some(body) => body,
            None => return errors::not_an_answer(what, one.provider.name()).into_response(),
        }
    };
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}

/// What all answers list, in the first of them, and the sum of their usage.
async fn whole(list: &str, bodies: Vec<Body>, limit: usize) -> Option<Body> {
    let mut first: Option<Object> = None;
    let mut items = Vec::new();
    let mut usage: Option<Usage> = None;
    for mut body in bodies {
        let object = Object::parse_with(body.bytes(limit).await.ok()?, &LIMITS).ok()?;
        for item in Array::parse_with(object.get_bytes(list)?, &LIMITS).ok()?.iter() {
            let mut item = Object::parse_with(item, &LIMITS).ok()?;
            item.set("index", &items.len());
            items.push(item.to_bytes());
        }
        add(&mut usage, object.read("usage").ok().flatten());
        first.get_or_insert(object);
    }
    let mut answer = first?;
    let joined = [b"[".as_slice(), &items.join(&b','), b"]"].concat();
    answer.set_raw(list, joined).ok()?;
    match usage {
        // Vectors have no output of tokens.
        Some(Usage { prompt_tokens, total_tokens, .. }) if list == "data" => {
            answer.set("usage", &embeddings::Usage { prompt_tokens, total_tokens });
        }
        Some(usage) => answer.set("usage", &usage),
        None => {}
    }
    Some(Body::from(answer.to_bytes()))
}

fn add(sum: &mut Option<Usage>, more: Option<Usage>) {
    match (sum.as_mut(), more) {
        (Some(sum), Some(more)) => *sum += more,
        (None, more) => *sum = more,
        (Some(_), None) => {}
    }
}

/// Streams of one choice each, as one stream: each event as it comes, under its choice's index and the first's id.
struct Merged {
    streams: Vec<Option<Events>>,
    /// The stream that is asked first, so that none waits for the others for ever.
    turn: usize,
    /// `id`, `created` and `model` of the first event, which are the same in all events of a stream.
    identity: Option<Object>,
    usage: Option<(Event, Usage)>,
    /// What follows when all streams are over.
    farewell: Vec<Event>,
    over: bool,
}

impl Merged {
    fn new(bodies: Vec<Body>, limits: sse::Limits) -> Self {
        let streams = bodies.into_iter().map(|body| Some(body.into_events(limits))).collect();
        Self { streams, turn: 0, identity: None, usage: None, farewell: Vec::new(), over: false }
    }

    /// An event of one stream, as it leaves; nothing if it is held.
    fn event(&mut self, choice: usize, mut event: Event) -> Option<Event> {
        if event.is_done() {
            self.end(choice);
            return None;
        }
        let Some(chunk) = event.chunk() else { return Some(event) };
        if chunk.is_error() {
            // The last word, as it is for a stream of one choice.
            self.streams.clear();
            self.over = true;
            return Some(event);
        }
        if chunk.choices().is_empty()
            && let Some(usage) = chunk.object().read("usage").ok().flatten()
        {
            let mut sum = self.usage.take().map(|(_, usage)| usage);
            add(&mut sum, Some(usage));
            self.identify(&mut event);
            self.usage = sum.map(|sum| (event, sum));
            return None;
        }
        self.identify(&mut event);
        event.edit_chunk(|chunk| {
            for each in chunk.choices_mut() {
                each.object_mut().set("index", &choice);
            }
        });
        Some(event)
    }

    fn identify(&mut self, event: &mut Event) {
        const CONSTANT: [&str; 4] = ["id", "created", "model", "system_fingerprint"];
        event.edit_chunk(|chunk| match &self.identity {
            Some(first) => {
                for name in CONSTANT {
                    if let Some(value) = first.get_bytes(name) {
                        // It was read as JSON.
                        let _ = chunk.object_mut().set_raw(name, value);
                    }
                }
            }
            None => self.identity = Some(chunk.object().clone()),
        });
    }

    fn end(&mut self, choice: usize) {
        if let Some(stream) = self.streams.get_mut(choice) {
            *stream = None;
        }
        if self.streams.iter().all(Option::is_none) && !std::mem::replace(&mut self.over, true) {
            self.farewell.push(Event::done());
            if let Some((mut event, usage)) = self.usage.take() {
                event.edit_chunk(|chunk| chunk.object_mut().set("usage", &usage));
                self.farewell.push(event);
            }
        }
    }
}

impl Stream for Merged {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.over {
                return Poll::Ready(this.farewell.pop().map(Ok));
            }
            let count = this.streams.len();
            let mut came = None;
            for step in 0..count {
                let choice = (this.turn + step) % count;
                let Some(stream) = this.streams.get_mut(choice).and_then(Option::as_mut) else { continue };
                if let Poll::Ready(event) = Pin::new(stream).poll_next(cx) {
                    came = Some((choice, event));
                    break;
                }
            }
            let Some((choice, event)) = came else { return Poll::Pending };
            this.turn = choice + 1;
            match event {
                Some(Ok(event)) => {
                    if let Some(event) = this.event(choice, event) {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
                Some(Err(error)) => {
                    this.streams.clear();
                    this.over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => this.end(choice),
            }
        }
    }
}

/// More calls at once than this are a mistake, or an attack.
pub(crate) const MOST: u32 = 8;

/// How many calls `n` takes of a provider that gives one choice at a time.
///
/// # Errors
/// It is more than any client needs.
pub(crate) fn copies(n: u32) -> Result<u32, Failure> {
    if n <= MOST {
        return Ok(n.max(1));
    }
    let message = format!("`n` must be at most {MOST} for this provider, which gives one choice at a time.");
    Err(Failure::bad_request(message).with_param("n").with_code("unsupported_parameter"))
}
