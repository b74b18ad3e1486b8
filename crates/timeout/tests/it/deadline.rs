//! A whole call: where its time comes from, who learns of it, and what happens when it is over.

use std::{sync::mpsc, time::Duration};

use http::{Request, Response};
use llm_layers_core::{Body, BoxError, Deadline, End, FailureKind, Rejection, Unanswered};
use llm_layers_testkit::contract::Probe;
use llm_layers_timeout::{DeadlineLayer, Limits, TimeoutLayer};
use serde_json::Value;
use tokio::time::Instant;
use tower::{Layer, ServiceExt};

use crate::support::*;

fn asking(time: &str) -> Request<Body> {
    let mut request = chat();
    request.headers_mut().insert("x-llm-timeout", time.parse().unwrap());
    request
}

/// The time that a request has left below the layer.
async fn left(layer: &DeadlineLayer, request: Request<Body>) -> Option<Duration> {
    let probe = Probe::new();
    let handle = probe.handle();
    let response = layer.layer(probe).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let seen = handle.requests().remove(0).parts;
    assert!(!seen.headers.contains_key("x-llm-timeout"), "it is not for those below");
    seen.extensions.get::<Deadline>().map(|deadline| deadline.remaining())
}

#[tokio::test(start_paused = true)]
async fn the_time_is_the_clients_within_bounds() {
    let layer = DeadlineLayer::new(secs(60)).max(secs(600));
    for (asked, expected) in [
        ("30", secs(30)),
        ("1.5", millis(1500)),
        ("500ms", millis(500)),
        ("2m", secs(120)),
        ("600", secs(600)),
        ("601", secs(600)),
        ("99999999999999999999h", secs(600)),
    ] {
        assert_eq!(left(&layer, asking(asked)).await, Some(expected), "{asked}");
    }
    assert_eq!(left(&layer, chat()).await, Some(secs(60)));
    assert_eq!(left(&DeadlineLayer::default(), chat()).await, Some(secs(600)));
    assert_eq!(left(&DeadlineLayer::default(), asking("2h")).await, Some(secs(1800)));
    assert_eq!(left(&DeadlineLayer::new(secs(7200)), asking("2h")).await, Some(secs(7200)));
    assert_eq!(left(&DeadlineLayer::new(None).max(None), chat()).await, None);
    assert_eq!(left(&DeadlineLayer::new(None).max(secs(9)), chat()).await, Some(secs(9)));
}

#[tokio::test(start_paused = true)]
async fn the_earliest_deadline_holds() {
    let layer = DeadlineLayer::new(secs(60));
    let carrying = |time, mut request: Request<Body>| {
        request.extensions_mut().insert(Deadline::after(time));
        request
    };
    assert_eq!(left(&layer, carrying(secs(5), asking("10"))).await, Some(secs(5)));
    assert_eq!(left(&layer, carrying(secs(500), asking("10"))).await, Some(secs(10)));
    assert_eq!(left(&DeadlineLayer::new(None).max(None), carrying(secs(5), chat())).await, Some(secs(5)));
}

