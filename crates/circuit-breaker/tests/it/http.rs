//! The layer over services that answer, fail, hang and break.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::post};
use http::{Request, Response, StatusCode};
use llm_layers_circuit_breaker::{ByKind, CircuitBreakerLayer, Classify, Reason, Rules, State, Verdict};
use llm_layers_core::{Deployment, FailureKind, Rejection, Unanswered};
use llm_layers_testkit::body::Script;
use tower::ServiceExt;

use crate::support::{Upstream, chat, read};

const SECOND: Duration = Duration::from_secs(1);

fn brittle() -> Rules {
    Rules::default().consecutive_failures(1).jitter(0.0).probes(1).recovery([])
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_an_answer_in_openais_shape() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.answers(|| Response::builder().status(500).body(Script::new()).unwrap());
    let request = || {
        let mut request = chat();
        request.extensions_mut().insert(Deployment::new("small", "local", "m"));
        request
    };
    assert_eq!(upstream.send(request()).await.status(), 500);
    tokio::time::advance(Duration::from_millis(2_100)).await;
    let refused = upstream.send(request()).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["content-type"], "application/json");
    assert_eq!(
        (&refused.headers()["retry-after"], &refused.headers()["retry-after-ms"]),
        (&"13".parse().unwrap(), &"12900".parse().unwrap())
    );
    assert_eq!(refused.extensions().get(), Some(&Rejection::CircuitOpen));
    assert_eq!(FailureKind::of(&refused), None, "no provider was asked");
    assert_eq!(
        read(refused).await,
        r#"{"error":{"message":"The deployment `small` is failing and is not called for now. Try again in 13 s.","type":"service_unavailable_error","param":null,"code":"circuit_open"}}"#
    );
    assert_eq!(upstream.calls(), 1);
    // Another deployment has a breaker of its own, and so has the authority.
    assert_eq!(upstream.send(chat()).await.status(), 500);
    let refused = read(upstream.send(chat()).await).await;
    assert!(refused.contains("The provider is failing") && !refused.contains("provider.example"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn what_counts_and_what_does_not() {
    for (status, opens) in [
        (200, false),
        (400, false),
        (404, false),
        (413, false),
        (422, false),
        (408, true),
        (429, true),
        (500, true),
        (502, true),
        (503, true),
        (504, true),
        (524, true),
        (529, true),
        (401, true),
        (403, true),
    ] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
        upstream.answers(move || Response::builder().status(status).body(Script::new().data("{}")).unwrap());
        let answer = upstream.send(chat()).await;
        assert_eq!(answer.status(), status);
        assert_eq!(read(answer).await, "{}", "passed on as it is");
        assert_eq!(upstream.state() == State::Open, opens, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn marks_of_other_layers_go_before_the_status() {
    let with = |status: u16, extension: fn(&mut http::Extensions)| {
        move || {
            let mut response = Response::builder().status(status).body(Script::new()).unwrap();
            extension(response.extensions_mut());
            response
        }
    };
    for (answer, reason) in [
        (with(429, |marks| _ = marks.insert(FailureKind::Quota)), Some(Reason::Quota)),
        (with(200, |marks| _ = marks.insert(FailureKind::Malformed)), Some(Reason::ConsecutiveFailures)),
        (with(502, |marks| _ = marks.insert(Unanswered)), Some(Reason::ConsecutiveFailures)),
        (with(400, |marks| _ = marks.insert(FailureKind::ContextLength)), None),
        (with(503, |marks| _ = marks.insert(Rejection::CircuitOpen)), None),
        (with(429, |marks| _ = marks.insert(Rejection::Limited)), None),
    ] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
        upstream.answers(answer);
        upstream.send(chat()).await;
        assert_eq!(upstream.status().reason, reason);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_from_below_counts_and_is_passed_on() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.fails();
    assert!(upstream.try_send(chat()).await.is_err());
    assert_eq!(upstream.send(chat()).await.status(), 503);
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn retry_after_sets_the_opening() {
    for (status, headers, expected) in [
        (503, [("retry-after", "40"), ("x-a", "b")], 40),
        (429, [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "1m0s")], 60),
        (529, [("retry-after", "2"), ("retry-after-ms", "3000")], 3),
        (503, [("retry-after", "86400"), ("x-a", "b")], 300),
        (500, [("retry-after", "40"), ("x-a", "b")], 15),
        (503, [("retry-after", "0"), ("x-a", "b")], 15),
    ] {
        let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
        upstream.answers(move || {
            let response = Response::builder().status(status).header(headers[0].0, headers[0].1);
            response.header(headers[1].0, headers[1].1).body(Script::new()).unwrap()
        });
        upstream.send(chat()).await;
        let status = upstream.status();
        assert_eq!(status.until.unwrap() - status.since, expected * SECOND, "{headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_is_probed_and_recovers() {
    let rules = Rules::default().min_calls(4).jitter(0.0).probes(2).recovery([0.5]).recovery_step(10 * SECOND);
    let upstream = Upstream::new(CircuitBreakerLayer::new(rules));
    let broken = || Response::builder().status(500).body(Script::new()).unwrap();
    let well = || Response::new(Script::new().data("{}"));
    upstream.answers(broken);
    for _ in 0..4 {
        assert_eq!(upstream.send(chat()).await.status(), 500);
    }
    assert_eq!(upstream.send(chat()).await.status(), 503);
    tokio::time::advance(15 * SECOND).await;
    assert_eq!(upstream.send(chat()).await.status(), 500, "a probe, that fails");
    assert_eq!(upstream.send(chat()).await.headers()["retry-after"], "30");
    tokio::time::advance(30 * SECOND).await;
    upstream.answers(well);
    let (first, second) = (upstream.send(chat()).await, upstream.send(chat()).await);
    assert_eq!(upstream.state(), State::HalfOpen);
    assert_eq!(upstream.send(chat()).await.status(), 503, "two probes are enough");
    assert_eq!((read(first).await, read(second).await), ("{}".into(), "{}".into()));
    assert_eq!(upstream.state(), State::Recovering);
    let mut through = 0;
    for _ in 0..20 {
        let answer = upstream.send(chat()).await;
        through += u32::from(answer.status() == 200);
        read(answer).await;
    }
    assert_eq!(through, 10);
    tokio::time::advance(10 * SECOND).await;
    assert_eq!(upstream.send(chat()).await.status(), 200);
    assert_eq!(upstream.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_is_neither_and_frees_its_probe() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle()));
    upstream.answers(|| Response::new(Script::new().data("half").never()));
    for _ in 0..50 {
        drop(upstream.send(chat()).await);
    }
    upstream.hangs();
    for _ in 0..50 {
        assert!(tokio::time::timeout(SECOND, upstream.send(chat())).await.is_err());
    }
    assert_eq!((upstream.state(), upstream.status().counts.calls), (State::Closed, 0));

    upstream.answers(|| Response::builder().status(500).body(Script::new()).unwrap());
    upstream.send(chat()).await;
    tokio::time::advance(15 * SECOND).await;
    upstream.hangs();
    assert!(tokio::time::timeout(SECOND, upstream.send(chat())).await.is_err());
    upstream.answers(|| Response::new(Script::new().data("half").never()));
    let probe = upstream.send(chat()).await;
    assert_eq!(upstream.send(chat()).await.status(), 503);
    drop(probe);
    assert_eq!(upstream.send(chat()).await.status(), 200, "its place is free");
}

#[tokio::test(start_paused = true)]
async fn slow_calls_and_a_probe_that_is_still_slow() {
    let rules = Rules::default().slow_calls(10 * SECOND, 0.5).min_calls(2).probes(1).jitter(0.0);
    let upstream = Upstream::new(CircuitBreakerLayer::new(rules));
    upstream.answers(|| Response::new(Script::new().gate().data("{}")));
    let slow = async || {
        let response = upstream.send(chat()).await;
        tokio::time::advance(11 * SECOND).await;
        upstream.open_gate();
        assert_eq!(read(response).await, "{}");
    };
    slow().await;
    assert_eq!(upstream.state(), State::Closed);
    slow().await;
    assert_eq!(upstream.status().reason, Some(Reason::SlowCalls));
    tokio::time::advance(15 * SECOND).await;
    slow().await;
    assert_eq!((upstream.state(), upstream.status().reason), (State::Open, Some(Reason::SlowCalls)));
}

#[tokio::test(start_paused = true)]
async fn keys_are_hostile() {
    let upstream = Upstream::new(CircuitBreakerLayer::new(brittle().max_keys(10)));
    upstream.answers(|| Response::new(Script::new().data("{}")));
    for key in 0..1000 {
        let mut request = chat();
        *request.uri_mut() = "/v1/chat/completions".parse().unwrap();
        request.headers_mut().insert("host", format!("{key}{}.example", "x".repeat(2000)).parse().unwrap());
        read(upstream.send(request).await).await;
    }
    let list = upstream.breakers().list();
    assert_eq!(list.len(), 10);
    assert!(list.iter().all(|status| status.key.len() <= 256));
}

#[tokio::test(start_paused = true)]
async fn a_closure_judges_and_another_names_the_key() {
    struct Teapots;
    impl Classify for Teapots {
        fn head(&self, head: &Response<()>) -> Verdict {
            match head.status() {
                StatusCode::IM_A_TEAPOT => Verdict::Failure(FailureKind::Upstream),
                _ => ByKind::default().head(head),
            }
        }
    }
    let layer = CircuitBreakerLayer::new(brittle())
        .classify(Teapots)
        .key_by(|request| Some(request.headers().get("x-region")?.to_str().ok()?.into()));
    let upstream = Upstream::new(layer);
    upstream.answers(|| Response::builder().status(418).body(Script::new()).unwrap());
    let mut request = chat();
    request.headers_mut().insert("x-region", "eu".parse().unwrap());
    upstream.send(request).await;
    upstream.send(chat()).await;
    let list = upstream.breakers().list();
    let seen: Vec<_> = list.iter().map(|status| (&*status.key, status.state)).collect();
    assert_eq!(seen, [("eu", State::Open), ("provider.example", State::Open)]);
}

#[tokio::test(start_paused = true)]
async fn at_64_at_a_time_no_more_probes_pass_than_allowed() {
    let upstream = Arc::new(Upstream::new(CircuitBreakerLayer::new(brittle().probes(3))));
    upstream.answers(|| Response::builder().status(500).body(Script::new()).unwrap());
    upstream.send(chat()).await;
    tokio::time::advance(15 * SECOND).await;
    upstream.hangs();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let upstream = Arc::clone(&upstream);
        calls.spawn(async move { tokio::time::timeout(SECOND, upstream.send(chat())).await });
    }
    let (mut refused, mut hung) = (0, 0);
    while let Some(call) = calls.join_next().await {
        match call.unwrap() {
            Ok(response) => refused += u32::from(response.status() == 503),
            Err(_) => hung += 1,
        }
    }
    assert_eq!((refused, hung), (61, 3));
}

#[tokio::test]
async fn inside_an_axum_router() {
    let layer = CircuitBreakerLayer::new(brittle());
    let handler = async || (StatusCode::BAD_GATEWAY, "down");
    let app =
        Router::new().route("/v1/chat/completions", post(handler)).route("/other", post(handler)).layer(layer.clone());
    let send = async |path: &str| {
        let request = Request::post(path).header("host", "me.example").body(axum::body::Body::from("{}"));
        app.clone().oneshot(request.unwrap()).await.unwrap().status()
    };
    assert_eq!(send("/other").await, 502);
    assert_eq!(send("/other").await, 502, "no call of a model");
    assert_eq!(send("/v1/chat/completions").await, 502);
    assert_eq!(send("/v1/chat/completions").await, 503);
    assert_eq!(layer.breakers().get("me.example").unwrap().refused, 1);
}
