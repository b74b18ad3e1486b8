//! Waiting for an answer to begin.

use std::{io::Write as _, time::Duration};

use futures_util::{FutureExt, stream};
use http::{HeaderMap, HeaderValue, Response};
use http_body::Body as _;
use llm_layers_core::{
    Body, FailureKind, Rejection,
    opening::{Hold, Opened, open},
};
use llm_layers_testkit::{
    body::{Conformance, Hint, Script, TestBody},
    body_conformance,
    split::Splits,
};
use proptest::prelude::*;
use tokio::time::{Instant, timeout};

const GREETING: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";

fn answer(status: u16, media_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", media_type).body(body.into()).unwrap()
}

fn events(script: Script) -> Response<Body> {
    answer(200, "text/event-stream; charset=utf-8", Body::new(script.hint(Hint::Unknown).body()))
}

fn plain(script: Script) -> Response<Body> {
    answer(200, "application/json", Body::new(script.body()))
}

async fn opened(mut response: Response<Body>) -> Response<Body> {
    open(&mut response, &Hold::default()).await;
    assert!(response.extensions().get::<Opened>().is_some());
    response
}

async fn text(response: &mut Response<Body>) -> String {
    String::from_utf8(response.body_mut().bytes(1 << 24).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn an_error_under_a_status_of_success_is_a_failure() {
    for (body, status) in [
        (r#"{"error":{"message":"busy","type":"overloaded_error"}}"#, 503),
        (r#" { "error" : "out of memory" }"#, 502),
        (r#"{"error":{"message":"m","code":"insufficient_quota"}}"#, 429),
        (r#"{"error":null,"message":"no error"}"#, 200),
        (r#"{"id":"c","error":{"message":"beside an answer"},"choices":[]}"#, 200),
        (r#"{"errors":{"message":"m"}}"#, 200),
    ] {
        let response = opened(answer(200, "application/json", body)).await;
        assert_eq!(response.status(), status, "{body}");
        assert_eq!(FailureKind::of(&response).is_some(), status != 200, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_held_until_its_first_word_and_no_longer() {
    let script = Script::new().data(": hi\n\n").pending().data(GREETING).data(WORD).never();
    let body = script.hint(Hint::Unknown).body();
    let handle = body.handle();
    let mut response = opened(answer(200, "text/event-stream", Body::new(body))).await;
    assert_eq!(handle.frames(), 3, "and what follows is the client's to ask for");
    let frame = std::future::poll_fn(|cx| std::pin::Pin::new(response.body_mut()).poll_frame(cx)).await;
    let data = frame.unwrap().unwrap().into_data().unwrap();
    assert_eq!(data, format!(": hi\n\n{GREETING}{WORD}"));
}

#[tokio::test(start_paused = true)]
async fn wherever_the_wire_cuts_a_stream_it_comes_out_as_it_was() {
    let bytes = format!(": hi\r\n\r\n{GREETING}{WORD}data: [DONE]\n\n");
    for split in Splits::of(bytes.clone()).iter() {
        let script = split.script(true);
        assert_eq!(text(&mut opened(events(script)).await).await, bytes, "{:?}", split.cuts());
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_before_the_first_word_becomes_a_status() {
    for (event, status, kind) in [
        (r#"{"error":{"message":"m","type":"server_error"}}"#, 502, FailureKind::Upstream),
        (r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#, 429, FailureKind::RateLimit),
        (r#"{"error":{"message":"m","code":"insufficient_quota"}}"#, 429, FailureKind::Quota),
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, 503, FailureKind::Overloaded),
        (r#"{"error":{"message":"m","type":"invalid_request_error"}}"#, 400, FailureKind::BadRequest),
        (r#"{"error":{"message":"m","code":"made up"}}"#, 502, FailureKind::Upstream),
    ] {
        let script = Script::new().data(GREETING).data(format!("data: {event}\n\n")).data(WORD);
        let mut response = events(script);
        response.headers_mut().insert("x-request-id", HeaderValue::from_static("r1"));
        let mut response = opened(response).await;
        assert_eq!((response.status().as_u16(), FailureKind::of(&response)), (status, Some(kind)), "{event}");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["x-request-id"], "r1", "what the provider said is kept");
        let text = text(&mut response).await;
        assert!(text.starts_with(r#"{"error":{"message":"m","type":""#) && !text.contains(r#""type":"""#), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_behind_the_first_word_passes() {
    let bytes = format!("{WORD}data: {{\"error\":{{\"message\":\"m\"}}}}\n\n");
    let mut response = opened(events(Script::new().data(bytes.clone()))).await;
    assert_eq!((response.status().as_u16(), FailureKind::of(&response)), (200, None));
    assert_eq!(text(&mut response).await, bytes);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_off_before_it_begins_is_no_answer() {
    for response in [
        events(Script::new().error("reset")),
        events(Script::new().data(GREETING).error("reset")),
        events(Script::new().data(GREETING).data("data: {\"choi").error("reset")),
        // The end of a connection without a length is no error to anybody.
        events(Script::new()),
        events(Script::new().data(": hi\n\n").data(GREETING)),
        plain(Script::new().error("reset")),
        plain(Script::new().data(r#"{"choices":["#).error("reset")),
    ] {
        let response = opened(response).await;
        assert_eq!(response.status(), 502);
        assert_eq!(FailureKind::of(&response), Some(FailureKind::Unreachable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_greets_is_let_go_after_a_second() {
    let start = Instant::now();
    let mut response = opened(events(Script::new().data(": hi\n\n").never())).await;
    assert_eq!((start.elapsed(), response.status().as_u16()), (Duration::from_secs(1), 200));
    let frame = std::future::poll_fn(|cx| std::pin::Pin::new(response.body_mut()).poll_frame(cx)).await;
    assert_eq!(frame.unwrap().unwrap().into_data().unwrap(), ": hi\n\n");

    let mut silent = events(Script::new().never());
    let waited = timeout(Duration::from_secs(3600), open(&mut silent, &Hold::default())).await;
    assert!(waited.is_err(), "a stream that says nothing at all is waited for: timeouts are another layer's");
}

#[tokio::test(start_paused = true)]
async fn what_is_held_is_bounded() {
    // By events, and by bytes.
    for (event, most) in [(": hi\n\n".to_owned(), 33), (format!(": {}\n\n", "x".repeat(200 << 10)), 7)] {
        let script = (0..100).fold(Script::new(), |script, _| script.data(event.clone()));
        let body = script.hint(Hint::Unknown).body();
        let handle = body.handle();
        let _held = opened(answer(200, "text/event-stream", Body::new(body))).await;
        assert!(handle.frames() <= most, "{}", handle.frames());
    }
    let body = (0..100).fold(Script::new(), |script, _| script.data(vec![b' '; 100 << 10]));
    let body = body.hint(Hint::Unknown).body();
    let handle = body.handle();
    let _held = opened(answer(200, "application/json", Body::new(body))).await;
    assert_eq!(handle.frames(), 11, "1 MiB and a frame");
    // Nobody is helped by a part of what is known to be longer.
    let body = (0..100).fold(Script::new(), |script, _| script.data(vec![b' '; 100 << 10])).body();
    let handle = body.handle();
    let _held = opened(answer(200, "application/json", Body::new(body))).await;
    assert_eq!(handle.frames(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plain_answer_comes_out_as_it_was() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-end", HeaderValue::from_static("1"));
    let mut response = opened(plain(Script::new().data("{").pending().data("").data("}").trailers(trailers))).await;
    assert_eq!(text(&mut response).await, "{}");
    // In one piece it is not copied, and can be had once more.
    let whole = opened(plain(Script::new().data(r#"{"a":1}"#))).await;
    assert!(whole.body().try_clone().is_some());
    assert_eq!(whole.body().content_length(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn errors_tell_their_kind() {
    let quota = r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    for (status, body, kind) in [
        (429, quota, FailureKind::Quota),
        (429, r#"{"error":{"message":"m","type":"requests"}}"#, FailureKind::RateLimit),
        // Another status than the words': the status holds.
        (500, quota, FailureKind::Upstream),
        (503, "<html>", FailureKind::Overloaded),
        (404, "", FailureKind::NotFound),
    ] {
        for script in [Script::new().data(body), Script::new().data(body).hint(Hint::Unknown)] {
            let mut response = opened(answer(status, "application/json", Body::new(script.body()))).await;
            assert_eq!((response.status().as_u16(), FailureKind::of(&response)), (status, Some(kind)), "{body}");
            assert_eq!(text(&mut response).await, body);
        }
    }
}

fn gzip(plain: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_compressed_error_tells_its_kind_and_passes_as_it_is() {
    let quota = r#"{"error":{"message":"m","code":"insufficient_quota","details":[{"retryDelay":"37s"}]}}"#;
    for (status, encoding, body, kind) in [
        (429, "gzip", gzip(quota), FailureKind::Quota),
        (200, "gzip", gzip(quota), FailureKind::Quota),
        (429, "br", gzip(quota), FailureKind::RateLimit),
        (429, "gzip", b"none".to_vec(), FailureKind::RateLimit),
        // A bomb is not unpacked.
        (429, "gzip", gzip(&format!("{quota}{}", " ".repeat(1 << 20))), FailureKind::RateLimit),
    ] {
        let mut response = answer(status, "application/json", body.clone());
        response.headers_mut().insert("content-encoding", HeaderValue::from_static(encoding));
        let mut response = opened(response).await;
        assert_eq!((response.status().as_u16(), FailureKind::of(&response)), (429, Some(kind)), "{encoding} {status}");
        assert_eq!(response.headers().contains_key("retry-after"), kind == FailureKind::Quota);
        if status == 429 {
            assert_eq!(response.body_mut().bytes(1 << 20).await.unwrap(), body);
        }
    }
    // An answer stays compressed.
    let mut response = answer(200, "application/json", gzip(r#"{"choices":[]}"#));
    response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    let mut response = opened(response).await;
    assert_eq!(response.body_mut().bytes(99).await.unwrap(), gzip(r#"{"choices":[]}"#));
}

#[tokio::test(start_paused = true)]
async fn lines_of_json_are_not_waited_for() {
    for media_type in ["application/jsonl", "application/json-seq", "text/event-streams"] {
        let start = Instant::now();
        let body = Body::new(Script::new().data("{}\n").never().hint(Hint::Unknown).body());
        let opened = timeout(Duration::from_secs(9), opened(answer(200, media_type, body))).await;
        assert!(opened.is_ok() && start.elapsed().is_zero(), "{media_type}");
    }
    for media_type in ["application/json;charset=utf-8", "Application/JSON ; x=y"] {
        let opened = opened(answer(200, media_type, r#"{"error":"busy"}"#)).await;
        assert_eq!(opened.status(), 502, "{media_type}");
    }
}

/// Some servers answer a request for a stream by a plain answer, and call it a stream.
#[tokio::test(start_paused = true)]
async fn a_plain_answer_that_is_called_a_stream_is_what_it_is() {
    let whole = "{\"id\":\"c\",\n\"choices\":[]}";
    for (body, status) in [
        (whole, 200),
        (r#"{"error":{"message":"m","type":"overloaded_error"}}"#, 503),
        (r#"{"error":{"message":"m","code":"insufficient_quota"}}"#, 429),
        (r#"{"id":"c","choices":["#, 502),
        ("<html>", 502),
    ] {
        let mut response = opened(events(Script::new().data(body))).await;
        assert_eq!(response.status(), status, "{body}");
        if status == 200 {
            assert_eq!(text(&mut response).await, body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_waited_for_but_not_for_long() {
    let start = Instant::now();
    let script = Script::new().data(r#"{"error":"#).gate().data("0}").hint(Hint::Unknown);
    let body = script.body();
    let handle = body.handle();
    let mut response = opened(answer(500, "application/json", Body::new(body))).await;
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    handle.open();
    assert_eq!(text(&mut response).await, r#"{"error":0}"#, "what was read is kept");

    let mut cut = answer(503, "application/json", Body::new(Script::new().data("{").error("reset").body()));
    cut.headers_mut().insert("retry-after", HeaderValue::from_static("9"));
    let mut cut = opened(cut).await;
    assert_eq!((cut.status().as_u16(), FailureKind::of(&cut)), (503, Some(FailureKind::Overloaded)));
    assert_eq!(cut.headers()["retry-after"], "9");
    assert!(text(&mut cut).await.starts_with(r#"{"error":{"message":"The provider's error broke off."#));

    let long = Script::new().data(vec![b'x'; 40 << 10]).data(vec![b'x'; 40 << 10]).data(vec![b'x'; 40 << 10]);
    let body = long.hint(Hint::Unknown).body();
    let handle = body.handle();
    let mut long = opened(answer(500, "text/html", Body::new(body))).await;
    assert_eq!(handle.frames(), 2);
    assert_eq!(text(&mut long).await.len(), 120 << 10);
}

#[tokio::test(start_paused = true)]
async fn when_to_try_again_is_told_in_the_headers() {
    let error = r#"{"error":{"code":429,"message":"m","details":[{"retryDelay":"37s"}]}}"#;
    let response = opened(answer(429, "application/json", error.to_owned())).await;
    assert_eq!(response.headers()["retry-after"], "37");
    let mut known = answer(429, "application/json", error.to_owned());
    known.headers_mut().insert("retry-after", HeaderValue::from_static("5"));
    assert_eq!(opened(known).await.headers()["retry-after"], "5");
    let in_a_stream = opened(events(Script::new().data(format!("data: {error}\n\n")))).await;
    assert_eq!(in_a_stream.headers()["retry-after-ms"], "37000");
}

#[tokio::test(start_paused = true)]
async fn what_is_none_of_its_business_is_not_read() {
    let refusal = || {
        let mut response = answer(429, "application/json", Body::new(Script::new().never().body()));
        response.extensions_mut().insert(Rejection::Limited);
        response
    };
    for response in [
        answer(200, "text/html", Body::new(Script::new().never().body())),
        answer(302, "application/json", Body::new(Script::new().never().body())),
        refusal(),
    ] {
        let start = Instant::now();
        let status = response.status();
        assert_eq!(opened(response).await.status(), status);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
    let mut twice = opened(events(Script::new().data(WORD))).await;
    *twice.body_mut() = Body::new(Script::new().never().body());
    let _once = opened(twice).await;
}

/// A body whose beginning has been read, as far as that goes without waiting.
fn begun(body: TestBody) -> Body {
    let mut body = Body::new(body);
    match body.read_ahead(1).now_or_never() {
        Some(Err(error)) => Body::from_events(stream::iter([Err(error)])),
        _ => body,
    }
}
body_conformance!(begun = Conformance::new(begun));

proptest! {
    #[test]
    fn a_body_read_ahead_comes_out_as_it_was(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
        max in 0_usize..200,
        known in any::<bool>(),
    ) {
        let whole = frames.concat();
        let script: Script = frames.into_iter().collect();
        let script = if known { script } else { script.hint(Hint::Unknown) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut body = Body::new(script.body());
        runtime.block_on(body.read_ahead(max)).unwrap();
        prop_assert!(body.try_clone().is_some() || whole.len() > max);
        prop_assert_eq!(&runtime.block_on(body.bytes(1 << 20)).unwrap()[..], &whole[..]);
    }
}
