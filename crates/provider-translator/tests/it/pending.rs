//! Answers that come later: NVIDIA's 202, and the id by which the answer is asked for.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, Method, Request, Response};
use llm_layers_core::{Body, BoxError, Secret};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};

const ID: &str = "771011d8-97ab-42ba-a7de-47104520e031";

/// What was asked upstream: how, where, by whom, and how long after the first.
type Asked = Vec<(Method, String, HeaderMap, Duration)>;

fn nvidia() -> Provider {
    let provider = Provider::known("nvidia").expect("it is known");
    provider.with_key(&Secret::new("nvapi-1")).expect("a key")
}

/// Asks, where these are the answers; the last one is given for ever.
async fn ask(provider: Provider, stream: bool, answers: Vec<(u16, HeaderMap, Value)>) -> (Asked, u16, String) {
    let asked = Arc::new(Mutex::new(Asked::new()));
    let (noted, start) = (Arc::clone(&asked), Instant::now());
    let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
    let upstream = service_fn(move |request: Request<Body>| {
        let (noted, answers) = (Arc::clone(&noted), Arc::clone(&answers));
        async move {
            let (head, mut body) = request.into_parts();
            let length = body.bytes(1 << 20).await?.len();
            assert_eq!(length == 0, head.method == Method::GET);
            noted.lock().expect("whole").push((head.method, head.uri.to_string(), head.headers, start.elapsed()));
            let mut answers = answers.lock().expect("whole");
            let (status, headers, body) = match answers.len() {
                1 => answers[0].clone(),
                _ => answers.pop_front().expect("an answer"),
            };
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = status.try_into()?;
            *response.headers_mut() = headers;
            response.headers_mut().insert("content-type", "application/json".parse()?);
            Ok::<_, BoxError>(response)
        }
    });
    let body = json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]});
    let request = Request::post("/v1/chat/completions").header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let response = TranslatorLayer::new(provider).layer(upstream).oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().bytes(1 << 20).await.expect("a body");
    let asked = std::mem::take(&mut *asked.lock().expect("whole"));
    (asked, status, String::from_utf8_lossy(&body).into_owned())
}

fn later(headers: &[(&'static str, &str)]) -> (u16, HeaderMap, Value) {
    let headers = headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
    (202, headers.collect(), json!({"requestId": ID, "status": "pending-evaluation"}))
}

fn done() -> (u16, HeaderMap, Value) {
    let choice = json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}});
    (
        200,
        HeaderMap::new(),
        json!({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}),
    )
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_for_until_it_is_there() {
    let pending = later(&[("nvcf-reqid", ID)]);
    let slow = later(&[("nvcf-reqid", ID), ("retry-after", "7")]);
    let hour = later(&[("nvcf-reqid", ID), ("retry-after", "3600")]);
    for stream in [false, true] {
        let answers = vec![pending.clone(), slow.clone(), hour.clone(), done()];
        let (asked, status, body) = ask(nvidia(), stream, answers).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("Hello"), "{body}");
        assert_eq!(stream, body.ends_with("data: [DONE]\n\n"), "{body}");
        let seconds: Vec<_> = asked.iter().map(|(.., after)| after.as_secs()).collect();
        assert_eq!(seconds, [0, 1, 8, 18], "the provider says how long, within bounds");
        for (method, uri, headers, _) in &asked[1..] {
            assert_eq!((method, uri), (&Method::GET, &format!("https://integrate.api.nvidia.com/v1/status/{ID}")));
            assert_eq!(headers["authorization"], "Bearer nvapi-1");
            assert!(!headers.contains_key("content-length") && !headers.contains_key("content-type"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_an_end_to_it() {
    let (asked, status, body) = ask(nvidia(), false, vec![later(&[("nvcf-reqid", ID)])]).await;
    assert_eq!((asked.len(), status), (61, 504), "{body}");
    assert!(body.contains("upstream_timeout"), "{body}");
    let slow = later(&[("nvcf-reqid", ID), ("retry-after", "10")]);
    let (asked, status, _) = ask(nvidia(), false, vec![slow]).await;
    assert_eq!((asked.len(), status), (31, 504), "five minutes at most");
}

#[tokio::test(start_paused = true)]
async fn what_it_comes_to_is_the_answer() {
    let failed = (422, HeaderMap::new(), json!({"detail": "bad input"}));
    let (_, status, body) = ask(nvidia(), false, vec![later(&[("nvcf-reqid", ID)]), failed]).await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("bad input"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_leads_elsewhere_is_not_followed() {
    for headers in [&[][..], &[("nvcf-reqid", "../keys")], &[("nvcf-reqid", "")], &[("nvcf-reqid", "a?b")]] {
        let (asked, status, body) = ask(nvidia(), false, vec![later(headers), done()]).await;
        assert_eq!((asked.len(), status), (1, 502), "{body}");
        assert!(body.contains("upstream_protocol_error"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn others_say_202_for_reasons_of_their_own() {
    let provider = Provider::openai("https://a.example/v1").expect("a URL");
    let (asked, status, _) = ask(provider, false, vec![later(&[("nvcf-reqid", ID)]), done()]).await;
    assert_eq!((asked.len(), status), (1, 202));
}
