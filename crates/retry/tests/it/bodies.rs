//! What is replayed of a request, and what is held back of an answer.

use std::time::Duration;

use http::Request;
use llm_layers_core::{Attempts, Body, Rejection};
use llm_layers_retry::RetryLayer;
use llm_layers_testkit::body::{Hint, Script, TestBody};
use proptest::prelude::*;
use tower::{Layer, ServiceExt};

use crate::support::{DONE, FAILED, GREETING, Outcome, Provider, WORD, attempts, chat, events, plain, read};

fn at_once() -> RetryLayer {
    RetryLayer::new().base_delay(Duration::ZERO).without_budget()
}

fn post(script: Script) -> Request<TestBody> {
    Request::post("/v1/chat/completions").body(script.body()).unwrap()
}

/// The status of the answer, its attempts, and the bodies that a provider has got which fails twice.
async fn sent(layer: RetryLayer, request: Request<TestBody>) -> (u16, Option<u32>, Vec<bytes::Bytes>) {
    let provider = Provider::statuses([503, 503]);
    let response = layer.layer(provider.service()).oneshot(request).await.unwrap();
    let bodies = provider.asked.lock().unwrap().iter().map(|asked| asked.body.clone()).collect();
    (response.status().as_u16(), attempts(&response), bodies)
}