#[tokio::test(start_paused = true)]
async fn a_bad_time_is_a_400_that_names_the_header_and_calls_nobody() {
    for bad in ["", "soon", "0", "-1", "1e3", "10 s", "30,", "inf", "1.2.3"] {
        let probe = Probe::new();
        let handle = probe.handle();
        let mut response = DeadlineLayer::default().layer(probe).oneshot(asking(bad)).await.unwrap();
        assert_eq!(response.status(), 400, "{bad}");
        assert_eq!(response.extensions().get(), Some(&Rejection::Invalid));
        let body: Value = serde_json::from_slice(&response.body_mut().bytes(999).await.unwrap()).unwrap();
        assert_eq!(body["error"]["param"], "x-llm-timeout");
        assert!(body["error"]["message"].as_str().unwrap().contains("`x-llm-timeout`"));
        assert_eq!(handle.calls(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_has_passed_begins_nothing() {
    let probe = Probe::new();
    let handle = probe.handle();
    let mut request = chat();
    request.extensions_mut().insert(Deadline::at(Instant::now()));
    let response = DeadlineLayer::default().layer(probe).oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), handle.calls()), (504, 0));
    assert_eq!(response.extensions().get(), Some(&Rejection::TimedOut));
    assert_eq!(response.extensions().get::<FailureKind>(), None, "nobody was asked");
}

#[tokio::test(start_paused = true)]
async fn before_the_head_it_is_a_504_of_our_own() {
    let layer = DeadlineLayer::new(secs(10));
    let start = Instant::now();
    let in_time = answer(&layer, chat(), secs(10), SSE, Slow::new()).await;
    assert_eq!((in_time.status().as_u16(), start.elapsed()), (200, secs(10)));

    let start = Instant::now();
    let mut late = answer(&layer, chat(), millis(10_001), SSE, Slow::new()).await;
    assert_eq!((late.status().as_u16(), start.elapsed()), (504, secs(10)));
    assert_eq!(late.extensions().get(), Some(&Rejection::TimedOut));
    assert!(late.extensions().get::<Unanswered>().is_none());
    assert_eq!(late.extensions().get(), Some(&FailureKind::Timeout), "the provider was asked, and may bill it");
    assert_eq!(FailureKind::of(&late), None, "the provider is not to blame, and nobody tries again");
    let body: Value = serde_json::from_slice(&late.body_mut().bytes(999).await.unwrap()).unwrap();
    assert_eq!(
        (&body["error"]["type"], &body["error"]["code"]),
        (&"timeout_error".into(), &"deadline_exceeded".into())
    );
}

#[tokio::test(start_paused = true)]
async fn in_a_stream_it_is_the_last_event() {
    let layer = DeadlineLayer::new(secs(600));
    for (words, in_time) in [(9, true), (10, true), (11, false)] {
        let start = Instant::now();
        let body = Slow::new().repeat(words, secs(1), WORD);
        let alive = body.alive();
        let response = answer(&layer, asking("10"), secs(0), SSE, body).await;
        let (ended, end) = mpsc::channel();
        let mut body = response.into_body().on_end(move |how| ended.send(how).unwrap());
        let text = String::from_utf8(body.bytes(9999).await.unwrap().to_vec()).unwrap();
        assert_eq!((text.matches(WORD).count(), start.elapsed().as_secs()), (words.min(10), words.min(10) as u64));
        if in_time {
            assert_eq!((text, end.recv().unwrap()), (WORD.repeat(words), End::Complete));
        } else {
            assert_eq!(end.recv().unwrap(), End::Failed);
            assert!(text.ends_with("\"code\":\"deadline_exceeded\"}}\n\n"), "{text}");
            assert!(alive.upgrade().is_none());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_answer_breaks_off() {
    let body = Slow::new().then(secs(1), "{").then(secs(60), "}");
    let mut response = answer(&DeadlineLayer::new(secs(10)), chat(), secs(0), "application/json", body).await;
    let got = read(response.body_mut(), Instant::now()).await;
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].what.as_ref().unwrap_err().to_string(), "The deadline of the call has passed.");
}

#[tokio::test(start_paused = true)]
async fn of_both_layers_the_one_whose_time_is_up_first_speaks() {
    for (deadline, idle, code) in [(5, 10, "deadline_exceeded"), (50, 10, "upstream_timeout")] {
        let both = tower::ServiceBuilder::new()
            .layer(DeadlineLayer::new(secs(deadline)))
            .layer(TimeoutLayer::new(Limits::none().idle(secs(idle))))
            .service_fn(async |_: Request<Body>| {
                let body = Body::new(Slow::new().then(secs(1), WORD).endless());
                Ok::<_, BoxError>(Response::builder().header("content-type", SSE).body(body)?)
            });
        let mut response = both.oneshot(chat()).await.unwrap();
        let got = read(response.body_mut(), Instant::now()).await;
        assert_eq!(got.len(), 2, "one error, and no second one");
        assert!(last(&got).1.contains(code));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model_passes_as_it_is_unless_all_have_a_deadline() {
    let layer = DeadlineLayer::new(secs(10));
    let files = || Request::get("/v1/files").header("x-llm-timeout", "nonsense").body(Body::empty()).unwrap();
    let probe = Probe::new();
    let handle = probe.handle();
    assert_eq!(layer.layer(probe).oneshot(files()).await.unwrap().status(), 200);
    let seen = handle.requests().remove(0).parts;
    assert!(seen.headers.contains_key("x-llm-timeout") && seen.extensions.get::<Deadline>().is_none());

    let response = answer(&layer.clone().all_requests(true), files(), secs(0), SSE, Slow::new()).await;
    assert_eq!(response.status(), 400);
    let mut slow = files();
    slow.headers_mut().remove("x-llm-timeout");
    assert_eq!(answer(&layer.all_requests(true), slow, secs(11), SSE, Slow::new()).await.status(), 504);
}
