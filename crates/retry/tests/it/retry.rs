//! What is tried again, how often, and after what wait.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use futures_util::future::join_all;
use http::Request;
use llm_layers_core::{Body, Clock, Deadline, Deployment, FailureKind, Rejection, Rng, Unanswered};
use llm_layers_retry::RetryLayer;
use llm_layers_testkit::metrics::Recorded;
use tokio::time::timeout;
use tower::{Layer, ServiceExt};

use crate::support::{Outcome, Provider, ask, attempts, chat, error, plain};

/// No wait, no budget: what is left is the rules.
fn at_once() -> RetryLayer {
    RetryLayer::new().base_delay(Duration::ZERO).without_budget()
}

async fn calls(layer: &RetryLayer, answer: impl Fn() -> Outcome + Clone + Send + 'static) -> usize {
    let provider = Provider::answering(std::iter::repeat_n(answer, 20));
    let _ = layer.layer(provider.service()).oneshot(chat()).await;
    provider.calls()
}

#[tokio::test(start_paused = true)]
async fn statuses() {
    for status in [408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529] {
        assert_eq!(calls(&at_once(), move || Ok(plain(status, &[]))).await, 3, "{status}");
    }
    for status in [200, 204, 302, 400, 401, 402, 403, 404, 413, 415, 422, 501, 505] {
        assert_eq!(calls(&at_once(), move || Ok(plain(status, &[]))).await, 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn kinds() {
    for kind in FailureKind::ALL {
        let answer = move || {
            let mut response = plain(418, &[]);
            response.extensions_mut().insert(kind);
            Ok(response)
        };
        let expected = match kind {
            FailureKind::Malformed => 2,
            _ if kind.is_retryable() => 3,
            _ => 1,
        };
        assert_eq!(calls(&at_once(), answer).await, expected, "{kind:?}");
        assert_eq!(calls(&at_once().never(kind), answer).await, 1, "{kind:?}");
        let five = at_once().attempts(kind, 5);
        assert_eq!(calls(&five, answer).await, if kind.is_retryable() { 5 } else { 1 }, "{kind:?}");
        assert_eq!(calls(&at_once().max_attempts(1), answer).await, 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn words_in_an_error_tell_what_the_status_does_not() {
    let quota = r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(calls(&at_once(), move || Ok(error(429, quota))).await, 1);
    let limit = r#"{"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}}"#;
    assert_eq!(calls(&at_once(), move || Ok(error(429, limit))).await, 3);
    let context = r#"{"error":{"message":"m","code":"context_length_exceeded"}}"#;
    assert_eq!(calls(&at_once(), move || Ok(error(400, context))).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_layer_below_is_passed_on() {
    for rejection in [Rejection::CircuitOpen, Rejection::Limited, Rejection::TimedOut] {
        let refusal = move || {
            let mut response = plain(503, &[("x-should-retry", "true")]);
            response.extensions_mut().insert(rejection);
            response.extensions_mut().insert(FailureKind::Timeout);
            Ok(response)
        };
        let provider = Provider::new().then(refusal);
        assert_eq!(ask(at_once().layer(provider.service()), chat()).await, (503, Some(0)), "nobody was asked");
        assert_eq!(provider.calls(), 1);
        let provider = Provider::statuses([500]).then(refusal);
        assert_eq!(ask(at_once().layer(provider.service()), chat()).await, (503, Some(1)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_is_called_again_and_its_last_error_passed_on() {
    let failing = |n: u32| move || Err(format!("error {n}").into());
    let provider = Provider::answering((1..9).map(failing));
    let error = at_once().layer(provider.service()).oneshot(chat()).await.expect_err("all fail");
    assert_eq!((error.to_string().as_str(), provider.calls()), ("error 3", 3));
    let provider = Provider::answering((1..3).map(failing));
    assert_eq!(ask(at_once().layer(provider.service()), chat()).await, (200, Some(3)));
    let never = at_once().never(FailureKind::Unreachable);
    assert_eq!(calls(&never, || Err("reset".into())).await, 1);

    let unanswered = || {
        let mut response = plain(502, &[]);
        response.extensions_mut().insert(Unanswered);
        Ok(response)
    };
    assert_eq!(calls(&never, unanswered).await, 1);
    assert_eq!(calls(&never, || Ok(plain(502, &[]))).await, 3, "a provider's own");
}

#[tokio::test(start_paused = true)]
async fn the_provider_says_whether_to_try_again() {
    let told = |status, should| move || Ok(plain(status, &[("x-should-retry", should)]));
    assert_eq!(calls(&at_once(), told(503, "false")).await, 1);
    assert_eq!(calls(&at_once(), told(400, "true")).await, 3);
    assert_eq!(calls(&at_once(), told(402, "true")).await, 1);
    assert_eq!(calls(&at_once(), told(503, "maybe")).await, 3);
    assert_eq!(calls(&at_once(), told(200, "true")).await, 1);
}

#[tokio::test(start_paused = true)]
async fn clients_are_told_not_to_do_it_all_over() {
    let should = async |layer: RetryLayer, status: u16, headers: &'static [(&str, &str)]| {
        let provider = Provider::answering(std::iter::repeat_n(move || Ok(plain(status, headers)), 9));
        let response = layer.layer(provider.service()).oneshot(chat()).await.unwrap();
        response.headers().get("x-should-retry").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(should(at_once(), 503, &[]).await.as_deref(), Some("false"));
    assert_eq!(should(at_once(), 503, &[("x-should-retry", "true")]).await.as_deref(), Some("true"), "the provider's");
    assert_eq!(should(at_once().stops_clients(false), 503, &[]).await, None);
    assert_eq!(should(at_once().budget(0.0, 0), 503, &[]).await.as_deref(), Some("false"));
    // Nothing was tried in vain.
    assert_eq!(should(at_once().never(FailureKind::Overloaded), 503, &[]).await, None);
    assert_eq!(should(at_once(), 429, &[("retry-after", "3600")]).await, None);
    assert_eq!(should(at_once(), 400, &[]).await, None);
    assert_eq!(should(at_once(), 200, &[]).await, None);
}

#[tokio::test(start_paused = true)]
async fn every_answer_tells_its_attempts() {
    for (statuses, status, attempts) in [
        (&[][..], 200, 1),
        (&[500], 200, 2),
        (&[500, 429], 200, 3),
        (&[500, 500, 500], 500, 3),
        (&[400], 400, 1),
        (&[500, 400], 400, 2),
    ] {
        let provider = Provider::statuses(statuses.iter().copied());
        assert_eq!(ask(at_once().layer(provider.service()), chat()).await, (status, Some(attempts)), "{statuses:?}");
    }
    let off = at_once().max_attempts(1).layer(Provider::new().service());
    assert_eq!(ask(off, chat()).await, (200, Some(1)));
    let other = Request::post("/v1/files").body(Body::empty()).unwrap();
    assert_eq!(ask(at_once().layer(Provider::statuses([503]).service()), other).await, (503, None));
    let list = Request::get("/v1/models").body(Body::empty()).unwrap();
    assert_eq!(ask(at_once().layer(Provider::statuses([503]).service()), list).await, (200, Some(2)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_what_the_chance_says_it_is() {
    let layer = RetryLayer::new()
        .max_attempts(8)
        .base_delay(Duration::from_millis(100))
        .max_delay(Duration::from_secs(1))
        .without_budget();
    let provider = Provider::statuses([500; 8]);
    ask(layer.rng(Rng::seeded(7)).layer(provider.service()), chat()).await;
    let chance = Rng::seeded(7);
    let ceilings = [100.0, 200.0, 400.0, 800.0, 1000.0, 1000.0, 1000.0];
    let expected = ceilings.map(|ceiling: f64| (ceiling * chance.next_f64()).floor() as u128);
    assert_eq!(provider.waits(), expected);
}

#[tokio::test(start_paused = true)]
async fn there_is_no_wait_behind_the_last_attempt() {
    let start = tokio::time::Instant::now();
    let provider = Provider::statuses([500; 9]);
    ask(RetryLayer::new().layer(provider.service()), chat()).await;
    assert_eq!(start.elapsed().as_millis(), provider.waits().iter().sum::<u128>());
    assert_eq!(provider.waits().len(), 2);
}

/// The wait behind one failure with these headers, at 2026-11-21T06:18:30Z; `None` where there was no other attempt.
async fn wait(layer: RetryLayer, status: u16, headers: &'static [(&str, &str)]) -> Option<u128> {
    let provider = Provider::new().then(move || Ok(plain(status, headers)));
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_795_241_910));
    ask(layer.clock(clock).rng(Rng::seeded(1)).layer(provider.service()), chat()).await;
    provider.waits().first().copied()
}

#[tokio::test(start_paused = true)]
async fn the_provider_says_when_to_try_again() {
    let chance = Rng::seeded(1).next_f64();
    let and_more = |asked: u128| asked + (((asked / 10).min(1000) + 100) as f64 * chance).floor() as u128;
    for (headers, asked) in [
        (&[("retry-after", "7")][..], 7_000),
        (&[("retry-after", "1.5")], 1_500),
        (&[("retry-after-ms", "20")], 20),
        (&[("retry-after", "9"), ("retry-after-ms", "250")], 250),
        (&[("retry-after", "Sat, 21 Nov 2026 06:18:50 GMT")], 20_000),
        (&[("retry-after", "30")], 30_000),
        (&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "2.5s")], 2_500),
        (
            &[
                ("anthropic-ratelimit-tokens-remaining", "0"),
                ("anthropic-ratelimit-tokens-reset", "2026-11-21T06:18:40Z"),
            ],
            10_000,
        ),
    ] {
        for status in [429, 503] {
            assert_eq!(wait(at_once(), status, headers).await, Some(and_more(asked)), "{headers:?}");
        }
    }
    for headers in [&[("retry-after", "0")][..], &[("retry-after", "soon")], &[("retry-after", "-1")], &[]] {
        assert_eq!(wait(at_once(), 429, headers).await, Some(0), "{headers:?}: as if it had said nothing");
    }
    for headers in [
        &[("retry-after", "30.1")][..],
        &[("retry-after", "Sat, 21 Nov 2026 06:19:50 GMT")],
        &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")],
    ] {
        assert_eq!(wait(at_once(), 429, headers).await, None, "{headers:?}");
    }
    assert!(wait(at_once().max_wait(Duration::from_secs(60)), 429, &[("retry-after", "30.1")]).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn google_says_it_in_the_error() {
    let body = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED",
        "details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}}"#;
    let provider = Provider::new().then(move || Ok(error(429, body)));
    ask(at_once().rng(Rng::seeded(1)).layer(provider.service()), chat()).await;
    let more = (1100.0 * Rng::seeded(1).next_f64()).floor() as u128;
    assert_eq!(provider.waits(), [17_000 + more]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_the_clients_to_wait() {
    let start = tokio::time::Instant::now();
    let provider = Provider::new().then(|| Ok(plain(429, &[("retry-after", "90")])));
    let response = at_once().layer(provider.service()).oneshot(chat()).await.unwrap();
    assert_eq!((response.status().as_u16(), attempts(&response)), (429, Some(1)));
    assert_eq!(response.headers()["retry-after"], "90");
    assert_eq!((provider.calls(), start.elapsed()), (1, Duration::ZERO));
}

fn until(deadline: Duration) -> Request<Body> {
    let mut request = chat();
    request.extensions_mut().insert(Deadline::after(deadline));
    request
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_behind_the_deadline() {
    let asks_for_ten = || Provider::answering([|| Ok(plain(429, &[("retry-after", "10")]))]);
    let layer = at_once().rng(Rng::seeded(1));
    let more = (1100.0 * Rng::seeded(1).next_f64()).floor() as u64;
    for (deadline, calls) in [(9_000, 1), (10_000 + more, 1), (10_001 + more, 2)] {
        let start = tokio::time::Instant::now();
        let provider = asks_for_ten();
        let (status, _) =
            ask(layer.clone().rng(Rng::seeded(1)).layer(provider.service()), until(Duration::from_millis(deadline)))
                .await;
        assert_eq!((provider.calls(), status), (calls, if calls == 1 { 429 } else { 200 }), "{deadline}");
        assert!(calls == 2 || start.elapsed().is_zero(), "and nobody waits for it");
    }
    // An attempt takes so long that there is no time for another.
    let provider = Provider::new().then_after(Duration::from_secs(5), || Ok(plain(503, &[])));
    let (status, attempts) = ask(layer.layer(provider.service()), until(Duration::from_secs(5))).await;
    assert_eq!((status, attempts, provider.calls()), (503, Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_too_late_is_refused() {
    let provider = Provider::new();
    let response = at_once().layer(provider.service()).oneshot(until(Duration::ZERO)).await.unwrap();
    assert_eq!((response.status().as_u16(), provider.calls()), (504, 0));
    assert_eq!(response.extensions().get(), Some(&Rejection::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn retries_keep_to_their_budget() {
    let counted = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&counted);
    // One a second beside a fifth of the successes: ten in the window to begin with.
    let layer = at_once().budget(0.2, 1);
    let provider = Provider::statuses([503; 100]);
    let service = layer.layer(provider.service());
    for _ in 0..20 {
        assert_eq!(ask(service.clone(), chat()).await.0, 503);
    }
    assert_eq!(provider.calls(), 20 + 10);
    assert_eq!(counted.counter("llm_retry_given_up_total{deployment=,kind=overloaded,reason=budget}"), 15);
    assert_eq!(counted.counter("llm_retry_given_up_total{deployment=,kind=overloaded,reason=attempts}"), 5);
    assert_eq!(counted.counter("llm_retry_retries_total{deployment=,kind=overloaded}"), 10);

    // Ten successes earn two retries, over all clones and all services of the layer.
    let provider = Provider::new();
    let other = layer.clone().layer(provider.service());
    for _ in 0..10 {
        ask(other.clone(), chat()).await;
    }
    let provider = Provider::statuses([503; 100]);
    let service = layer.layer(provider.service());
    ask(service.clone(), chat()).await;
    ask(service, chat()).await;
    assert_eq!(provider.calls(), 2 + 2);
}

#[tokio::test(start_paused = true)]
async fn a_failing_provider_costs_the_client_no_more_than_its_failure() {
    let provider = Provider::statuses([503; 2]);
    let (status, attempts) = ask(at_once().budget(0.0, 0).layer(provider.service()), chat()).await;
    assert_eq!((status, attempts, provider.calls()), (503, Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_the_request_whole() {
    let mut request = Request::post("http://p.example/v1/chat/completions?a=b")
        .header("x-a", "1")
        .header("x-a", "2")
        .version(http::Version::HTTP_2)
        .body(Body::from("{}"))
        .unwrap();
    let deadline = Deadline::after(Duration::from_secs(60));
    request.extensions_mut().insert(deadline);
    request.extensions_mut().insert(Deployment::new("d", "p", "m"));
    request.extensions_mut().insert(Arc::<str>::from("of another layer"));
    let provider = Provider::statuses([503, 503]);
    ask(at_once().layer(provider.service()), request).await;
    let asked = provider.asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    for asked in asked.iter() {
        assert_eq!(asked.parts.uri, "http://p.example/v1/chat/completions?a=b");
        assert_eq!((&asked.parts.method, asked.parts.version), (&http::Method::POST, http::Version::HTTP_2));
        assert_eq!(asked.parts.headers.get_all("x-a").iter().count(), 2);
        assert_eq!(asked.parts.extensions.get(), Some(&deadline));
        assert_eq!(asked.parts.extensions.get::<Deployment>().unwrap().name(), "d");
        assert_eq!(&**asked.parts.extensions.get::<Arc<str>>().unwrap(), "of another layer");
        assert_eq!(asked.body, "{}");
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_four_at_once() {
    let start = tokio::time::Instant::now();
    let asked: Arc<Mutex<HashMap<String, Vec<Duration>>>> = Arc::default();
    let times = Arc::clone(&asked);
    // Each call fails twice.
    let provider = tower::service_fn(move |mut request: Request<Body>| {
        let times = Arc::clone(&times);
        async move {
            let body = String::from_utf8(request.body_mut().bytes(99).await.unwrap().to_vec()).unwrap();
            let mut times = times.lock().unwrap();
            let times = times.entry(body).or_default();
            times.push(start.elapsed());
            Ok::<_, Infallible>(plain([503, 429, 200][times.len() - 1], &[]))
        }
    });
    let service = RetryLayer::new().budget(0.0, 13).rng(Rng::seeded(1)).layer(provider);
    let call = |n: u32| Request::post("/v1/chat/completions").body(Body::from(n.to_string())).unwrap();
    let answers = join_all((0..64).map(|n| ask(service.clone(), call(n)))).await;
    assert_eq!(answers, vec![(200, Some(3)); 64], "130 retries in ten seconds are within the budget");
    let asked = asked.lock().unwrap();
    assert!(asked.len() == 64 && asked.values().all(|times| times.len() == 3));
    // They do not come back in step.
    let second: HashSet<_> = asked.values().map(|times| times[1]).collect();
    assert!(second.len() > 32, "{}", second.len());
}

#[tokio::test(start_paused = true)]
async fn whoever_hangs_up_ends_the_wait_and_the_attempt() {
    let provider = Provider::new().then(|| Ok(plain(503, &[("retry-after", "20")])));
    let call = at_once().layer(provider.service()).oneshot(chat());
    timeout(Duration::from_secs(10), call).await.expect_err("it waits");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((provider.calls(), provider.in_flight()), (1, 0));

    let provider = Provider::statuses([503]).then_after(Duration::from_secs(60), || Ok(plain(200, &[])));
    let call = at_once().layer(provider.service()).oneshot(chat());
    timeout(Duration::from_secs(10), call).await.expect_err("it takes a minute");
    assert_eq!((provider.calls(), provider.in_flight()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_counted() {
    let counted = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&counted);
    let mut request = chat();
    request.extensions_mut().insert(Deployment::new("d", "p", "m"));
    let provider = Provider::statuses([500, 429]);
    ask(at_once().layer(provider.service()), request).await;
    ask(at_once().layer(Provider::statuses([400]).service()), chat()).await;
    ask(at_once().layer(Provider::new().service()), chat()).await;
    assert_eq!(
        counted.names(),
        [
            "llm_retry_given_up_total{deployment=,kind=bad_request,reason=final}",
            "llm_retry_recovered_total{deployment=d}",
            "llm_retry_retries_total{deployment=d,kind=rate_limit}",
            "llm_retry_retries_total{deployment=d,kind=upstream}",
        ]
    );
    assert_eq!(counted.counter("llm_retry_recovered_total{deployment=d}"), 1);
}
