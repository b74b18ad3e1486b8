//! Several choices from a provider that gives one at a time: as many calls at once, and their answers made one.

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
use llm_layers_core::{Body, BoxError, Events, Failure, head};
use llm_layers_wire::{
    json::{Array, Object},
    openai::Usage,
    sse::{self, Event},
};
use tower_service::Service;

use super::{One, Reading};
use crate::{errors, framing::Framing};

/// Asks once for each reading. The first answer that is an error is the answer to all of them.
pub(super) async fn answer<S, RB>(
    one: &One<'_>,
    service: S,
    request: Request<Body>,
    reading: Reading,
    more: Vec<Reading>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let mut calls = FuturesUnordered::new();
    let ask = |choice: usize, mut service: S, is_ready: bool, body: Body, reading: Reading| {
        let request = Request::from_parts(parts.clone(), body);
        async move {
            if !is_ready {
                poll_fn(|cx| service.poll_ready(cx)).await?;
            }
            Ok((choice, one.answer(&mut service, request, reading).await?))
        }
    };
    for (choice, reading) in (1..).zip(more) {
        // What was translated is whole, and whole bodies can be sent again.
        let Some(body) = body.try_clone() else {
            return Ok(errors::broken_off(one.provider.name()).into_response());
        };
        calls.push(ask(choice, service.clone(), false, body, reading));
    }
    // The one that was readied is called and then let go: what limits it may give its place to one of the others.
    calls.push(ask(0, service, true, body, reading));
    let mut answers = Vec::with_capacity(calls.len());
    while let Some(answer) = calls.next().await {
        let (choice, answer): (usize, Response<Body>) = answer?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        answers.push((choice, answer));
    }
    drop(calls);
    answers.sort_by_key(|(choice, _)| *choice);
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
        match whole(bodies, one.settings.max_response).await {
            Some(body) => body,
            None => return errors::not_an_answer("no chat completion", one.provider.name()).into_response(),
        }
    };
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}

/// The choices of all completions in the first of them, and the sum of their usage.
async fn whole(bodies: Vec<Body>, limit: usize) -> Option<Body> {
    let mut first: Option<Object> = None;
    let mut choices = Vec::new();
    let mut usage: Option<Usage> = None;
    for mut body in bodies {
        let object = Object::parse(body.bytes(limit).await.ok()?).ok()?;
        for choice in Array::parse(object.get_bytes("choices")?).ok()?.iter() {
            let mut choice = Object::parse(choice).ok()?;
            choice.set("index", &choices.len());
            choices.push(choice.to_bytes());
        }
        add(&mut usage, object.read("usage").ok().flatten());
        first.get_or_insert(object);
    }
    let mut completion = first?;
    let joined = [b"[".as_slice(), &choices.join(&b','), b"]"].concat();
    completion.set_raw("choices", joined).ok()?;
    if let Some(usage) = usage {
        completion.set("usage", &usage);
    }
    Some(Body::from(completion.to_bytes()))
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

/// More answers at once than this are a mistake, or an attack.
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
