//! Who is asked next, after what, and which answer is the answer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Request, Response, request::Parts};
use llm_layers_core::{Attempts, Body, Caller, Deadline, FailureKind, Operation, Rejection, opening::Hold};
use llm_layers_cost_router::{Alias, Bands};
use llm_layers_testkit::body::Script;
use llm_layers_wire::json::Object;
use tokio::time::{Instant, Sleep, sleep};
use tower::{Layer, Service, ServiceExt};

use crate::support::{
    self, BROKEN, DONE, Fleet, any, chat, error, events, failed, greeting, header, json, layer, read, rejected,
    request, word,
};

/// The status, who answered, and who was asked, when `a` answers so.
async fn after(answer: impl FnOnce() -> support::Outcome + Send + 'static) -> (u16, String, Vec<String>) {
    let fleet = Fleet::new().on("a", answer);
    let response = fleet.ask(&layer(any()), request("any")).await;
    (response.status().as_u16(), header(&response, "x-llm-deployment").to_owned(), fleet.asked())
}

fn to(status: u16, deployment: &str, asked: &[&str]) -> (u16, String, Vec<String>) {
    (status, deployment.into(), asked.iter().map(|name| (*name).to_owned()).collect())
}

#[tokio::test(start_paused = true)]
async fn the_next_one_is_asked_after_every_failure_that_is_not_the_requests() {
    for kind in FailureKind::ALL {
        let expected = match kind {
            FailureKind::BadRequest | FailureKind::ContentFilter => to(kind.status().as_u16(), "a", &["a"]),
            _ => to(200, "b", &["a", "b"]),
        };
        assert_eq!(after(move || Ok(failed(kind))).await, expected, "{kind:?}");
    }
    for status in [401, 402, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504, 529] {
        assert_eq!(after(move || Ok(error(status, "c"))).await, to(200, "b", &["a", "b"]), "{status}");
    }
    for status in [400, 422] {
        assert_eq!(after(move || Ok(error(status, "c"))).await, to(status, "a", &["a"]), "{status}");
    }
    assert_eq!(after(|| Err("no connection".into())).await, to(200, "b", &["a", "b"]));
    assert_eq!(after(|| Ok(chat("m"))).await, to(200, "a", &["a"]));
}

