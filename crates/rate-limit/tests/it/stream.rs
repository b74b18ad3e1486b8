//! What an answer uses until its end, however it ends.

#![allow(clippy::disallowed_methods, reason = "helpers of tests are tests, and may spawn")]

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::poll_fn;
use http::{Request, Response};
use http_body::Body as _;
use llm_layers_core::{Body, BoxError};
use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule};
use llm_layers_testkit::body::Script;
use proptest::prelude::*;
use tower::{Layer, ServiceExt};

use crate::support::{chat, events, header, json, levels, over, send, text, usage};

const SAID: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"12345678\"}}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn layer() -> RateLimitLayer {
    RateLimitLayer::new().rule(Rule::per_caller(Limits::new().tokens_per_minute(6000).concurrent(1)))
}

/// The next frame, if there is one.
async fn frame(body: &mut Body) -> Option<Result<(), BoxError>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await.map(|frame| frame.map(drop))
}

/// What is left of 6,000 tokens for the next call, which itself counts for nothing.
async fn left(layer: &RateLimitLayer) -> Option<u64> {
    let answer = send(
        &over(layer, |_| json(usage(0))),
        Request::post("/v1/chat/completions").body(Body::from(r#"{"max_tokens":0}"#)).unwrap(),
    )
    .await;
    (answer.status() == 200).then(|| levels(&answer, "tokens").unwrap().1)
}

/// An answer to a call that reserves 100 tokens of prompt and 900 of answer.
async fn begin(layer: &RateLimitLayer, script: Script) -> Response<Body> {
    let answer = send(&over(layer, move |_| events(&script)), chat(100, 900)).await;
    assert_eq!(levels(&answer, "tokens").unwrap().1, 5000);
    answer
}

#[tokio::test(start_paused = true)]
async fn usage_at_the_end_of_a_stream() {
    let layer = layer();
    let script = Script::new().data(SAID).data(format!("data: {}\n\n", usage(250))).data(DONE);
    let mut answer = begin(&layer, script.clone()).await;
    assert_eq!(left(&layer).await, None, "it runs: no other may");
    assert_eq!(text(&mut answer).await.as_bytes(), script.whole(), "byte for byte");
    assert_eq!(left(&layer).await, Some(5750));
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_usage_counts_by_what_it_said() {
    let layer = layer();
    let mut answer = begin(&layer, Script::new().data(SAID).data(SAID).data(DONE)).await;
    text(&mut answer).await;
    assert_eq!(left(&layer).await, Some(6000 - 100 - 4));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_frees_its_place_at_once_and_pays_for_what_it_saw() {
    let layer = layer();
    let script = Script::new().data(SAID).data(SAID).data(SAID).never();
    let mut answer = begin(&layer, script).await;
    frame(answer.body_mut()).await.unwrap().unwrap();
    assert_eq!(left(&layer).await, None);
    drop(answer);
    assert_eq!(left(&layer).await, Some(6000 - 100 - 6));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_costs_the_prompt() {
    let layer = layer();
    drop(begin(&layer, Script::new().data(SAID).data(DONE)).await);
    assert_eq!(left(&layer).await, Some(5900));
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_before_its_answer_costs_the_prompt() {
    let layer = layer();
    let never =
        layer.layer(tower::service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, BoxError>>()));
    let call = never.oneshot(chat(100, 900));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(1), call).await.is_err());
    assert_eq!(left(&layer).await, Some(5900));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_or_fails() {
    for script in [
        Script::new().data(SAID).error("reset"),
        Script::new().data(SAID).data("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"),
    ] {
        let layer = layer();
        let mut answer = begin(&layer, script).await;
        while frame(answer.body_mut()).await.is_some_and(|frame| frame.is_ok()) {}
        assert_eq!(left(&layer).await, Some(6000 - 100 - 2));
        drop(answer);
        assert_eq!(left(&layer).await, Some(6000 - 100 - 2), "once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_before_it_says_anything_costs_nothing() {
    let errors = [
        "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
        "event: response.failed\ndata: {\"response\":{\"status\":\"failed\"}}\n\n",
    ];
    for error in errors {
        let layer = layer();
        let mut answer = begin(&layer, Script::new().data(error)).await;
        text(&mut answer).await;
        assert_eq!(left(&layer).await, Some(6000), "{error}");
    }
}

/// What the client is shown may be spelt in more bytes than its tokens: behind the last word the usage holds.
#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_behind_the_last_word_pays_what_was_told() {
    let layer = layer();
    let many = "y".repeat(4000);
    let script = Script::new()
        .data(format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{many}\"}}}}]}}\n\n"))
        .data(format!("data: {}\n\n", usage(250)))
        .data(DONE)
        .never();
    let mut answer = begin(&layer, script).await;
    let mut said = Vec::new();
    while !said.ends_with(DONE.as_bytes()) {
        let frame = poll_fn(|cx| Pin::new(answer.body_mut()).poll_frame(cx)).await.unwrap().unwrap();
        said.extend(frame.into_data().unwrap());
    }
    drop(answer);
    assert_eq!(left(&layer).await, Some(5750));
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_failure_holds_its_place_to_its_end() {
    let layer = layer();
    let failing = |_| {
        let body = Body::new(Script::new().data("{").never().body());
        Response::builder().status(500).header("content-type", "application/json").body(body).unwrap()
    };
    let answer = send(&over(&layer, failing), chat(100, 900)).await;
    assert_eq!(left(&layer).await, None, "it runs");
    drop(answer);
    assert_eq!(left(&layer).await, Some(6000));
}

/// Usage that the client has not asked for is asked for, and kept from it.
#[tokio::test(start_paused = true)]
async fn usage_is_asked_for_where_the_client_does_not() {
    const WITH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"12345678\"}}],\"usage\":null}\n\n";
    let ask = r#""stream_options":{"include_usage":true}"#;
    let options = [
        ("", format!(",{ask}"), SAID),
        (r#","stream_options":null"#, format!(",{ask}"), SAID),
        (
            r#","stream_options":{"include_obfuscation":false,"include_usage":false}"#,
            r#","stream_options":{"include_obfuscation":false,"include_usage":true}"#.to_owned(),
            SAID,
        ),
        (&*format!(",{ask}"), format!(",{ask}"), WITH),
        // A layer below tells the cost with it.
        (r#","usage":{"include":true}"#, format!(r#","usage":{{"include":true}},{ask}"#), WITH),
        (r#","usage":{"include":false}"#, format!(r#","usage":{{"include":false}},{ask}"#), SAID),
    ];
    for (asked, expected, seen) in options {
        let layer = layer();
        let messages = "m".repeat(396);
        let request = |options: &str| {
            format!(r#"{{"model":"m","messages":["{messages}"],"max_tokens":900,"stream":true{options}}}"#)
        };
        let expected = request(&expected);
        let upstream = move |request: Request<Body>| {
            assert_eq!(request.headers()["content-length"], expected.len().to_string());
            let sent = request.into_body().as_object().unwrap().to_bytes();
            assert_eq!(sent, expected);
            let script = Script::new().data(WITH).pending().data(format!("data: {}\n\n", usage(250))).data(DONE);
            let mut answer = events(&script);
            answer.headers_mut().insert("content-length", script.whole().len().into());
            answer
        };
        let given = request(asked);
        let call = Request::post("/v1/chat/completions")
            .header("content-length", given.len())
            .body(Body::from(given))
            .unwrap();
        let mut answer = send(&over(&layer, upstream), call).await;
        let told = if seen == WITH { format!("data: {}\n\n", usage(250)) } else { String::new() };
        let left_as_announced = answer.headers().contains_key("content-length");
        assert_eq!(text(&mut answer).await, format!("{seen}{told}{DONE}"));
        assert_eq!(left_as_announced, seen == WITH, "no length is announced where fewer bytes leave");
        assert_eq!(left(&layer).await, Some(5750), "settled by what was told");
    }
}

#[tokio::test(start_paused = true)]
async fn usage_is_asked_for_of_streamed_chats_alone_and_only_where_tokens_count() {
    let none = Limits::new().requests_per_minute(100);
    for (layer, path, body) in [
        (layer(), "/v1/chat/completions", r#"{"messages":[]}"#),
        (layer(), "/v1/chat/completions", r#"{"messages":[],"stream":true,"stream_options":"x"}"#),
        (layer(), "/v1/messages", r#"{"messages":[],"stream":true}"#),
        (layer(), "/v1/responses", r#"{"input":"x","stream":true}"#),
        (layer().ask_for_usage(false), "/v1/chat/completions", r#"{"messages":[],"stream":true}"#),
        (RateLimitLayer::new().rule(Rule::per_caller(none)), "/v1/chat/completions", r#"{"stream":true}"#),
    ] {
        let echo = |request: Request<Body>| json(request.into_body());
        let request = Request::post(path).body(Body::from(body)).unwrap();
        assert_eq!(text(&mut send(&over(&layer, echo), request).await).await, body);
    }
}

#[tokio::test(start_paused = true)]
async fn whole_answers_pass_as_they_come_and_are_read_at_their_end() {
    let whole = |script: Script| move |_| json(Body::new(script.body()));
    let body = usage(250);
    for cut in 0..body.len() {
        let layer = layer();
        let script = Script::new().data(body[..cut].to_owned()).pending().data(body[cut..].to_owned());
        let mut answer = send(&over(&layer, whole(script)), chat(100, 900)).await;
        assert_eq!(text(&mut answer).await, body);
        assert_eq!(left(&layer).await, Some(5750), "cut at {cut}");
    }
    // Without usage, broken off, left unread, or nonsense: it was made before it was sent.
    for (script, read) in [
        (Script::new().data("{}"), true),
        (Script::new().data("not json"), true),
        (Script::new().data(&b"{\"usage\""[..]).error("reset"), true),
        (Script::new().data(body.clone()), false),
    ] {
        let layer = layer();
        let mut answer = send(&over(&layer, whole(script)), chat(100, 900)).await;
        while read && frame(answer.body_mut()).await.is_some_and(|frame| frame.is_ok()) {}
        drop(answer);
        assert_eq!(left(&layer).await, Some(5000));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_split_already_and_one_that_is_too_long() {
    let layer = layer();
    let split = |_| {
        let object = llm_layers_wire::json::Object::parse(usage(250)).unwrap();
        json(Body::from(object))
    };
    let mut answer = send(&over(&layer, split), chat(100, 900)).await;
    text(&mut answer).await;
    assert_eq!(left(&layer).await, Some(5750));

    let long = format!(r#"{{"text":"{}","usage":{{"total_tokens":7}}}}"#, "x".repeat(5 << 20));
    let mut answer = send(&over(&layer, move |_| json(long.clone())), chat(100, 900)).await;
    answer.body_mut().bytes(6 << 20).await.unwrap();
    assert_eq!(left(&layer).await, Some(4750), "what was reserved stays");
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_are_refused_with_a_guess() {
    let layer = RateLimitLayer::new().rule(Rule::global(Limits::new().concurrent(1)));
    let mut answer = send(&over(&layer, |_| events(&Script::new().data(DONE))), chat(1, 1)).await;
    let mut refused = send(&over(&layer, |_| json("{}")), chat(1, 1)).await;
    assert_eq!(header(refused.headers(), "retry-after"), Some("1"));
    assert_eq!(
        text(&mut refused).await,
        r#"{"error":{"message":"Rate limit reached for all callers together on concurrent requests: Limit 1, Used 1, Requested 1. Please try again in 1s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#
    );
    text(&mut answer).await;
    // The last byte frees it, though the body is held still.
    assert_eq!(send(&over(&layer, |_| json("{}")), chat(1, 1)).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_at_once_than_allowed() {
    const LIMIT: usize = 5;
    let layer = RateLimitLayer::new().rule(Rule::global(Limits::new().concurrent(LIMIT as u32)));
    let (running, most, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let upstream = {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        tower::service_fn(move |_: Request<Body>| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let body = Body::new(Script::new().data("x").pending().data("y").body());
                let body = body.on_end(move |_| {
                    running.fetch_sub(1, Ordering::SeqCst);
                });
                Ok::<_, BoxError>(Response::new(body))
            }
        })
    };
    let service = layer.layer(upstream);
    let refused = Arc::new(refused);
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (service, refused) = (service.clone(), Arc::clone(&refused));
            tokio::spawn(async move {
                for turn in 0..50 {
                    let mut answer = service.clone().oneshot(chat(1, 1)).await.unwrap();
                    if answer.status() == 429 {
                        refused.fetch_add(1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                    } else if (task + turn) % 3 > 0 {
                        answer.body_mut().bytes(99).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(running.load(Ordering::SeqCst), 0);
    assert!((1..=LIMIT).contains(&most.load(Ordering::SeqCst)));
    // Nothing has leaked: as many as allowed fit again.
    let mut held = Vec::new();
    for _ in 0..LIMIT {
        held.push(service.clone().oneshot(chat(1, 1)).await.unwrap());
        assert_eq!(held.last().unwrap().status(), 200);
    }
    assert_eq!(service.oneshot(chat(1, 1)).await.unwrap().status(), 429);
}

proptest! {
    /// Wherever the stream is cut, it passes as it came and costs the same.
    #[test]
    fn any_cut_of_a_stream_costs_the_same(cuts in proptest::collection::vec(0..400usize, 0..6)) {
        let whole = format!("{SAID}: ping\n\n{SAID}data: {}\n\n{DONE}", usage(321));
        let mut script = Script::new();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
        cuts.sort_unstable();
        let mut at = 0;
        for cut in cuts.into_iter().chain([whole.len()]) {
            script = script.data(whole[at..cut].to_owned()).pending();
            at = cut;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let layer = layer();
            let mut answer = begin(&layer, script).await;
            assert_eq!(text(&mut answer).await, whole);
            assert_eq!(left(&layer).await, Some(6000 - 321));
        });
    }
}
