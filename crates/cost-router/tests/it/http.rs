//! Providers that fail in the ways that connections do, over real sockets; and what is learnt of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Request, Uri, request::Parts};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, BoxError, Deployment, ErrorToResponseLayer, FailureKind, Operation, metering::Expected};
use llm_layers_cost_router::{Bands, Cheapest, RouterLayer};
use llm_layers_testkit::{
    body::Script,
    metrics::Recorded,
    peer::{Conversation, RawServer},
};
use llm_layers_wire::json::Object;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{self, DONE, Fleet, any, chat, events, failed, greeting, header, layer, read, request, word};

fn stream(events: &[&str]) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{}", events.concat())
}

#[tokio::test]
async fn whatever_breaks_before_the_first_word_is_answered_elsewhere() {
    let (greeting, real, restored) = (greeting("m"), word("m"), word("any"));
    let plain = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"choices\":[";
    for broken in [
        Conversation::new().read_request().reset(),
        Conversation::new().read_request(),
        Conversation::answer("nonsense\r\n\r\n"),
        Conversation::answer(stream(&[])),
        Conversation::answer(stream(&[&greeting])).reset(),
        Conversation::answer(plain),
        Conversation::answer("HTTP/1.1 529 Overloaded\r\ncontent-length: 0\r\n\r\n"),
    ] {
        for answers_errors in [true, false] {
            let bad = RawServer::start([broken.clone()]).await;
            let good = RawServer::start([Conversation::answer(stream(&[&real, DONE]))]).await;
            let urls: HashMap<_, Uri> = [("a", &bad), ("b", &good)]
                .map(|(name, at)| (name, at.url("/v1/chat/completions").parse().unwrap()))
                .into();
            let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http::<Body>();
            // What a translator would do: to each deployment its address.
            let addressed = |client: Client<_, Body>| {
                service_fn(move |mut request: Request<Body>| {
                    let name = request.extensions().get::<Deployment>().unwrap().name();
                    *request.uri_mut() = urls[name].clone();
                    client.clone().call(request)
                })
            };
            let response = match answers_errors {
                true => {
                    let service = ErrorToResponseLayer::new().layer(addressed(client));
                    layer(any()).layer(service).oneshot(request("any")).await.unwrap()
                }
                false => layer(any()).layer(addressed(client)).oneshot(request("any")).await.unwrap(),
            };
            assert_eq!((response.status().as_u16(), header(&response, "x-llm-deployment")), (200, "b"));
            assert_eq!(read(response.into_body()).await, ([restored.as_str(), DONE].concat(), false));
            assert_eq!(bad.request(0).await.data(), good.request(0).await.data());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_learnt_is_learnt_at_the_end_of_the_body() {
    let layer = layer(any());
    let stats = |name: &str| layer.engine().stats(name).unwrap();
    let now = tokio::time::Instant::now;
    let fleet = Fleet::new()
        .after("a", Duration::from_secs(2), || Ok(events(Script::new().data(word("m")).pending().data(DONE))))
        .on("a", || Ok(events(Script::new().data(word("m")).pending().error("reset"))));
    let streamed = || support::post("/v1/chat/completions", r#"{"model":"any","stream":true}"#);
    let response = fleet.ask(&layer, streamed()).await;
    assert_eq!((stats("a").in_flight(), stats("a").failure_rate(now())), (1, 0.0), "it is not over yet");
    assert_eq!(stats("a").first_word(now()), Some(Duration::from_secs(2)));
    assert!(!read(response.into_body()).await.1);
    assert_eq!((stats("a").in_flight(), stats("a").failure_rate(now())), (0, 0.0));
    let response = fleet.ask(&layer, request("any")).await;
    assert_eq!(stats("a").failure_rate(now()), 0.0, "its head promised something");
    assert!(read(response.into_body()).await.1);
    assert_eq!(stats("a").in_flight(), 0);
    assert!(stats("a").failure_rate(now()) > 0.0);
}

#[tokio::test(start_paused = true)]
async fn whole_answers_say_nothing_of_first_words() {
    let layer = layer(any());
    let stats = layer.engine().stats("a").unwrap();
    let fleet = Fleet::new().after("a", Duration::from_secs(20), || Ok(chat("m")));
    read(fleet.ask(&layer, request("any")).await.into_body()).await;
    let now = tokio::time::Instant::now();
    assert_eq!((stats.first_word(now), stats.whole(now)), (None, Some(Duration::from_secs(20))));
}

#[tokio::test(start_paused = true)]
async fn calls_by_name_are_seen_by_whoever_chooses() {
    let now = tokio::time::Instant::now;
    // One whose answers are renamed, and one whose answers pass unread.
    let routes = support::routes().deployment(Deployment::new("model-e", "provider-e", "model-e")).alias(any());
    let layer = RouterLayer::new(routes).unwrap();
    for name in ["a", "model-e"] {
        let stats = || layer.engine().stats(name).unwrap();
        let stream = |script: Script| move || Ok(events(script));
        let fleet = Fleet::new()
            .on(name, stream(Script::new().data(word("m")).pending().data(DONE)))
            .on(name, stream(Script::new().data(word("m")).pending().error("reset")));
        let response = fleet.ask(&layer, request(name)).await;
        assert_eq!((stats().in_flight(), stats().failure_rate(now())), (1, 0.0), "{name}: it is not over yet");
        assert!(!read(response.into_body()).await.1);
        assert_eq!((stats().in_flight(), stats().failure_rate(now())), (0, 0.0), "{name}");
        assert!(read(fleet.ask(&layer, request(name)).await.into_body()).await.1);
        let after_one = stats().failure_rate(now());
        assert!(stats().in_flight() == 0 && after_one > 0.05, "{name}: {after_one}");
        // Whole answers and failures are over when they are there, and are not wrapped into anything.
        let response = fleet.ask(&layer, request(name)).await;
        assert!(name != "model-e" || (stats().in_flight() == 0 && response.body().is_in_memory()));
        read(response.into_body()).await;
        assert!(stats().failure_rate(now()) < after_one, "{name}: a success");
        for answer in [|| Ok(failed(FailureKind::Overloaded)), || Err("no connection".into())] {
            let before = stats().failure_rate(now());
            let service = layer.layer(Fleet::new().on(name, answer).service());
            drop(service.oneshot(request(name)).await);
            assert!(stats().in_flight() == 0 && stats().failure_rate(now()) > before, "{name}");
        }
        let before = stats().failure_rate(now());
        let fleet = Fleet::new().on(name, || Ok(support::rejected(llm_layers_core::Rejection::Limited)));
        fleet.ask(&layer, request(name)).await;
        assert_eq!((stats().in_flight(), stats().failure_rate(now())), (0, before), "{name}: nobody was asked");
    }
    assert!(layer.engine().stats("a").unwrap().whole(now()).is_some(), "it was waited for");
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_leaves_nothing_behind() {
    let layer = layer(any());
    let stats = || layer.engine().stats("a").unwrap();
    let fleet = Fleet::new().on("a", || Ok(events(Script::new().data(word("m")).never()))).after(
        "a",
        Duration::from_secs(60),
        || Ok(chat("m")),
    );
    let response = fleet.ask(&layer, request("any")).await;
    assert_eq!(stats().in_flight(), 1);
    drop(response);
    let waiting = tokio::time::timeout(Duration::from_secs(1), fleet.ask(&layer, request("any"))).await;
    assert!(waiting.is_err());
    assert_eq!((stats().in_flight(), stats().failure_rate(tokio::time::Instant::now())), (0, 0.0));
    assert_eq!(fleet.asked(), ["a", "a"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_request_is_to_blame_for_counts_for_nothing() {
    for kind in FailureKind::ALL {
        let layer = layer(any());
        let fleet = Fleet::new().on("a", move || Ok(failed(kind)));
        read(fleet.ask(&layer, request("any")).await.into_body()).await;
        let rate = layer.engine().stats("a").unwrap().failure_rate(tokio::time::Instant::now());
        let is_the_requests = matches!(
            kind,
            FailureKind::BadRequest
                | FailureKind::ContextLength
                | FailureKind::ContentFilter
                | FailureKind::NotFound
                | FailureKind::TooLarge
                | FailureKind::Conflict
        );
        assert_eq!(rate == 0.0, is_the_requests, "{kind:?}");
        assert_eq!(layer.engine().stats("a").unwrap().in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn expected_answers_are_learnt_from_what_is_told() {
    let layer = layer(any());
    for _ in 0..3 {
        let response = Fleet::new().ask(&layer, request("any")).await;
        assert!(!read(response.into_body()).await.1);
    }
    let Some(llm_layers_cost_router::Target::Alias(route)) = layer.engine().resolve("any") else { panic!("an alias") };
    let (head, mut body) = request("any").into_parts();
    let object = body.object(&Default::default()).await.unwrap().clone();
    let now = std::time::SystemTime::now();
    let call = layer.engine().call(&route, &head, llm_layers_core::Operation::ChatCompletion, &object, now);
    assert_eq!(call.expected_output(), 4);
}

#[tokio::test(start_paused = true)]
async fn streams_are_asked_for_their_usage_and_hide_it_from_who_did_not_ask() {
    let usage = r#"{"model":"any","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":31,"total_tokens":40}}"#;
    let usage = format!("data: {usage}\n\n");
    let ask = |rest: &str| support::post("/v1/chat/completions", format!(r#"{{"model":"any","stream":true{rest}}}"#));
    let asking = r#","stream_options":{"include_usage":true}"#;
    // A layer below tells the cost with it.
    let for_cost = r#","usage":{"include":true}"#;
    for (asks, client, sent, sees) in [
        (true, "", asking, false),
        (true, asking, asking, true),
        (true, for_cost, &*format!("{for_cost}{asking}"), true),
        (false, "", "", true),
        (false, asking, asking, true),
    ] {
        let layer = layer(any()).ask_for_usage(asks);
        let script = Script::new().data(word("any")).data(usage.clone()).data(DONE);
        let fleet = Fleet::new().on("a", move || Ok(events(script)));
        let mut request = ask(client);
        let length = request.body().content_length().unwrap();
        request.headers_mut().insert("content-length", length.into());
        let response = fleet.ask(&layer, request).await;
        let text = read(response.into_body()).await.0;
        assert_eq!(text, [word("any").as_str(), if sees { usage.as_str() } else { "" }, DONE].concat());
        let seen = fleet.seen(|seen| (seen.body.clone(), seen.headers["content-length"].clone())).remove(0);
        assert_eq!(seen.0, format!(r#"{{"model":"any","stream":true{sent}}}"#));
        assert_eq!(seen.1, seen.0.len().to_string());
    }
}

#[test]
fn what_happens_is_counted() {
    let counted = Recorded::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    metrics::with_local_recorder(&counted, || {
        runtime.block_on(async {
            let nowhere = llm_layers_cost_router::Constraints::new().regions(["mars"]);
            let fleet = Fleet::new().on("a", || Ok(failed(FailureKind::Timeout))).on("b", || Err("gone".into()));
            let alone = layer(any());
            for model in ["any", "any", "d"] {
                fleet.ask(&alone, request(model)).await;
            }
            let thrifty = alone.clone().thrifty(|_| true);
            fleet.ask(&thrifty, request("any")).await;
            fleet.ask(&layer(any().constraints(nowhere)), request("any")).await;
            let never = |_: &Parts, _: Operation, _: &Object| std::future::pending::<Option<f32>>();
            let hard = any().complexity(Bands::new().above(["a"])).max_attempts(9).repeat(true);
            let late = layer(hard).classify(never);
            let fails = |fleet: Fleet, name| fleet.on(name, || Ok(failed(FailureKind::Timeout)));
            let fleet = ["a", "b", "c", "a", "b", "c", "a", "b"].into_iter().fold(Fleet::new(), fails);
            fleet.ask(&late, request("any")).await;
        });
    });
    assert_eq!(
        counted.lines(),
        [
            "llm_router_calls_total{alias=any,deployment=a,policy=cheapest,rank=1} 1",
            "llm_router_calls_total{alias=any,deployment=a,policy=ordered,rank=1} 1",
            "llm_router_calls_total{alias=any,deployment=c,policy=ordered,rank=3} 1",
            "llm_router_calls_total{alias=any,deployment=c,policy=ordered,rank=8+} 1",
            "llm_router_classifier_late_total{} 1",
            "llm_router_fallbacks_total{from=a,kind=timeout} 4",
            "llm_router_fallbacks_total{from=b,kind=error} 1",
            "llm_router_fallbacks_total{from=b,kind=timeout} 3",
            "llm_router_fallbacks_total{from=c,kind=timeout} 2",
            "llm_router_nothing_left_total{alias=any,constraint=region} 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_the_accounts_is_told_what_was_counted() {
    let counts = |policy: bool| if policy { any().policy(Cheapest) } else { any() };
    for is_counted in [true, false] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        let service = service_fn(move |request: Request<Body>| {
            kept.lock().unwrap().push(request.extensions().get::<Expected>().copied());
            std::future::ready(Ok::<_, BoxError>(chat("m")))
        });
        layer(counts(is_counted)).layer(service).oneshot(request("any")).await.unwrap();
        let told = told.lock().unwrap().remove(0);
        assert_eq!(told.is_some(), is_counted, "{told:?}");
        assert!(told.is_none_or(|told| (1..50).contains(&told.input) && told.output > 0));
    }
}
