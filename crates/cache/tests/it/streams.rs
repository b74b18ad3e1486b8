//! Equal calls at the same time.

use std::{convert::Infallible, future::poll_fn, pin::Pin, task::Poll, time::Duration};

use futures_util::{future::join_all, stream};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as _;
use llm_layers_cache::CacheLayer;
use llm_layers_core::{Body, BoxError};
use llm_layers_wire::sse::Event;
use serde_json::json;
use tokio::time::sleep;
use tower::ServiceExt;

use crate::support::{Model, ask, events, json_response, over, plain, send, with};

/// The events of a stream, one each 10 ms, after 10 ms.
fn paced(text: &str) -> Response<Body> {
    let all = events(text);
    let each: Vec<_> = all.split_terminator("\n\n").map(|event| event["data: ".len()..].to_owned()).collect();
    let paced = stream::unfold(each.into_iter(), async |mut each| {
        sleep(Duration::from_millis(10)).await;
        Some((Ok::<_, BoxError>(Event::new(each.next()?)), each))
    });
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::from_events(paced)).unwrap()
}

/// Polls once.
async fn once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

fn model() -> Model {
    Model::new(|count, request| {
        let text = format!("answer {count} in some words");
        if request["stream"] == true { paced(&text) } else { plain(&text) }
    })
}

