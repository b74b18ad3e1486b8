mod bounds;
mod plain;
mod schedules;
mod streams;
mod stress;
mod wakers;

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_core::Stream;
use futures_util::{StreamExt, future::BoxFuture};
use http::Response;
use llm_layers_core::{Body, BoxError};
use llm_layers_wire::{
    json::Object,
    sse::{self, Event},
};

use super::{Bounds, Calling, Flights, Follower, Landed, Landing, Seat};
use crate::{
    Key,
    key::{Namespace, Tenant},
    shape::Shape,
};

const BOUNDS: Bounds = Bounds { shape: Shape::Chat, max_bytes: 1 << 20, sse_limits: sse::Limits::DEFAULT };

fn key(number: u8) -> Key {
    Key::new(Tenant([0; 16]), Namespace([0; 16]), [number; 32])
}

/// The events of a chat's stream, its end included.
fn chat() -> Vec<Event> {
    let chunk = |choices: &str| {
        let head = r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m""#;
        Event::new(format!("{head},\"choices\":[{choices}]}}"))
    };
    vec![
        chunk(r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#),
        chunk(r#"{"index":0,"delta":{"content":"Hel"},"finish_reason":null}"#),
        chunk(r#"{"index":0,"delta":{"content":"lo"},"finish_reason":null}"#),
        chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#),
        Event::done(),
    ]
}

fn text(events: &[Event]) -> String {
    events.iter().map(|event| String::from_utf8(event.to_bytes().to_vec()).unwrap()).collect()
}

/// The answer that an upstream gives step by step, as the test says.
#[derive(Clone, Default)]
struct Upstream(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    calls: usize,
    head: Option<Option<Response<()>>>,
    items: VecDeque<Option<Result<Event, BoxError>>>,
    waker: Option<Waker>,
    /// Polls that call at once, and bring nothing.
    yields: usize,
    polls: usize,
    landed: Vec<Response<Object>>,
    drops: usize,
}

impl Upstream {
    fn with<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn step(&self, change: impl FnOnce(&mut Script)) {
        let waker = self.with(|script| {
            change(script);
            script.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn head(&self) {
        self.step(|script| {
            let head = Response::builder().header("content-type", "text/event-stream").header("x-request-id", "r1");
            script.head = Some(Some(head.body(()).unwrap()));
        });
    }

    fn event(&self, event: Event) {
        self.step(|script| script.items.push_back(Some(Ok(event))));
    }

    fn fail(&self) {
        self.step(|script| script.items.push_back(Some(Err("cut off".into()))));
    }

    fn end(&self) {
        self.step(|script| script.items.push_back(None));
    }

    /// All of a chat.
    fn chat(&self) {
        self.head();
        chat().into_iter().for_each(|event| self.event(event));
        self.end();
    }

    fn calls(&self) -> usize {
        self.with(|script| script.calls)
    }

    fn polls(&self) -> usize {
        self.with(|script| script.polls)
    }

    /// The answers that have landed.
    fn landed(&self) -> Vec<String> {
        let text = |landed: &Response<Object>| String::from_utf8(landed.body().to_bytes().to_vec()).unwrap();
        self.with(|script| script.landed.iter().map(text).collect())
    }

    /// How many of its answers have been let go.
    fn drops(&self) -> usize {
        self.with(|script| script.drops)
    }

    fn call(&self) -> (Calling, Landing) {
        self.with(|script| script.calls += 1);
        let (call, upstream) = (Call { upstream: self.clone(), is_body: false }, self.clone());
        let landing = move |landed| upstream.with(|script| script.landed.push(landed));
        (Box::pin(call), Box::new(landing))
    }

    fn board(&self, flights: &Flights) -> Seat {
        flights.board(key(1), BOUNDS, || self.call())
    }
}

/// A call to the upstream, and then the body of its answer.
struct Call {
    upstream: Upstream,
    is_body: bool,
}

impl Call {
    fn poll<T>(&self, cx: &mut Context<'_>, next: impl FnOnce(&mut Script) -> Option<T>) -> Poll<T> {
        self.upstream.with(|script| {
            script.polls += 1;
            if script.yields > 0 {
                script.yields -= 1;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match next(script) {
                Some(next) => Poll::Ready(next),
                None => {
                    script.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
    }
}

impl Future for Call {
    type Output = Option<Response<Body>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let head = std::task::ready!(Self::poll(&self, cx, |script| script.head.take()));
        self.is_body = true;
        let body = Self { upstream: self.upstream.clone(), is_body: false };
        Poll::Ready(head.map(|head| head.map(|()| Body::from_events(body))))
    }
}

impl Stream for Call {
    type Item = Result<Event, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Self::poll(&self, cx, |script| script.items.pop_front())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.is_body {
            self.upstream.with(|script| script.drops += 1);
        }
    }
}

/// A task that does nothing by itself: it counts how often it is woken.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A passenger that is polled by hand.
struct Manual {
    task: Arc<Counting>,
    stage: Stage,
    read: Vec<Event>,
    error: Option<String>,
}

enum Stage {
    Waiting(BoxFuture<'static, Landed>),
    Following(Follower),
    /// The answer is all there.
    Over,
    /// There was no stream.
    Other(&'static str),
}

impl Manual {
    fn new(seat: Seat) -> Self {
        Self { task: Arc::default(), stage: Stage::Waiting(Box::pin(seat.landed())), read: Vec::new(), error: None }
    }

    fn wakes(&self) -> usize {
        self.task.0.load(Ordering::SeqCst)
    }

    fn poll(&mut self) {
        let task = Arc::clone(&self.task);
        self.poll_as(&Waker::from(task));
    }

    /// As far as it goes.
    fn poll_as(&mut self, waker: &Waker) {
        while self.poll_once(waker) {}
    }

    /// One step. Whether there may be another.
    fn poll_once(&mut self, waker: &Waker) -> bool {
        let cx = &mut Context::from_waker(waker);
        self.stage = match &mut self.stage {
            Stage::Waiting(landed) => match landed.as_mut().poll(cx) {
                Poll::Pending => return false,
                Poll::Ready(Landed::Stream(response)) => Stage::Following(response.into_body()),
                Poll::Ready(Landed::Whole(_)) => Stage::Other("whole"),
                Poll::Ready(Landed::Alone(_)) => Stage::Other("alone"),
                Poll::Ready(Landed::Nothing) => Stage::Other("nothing"),
            },
            Stage::Following(follower) => match follower.poll_next_unpin(cx) {
                Poll::Pending => return false,
                Poll::Ready(Some(Ok(event))) => {
                    self.read.push(event);
                    return true;
                }
                Poll::Ready(Some(Err(error))) => {
                    self.error = Some(format!("{error}: {}", error.source().unwrap()));
                    return true;
                }
                Poll::Ready(None) => Stage::Over,
            },
            Stage::Over | Stage::Other(_) => return false,
        };
        true
    }

    fn is_over(&self) -> bool {
        !matches!(self.stage, Stage::Waiting(_) | Stage::Following(_))
    }

    fn other(&self) -> &'static str {
        match self.stage {
            Stage::Other(what) => what,
            _ => "a stream, or nothing yet",
        }
    }
}

/// All the events of a seat, and its error.
async fn read(seat: Seat) -> (String, Option<String>) {
    let Landed::Stream(response) = seat.landed().await else { panic!("no stream") };
    assert_eq!(response.headers()["x-request-id"], "r1");
    let (mut follower, mut events) = (response.into_body(), Vec::new());
    while let Some(event) = follower.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(error) => return (text(&events), Some(error.source().unwrap().to_string())),
        }
    }
    (text(&events), None)
}
