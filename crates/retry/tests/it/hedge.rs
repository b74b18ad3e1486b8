//! A slow call sent a second time.

use std::time::Duration;

use http::Request;
use llm_layers_core::{Body, Deadline, Deployment, Rejection};
use llm_layers_retry::{After, HedgeLayer, RetryLayer};
use llm_layers_testkit::{body::Script, metrics::Recorded};
use tokio::time::{Instant, timeout};
use tower::{Layer, ServiceExt};

use crate::support::{self, DONE, FAILED, Outcome, Provider, WORD, ask, chat, events, plain, read};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Each call that takes longer than a second is hedged.
fn hedge() -> HedgeLayer {
    HedgeLayer::new().after(After::Fixed(secs(1))).budget(1.0)
}

fn named(name: &'static str) -> Outcome {
    Ok(plain(200, &[("x-name", name)]))
}

/// A provider whose first call takes so long, and whose second so long.
fn taking(first: Duration, second: Duration) -> Provider {
    Provider::new().then_after(first, || named("first")).then_after(second, || named("second"))
}

#[tokio::test(start_paused = true)]
async fn the_faster_answer_is_taken_and_the_other_call_dropped() {
    for (first, second, taken, took, calls) in [(1, 0, "first", 1, 1), (10, 2, "second", 3, 2), (2, 10, "first", 2, 2)]
    {
        let start = Instant::now();
        // A call that takes exactly as long as is waited for is not slow.
        let provider = taking(secs(first).saturating_sub(Duration::from_millis(u64::from(first == 1))), secs(second));
        let response = hedge().layer(provider.service()).oneshot(chat()).await.unwrap();
        assert_eq!(response.headers()["x-name"], taken);
        assert_eq!(support::attempts(&response), Some(calls));
        assert_eq!((provider.calls(), provider.in_flight()), (calls as usize, 0), "the loser is cancelled");
        assert_eq!(start.elapsed().as_secs_f64().ceil() as u64, took);
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_one_hedge_for_a_call() {
    let provider = taking(secs(100), secs(50));
    ask(hedge().layer(provider.service()), chat()).await;
    assert_eq!(provider.times(), [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_begun_with_its_first_word() {
    let slow = Script::new().data(": wait\n\n").never();
    let good = Script::new().data(WORD).data(DONE);
    let failed = Script::new().data(FAILED);
    for (second, status) in [(good, 200), (failed, 200)] {
        // A stream that greets is let go after a second of patience, which is slow all the same.
        let provider = Provider::new()
            .then_after(Duration::from_millis(500), {
                let slow = slow.clone();
                move || Ok(events(slow))
            })
            .then(move || Ok(events(second)));
        let response = hedge().layer(provider.service()).oneshot(chat()).await.unwrap();
        assert_eq!((response.status().as_u16(), provider.calls()), (status, 2));
    }
    let provider = Provider::new()
        .then_after(secs(9), || Ok(events(Script::new().data(WORD).data(DONE))))
        .then(|| Ok(events(Script::new().data(FAILED))));
    let response = hedge().layer(provider.service()).oneshot(chat()).await.unwrap();
    assert_eq!(read(response.into_body()).await, ([WORD, DONE].concat().into_bytes(), false));
}

#[tokio::test(start_paused = true)]
async fn a_success_is_better_than_a_failure_and_a_failure_than_a_refusal() {
    let refusal = || {
        let mut response = plain(503, &[("x-name", "refusal")]);
        response.extensions_mut().insert(Rejection::CircuitOpen);
        Ok(response)
    };
    type Make = fn() -> Outcome;
    let failure: Make = || Ok(plain(503, &[("x-name", "failure")]));
    let other: Make = || Ok(plain(500, &[("x-name", "other")]));
    let fatal: Make = || Ok(plain(400, &[("x-name", "fatal")]));
    let success: Make = || named("success");
    let error: Make = || Err("reset".into());
    let refusal: Make = refusal;
    for (first, second, expected, attempts) in [
        (success, failure, "success", 2),
        (failure, success, "success", 2),
        (fatal, failure, "fatal", 2),
        (failure, other, "other", 2),
        (failure, refusal, "failure", 1),
        (refusal, failure, "failure", 1),
        (error, failure, "failure", 2),
        (error, refusal, "refusal", 1),
        // Nobody could do better: no need to wait for the slower one.
        (success, fatal, "fatal", 2),
    ] {
        // The second is done at 3 s, the first at 5 s.
        let provider = Provider::new().then_after(secs(5), first).then_after(secs(2), second);
        let response = hedge().layer(provider.service()).oneshot(chat()).await.unwrap();
        assert_eq!(response.headers()["x-name"], expected);
        assert_eq!(support::attempts(&response), Some(attempts), "{expected}");
    }
    let provider = Provider::new().then_after(secs(5), error).then_after(secs(2), || Err("the earlier".into()));
    let told = hedge().layer(provider.service()).oneshot(chat()).await.expect_err("both fail");
    assert_eq!(told.to_string(), "the earlier");
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_its_time_is_passed_on() {
    let provider = Provider::statuses([503]);
    assert_eq!(ask(hedge().layer(provider.service()), chat()).await, (503, Some(1)));
    assert_eq!(provider.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn hedges_keep_to_their_share() {
    let counted = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&counted);
    let provider = (0..500).fold(Provider::new(), |provider, _| provider.then_after(secs(2), || named("slow")));
    let service = HedgeLayer::new().after(After::Fixed(secs(1))).layer(provider.service());
    for _ in 0..200 {
        ask(service.clone(), chat()).await;
    }
    assert_eq!(provider.calls(), 200 + 10, "5 %");
    assert_eq!(counted.counter("llm_hedge_sent_total{deployment=}"), 10);
    assert_eq!(counted.counter("llm_hedge_withheld_total{deployment=}"), 190);
    assert_eq!(counted.counter("llm_hedge_ended_total{deployment=,taken=first,outcome=success}"), 10);
}

/// When a provider was asked by the last of so many calls, which is slow: once, or once more after so many ms.
async fn learned(layer: &HedgeLayer, calls: usize, request: impl Fn() -> Request<Body>) -> Vec<u128> {
    let fast = |provider: Provider, _| provider.then_after(Duration::from_millis(100), || named("fast"));
    let provider = (0..calls).fold(Provider::new(), fast).then_after(secs(60), || named("slow"));
    let service = layer.layer(provider.service());
    for _ in 0..=calls {
        ask(service.clone(), request()).await;
    }
    let times = provider.times().split_off(calls);
    times.iter().map(|time| time - times[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_slow_is_learned() {
    let layer = || HedgeLayer::new().budget(1.0);
    assert_eq!(learned(&layer(), 19, chat).await, [0], "too little is known");
    let times = learned(&layer(), 30, chat).await;
    assert_eq!(times.len(), 2);
    // At about the time that the others took.
    assert!((95..=106).contains(&times[1]), "{times:?}");
}

/// Were only those known of that were not outrun, a provider that has become slow would look fast for good.
#[tokio::test(start_paused = true)]
async fn calls_that_were_outrun_count_as_slow() {
    let layer = HedgeLayer::new().budget(1.0);
    learned(&layer, 20, chat).await;
    let outrun =
        |provider: Provider, _| provider.then_after(secs(60), || named("slow")).then_after(secs(2), || named("fast"));
    let provider = (0..20).fold(Provider::new(), outrun);
    let service = layer.layer(provider.service());
    for _ in 0..20 {
        ask(service.clone(), chat()).await;
    }
    let [early, late] = [provider.waits()[0], provider.waits()[38]];
    assert!(early < 110 && late > 1900, "{early} {late}");
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_call_is_learned_by_itself() {
    let deployed = |name: &'static str, path: &'static str, body: &'static str| {
        move || {
            let mut request = Request::post(path).body(Body::from(body)).unwrap();
            request.extensions_mut().insert(Deployment::new(name, "p", "m"));
            request
        }
    };
    const CHAT: &str = "/v1/chat/completions";
    let layer = HedgeLayer::new().budget(1.0);
    assert_eq!(learned(&layer, 20, deployed("a", CHAT, "{}")).await.len(), 2);
    for request in
        [deployed("b", CHAT, "{}"), deployed("a", "/v1/embeddings", "{}"), deployed("a", CHAT, r#"{"stream":true}"#)]
    {
        assert_eq!(learned(&layer, 1, request).await.len(), 1, "nothing is known of those");
    }
    assert_eq!(learned(&layer, 1, deployed("a", CHAT, "{}")).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_hedge_begins_behind_the_deadline() {
    for (deadline, calls) in [(1000, 1), (1001, 2)] {
        let mut request = chat();
        request.extensions_mut().insert(Deadline::after(Duration::from_millis(deadline)));
        let provider = taking(secs(5), secs(5));
        ask(hedge().layer(provider.service()), request).await;
        assert_eq!(provider.calls(), calls, "{deadline}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_can_be_sent_twice_is_hedged() {
    let body = Script::new().data("{").data("}").body();
    let request = Request::post("/v1/chat/completions").body(body).unwrap();
    let provider = taking(secs(5), secs(5));
    let response = hedge().max_replay(1).layer(provider.service()).oneshot(request).await.unwrap();
    assert_eq!((support::attempts(&response), provider.calls()), (Some(1), 1));
    assert_eq!(provider.asked.lock().unwrap()[0].body, "{}");

    let other = Request::post("/v1/files").body(Body::empty()).unwrap();
    let provider = taking(secs(5), secs(5));
    assert_eq!(ask(hedge().layer(provider.service()), other).await, (200, None));
    assert_eq!(provider.calls(), 1);
}

/// What another layer has read is hedged whatever its length, and above all it is sent.
#[tokio::test(start_paused = true)]
async fn a_body_in_memory_is_sent_whole_whatever_its_length() {
    let body = format!(r#"{{"model":"{}","stream":true}}"#, "m".repeat(100));
    let request = Request::post("/v1/chat/completions").body(Body::from(body.clone())).unwrap();
    let provider = taking(secs(5), secs(5));
    ask(hedge().max_replay(10).layer(provider.service()), request).await;
    let asked = provider.asked.lock().unwrap();
    assert_eq!(asked.iter().map(|asked| &asked.body[..]).collect::<Vec<_>>(), [body.as_bytes(); 2]);
}

/// What is known of latencies beforehand need not be learned: the request is not split to tell streams apart.
#[tokio::test(start_paused = true)]
async fn a_fixed_time_costs_no_look_into_the_request() {
    let service = tower::service_fn(|request: Request<Body>| {
        assert!(request.body().as_object().is_none());
        std::future::ready(named("first"))
    });
    assert_eq!(ask(hedge().layer(service), chat()).await, (200, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn what_is_slow_after_all_time_is_never_hedged() {
    let provider = taking(secs(5), secs(5));
    let hedge = HedgeLayer::new().after(After::Fixed(Duration::MAX)).budget(1.0);
    assert_eq!(ask(hedge.layer(provider.service()), chat()).await, (200, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn the_hedge_is_the_same_request() {
    let provider = taking(secs(5), secs(5));
    let mut request = chat();
    request.extensions_mut().insert(Deployment::new("d", "p", "m"));
    request.headers_mut().insert("x-a", "1".parse().unwrap());
    ask(hedge().layer(provider.service()), request).await;
    for asked in provider.asked.lock().unwrap().iter() {
        assert_eq!((&asked.body[..], &asked.parts.headers["x-a"]), (&br#"{"model":"m"}"#[..], &"1".parse().unwrap()));
        assert_eq!(asked.parts.extensions.get::<Deployment>().unwrap().name(), "d");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_hangs_up_ends_both() {
    let provider = taking(secs(60), secs(60));
    let call = hedge().layer(provider.service()).oneshot(chat());
    timeout(secs(10), call).await.expect_err("both take a minute");
    assert_eq!((provider.calls(), provider.in_flight()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn above_retries_it_hedges_the_whole_of_them() {
    let provider = Provider::new()
        .then(|| Ok(plain(429, &[("retry-after", "20")])))
        .then(|| Ok(plain(503, &[("retry-after-ms", "10")])))
        .then(|| named("of the hedge"));
    let retry = RetryLayer::new().without_budget();
    let start = Instant::now();
    let response = hedge().layer(retry.layer(provider.service())).oneshot(chat()).await.unwrap();
    assert_eq!(response.headers()["x-name"], "of the hedge");
    assert_eq!((support::attempts(&response), provider.calls()), (Some(3), 3));
    assert!(start.elapsed() < secs(2), "the wait of the first is over with it");
}
