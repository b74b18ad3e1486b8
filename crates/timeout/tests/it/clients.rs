//! Slow clients, and clients that hang up: neither is for the provider to pay for.

#![allow(clippy::disallowed_methods, reason = "helpers of tests are tests, and a provider a task")]

use std::{convert::Infallible, pin::Pin, task::Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Response, header::CONTENT_TYPE};
use http_body::{Body as HttpBody, Frame};
use llm_layers_core::Body;
use llm_layers_timeout::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::*;

/// A body fed by a provider that sends whenever there is room for one piece more.
struct Fed(mpsc::Receiver<&'static str>);

impl HttpBody for Fed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))))
    }
}

/// Reads on, and goes away when there is nothing yet.
fn is_waiting(body: &mut Body) -> bool {
    next(body, Instant::now()).now_or_never().is_none()
}

fn limits() -> Limits {
    Limits::none().idle(secs(10)).first_token(secs(10)).min_speed(MinSpeed::new(2.0, secs(10)).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_slowly_does_not_make_the_provider_time_out() {
    for kind in [SSE, "application/json"] {
        let (provider, pieces) = mpsc::channel(1);
        let feeding = tokio::task::spawn(async move {
            for _ in 0..50 {
                provider.send(WORD).await.unwrap();
            }
        });
        let mut answer = Some(Response::builder().header(CONTENT_TYPE, kind).body(Fed(pieces)).unwrap());
        let service = service_fn(move |_| {
            let answer = answer.take().unwrap();
            async move { Ok::<_, Infallible>(answer) }
        });
        let mut response = TimeoutLayer::new(limits()).layer(service).oneshot(chat()).await.unwrap();
        let mut text = String::new();
        while let Some(got) = next(response.body_mut(), Instant::now()).await {
            text += &got.what.unwrap();
            sleep(secs(100)).await;
        }
        assert_eq!(text, WORD.repeat(50), "{kind}");
        feeding.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_while_the_client_was_away_is_no_silence() {
    let (provider, pieces) = mpsc::channel(1);
    let mut answer = Some(Response::builder().header(CONTENT_TYPE, SSE).body(Fed(pieces)).unwrap());
    let service = service_fn(move |_| {
        let answer = answer.take().unwrap();
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut response = TimeoutLayer::new(Limits::none().idle(secs(10))).layer(service).oneshot(chat()).await.unwrap();
    let body = response.body_mut();
    assert!(is_waiting(body));
    // A comment comes, and behind it a word that finds no room until the client reads.
    provider.send(COMMENT).await.unwrap();
    let word = tokio::task::spawn(async move {
        provider.send(WORD).await.unwrap();
        provider
    });
    sleep(secs(100)).await;
    let start = Instant::now();
    assert_eq!(next(body, start).await.unwrap().what.unwrap(), COMMENT);
    assert_eq!(next(body, start).await.unwrap().what.unwrap(), WORD);
    // It is silent now.
    let _provider = word.await.unwrap();
    let got = next(body, start).await.unwrap();
    assert_eq!(got.at, 10_000);
    assert!(got.what.unwrap().contains("upstream_timeout"));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_was_silent_all_the_time_has_timed_out_whoever_was_away() {
    let start = Instant::now();
    let body = Slow::new().endless();
    let mut response = answer(&TimeoutLayer::new(Limits::none().idle(secs(10))), chat(), secs(0), SSE, body).await;
    let body = response.body_mut();
    assert!(is_waiting(body));
    sleep(secs(100)).await;
    let got = next(body, start).await.unwrap();
    assert_eq!(got.at, 100_000);
    assert!(got.what.unwrap().contains("upstream_timeout"));
}

#[tokio::test(start_paused = true)]
async fn times_on_the_wall_pass_for_slow_clients_too() {
    let total = TimeoutLayer::new(Limits::none().total(secs(250)));
    let deadline = DeadlineLayer::new(secs(250));
    for wall in ["total", "deadline"] {
        let (provider, pieces) = mpsc::channel(99);
        for _ in 0..9 {
            provider.send(WORD).await.unwrap();
        }
        let answer = Response::builder().header(CONTENT_TYPE, SSE).body(Body::new(Fed(pieces))).unwrap();
        let mut answer = Some(answer);
        let service = service_fn(move |_| {
            let answer = answer.take().unwrap();
            async move { Ok::<_, Infallible>(answer) }
        });
        let mut response = if wall == "total" {
            total.layer(service).oneshot(chat()).await.unwrap()
        } else {
            deadline.layer(service).oneshot(chat()).await.unwrap()
        };
        let start = Instant::now();
        // All that is there, and then the client waits: the timer runs from here on.
        assert_eq!(next(response.body_mut(), start).await.unwrap().what.unwrap(), WORD.repeat(9));
        assert!(is_waiting(response.body_mut()));
        sleep(secs(300)).await;
        provider.send(WORD).await.unwrap();
        let got = next(response.body_mut(), start).await.unwrap();
        let text = got.what.unwrap();
        assert!(text.contains("timeout_error") && !text.contains(WORD), "{wall}: though there was something to give");
        assert!(provider.is_closed(), "{wall}: the provider is let go");
    }
}

#[tokio::test(start_paused = true)]
async fn hanging_up_lets_the_provider_go() {
    for kind in [SSE, "application/json"] {
        let body = Slow::new().then(secs(1), WORD).endless();
        let alive = body.alive();
        let mut response = answer(&TimeoutLayer::new(limits()), chat(), secs(0), kind, body).await;
        next(response.body_mut(), Instant::now()).await.unwrap().what.unwrap();
        assert!(is_waiting(response.body_mut()));
        assert!(alive.upgrade().is_some());
        drop(response);
        assert!(alive.upgrade().is_none(), "{kind}");
    }
}
