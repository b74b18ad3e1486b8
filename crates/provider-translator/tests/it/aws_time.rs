//! Calls that AWS refuses for the time they were signed at, or for credentials that are over: the next one is right.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, future},
};
use http::{Request, Response};
use llm_layers_core::{Body, BoxError, Clock};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

/// Credentials that are others each time.
#[derive(Debug)]
struct Rotating(AtomicU32);

impl ProvideCredentials for Rotating {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let time = self.0.fetch_add(1, Ordering::SeqCst);
        future::ProvideCredentials::ready(Ok(Credentials::new(format!("AKID{time}"), "secret", None, None, "test")))
    }
}

/// 2026-11-21 06:50:00 UTC, by the clock here.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_243_800)
}

/// Calls twice, and is refused the first time: the status and error of both, and how they were signed.
async fn twice(name: &'static str, message: &'static str, date: &'static str) -> ([(u16, Value); 2], Vec<String>) {
    let signed = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&signed);
    let upstream = service_fn(move |request: Request<Body>| {
        let noted = Arc::clone(&noted);
        async move {
            let text =
                |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let mut noted = noted.lock().expect("whole");
            noted.push(format!("{} {}", text("x-amz-date"), text("authorization")));
            let response = Response::builder().header("date", date).header("content-type", "application/json");
            Ok::<_, BoxError>(if noted.len() == 1 {
                let response = response.status(403).header("x-amzn-errortype", name);
                response.body(Body::from(json!({"message": message}).to_string()))?
            } else {
                let answer = json!({"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, "stopReason": "end_turn", "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}});
                response.body(Body::from(answer.to_string()))?
            })
        }
    });
    let provider = Provider::bedrock("us-east-1").and_then(|made| made.with_credentials(Rotating(AtomicU32::new(0))));
    let layer = TranslatorLayer::new(provider.expect("a provider")).clock(Clock::starting_at(now()));
    let service = layer.layer(upstream);
    let call = || async {
        let body = json!({"model": "amazon.nova-lite-v1:0", "messages": [{"role": "user", "content": "Hi"}]});
        let request = Request::post("/v1/chat/completions").body(Body::from(body.to_string())).expect("a request");
        let mut answer = service.clone().oneshot(request).await.expect("an answer");
        let body = answer.body_mut().bytes(1 << 20).await.expect("a body");
        (answer.status().as_u16(), serde_json::from_slice::<Value>(&body).expect("JSON")["error"].take())
    };
    let both = [call().await, call().await];
    let signed = signed.lock().expect("whole").clone();
    (both, signed)
}

#[tokio::test(start_paused = true)]
async fn the_time_there_is_learnt_from_the_refusal() {
    let expired =
        "Signature expired: 20261121T065000Z is now earlier than 20261121T072500Z (20261121T073000Z - 5 min.)";
    let ([first, second], signed) = twice("InvalidSignatureException", expired, "Sat, 21 Nov 2026 07:30:00 GMT").await;
    assert_eq!((first.0, &first.1["code"], &first.1["retryable"]), (503, &json!("upstream_clock_skew"), &json!(true)));
    assert_eq!(first.1["native"]["type"], "InvalidSignatureException");
    assert_eq!(second.0, 200);
    assert!(signed[0].starts_with("20261121T065000Z") && signed[1].starts_with("20261121T073000Z"), "{signed:?}");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_over_are_asked_for_again() {
    let expired = "The security token included in the request is expired";
    let ([first, second], signed) = twice("ExpiredTokenException", expired, "Sat, 21 Nov 2026 06:50:00 GMT").await;
    assert_eq!((first.0, &first.1["code"]), (503, &json!("upstream_credentials_expired")));
    assert_eq!(second.0, 200);
    assert!(signed[0].contains("AKID0/") && signed[1].contains("AKID1/"), "{signed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_stays_one() {
    let wrong = "The request signature we calculated does not match the signature you provided.";
    let ([first, _], _) = twice("InvalidSignatureException", wrong, "Sat, 21 Nov 2026 06:50:00 GMT").await;
    assert_eq!((first.0, &first.1["code"]), (401, &json!("invalid_api_key")));
}