#[tokio::test(start_paused = true)]
async fn and_after_refusals_that_are_the_deployments() {
    for rejection in [Rejection::CircuitOpen, Rejection::Limited, Rejection::Unreachable, Rejection::NotFound] {
        assert_eq!(after(move || Ok(rejected(rejection))).await, to(200, "b", &["a", "b"]), "{rejection:?}");
    }
    for rejection in [
        Rejection::Invalid,
        Rejection::TooLarge,
        Rejection::Unauthenticated,
        Rejection::Forbidden,
        // The caller's budget is the same wherever the call goes.
        Rejection::QuotaExceeded,
        Rejection::Blocked,
        Rejection::TimedOut,
    ] {
        assert_eq!(after(move || Ok(rejected(rejection))).await, to(400, "a", &["a"]), "{rejection:?}");
    }
    // What one provider cannot express another may.
    for code in ["unsupported_parameter", "unsupported_value", "unsupported_operation"] {
        let answer = move || {
            let mut response = error(400, code);
            response.extensions_mut().insert(Rejection::Invalid);
            Ok(response)
        };
        assert_eq!(after(answer).await, to(200, "b", &["a", "b"]), "{code}");
        assert_eq!(after(move || Ok(error(400, code))).await, to(200, "b", &["a", "b"]), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn until_the_first_word_of_a_stream() {
    let (next, answered) = (to(200, "b", &["a", "b"]), to(200, "a", &["a"]));
    let stream = |script: Script| move || Ok(events(script));
    let greeted = || Script::new().data(greeting("m")).pending();
    assert_eq!(after(stream(greeted().data(BROKEN))).await, next);
    assert_eq!(after(stream(greeted().error("reset"))).await, next);
    assert_eq!(after(stream(greeted())).await, next);
    assert_eq!(after(stream(Script::new())).await, next);
    assert_eq!(after(stream(greeted().data(word("m")).data(BROKEN))).await, answered);
    assert_eq!(after(stream(greeted().data(word("m")).error("reset"))).await, answered);
    let plain = |script: Script| {
        move || {
            Ok(Response::builder().header("content-type", "application/json").body(Body::new(script.body())).unwrap())
        }
    };
    assert_eq!(after(plain(Script::new().data(r#"{"choices":"#).error("reset"))).await, next);
    assert_eq!(
        after(plain(Script::new().data(r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#))).await,
        next
    );
    assert_eq!(after(plain(Script::new().data("{}"))).await, answered);
    // Longer than what is waited for before it is judged, and broken behind that.
    let long = Script::new().data(vec![b' '; 2 << 20]).pending().error("reset");
    assert_eq!(after(plain(long)).await, next);
}

#[tokio::test(start_paused = true)]
async fn or_until_as_much_is_held_back_as_is_set() {
    for (max_events, asked) in [(32, &["a", "b"][..]), (2, &["a"])] {
        let script = (0..4).fold(Script::new(), |script, _| script.data(greeting("m")).pending());
        let fleet = Fleet::new().on("a", move || Ok(events(script.data(BROKEN))));
        let mut hold = Hold::default();
        hold.max_events = max_events;
        fleet.ask(&layer(any()).hold(hold), request("any")).await;
        assert_eq!(fleet.asked(), asked, "{max_events}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_breaks_behind_it_is_broken() {
    let stream = || Script::new().data(word("m")).pending().error("reset");
    let fleet = Fleet::new().on("a", move || Ok(events(stream())));
    let response = fleet.ask(&layer(any()), request("any")).await;
    let (text, broke) = read(response.into_body()).await;
    assert_eq!((text, broke), (word("any"), true));
    assert_eq!(fleet.asked(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn no_deployment_twice_and_no_more_than_so_many() {
    let down = |fleet: Fleet, name: &str| fleet.on(name, || Ok(error(503, "c")));
    let all_down = || ["a", "b", "c", "a", "b", "c"].into_iter().fold(Fleet::new(), down);
    for (alias, asked) in [
        (any(), &["a", "b", "c"][..]),
        (any().max_attempts(2), &["a", "b"]),
        (any().max_attempts(0), &["a"]),
        (any().max_attempts(9), &["a", "b", "c"]),
        (any().repeat(true), &["a", "b", "c"]),
        (any().repeat(true).max_attempts(5), &["a", "b", "c", "a", "b"]),
    ] {
        let fleet = all_down();
        let response = fleet.ask(&layer(alias.clone()), request("any")).await;
        assert_eq!(
            (response.status().as_u16(), fleet.asked()),
            (503, asked.iter().map(|n| n.to_string()).collect()),
            "{alias:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn too_long_a_prompt_goes_where_it_fits() {
    let alias = || any().on_context_overflow(["d"]).on_content_refusal(["c"]);
    for kind in [FailureKind::ContextLength, FailureKind::TooLarge] {
        let fleet = Fleet::new().on("a", move || Ok(failed(kind)));
        let response = fleet.ask(&layer(alias()), request("any")).await;
        assert_eq!((response.status().as_u16(), fleet.asked()), (200, vec!["a".into(), "d".into()]));
        let route = header(&response, "x-llm-route");
        assert_eq!(route, format!("policy=ordered; rank=2; of=4; why=context-overflow; after={}", kind.as_str()));
    }
    // The list is gone through, and then it is over.
    let fleet = Fleet::new().on("a", || Ok(failed(FailureKind::ContextLength))).on("d", || Ok(error(503, "c")));
    let response = fleet.ask(&layer(alias()), request("any")).await;
    assert_eq!((response.status().as_u16(), fleet.asked()), (503, vec!["a".into(), "d".into()]));
}

#[tokio::test(start_paused = true)]
async fn all_lists_that_were_gone_to_are_counted() {
    let alias = Alias::new("any").deployments(["a", "b"]).on_context_overflow(["c"]).on_content_refusal(["d", "a"]);
    let fleet = Fleet::new()
        .on("a", || Ok(error(529, "c")))
        .on("b", || Ok(failed(FailureKind::ContextLength)))
        .on("c", || Ok(failed(FailureKind::ContentFilter)));
    let response = fleet.ask(&layer(alias), request("any")).await;
    assert_eq!(fleet.asked(), ["a", "b", "c", "d"]);
    let route = header(&response, "x-llm-route");
    assert_eq!(route, "policy=ordered; rank=4; of=4; why=content-refusal; after=content_filter");
}

#[tokio::test(start_paused = true)]
async fn a_refused_prompt_goes_where_the_alias_says_or_nowhere() {
    let chat =
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"content_filter"}]}"#;
    let said =
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"I"},"finish_reason":"content_filter"}]}"#;
    let message = r#"{"type":"message","content":[],"stop_reason":"refusal"}"#;
    let response = r#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}"#;
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n";
    let stream = move |before: String| events(Script::new().data(before).data(end).data(DONE));
    let end_of_message =
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"}}\n\n";
    type Make = Box<dyn Fn() -> Response<Body>>;
    let answers: Vec<(bool, Make)> = vec![
        (true, Box::new(|| failed(FailureKind::ContentFilter))),
        (true, Box::new(move || json(200, chat))),
        (false, Box::new(move || json(200, said))),
        (true, Box::new(move || json(200, message))),
        (true, Box::new(move || json(200, response))),
        (true, Box::new(move || stream(greeting("m")))),
        (true, Box::new(move || stream(String::new()))),
        (false, Box::new(move || stream(word("m")))),
        (true, Box::new(move || events(Script::new().data(end_of_message)))),
    ];
    for (place, (is_refused, answer)) in answers.into_iter().enumerate() {
        let (one, two) = (answer(), answer());
        let fleet = Fleet::new().on("a", move || Ok(one));
        fleet.ask(&layer(any().on_content_refusal(["c", "d"])), request("any")).await;
        let asked = if is_refused { &["a", "c"][..] } else { &["a"] };
        assert_eq!(fleet.asked(), asked, "{place}");
        let fleet = Fleet::new().on("a", move || Ok(two));
        let response = fleet.ask(&layer(any()), request("any")).await;
        assert_eq!(fleet.asked(), ["a"], "{place}");
        // It is the answer, and has the name that was asked for.
        assert!(!read(response.into_body()).await.0.contains(r#""model":"m""#), "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_only_one_may_be_followed_by_those_of_its_lists() {
    for kind in [FailureKind::ContentFilter, FailureKind::ContextLength] {
        let alias = Alias::new("any").deployments(["a"]);
        let alias = match kind {
            FailureKind::ContentFilter => alias.on_content_refusal(["d"]),
            _ => alias.on_context_overflow(["d"]),
        };
        let fleet = Fleet::new().on("a", move || Ok(failed(kind)));
        let response = fleet.ask(&layer(alias), request("any")).await;
        assert_eq!((response.status().as_u16(), fleet.asked()), (200, vec!["a".into(), "d".into()]), "{kind:?}");
        assert!(header(&response, "x-llm-route").contains("rank=2; of=2;"), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_telling_failure_is_the_answer() {
    type Make = fn() -> support::Outcome;
    let (provider, other, layers, err): (Make, Make, Make, Make) = (
        || Ok(error(503, "c")),
        || Ok(error(429, "c")),
        || Ok(rejected(Rejection::CircuitOpen)),
        || Err("no connection".into()),
    );
    for (answers, status, by) in [
        ([provider, other, provider], 503, "c"),
        ([provider, other, layers], 429, "b"),
        ([other, layers, err], 429, "a"),
        ([layers, err, layers], 400, "c"),
        ([err, layers, err], 400, "b"),
    ] {
        let fleet = Fleet::new().on("a", answers[0]).on("b", answers[1]).on("c", answers[2]);
        let response = fleet.ask(&layer(any()), request("any")).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-llm-deployment")), (status, by));
    }
    let fleet = Fleet::new().on("a", err).on("b", err).on("c", || Err("the last".into()));
    let service = tower::Layer::layer(&layer(any()), fleet.service());
    let error = tower::ServiceExt::oneshot(service, request("any")).await.unwrap_err();
    assert_eq!(error.to_string(), "the last");
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_behind_the_deadline() {
    let slow = || Fleet::new().after("a", Duration::from_secs(2), || Ok(error(503, "c")));
    for (seconds, asked) in [(1, &["a"][..]), (3, &["a", "b"])] {
        let fleet = slow();
        let mut request = request("any");
        request.extensions_mut().insert(Deadline::after(Duration::from_secs(seconds)));
        fleet.ask(&layer(any()), request).await;
        assert_eq!(fleet.asked(), asked);
    }
    let fleet = slow();
    let mut request = request("any");
    request.extensions_mut().insert(Deadline::after(Duration::ZERO));
    let response = fleet.ask(&layer(any()), request).await;
    assert_eq!((response.status().as_u16(), fleet.asked().len()), (504, 0));
    assert_eq!(response.extensions().get(), Some(&Rejection::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn nor_where_choosing_or_waiting_for_the_service_has_taken_all_the_time() {
    let hurried = || {
        let mut request = request("any");
        request.extensions_mut().insert(Deadline::after(Duration::from_secs(1)));
        request
    };
    // The classifier may take two seconds.
    let never = |_: &Parts, _: Operation, _: &Object| std::future::pending::<Option<f32>>();
    let alias = any().complexity(Bands::new().up_to(0.5, ["a"]).above(["b"]));
    let layer = layer(alias).classify(never).classify_within(Duration::from_secs(2));
    let fleet = Fleet::new();
    let response = fleet.ask(&layer, hurried()).await;
    assert_eq!((response.status().as_u16(), fleet.asked().len()), (504, 0));

    // What limits the attempts is ready for the first one at once, and for the second one too late, or never.
    for (waits, late) in [(Duration::from_secs(5), true), (Duration::from_millis(500), false)] {
        let fleet = Fleet::new().on("a", || Ok(error(503, "c")));
        let service = Slow { inner: fleet.service(), waits, waiting: None };
        let started = Instant::now();
        let response = support::layer(any()).layer(service).oneshot(hurried()).await.unwrap();
        let (status, asked) = if late { (503, 1) } else { (200, 2) };
        assert_eq!((response.status().as_u16(), fleet.asked().len()), (status, asked));
        assert_eq!(started.elapsed(), waits.min(Duration::from_secs(1)));
    }
}

/// It takes its time to be ready, but for the first call.
struct Slow<S> {
    inner: S,
    waits: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S: Clone> Clone for Slow<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), waits: self.waits, waiting: None }
    }
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for Slow<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(cx));
        }
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        self.waiting = Some(Box::pin(sleep(self.waits)));
        self.inner.call(request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_answer_is_gone_on_from_where_it_is() {
    let whole = r#"{"id":"resp_1","object":"response","model":"m","conversation":{"id":"conv_1"},"output":[]}"#;
    let created = format!(r#"{{"type":"response.created","response":{whole}}}"#);
    let word = r#"{"type":"response.output_text.delta","delta":"Hi"}"#;
    let stream =
        format!("event: response.created\ndata: {created}\n\nevent: response.output_text.delta\ndata: {word}\n\n");
    let ask = |body: String, caller: &str| {
        let mut request = support::post("/v1/responses", body);
        request.extensions_mut().insert(Caller::new(caller));
        request
    };
    let next = [r#""previous_response_id":"resp_1""#, r#""conversation":"conv_1""#];
    for restores in [true, false] {
        for answer in [None, Some(stream.clone())] {
            let layer = layer(any()).restore_model(restores);
            let first = answer.clone();
            let kept = move || Ok(first.map_or_else(|| json(200, whole), |text| events(Script::new().data(text))));
            // The first one was down for a moment.
            let fleet = Fleet::new().on("a", || Ok(error(503, "c"))).on("b", kept);
            read(fleet.ask(&layer, ask(r#"{"model":"any","input":"Hi"}"#.into(), "me")).await.into_body()).await;
            for member in next {
                let body = format!(r#"{{"model":"any","input":"And then?",{member}}}"#);
                let fleet = Fleet::new().on("b", || Ok(error(503, "c")));
                let response = fleet.ask(&layer, ask(body.clone(), "me")).await;
                assert_eq!((response.status().as_u16(), fleet.asked()), (503, vec!["b".to_owned()]), "{member}");
                assert_eq!(header(&response, "x-llm-route"), "policy=ordered; rank=1; of=1; why=stored");
                let fleet = Fleet::new();
                fleet.ask(&layer, ask(body, "another")).await;
                assert_eq!(fleet.asked(), ["a"], "{member}: ids are a caller's own");
            }
        }
    }
    // By whatever name it was asked.
    let layer = support::layer(any());
    let fleet = Fleet::new().on("b", move || Ok(json(200, whole)));
    fleet.ask(&layer, ask(r#"{"model":"b","input":"Hi"}"#.into(), "me")).await;
    let fleet = Fleet::new();
    fleet.ask(&layer, ask(format!(r#"{{"model":"any",{}}}"#, next[0]), "me")).await;
    assert_eq!(fleet.asked(), ["b"]);
    // Who does not know where it is asks on.
    let fleet = Fleet::new().on("a", || Ok(error(400, "previous_response_not_found")));
    let body = r#"{"model":"any","previous_response_id":"resp_0"}"#;
    let response = fleet.ask(&support::layer(any()), ask(body.into(), "me")).await;
    assert_eq!((response.status().as_u16(), fleet.asked()), (200, vec!["a".to_owned(), "b".to_owned()]));
    // What nobody keeps is known to nobody.
    let layer = support::layer(any());
    let fleet = Fleet::new().on("a", || Ok(error(503, "c"))).on("b", move || Ok(json(200, whole)));
    fleet.ask(&layer, ask(r#"{"model":"any","store":false,"input":"Hi"}"#.into(), "me")).await;
    let fleet = Fleet::new();
    fleet.ask(&layer, ask(format!(r#"{{"model":"any",{}}}"#, next[0]), "me")).await;
    assert_eq!(fleet.asked(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn attempts_below_are_added_up() {
    let tried = |attempts: u32, status| {
        move || {
            let mut response = if status == 200 { chat("m") } else { error(status, "c") };
            response.headers_mut().insert("x-llm-attempts", attempts.into());
            response.extensions_mut().insert(Attempts(attempts));
            Ok(response)
        }
    };
    let fleet = Fleet::new().on("a", tried(3, 503)).on("b", tried(0, 503)).on("c", tried(2, 200));
    let response = fleet.ask(&layer(any()), request("any")).await;
    assert_eq!(header(&response, "x-llm-attempts"), "5");
    assert_eq!(response.extensions().get(), Some(&Attempts(5)));
    let response = Fleet::new().on("a", tried(2, 200)).ask(&layer(any()), request("any")).await;
    assert_eq!(
        (header(&response, "x-llm-attempts"), response.headers().get_all("x-llm-attempts").iter().count()),
        ("2", 1)
    );
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_the_whole_request() {
    let fleet = Fleet::new().on("a", || Ok(error(503, "c"))).on("b", || Err("gone".into()));
    let mut request = request("any");
    request.headers_mut().insert("x-own", "1".parse().unwrap());
    request.headers_mut().insert("x-llm-priority", "batch".parse().unwrap());
    let body = request.body_mut().bytes(1 << 20).await.unwrap();
    fleet.ask(&layer(any()), request).await;
    let seen = fleet.seen(|seen| {
        let headers = (seen.headers.contains_key("x-own"), seen.headers.contains_key("x-llm-priority"));
        (seen.alias.clone(), headers, seen.body.clone())
    });
    assert_eq!(seen, vec![(Some("any".to_owned()), (true, false), body); 3]);
}