#[tokio::test(start_paused = true)]
async fn up_to_the_limit_a_body_is_replayed_byte_for_byte() {
    for hint in [Hint::Exact, Hint::Unknown] {
        for length in [0, 1, 99, 100] {
            let bytes: Vec<u8> = (0..length).collect();
            let script = bytes.chunks(7).fold(Script::new(), |script, piece| script.data(piece.to_vec()).pending());
            let (status, attempts, bodies) = sent(at_once().max_replay(100), post(script.hint(hint))).await;
            assert_eq!((status, attempts), (200, Some(3)), "{length} {hint:?}");
            assert_eq!(bodies, vec![bytes; 3], "{length} {hint:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_body_is_sent_once_and_as_it_comes() {
    for hint in [Hint::Exact, Hint::Unknown] {
        let script = (0..110).fold(Script::new(), |script, byte: u8| script.data(vec![byte])).hint(hint);
        let (status, attempts, bodies) = sent(at_once().max_replay(100), post(script)).await;
        assert_eq!((status, attempts, bodies), (503, Some(1), vec![(0..110).collect::<Vec<u8>>().into()]), "{hint:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_limit_is_held() {
    for (hint, most) in [(Hint::Exact, 0), (Hint::Unknown, 101)] {
        let body = (0..1000).fold(Script::new(), |script, _| script.data("x")).hint(hint).body();
        let handle = body.handle();
        let service = tower::service_fn(move |_: Request<Body>| {
            assert_eq!(handle.frames(), most);
            std::future::ready(Ok::<_, std::convert::Infallible>(plain(200, &[])))
        });
        let request = Request::post("/v1/chat/completions").body(body).unwrap();
        at_once().max_replay(100).layer(service).oneshot(request).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_never_retried_is_not_read() {
    let body = Script::new().data("{").pending().data("}").hint(Hint::Unknown).body();
    let handle = body.handle();
    let service = tower::service_fn(move |_: Request<Body>| {
        assert_eq!(handle.frames(), 0);
        std::future::ready(Ok::<_, std::convert::Infallible>(plain(200, &[])))
    });
    let request = Request::post("/v1/chat/completions").body(body).unwrap();
    at_once().max_attempts(1).layer(service).oneshot(request).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_in_memory_is_replayed_whatever_its_length() {
    let provider = Provider::statuses([503, 503]);
    let request = Request::post("/v1/chat/completions").body(Body::from(vec![b' '; 1000])).unwrap();
    at_once().max_replay(100).layer(provider.service()).oneshot(request).await.unwrap();
    assert_eq!(provider.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_read_has_its_length_in_the_head() {
    let provider = Provider::new();
    let mut request = post(Script::new().data("12").data("345").hint(Hint::Unknown));
    request.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    at_once().layer(provider.service()).oneshot(request).await.unwrap();
    let asked = provider.asked.lock().unwrap();
    assert_eq!(asked[0].parts.headers["content-length"], "5");
    assert!(!asked[0].parts.headers.contains_key("transfer-encoding"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_the_clients_fault() {
    let provider = Provider::new();
    let request = post(Script::new().data("{").error("reset"));
    let response = at_once().layer(provider.service()).oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), provider.calls()), (400, 0));
    assert_eq!(response.extensions().get(), Some(&Rejection::Invalid));
    assert_eq!(attempts(&response), Some(0), "nothing was attempted");
}

/// The answer when a provider gives these in turn.
async fn answered(answers: Vec<Script>) -> (u16, u32, Vec<u8>, bool) {
    let provider = Provider::answering(answers.into_iter().map(|script| move || Ok(events(script))));
    let response = at_once().layer(provider.service()).oneshot(chat()).await.unwrap();
    let Attempts(attempts) = *response.extensions().get().unwrap();
    assert_eq!(provider.calls(), attempts as usize);
    let status = response.status().as_u16();
    let (body, broken) = read(response.into_body()).await;
    (status, attempts, body, broken)
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_begun_anew_until_its_first_word() {
    let good = || Script::new().data(GREETING).data(WORD).data(DONE);
    let whole = [GREETING, WORD, DONE].concat().into_bytes();
    for bad in [
        Script::new().data(FAILED),
        Script::new().data(GREETING).data(FAILED),
        Script::new().data(": wait\n\n").pending().data(GREETING).pending().data(FAILED),
        Script::new().error("reset"),
        Script::new().data(GREETING).error("reset"),
        Script::new().data(GREETING),
        Script::new().data(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
        ),
    ] {
        assert_eq!(answered(vec![bad.clone(), good()]).await, (200, 2, whole.clone(), false));
        let (status, attempts, _, broken) = answered(vec![bad.clone(), bad.clone(), bad]).await;
        assert!(status >= 502 && attempts == 3 && !broken);
    }
    // Not what would fail again.
    let quota = "data: {\"error\":{\"message\":\"m\",\"code\":\"insufficient_quota\"}}\n\n";
    assert_eq!(answered(vec![Script::new().data(quota), good()]).await.1, 1);
}

#[tokio::test(start_paused = true)]
async fn a_plain_answer_that_breaks_off_is_asked_for_again() {
    let cut = || {
        let mut response = plain(200, &[]);
        *response.body_mut() = Body::new(Script::new().data(r#"{"choices":"#).error("reset").body());
        Ok(response)
    };
    let provider = Provider::new().then(cut);
    let response = at_once().layer(provider.service()).oneshot(chat()).await.unwrap();
    assert_eq!(
        (attempts(&response), read(response.into_body()).await),
        (Some(2), (br#"{"choices":[]}"#.to_vec(), false))
    );
}

proptest! {
    /// Whatever happens behind the first word, nobody is asked again, and the client sees it as it was.
    #[test]
    fn nothing_is_retried_behind_the_first_word(
        steps in proptest::collection::vec(0..7_u8, 0..12),
        retry_first in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let script = steps.iter().fold(Script::new().data(GREETING).data(WORD), |script, step| match step {
            0 => script.data(FAILED),
            1 => script.error("reset"),
            2 => script.data(GREETING),
            3 => script.data("data: {\"choi"),
            4 => script.pending(),
            5 => script.data(DONE),
            _ => script.data(WORD),
        });
        let breaks = steps.contains(&1);
        let expected = script.whole();
        let answer = move || -> Outcome { Ok(events(script)) };
        let provider = if retry_first { Provider::statuses([503]) } else { Provider::new() }.then(answer);
        runtime.block_on(async {
            let response = at_once().layer(provider.service()).oneshot(chat()).await.unwrap();
            assert_eq!(response.status(), 200);
            let (body, broken) = read(response.into_body()).await;
            // A half event that a broken stream ends with is nothing that could be sent on.
            assert!(expected.starts_with(&body), "{body:?}");
            assert!(body.starts_with([GREETING, WORD].concat().as_bytes()));
            assert_eq!(broken, breaks);
            assert!(broken || body.starts_with(&expected));
        });
        prop_assert_eq!(provider.calls(), 1 + usize::from(retry_first));
    }
}