/// A model that takes a moment to begin.
fn late(
    model: &Model,
) -> impl tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + use<>
{
    let model = model.clone();
    tower::service_fn(move |request| {
        let model = model.clone();
        async move {
            sleep(Duration::from_millis(5)).await;
            model.oneshot(request).await
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_thousand_equal_streams_are_one_call_and_all_get_every_byte() {
    let (layer, model) = (CacheLayer::default(), model());
    let service = over(&layer, model.clone());
    let usage = json!({ "stream": true, "stream_options": { "include_usage": true } });
    // Some join before the head is there, some at each event.
    let call = async |number: u64| {
        sleep(Duration::from_micros(number * 60)).await;
        send(&service, ask("Hi", &usage)).await
    };
    let answers = join_all((0..1000).map(call)).await;
    assert_eq!(model.calls(), 1);
    let first = answers.iter().find(|answer| answer.outcome() == "miss").expect("one has asked");
    assert_eq!(first.body, events("answer 1 in some words"));
    assert_eq!(answers.iter().filter(|answer| answer.outcome() == "coalesced").count(), 999);
    for other in answers.iter().filter(|answer| answer.outcome() == "coalesced") {
        assert_eq!(other.body, first.body.replace("\"cost\":0.25", "\"cost\":0"), "the same, for nothing");
        assert_eq!(other.told("x-llm-cost-usd"), Some("0"));
    }
    assert_eq!(send(&service, ask("Hi", &usage)).await.outcome(), "hit");
    assert_eq!(layer.handle().stats().coalesced, 999);
}

#[tokio::test(start_paused = true)]
async fn plain_and_streaming_calls_share_one_too() {
    for first_streams in [true, false] {
        let model = Model::new(|_, request| if request["stream"] == true { paced("a b") } else { plain("a b") });
        let service = over(&CacheLayer::default(), late(&model));
        let streams = [first_streams, true, false];
        let answers = join_all(streams.map(|stream| send(&service, ask("Hi", &json!({ "stream": stream }))))).await;
        for (answer, stream) in answers.iter().zip(streams) {
            assert_eq!(answer.text(), "a b");
            assert_eq!(answer.body.starts_with("data:"), stream);
        }
        assert_eq!(model.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_hangs_up_is_replaced() {
    // Before the head, and at each event.
    for frames in 0..9 {
        let model = model();
        let service = over(&CacheLayer::default(), late(&model));
        let streaming = || ask("Hi", &json!({ "stream": true }));
        let mut leader = Box::pin(service.clone().oneshot(streaming()));
        let follower = send(&service, streaming());
        let mut follower = Box::pin(follower);
        assert!(once(leader.as_mut()).await.is_pending());
        if frames > 0 {
            let Ok(response) = leader.await;
            let mut body = response.into_body();
            assert!(once(follower.as_mut()).await.is_pending());
            for _ in 1..frames {
                poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.expect("an event").expect("whole");
            }
            drop(body);
        } else {
            assert!(once(follower.as_mut()).await.is_pending());
            drop(leader);
        }
        let answer = follower.await;
        assert_eq!((answer.text(), model.calls()), ("answer 1 in some words".to_owned(), 1), "{frames}");
        assert_eq!(send(&service, streaming()).await.outcome(), "hit");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_is_dropped_and_not_kept() {
    let model = model();
    let service = over(&CacheLayer::default(), model.clone());
    let streaming = || ask("Hi", &json!({ "stream": true }));
    let Ok(response) = service.clone().oneshot(streaming()).await;
    drop(response);
    assert_eq!((send(&service, streaming()).await.outcome(), model.calls()), ("miss", 2));
}

#[tokio::test(start_paused = true)]
async fn errors_are_shared_with_those_who_wait_and_with_nobody_else() {
    let model = Model::new(|count, _| {
        let mut response = json_response(&json!({ "error": { "message": format!("no {count}"), "code": "busy" } }));
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        response
    });
    let service = over(&CacheLayer::default(), late(&model));
    let answers = join_all((0..5).map(|_| send(&service, ask("Hi", &json!({}))))).await;
    assert!(answers.iter().all(|answer| answer.status == 503 && answer.body.contains("no 1")));
    assert_eq!((send(&service, ask("Hi", &json!({}))).await.status, model.calls()), (503, 2));
}

#[tokio::test(start_paused = true)]
async fn who_wants_an_answer_of_their_own_gets_one() {
    let model = model();
    let service = over(&CacheLayer::default(), model.clone());
    let own = || send(&service, with(ask("Hi", &json!({ "stream": true })), "cache-control", "no-cache"));
    let answers = join_all([own(), own()]).await;
    assert_eq!((model.calls(), answers[0].text() == answers[1].text()), (2, false));
    let each = over(&CacheLayer::default().coalesce(false), model.clone());
    join_all([0, 1].map(|_| send(&each, ask("Ho", &json!({ "stream": true }))))).await;
    assert_eq!(model.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_error_from_below_goes_to_whoever_asked_and_the_others_ask_themselves() {
    let failing = tower::service_fn(async |_: Request<Body>| {
        sleep(Duration::from_millis(5)).await;
        Err::<Response<Body>, BoxError>("gone".into())
    });
    let service = over(&CacheLayer::default(), failing);
    let calls = (0..3).map(|_| service.clone().oneshot(ask("Hi", &json!({}))));
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap_err().to_string(), "gone");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_told_again_keeps_its_pace() {
    let service = over(&CacheLayer::default().pace(Duration::from_millis(20)).piece_chars(1), Model::counting());
    send(&service, ask("Hi", &json!({}))).await;
    let began = tokio::time::Instant::now();
    let answer = send(&service, ask("Hi", &json!({ "stream": true }))).await;
    let events = u32::try_from(answer.body.matches("data: ").count()).unwrap();
    assert!(events > 8, "{}", answer.body);
    assert_eq!(began.elapsed(), Duration::from_millis(20) * (events - 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_off_breaks_off_for_all() {
    let model = Model::new(|_, _| {
        let broken =
            stream::iter([Ok(Event::new(r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#)), Err("gone".into())]);
        Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::from_events(broken)).unwrap()
    });
    let service = over(&CacheLayer::default(), model.clone());
    let streaming = || service.clone().oneshot(ask("Hi", &json!({ "stream": true })));
    let answers = join_all([streaming(), streaming()]).await;
    for answer in answers {
        let Ok::<_, Infallible>(response) = answer;
        assert!(response.into_body().bytes(9999).await.is_err());
    }
    let plain = send(&service, ask("Hi", &json!({}))).await;
    assert_eq!((plain.status, model.calls()), (502, 2), "a stream in answer to a plain call, and it broke off");
}

#[tokio::test(start_paused = true)]
async fn who_joins_a_stream_that_cannot_be_put_together_makes_a_call_of_their_own() {
    // No `finish_reason`: nobody knows whether that is all.
    let model = Model::new(|_, request| {
        if request["stream"] == true {
            let all = ["{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}", "[DONE]"];
            let body = Body::from_events(stream::iter(all.map(|data| Ok(Event::new(data)))));
            return Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body).unwrap();
        }
        plain("whole")
    });
    let service = over(&CacheLayer::default(), late(&model));
    let [streaming, whole] = [true, false].map(|stream| send(&service, ask("Hi", &json!({ "stream": stream }))));
    let (streaming, whole) = futures_util::future::join(streaming, whole).await;
    assert_eq!((streaming.status, whole.status, whole.text()), (200, 200, "whole".to_owned()));
    assert_eq!((whole.outcome(), model.calls()), ("miss", 2));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_the_caller_is_for_the_caller_alone() {
    let model = Model::new(|count, _| {
        let mut response = plain("the same for all");
        for (name, value) in [("set-cookie", "sid=first"), ("x-request-id", "req_1"), ("openai-organization", "org")] {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        if count == 1 {
            response = json_response(&json!({ "error": { "message": "You exceeded your budget.", "code": "budget" } }));
            *response.status_mut() = http::StatusCode::PAYMENT_REQUIRED;
        }
        response
    });
    let service = over(&CacheLayer::default().shared(), late(&model));
    let calls = || join_all(["a", "b"].map(|key| send(&service, with(ask("Hi", &json!({})), "authorization", key))));
    let answers = calls().await;
    assert_eq!((answers[0].status, answers[1].status, answers[1].outcome()), (402, 200, "miss"));
    let answers = calls().await;
    assert_eq!(answers[0].told("set-cookie"), Some("sid=first"));
    assert_eq!((answers[1].outcome(), answers[1].text()), ("coalesced", "the same for all".to_owned()));
    for name in ["set-cookie", "x-request-id", "openai-organization"] {
        assert_eq!(answers[1].told(name), None, "{name}");
    }
    assert_eq!(answers[1].told("x-llm-cache-saved-usd"), Some("0.25"));
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_once_it_is_over_leaves_a_whole_answer() {
    let model = model();
    let service = over(&CacheLayer::default(), model.clone());
    let Ok(response) = service.clone().oneshot(ask("Hi", &json!({ "stream": true }))).await;
    let mut body = response.into_body();
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.expect("an event").expect("whole");
        if frame.into_data().is_ok_and(|data| data.ends_with(b"[DONE]\n\n")) {
            break;
        }
    }
    drop(body);
    assert_eq!(send(&service, ask("Hi", &json!({}))).await.outcome(), "hit");
}
