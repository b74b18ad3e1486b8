//! One attempt: each limit just before it, at it, and beyond it.

use std::{error::Error, future::pending, io, sync::mpsc};

use http::{Request, Response};
use llm_layers_core::{Body, BoxError, Deployment, End, FailureKind, Rejection, Unanswered, opening};
use llm_layers_timeout::{Expired, Limit, Limits, MinSpeed, TimeoutLayer};
use llm_layers_wire::json;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::*;

fn layer(limits: Limits) -> TimeoutLayer {
    TimeoutLayer::new(limits)
}

/// The error in the last event, in OpenAI's shape. What came at the same moment is in the same frame.
fn error(events: &str) -> Value {
    let data = events.strip_suffix("\n\n").and_then(|events| events.rsplit("\n\n").next()?.strip_prefix("data: "));
    let data = data.unwrap();
    serde_json::from_str::<Value>(data).unwrap().get("error").unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_head_at_its_limit_is_in_time_and_one_behind_it_a_504() {
    let layer = layer(Limits::none().first_byte(secs(30)));
    let start = Instant::now();
    let on_time = answer(&layer, chat(), secs(30), "application/json", Slow::new().then(secs(999), "{}")).await;
    assert_eq!((on_time.status().as_u16(), start.elapsed()), (200, secs(30)));

    let start = Instant::now();
    let mut late = answer(&layer, chat(), millis(30_001), "application/json", Slow::new()).await;
    assert_eq!((late.status().as_u16(), start.elapsed()), (504, secs(30)));
    assert_eq!(FailureKind::of(&late), Some(FailureKind::Timeout));
    assert!(late.extensions().get::<Unanswered>().is_some(), "it counts against the provider");
    assert!(late.extensions().get::<Rejection>().is_none());
    let body: Value = serde_json::from_slice(&late.body_mut().bytes(999).await.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({"error": {"message": "The provider did not begin to answer in time (30s).", "type": "timeout_error",
            "param": null, "code": "upstream_timeout"}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_has_timed_out_is_dropped_though_its_future_is_kept() {
    let body = Slow::new();
    let alive = body.alive();
    let mut body = Some(body);
    let provider = service_fn(move |_: Request<Body>| {
        let body = body.take();
        async move {
            pending::<()>().await;
            Ok::<_, BoxError>(Response::new(Body::new(body.unwrap())))
        }
    });
    let layer = layer(Limits::none().total(secs(1)));
    let mut call = Box::pin(layer.layer(provider).call(chat()));
    assert_eq!((&mut call).await.unwrap().status(), 504);
    assert!(alive.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_first_token_at_its_limit_is_in_time_and_one_behind_it_an_error() {
    let layer = layer(Limits::none().first_token(secs(60)).idle(secs(10)));
    for (wait, in_time) in [(54_999, true), (55_000, true), (55_001, false)] {
        let start = Instant::now();
        // The limit counts from the call, of which the head has taken 5 s; greetings are no answer.
        let body = Slow::new().then(millis(0), ROLE).then(millis(wait), WORD).then(secs(1), DONE);
        let alive = body.alive();
        let mut response = answer(&layer, chat(), secs(5), SSE, body).await;
        let got = read(response.body_mut(), start).await;
        if in_time {
            assert_eq!(last(&got), (6000 + u128::from(wait), DONE));
        } else {
            let (at, event) = last(&got);
            assert_eq!((at, got.len()), (60_000, 2), "the greeting and the error");
            assert_eq!(error(event)["code"], "upstream_timeout");
            assert_eq!(error(event)["message"], "The provider's model said nothing in time (60s).");
            assert!(alive.upgrade().is_none(), "the provider is let go, the body still there");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_known_to_be_streamed_waits_for_its_head_no_longer_than_for_its_first_token() {
    let layer = layer(Limits::none().first_token(secs(60)));
    for (body, status) in
        [(r#"{"model":"m","stream":true}"#, 504), (r#"{"model":"m","stream":false}"#, 200), (r#"{"model":"m"}"#, 200)]
    {
        let mut request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
        request.body_mut().object(&json::Limits::DEFAULT).await.unwrap();
        let response = answer(&layer, request, secs(61), "application/json", Slow::new()).await;
        assert_eq!(response.status(), status, "{body}");
    }
    let unread = answer(&layer, chat(), secs(61), "application/json", Slow::new()).await;
    assert_eq!(unread.status(), 200, "the body is not read for it");
}

#[tokio::test(start_paused = true)]
async fn silence_at_its_limit_is_borne() {
    let layer = layer(Limits::none().idle(secs(10)));
    for (wait, in_time) in [(9_999, true), (10_000, true), (10_001, false)] {
        let start = Instant::now();
        let body = Slow::new().repeat(3, millis(wait), WORD).then(millis(0), DONE);
        let mut response = answer(&layer, chat(), secs(1), SSE, body).await;
        let got = read(response.body_mut(), start).await;
        if in_time {
            assert_eq!(last(&got).1, format!("{WORD}{DONE}"));
        } else {
            let (at, event) = last(&got);
            assert_eq!(at, 11_000, "counted from the head");
            let message = "The provider fell silent in the middle of its answer (10s).";
            assert_eq!(error(event)["message"], message);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_trickles_goes_on_for_hours() {
    let layer = layer(Limits::none().idle(secs(10)).first_token(secs(10)).first_byte(secs(10)));
    let start = Instant::now();
    let body = Slow::new().repeat(1000, secs(9), WORD).then(secs(9), DONE);
    let mut response = answer(&layer, chat(), secs(9), SSE, body).await;
    assert_eq!(response.status(), 200);
    // The first token, counted from the call, comes late.
    assert_eq!(error(last(&read(response.body_mut(), start).await).1)["code"], "upstream_timeout");

    let start = Instant::now();
    let body = Slow::new().repeat(1000, secs(9), WORD).then(secs(9), DONE);
    let mut response = answer(&layer, chat(), secs(1), SSE, body).await;
    assert_eq!(last(&read(response.body_mut(), start).await), (9_010_000, DONE));
}

#[tokio::test(start_paused = true)]
async fn comments_and_pings_are_no_life() {
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let nameless = "data: {\"type\":\"ping\"}\n\n";
    for alive in [COMMENT, ping, nameless, "retry: 1000\n\n"] {
        let start = Instant::now();
        let body = Slow::new().then(secs(1), WORD).repeat(1000, secs(3), alive);
        let mut response = answer(&layer(Limits::none().idle(secs(20))), chat(), secs(0), SSE, body).await;
        let got = read(response.body_mut(), start).await;
        assert_eq!(last(&got).0, 21_000, "{alive}");
        assert_eq!(got.len(), 1 + 6 + 1, "what keeps the connection is passed on: {alive}");

        let start = Instant::now();
        let body = Slow::new().repeat(1000, secs(3), alive);
        let mut response = answer(&layer(Limits::none().first_token(secs(30))), chat(), secs(0), SSE, body).await;
        assert_eq!(last(&read(response.body_mut(), start).await).0, 30_000, "{alive}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_at_the_very_limit_does_not_put_it_off() {
    let start = Instant::now();
    let body = Slow::new().then(secs(1), WORD).repeat(1000, secs(5), COMMENT);
    let mut response = answer(&layer(Limits::none().idle(secs(20))), chat(), secs(0), SSE, body).await;
    assert_eq!(last(&read(response.body_mut(), start).await).0, 21_000);
}

#[tokio::test(start_paused = true)]
async fn before_the_first_token_its_own_limit_alone_counts_silence() {
    let layer = layer(Limits::none().first_token(secs(60)).idle(secs(5)));
    let start = Instant::now();
    let body = Slow::new().then(secs(1), ROLE).then(secs(50), WORD).endless();
    let mut response = answer(&layer, chat(), secs(0), SSE, body).await;
    assert_eq!(last(&read(response.body_mut(), start).await).0, 56_000, "51 s, and 5 of silence");
}

#[tokio::test(start_paused = true)]
async fn the_total_ends_a_stream_that_talks() {
    let layer = layer(Limits::none().total(secs(100)).idle(secs(10)));
    for (words, in_time) in [(99, true), (100, true), (101, false)] {
        let start = Instant::now();
        let body = Slow::new().repeat(words, secs(1), WORD);
        let mut response = answer(&layer, chat(), secs(0), SSE, body).await;
        let got = read(response.body_mut(), start).await;
        assert_eq!(last(&got).1 == WORD, in_time, "{words}");
        assert!(start.elapsed() <= secs(100));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_crawls_is_cut() {
    let layer = layer(Limits::none().min_speed(MinSpeed::new(2.0, secs(20)).unwrap()));
    let crawling = || Slow::new().then(secs(300), ROLE).repeat(1000, secs(1), WORD);
    let start = Instant::now();
    let mut response = answer(&layer, chat(), secs(0), SSE, crawling()).await;
    let got = read(response.body_mut(), start).await;
    assert_eq!(last(&got).0, 321_000, "a window from the first token on, for which it waits as long as it likes");
    assert_eq!(error(last(&got).1)["message"], "The provider's answer came too slowly (20s).");

    let start = Instant::now();
    let fast = Slow::new().then(secs(300), ROLE).repeat(1000, millis(500), WORD).then(millis(500), DONE);
    let mut response = answer(&layer, chat(), secs(0), SSE, fast).await;
    assert_eq!(last(&read(response.body_mut(), start).await), (800_500, DONE));

    // Few events with much in them.
    let sentence = "data: {\"choices\":[{\"delta\":{\"content\":\"Forty-one bytes are eleven tokens, or so.\"}}]}\n\n";
    let start = Instant::now();
    let packed = Slow::new().repeat(100, secs(5), sentence).then(secs(1), DONE);
    let mut response = answer(&layer, chat(), secs(0), SSE, packed).await;
    assert_eq!(last(&read(response.body_mut(), start).await), (501_000, DONE));
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_shape_of_the_operation_and_is_the_last() {
    let layer = layer(Limits::none().idle(secs(10)));
    let delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n";
    let message = "The provider fell silent in the middle of its answer (10s).";
    for (path, expected) in [
        (
            "/v1/completions",
            format!(
                "data: {{\"error\":{{\"message\":\"{message}\",\"type\":\"timeout_error\",\"param\":null,\
                 \"code\":\"upstream_timeout\"}}}}\n\n"
            ),
        ),
        (
            "/v1/messages",
            format!(
                "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"timeout_error\",\
                 \"message\":\"{message}\",\"details\":{{\"error_code\":\"upstream_timeout\"}}}},\
                 \"request_id\":null}}\n\n"
            ),
        ),
        (
            "/v1/responses",
            format!(
                "event: error\ndata: {{\"type\":\"error\",\"code\":\"upstream_timeout\",\"message\":\"{message}\",\
                 \"param\":null,\"sequence_number\":2}}\n\n"
            ),
        ),
    ] {
        let body = Slow::new().then(secs(1), delta).then(secs(1), COMMENT).then(secs(1), delta).endless();
        let alive = body.alive();
        let response = answer(&layer, post(path), secs(0), SSE, body).await;
        let (ended, end) = mpsc::channel();
        let mut body = response.into_body().on_end(move |how| ended.send(how).unwrap());
        let got = read(&mut body, Instant::now()).await;
        assert_eq!(last(&got).1, expected, "{path}");
        assert_eq!(got.len(), 4);
        assert_eq!(end.recv().unwrap(), End::Failed, "{path}: a guard above sees a failure");
        assert!(alive.upgrade().is_none(), "{path}: the body is still there, the provider let go");
    }
}

#[tokio::test(start_paused = true)]
async fn half_an_event_is_not_followed_by_an_error() {
    let start = Instant::now();
    let body = Slow::new().then(secs(1), WORD).then(secs(1), "data: {\"choices\":[{\"del").endless();
    let mut response = answer(&layer(Limits::none().idle(secs(10))), chat(), secs(0), SSE, body).await;
    let got = read(response.body_mut(), start).await;
    // The half of it was no piece of the answer yet.
    assert_eq!((got.len(), got[0].what.as_ref().unwrap().as_str(), got[1].at), (2, WORD, 11_000));
    assert_eq!(error(last(&got).1)["code"], "upstream_timeout");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_over_has_not_failed_if_its_connection_lingers() {
    let layer = layer(Limits::none().idle(secs(10)));
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let completed = "event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n";
    let failed = "data: {\"error\":{\"message\":\"m\"}}\n\n";
    for (path, end) in [
        ("/v1/chat/completions", DONE),
        ("/v1/chat/completions", failed),
        ("/v1/messages", stop),
        ("/v1/responses", completed),
    ] {
        let start = Instant::now();
        let body = Slow::new().then(secs(1), WORD).then(secs(1), end).endless();
        let mut response = answer(&layer, post(path), secs(0), SSE, body).await;
        let got = read(response.body_mut(), start).await;
        assert_eq!(last(&got), (2000, end));
        assert_eq!(start.elapsed(), secs(12));
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_answer_that_stalls_breaks_off() {
    let layer = layer(Limits::none().idle(secs(10)).first_token(secs(1)));
    let start = Instant::now();
    let body = Slow::new().then(secs(10), r#"{"choices""#).then(secs(10), ":[").then(millis(10_001), "]}");
    let alive = body.alive();
    let mut response = answer(&layer, chat(), secs(20), "application/json", body).await;
    let mut got = read(response.body_mut(), start).await;
    let last = got.pop().unwrap();
    assert_eq!((got.len(), last.at), (2, 50_000));
    let expired = last.what.unwrap_err();
    let expired = expired.downcast_ref::<Expired>().unwrap();
    assert_eq!(expired.limit(), Limit::Idle);
    let source = expired.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::TimedOut, "by which a stranger knows it");
    assert!(alive.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_compressed_stream_breaks_off_too() {
    let body = Slow::new().then(secs(1), "gzip").endless();
    let answer = Response::builder().header("content-type", SSE).header("content-encoding", "gzip");
    let mut answer = Some(answer.body(Body::new(body)).unwrap());
    let provider = service_fn(move |_: Request<Body>| {
        let answer = answer.take().unwrap();
        async move { Ok::<_, BoxError>(answer) }
    });
    let layer = layer(Limits::none().idle(secs(10)));
    let mut response = layer.layer(provider).oneshot(chat()).await.unwrap();
    let got = read(response.body_mut(), Instant::now()).await;
    assert_eq!(got.len(), 2);
    assert!(got[1].what.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_may_end_in_one_event_more_announces_no_length() {
    let layer = layer(Limits::none().idle(secs(10)));
    for (kind, kept) in [(SSE, false), ("application/json", true)] {
        let provider = service_fn(move |_: Request<Body>| {
            let answer = Response::builder().header("content-type", kind).header("content-length", WORD.len());
            let answer = answer.body(Body::new(Slow::new().then(secs(1), WORD))).unwrap();
            async move { Ok::<_, BoxError>(answer) }
        });
        let response = layer.layer(provider).oneshot(chat()).await.unwrap();
        assert_eq!(response.headers().contains_key("content-length"), kept, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_memory_stays_what_it_is() {
    let provider = service_fn(async |_: Request<Body>| {
        let mut body = Body::from(r#"{"choices":[]}"#);
        body.object(&json::Limits::DEFAULT).await?;
        Ok::<_, BoxError>(Response::new(body))
    });
    let response = TimeoutLayer::default().layer(provider).oneshot(chat()).await.unwrap();
    assert!(response.body().as_object().is_some(), "what one layer has split the next finds split");
}

#[tokio::test(start_paused = true)]
async fn limits_may_depend_on_the_request() {
    let layer = layer(Limits::none().first_byte(secs(10))).limits_for(|request| {
        let deployment = request.extensions.get::<Deployment>()?;
        (deployment.provider() == "slow").then(|| Limits::none().first_byte(secs(100)))
    });
    for (provider, status) in [(None, 504), (Some("fast"), 504), (Some("slow"), 200)] {
        let mut request = chat();
        if let Some(provider) = provider {
            request.extensions_mut().insert(Deployment::new("d", provider, "m"));
        }
        assert_eq!(answer(&layer, request, secs(50), SSE, Slow::new()).await.status(), status, "{provider:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model_has_no_limits_unless_all_have() {
    let layer = layer(Limits::none().first_byte(secs(10)).idle(secs(10)));
    let files = || Request::get("/v1/files").body(Body::empty()).unwrap();
    let body = || Slow::new().then(secs(99), WORD);
    let start = Instant::now();
    let mut response = answer(&layer, files(), secs(99), SSE, body()).await;
    assert_eq!(last(&read(response.body_mut(), start).await), (198_000, WORD));

    let layer = layer.all_requests(true);
    assert_eq!(answer(&layer, files(), secs(99), SSE, body()).await.status(), 504);
    let mut response = answer(&layer, files(), secs(9), SSE, body()).await;
    let got = read(response.body_mut(), start).await;
    assert!(got[0].what.is_err(), "the shape of its errors is not known");
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_ends() {
    let start = Instant::now();
    let body = Slow::new().then(secs(1 << 20), COMMENT).then(secs(1 << 20), WORD);
    let mut response = answer(&layer(Limits::none()), chat(), secs(1 << 20), SSE, body).await;
    assert_eq!(last(&read(response.body_mut(), start).await).0, (3 << 20) * 1000);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_first_word_sees_a_504_of_the_providers() {
    let layer = layer(Limits::none().first_token(secs(60)));
    let greetings = [
        ("/v1/chat/completions", ROLE),
        ("/v1/messages", "event: message_start\ndata: {\"type\":\"message_start\"}\n\n"),
        ("/v1/responses", "event: response.created\ndata: {\"type\":\"response.created\"}\n\n"),
    ];
    for (path, greeting) in greetings {
        for body in [Slow::new().endless(), Slow::new().then(millis(59_500), greeting).endless()] {
            let start = Instant::now();
            let mut response = answer(&layer, post(path), secs(0), SSE, body).await;
            opening::open(&mut response, &opening::Hold::default()).await;
            assert_eq!((response.status().as_u16(), start.elapsed()), (504, secs(60)), "{path}");
            assert_eq!(FailureKind::of(&response), Some(FailureKind::Timeout), "{path}");
        }
    }
}
