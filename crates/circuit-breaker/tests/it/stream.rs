//! Streams: judged at their end, timed at their first word, and never touched.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Response, header::CONTENT_TYPE};
use llm_layers_circuit_breaker::{ByKind, CircuitBreakerLayer, Reason, Rules, State};
use llm_layers_core::{Body, BoxError, opening};
use llm_layers_testkit::body::{Hint, Script};
use llm_layers_wire::sse::Event;
use tower::{Layer, ServiceExt};

use crate::support::{Upstream, chat, read};

const SECOND: Duration = Duration::from_secs(1);
const ROLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn brittle() -> Rules {
    Rules::default().consecutive_failures(1).jitter(0.0).probes(1).recovery([])
}

fn stream(script: Script) -> impl Fn() -> Response<Script> + Send + 'static {
    move || Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script.clone()).unwrap()
}

async fn state_after(script: Script) -> State {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.answers(stream(script));
    let mut body = upstream.send(chat()).await.into_body();
    let _ = body.bytes(1 << 20).await;
    upstream.state()
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_judged_by_its_end() {
    assert_eq!(state_after(Script::new().data(ROLE).data(WORD).data(DONE)).await, State::Closed);
    assert_eq!(state_after(Script::new().data(ROLE).data(WORD)).await, State::Closed, "some end without a mark");
    assert_eq!(state_after(Script::new().data(ROLE).data(WORD).error("reset")).await, State::Open);
    assert_eq!(state_after(Script::new().error("reset")).await, State::Open);
    for error in [
        "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
        "data: {\"error\":{\"message\":\"its blank line is missing\"}}\n",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
        "event: response.failed\ndata: {\"type\":\"response.failed\"}\n\n",
    ] {
        assert_eq!(state_after(Script::new().data(WORD).data(error)).await, State::Open, "{error}");
        let bytes = error.as_bytes();
        for cut in 1..bytes.len() {
            let script = Script::new().data(WORD).data(bytes[..cut].to_vec()).data(bytes[cut..].to_vec());
            assert_eq!(state_after(script).await, State::Open, "cut at {cut}");
        }
    }
    let told = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"{\\\"error\\\": 1}\"}}]}\n\n";
    assert_eq!(state_after(Script::new().data(told).data(DONE)).await, State::Closed, "the model speaks of errors");
}

/// What a stream says of its failure counts as the same words under a status would.
#[tokio::test(start_paused = true)]
async fn an_error_in_a_stream_is_judged_by_its_kind() {
    let told = |error: &str| format!("data: {{\"error\":{error}}}\n\n");
    for (error, reason) in [
        (r#"{"message":"m","type":"invalid_request_error"}"#, None),
        (r#"{"message":"m","code":"context_length_exceeded"}"#, None),
        (r#"{"message":"m","code":"content_filter"}"#, None),
        (r#"{"message":"m","code":"insufficient_quota"}"#, Some(Reason::Quota)),
        (r#"{"message":"m","type":"authentication_error"}"#, Some(Reason::Unauthenticated)),
        (r#"{"message":"m","type":"server_error"}"#, Some(Reason::ConsecutiveFailures)),
        (r#"{"message":"m","code":"rate_limit_exceeded"}"#, Some(Reason::ConsecutiveFailures)),
        (r#"{"message":"m","code":"nobody knows"}"#, Some(Reason::ConsecutiveFailures)),
    ] {
        for script in [Script::new().data(told(error)), Script::new().data(WORD).data(told(error))] {
            let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
            upstream.answers(stream(script));
            read(upstream.send(chat()).await).await;
            assert_eq!(upstream.status().reason, reason, "{error}");
        }
    }
    let lenient = ByKind::default().auth(false).rate_limits(false);
    for error in [r#"{"message":"m","code":"insufficient_quota"}"#, r#"{"message":"m","code":"rate_limit_exceeded"}"#] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()).classify(lenient));
        upstream.answers(stream(Script::new().data(told(error))));
        read(upstream.send(chat()).await).await;
        assert_eq!(upstream.state(), State::Closed, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_may_hang_up_once_all_is_said() {
    for (last, counts) in [
        (DONE, 1),
        ("event: message_stop\ndata: {}\n\n", 1),
        ("event: response.completed\ndata: {}\n\n", 1),
        ("event: response.incomplete\ndata: {}\n\n", 1),
        (WORD, 0),
    ] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
        upstream.answers(stream(Script::new().data(WORD).data(last).never()));
        let mut response = upstream.send(chat()).await;
        upstream.read_frames(&mut response, 2).await;
        drop(response);
        assert_eq!(upstream.status().counts.calls, counts, "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_are_decoded_stay_so() {
    let layer = CircuitBreakerLayer::new(brittle());
    let service = layer.layer(tower::service_fn(async |_| {
        let events = [Ok::<_, BoxError>(Event::new("{\"error\":{}}"))];
        let body = Body::from_events(Iter(events.into_iter()));
        Ok::<_, BoxError>(Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body)?)
    }));
    let response = service.oneshot(chat()).await.unwrap();
    assert!(response.body().is_events());
    assert_eq!(read(response).await, "data: {\"error\":{}}\n\n");
    assert_eq!(layer.breakers().get("provider.example").unwrap().state, State::Open);
}

struct Iter<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_token_is_the_first_word() {
    let rules = || brittle().min_calls(2).max_first_token(0.5, 2 * SECOND);
    // A greeting at once, the first word after three seconds.
    let upstream = Upstream::new(CircuitBreakerLayer::new(rules()));
    upstream.answers(stream(Script::new().data(": hello\n\n").data(ROLE).gate().data(WORD).data(DONE)));
    for expected in [State::Closed, State::Open] {
        let response = upstream.send(chat()).await;
        tokio::time::advance(3 * SECOND).await;
        upstream.open_gate();
        assert!(read(response).await.ends_with(DONE));
        assert_eq!(upstream.state(), expected);
    }
    assert_eq!(upstream.status().reason, Some(Reason::FirstToken));

    // The first word at once, the rest after three seconds.
    let upstream = Upstream::new(CircuitBreakerLayer::new(rules()));
    upstream.answers(stream(Script::new().data(ROLE).data(WORD).gate().data(DONE)));
    for _ in 0..5 {
        let mut response = upstream.send(chat()).await;
        upstream.read_frames(&mut response, 2).await;
        tokio::time::advance(3 * SECOND).await;
        upstream.open_gate();
        read(response).await;
    }
    let counts = upstream.status().counts;
    assert_eq!((upstream.state(), counts.first_tokens, counts.late_first_tokens), (State::Closed, 5, 0));

    // Whoever waits for answers to begin lets go of one that only greets: it has not begun.
    let layer = CircuitBreakerLayer::new(rules());
    for expected in [State::Closed, State::Open] {
        let body = Script::new().data(": hello\n\n").gate().data(WORD).data(DONE).hint(Hint::Unknown).body();
        let handle = body.handle();
        let mut answer = Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::new(body)).unwrap();
        opening::open(&mut answer, &opening::Hold::default()).await;
        let answers = Arc::new(Mutex::new(Some(answer)));
        let service =
            tower::service_fn(move |_| std::future::ready(answers.lock().unwrap().take().ok_or("asked twice")));
        let mut response = layer.layer(service).oneshot(chat()).await.unwrap();
        tokio::time::advance(3 * SECOND).await;
        handle.open();
        assert!(response.body_mut().bytes(999).await.unwrap().ends_with(DONE.as_bytes()));
        assert_eq!(layer.breakers().get("provider.example").unwrap().state, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_held_back() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle().max_first_token(0.99, SECOND)));
    upstream.answers(stream(Script::new().data("data: {\"choi").gate().data("ces\":[]}\n\n")));
    let mut response = upstream.send(chat()).await;
    assert_eq!(upstream.read_frames(&mut response, 1).await, "data: {\"choi", "not even half an event");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_stream_of_events_passes_as_it_is() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle().max_first_token(0.99, SECOND)));
    let endless = "x".repeat(3 << 20);
    let script = Script::new().data(endless.clone()).data(endless);
    upstream.answers(stream(script.clone()));
    let body = upstream.send(chat()).await.into_body().bytes(16 << 20).await.unwrap();
    assert_eq!(body, script.whole());
    assert_eq!(upstream.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_is_a_probe_that_fails() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.answers(|| Response::builder().status(500).body(Script::new()).unwrap());
    upstream.send(chat()).await;
    tokio::time::advance(15 * SECOND).await;
    upstream.answers(stream(Script::new().data(WORD).gate().error("reset")));
    let response = upstream.send(chat()).await;
    assert_eq!(upstream.state(), State::HalfOpen);
    upstream.open_gate();
    assert!(response.into_body().bytes(99).await.is_err());
    assert_eq!((upstream.state(), upstream.status().reason), (State::Open, Some(Reason::Probe)));
}

#[tokio::test(start_paused = true)]
async fn a_long_stream_does_not_keep_its_breaker_half_open() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.answers(|| Response::builder().status(500).body(Script::new()).unwrap());
    upstream.send(chat()).await;
    tokio::time::advance(15 * SECOND).await;
    upstream.answers(stream(Script::new().data(WORD).never()));
    let mut response = upstream.send(chat()).await;
    upstream.read_frames(&mut response, 1).await;
    tokio::time::advance(59 * SECOND).await;
    assert_eq!(upstream.send(chat()).await.status(), 503);
    tokio::time::advance(SECOND).await;
    assert_eq!(upstream.send(chat()).await.status(), 200, "it has begun, and that is well");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_not_the_providers_fault() {
    for content_type in ["text/event-stream", "application/json"] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle().min_calls(1).slow_calls(10 * SECOND, 0.1)));
        let script = Script::new().data(ROLE).data(WORD).gate().data(DONE);
        upstream.answers(move || Response::builder().header(CONTENT_TYPE, content_type).body(script.clone()).unwrap());
        let mut response = upstream.send(chat()).await;
        for _ in 0..2 {
            upstream.read_frames(&mut response, 1).await;
            tokio::time::advance(60 * SECOND).await;
        }
        upstream.open_gate();
        read(response).await;
        assert_eq!((upstream.state(), upstream.status().counts.calls), (State::Closed, 1), "{content_type}");

        let response = upstream.send(chat()).await;
        let reading = tokio::time::timeout(11 * SECOND, read(response));
        assert!(reading.await.is_err(), "the provider makes it wait");
        let response = upstream.send(chat()).await;
        let reader = read(response);
        let (_, ()) = tokio::join!(reader, async {
            tokio::time::sleep(11 * SECOND).await;
            upstream.open_gate();
        });
        assert_eq!(upstream.status().reason, Some(Reason::SlowCalls));
    }
}
