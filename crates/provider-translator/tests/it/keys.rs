//! Several keys for one provider: shared by weight, set aside where they are refused, rested where they are used too much.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use llm_layers_core::{Body, BoxError, Deployment, FailureKind, Secret};
use llm_layers_provider_translator::{Provider, ProviderError, TranslatorLayer};
use serde_json::{Value, json};
use tokio::time::advance;
use tower::{Layer, ServiceExt, limit::ConcurrencyLimitLayer, service_fn};

const MINUTE: Duration = Duration::from_secs(60);

/// What a key is answered with, and what else its answer says.
#[derive(Clone, Default)]
struct Said {
    status: u16,
    headers: HeaderMap,
    body: Option<String>,
}

/// A provider that knows its keys.
#[derive(Clone)]
struct Upstream {
    provider: Provider,
    layer: TranslatorLayer,
    /// By key, or by key and model (`a m`), what is said to it; a success if nothing.
    said: Arc<Mutex<HashMap<String, Said>>>,
    /// The keys in the order of the calls.
    asked: Arc<Mutex<Vec<String>>>,
    /// So long an answer takes.
    slow: Duration,
}

impl Upstream {
    fn of(provider: Provider, keys: &[(&str, u32)]) -> Self {
        let keys = keys.iter().map(|(key, weight)| (Secret::new(*key), *weight));
        let provider = provider.with_keys(keys).expect("keys").with_name("p");
        let layer = TranslatorLayer::new(provider.clone());
        Self { provider, layer, said: Arc::default(), asked: Arc::default(), slow: Duration::ZERO }
    }

    fn new(keys: &[(&str, u32)]) -> Self {
        Self::of(Provider::openai("https://p.example/v1").expect("a URL"), keys)
    }

    fn two() -> Self {
        Self::new(&[("a", 1), ("b", 1)])
    }

    fn say(&self, key: &str, status: u16) {
        self.say_with(key, status, &[], None);
    }

    fn say_with(&self, key: &str, status: u16, headers: &[(&'static str, &str)], body: Option<Value>) {
        let header = |(name, value): &(&'static str, &str)| (name.parse().expect("a name"), value.parse().expect("it"));
        let said =
            Said { status, headers: headers.iter().map(header).collect(), body: body.map(|body| body.to_string()) };
        self.said.lock().expect("whole").insert(key.to_owned(), said);
    }

    fn well(&self, key: &str) {
        self.said.lock().expect("whole").remove(key);
    }

    /// The keys that were asked since the last time.
    fn asked(&self) -> String {
        self.asked.lock().expect("whole").drain(..).collect::<Vec<_>>().join(" ")
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        let this = self.clone();
        let upstream = service_fn(move |request: Request<Body>| {
            let this = this.clone();
            async move { this.answer(request).await }
        });
        // One that must be readied for each call.
        let service = ConcurrencyLimitLayer::new(1).layer(upstream);
        self.layer.layer(service).oneshot(request).await.expect("an answer")
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (head, mut body) = request.into_parts();
        let key = ["authorization", "x-api-key", "api-key", "x-goog-api-key"].map(|name| head.headers.get_all(name));
        let key: Vec<_> = key.iter().flatten().map(|key| key.to_str().expect("text")).collect();
        let [key] = key[..] else { panic!("one key: {key:?}") };
        let key = key.strip_prefix("Bearer ").unwrap_or(key).to_owned();
        self.asked.lock().expect("whole").push(key.clone());
        let sent = body.bytes(1 << 20).await?;
        let sent: Value = serde_json::from_slice(&sent).unwrap_or_default();
        tokio::time::sleep(self.slow).await;
        let of_model = format!("{key} {}", sent["model"].as_str().unwrap_or_default());
        let said = self.said.lock().expect("whole");
        let said = said.get(&of_model).or_else(|| said.get(&key)).cloned();
        let Said { status, headers, body } = said.unwrap_or(Said { status: 200, ..Said::default() });
        let mut response = Response::new(Body::from(body.unwrap_or_else(|| format!("{{\"said\":\"{status}\"}}"))));
        *response.status_mut() = status.try_into()?;
        *response.headers_mut() = headers;
        response.headers_mut().insert("content-type", "application/json".parse()?);
        Ok(response)
    }

    async fn ask(&self, model: &str) -> Response<Body> {
        self.send(chat(&json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]}))).await
    }

    /// The status of so many calls, all the same.
    async fn status(&self, calls: usize) -> u16 {
        let mut status = None;
        for _ in 0..calls {
            let answer = self.ask("m").await.status().as_u16();
            assert_eq!(*status.get_or_insert(answer), answer);
        }
        status.expect("a call")
    }
}

fn chat(body: &Value) -> Request<Body> {
    let request = Request::post("/v1/chat/completions").header("content-type", "application/json");
    request.header("authorization", "Bearer the-callers").body(Body::from(body.to_string())).expect("a request")
}

#[tokio::test(start_paused = true)]
async fn calls_are_shared_by_weight() {
    let upstream = Upstream::new(&[("a", 3), ("b", 1)]);
    assert_eq!(upstream.status(8).await, 200);
    assert_eq!(upstream.asked(), "a a b a a a b a");
    // A layer that is cloned, as servers do for each call, is in the same round.
    let one = Upstream::new(&[("a", 7)]);
    assert_eq!(one.status(2).await, 200);
    assert_eq!(one.asked(), "a a");
}

#[tokio::test(start_paused = true)]
async fn what_says_that_it_shares_a_prompt_goes_by_one_key() {
    let upstream = Upstream::two();
    let mut firsts = Vec::new();
    for conversation in 0..20 {
        let key = format!("conversation {conversation}");
        for _ in 0..3 {
            upstream.send(chat(&json!({"model": "m", "messages": [], "prompt_cache_key": key}))).await;
        }
        let asked = upstream.asked();
        assert!(["a a a", "b b b"].contains(&asked.as_str()), "{asked}");
        firsts.push(asked);
    }
    assert!(firsts.contains(&"a a a".to_owned()) && firsts.contains(&"b b b".to_owned()));
    // Until it is of no use.
    upstream.say(firsts[0].get(..1).expect("a key"), 401);
    let again = || upstream.send(chat(&json!({"model": "m", "messages": [], "prompt_cache_key": "conversation 0"})));
    assert_eq!((again().await.status(), again().await.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
    let other = if firsts[0].starts_with('a') { "a b b" } else { "b a a" };
    assert_eq!(upstream.asked(), other);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_refused_is_set_aside() {
    let quota =
        json!({"error": {"message": "m", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}});
    for (status, body) in [(401, None), (402, None), (403, None), (429, Some(quota))] {
        let upstream = Upstream::two();
        upstream.say_with("a", status, &[("retry-after", "1")], body);
        assert_eq!(upstream.status(4).await, 200, "{status}");
        assert_eq!(upstream.asked(), "a b b b b", "{status}: the same call goes out with the other, and the next ones");
        advance(9 * MINUTE).await;
        upstream.status(4).await;
        assert_eq!(upstream.asked(), "b b b b", "{status}");
        // It is tried again, and lasts twice as long.
        advance(MINUTE).await;
        upstream.status(4).await;
        assert!(upstream.asked().matches('a').count() == 1, "{status}");
        advance(19 * MINUTE).await;
        upstream.status(4).await;
        assert_eq!(upstream.asked(), "b b b b", "{status}");
        advance(MINUTE).await;
        upstream.well("a");
        assert_eq!(upstream.status(8).await, 200);
        assert_eq!(upstream.asked().matches('a').count(), 4, "{status}: it is as good as the other again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_set_aside_for_hours_at_the_most() {
    let upstream = Upstream::two();
    upstream.say("a", 401);
    for _ in 0..200 {
        upstream.status(2).await;
        advance(60 * MINUTE).await;
    }
    let tries = upstream.asked().matches('a').count();
    assert!((48..60).contains(&tries), "{tries}");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_used_too_much_rests_as_long_as_its_provider_says() {
    for (headers, seconds) in [
        (&[("retry-after", "30")][..], 30),
        (&[("retry-after-ms", "2500")], 3),
        (&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "1m0s")], 60),
        (&[], 10),
        // More than an hour is not waited for.
        (&[("retry-after", "90000")], 3600),
    ] {
        let upstream = Upstream::two();
        upstream.say_with("a", 429, headers, None);
        assert_eq!(upstream.status(3).await, 200);
        assert_eq!(upstream.asked(), "a b b b", "{headers:?}");
        upstream.well("a");
        advance(Duration::from_millis(seconds * 1000 - 600)).await;
        upstream.status(2).await;
        assert_eq!(upstream.asked(), "b b", "{headers:?}");
        advance(Duration::from_millis(600)).await;
        upstream.status(4).await;
        assert_eq!(upstream.asked().matches('a').count(), 2, "{headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_all_rest_the_answer_says_when_the_first_is_back() {
    let upstream = Upstream::new(&[("a", 1), ("b", 1), ("c", 1)]);
    for (key, wait) in [("a", "40"), ("b", "20"), ("c", "60")] {
        upstream.say_with(key, 429, &[("retry-after", wait)], None);
    }
    let answer = upstream.ask("m").await;
    assert_eq!(upstream.asked(), "a b c", "each once");
    assert_eq!((answer.status().as_u16(), FailureKind::of(&answer)), (429, Some(FailureKind::RateLimit)));
    assert_eq!(["retry-after", "retry-after-ms"].map(|name| &answer.headers()[name]), ["20", "20000"]);
    // The one that is back first is asked all the same, and the others are left alone.
    advance(Duration::from_secs(5)).await;
    let answer = upstream.ask("m").await;
    assert_eq!((upstream.asked().as_str(), answer.headers()["retry-after"].to_str().expect("text")), ("b", "20"));
    // What is free for another model is asked.
    upstream.well("a");
    assert_eq!(upstream.ask("another").await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn where_all_are_bad_the_last_answer_is_passed_on() {
    let upstream = Upstream::two();
    let error = |key: &str| json!({"error": {"message": key, "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}});
    upstream.say_with("a", 401, &[], Some(error("first")));
    upstream.say_with("b", 401, &[], Some(error("second")));
    let mut answer = upstream.ask("m").await;
    assert_eq!((answer.status().as_u16(), FailureKind::of(&answer)), (401, Some(FailureKind::Unauthenticated)));
    assert!(!answer.headers().contains_key("retry-after"));
    assert_eq!(answer.body_mut().bytes(1 << 10).await.expect("a body"), error("second").to_string());
    assert_eq!(upstream.asked(), "a b");
    // From now on one is tried a call, each in its turn.
    for expected in ["a", "b", "a", "b"] {
        advance(Duration::from_secs(1)).await;
        assert_eq!(upstream.status(1).await, 401);
        assert_eq!(upstream.asked(), expected);
    }
    // The outage is over: whoever is tried is in use at once, the other one when its time has come.
    upstream.well("a");
    upstream.well("b");
    assert_eq!(upstream.status(3).await, 200);
    assert_eq!(upstream.asked(), "a a a");
    advance(10 * MINUTE).await;
    upstream.status(4).await;
    assert_eq!(upstream.asked().matches('b').count(), 2);
}

#[tokio::test(start_paused = true)]
async fn to_wait_is_told_before_what_is_wrong_with_a_key() {
    let upstream = Upstream::two();
    upstream.say_with("a", 429, &[("retry-after", "30")], None);
    upstream.say("b", 401);
    let answer = upstream.ask("m").await;
    assert_eq!((upstream.asked().as_str(), answer.status().as_u16()), ("a b", 429));
    assert_eq!(answer.headers()["retry-after"], "30");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_no_key_may_use_says_nothing_of_the_keys() {
    let upstream = Upstream::two();
    for key in ["a secret", "b secret", "a half"] {
        upstream.say(key, 403);
    }
    for _ in 0..2 {
        assert_eq!(upstream.ask("secret").await.status(), 403);
        assert_eq!(upstream.asked().len(), 3, "both are asked");
    }
    // One that may not use a model is set aside for it, and for no other.
    for _ in 0..4 {
        assert_eq!(upstream.ask("half").await.status(), 200);
    }
    assert_eq!(upstream.asked().matches('a').count(), 1);
    upstream.status(4).await;
    assert_eq!(upstream.asked().matches('a').count(), 2);
    // Once it is refused to all of them, none is worse than the others.
    upstream.say("b half", 403);
    assert_eq!(upstream.ask("half").await.status(), 403);
    assert_eq!(upstream.asked(), "b a");
    upstream.well("a half");
    upstream.well("b half");
    for _ in 0..4 {
        assert_eq!(upstream.ask("half").await.status(), 200);
    }
    assert_eq!(upstream.asked().matches('a').count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_about_the_key_is_left_as_it_is() {
    for status in [400, 404, 409, 413, 422, 500, 503, 529] {
        let upstream = Upstream::two();
        upstream.say("a", status);
        upstream.ask("m").await;
        upstream.ask("m").await;
        upstream.ask("m").await;
        assert_eq!(upstream.asked(), "a b a", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_learn_once() {
    let mut upstream = Upstream::two();
    upstream.slow = Duration::from_secs(1);
    upstream.say("a", 401);
    let statuses = join_all((0..20).map(|_| upstream.ask("m"))).await;
    assert!(statuses.iter().all(|answer| answer.status() == 200));
    assert_eq!(upstream.asked().matches('a').count(), 10, "half of them had set out already");
    // Ten have been refused, and it is back after ten minutes all the same. One call tries it then.
    advance(10 * MINUTE).await;
    let statuses = join_all((0..20).map(|_| upstream.ask("m"))).await;
    assert!(statuses.iter().all(|answer| answer.status() == 200));
    assert_eq!(upstream.asked().matches('a').count(), 1);
    // Whoever hangs up in the middle holds nothing: another call tries it soon.
    advance(20 * MINUTE).await;
    let calls = join_all((0..4).map(|_| upstream.ask("m")));
    assert!(tokio::time::timeout(Duration::from_millis(100), calls).await.is_err());
    assert_eq!(upstream.asked().matches('a').count(), 1);
    advance(MINUTE).await;
    upstream.well("a");
    join_all((0..4).map(|_| upstream.ask("m"))).await;
    assert_eq!(upstream.asked().matches('a').count(), 1);
    upstream.status(4).await;
    assert_eq!(upstream.asked().matches('a').count(), 2, "it is good");
}

fn upload() -> Request<Body> {
    let chunks = ["a", "long", "upload"].map(|chunk| Ok::<_, BoxError>(http_body::Frame::data(Bytes::from(chunk))));
    let body = StreamBody::new(futures_util::stream::iter(chunks)).boxed_unsync();
    Request::post("/providers/p/files").body(Body::new(body)).expect("a request")
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_gone_is_not_sent_twice() {
    let upstream = Upstream::two();
    upstream.say_with("a", 401, &[], Some(json!({"error": "a"})));
    upstream.say_with("b", 429, &[("retry-after", "30")], None);
    let mut answer = upstream.send(upload()).await;
    assert_eq!((upstream.asked().as_str(), answer.status().as_u16()), ("a", 401));
    assert_eq!(answer.body_mut().bytes(1 << 10).await.expect("a body"), r#"{"error":"a"}"#, "as it came");
    let answer = upstream.send(upload()).await;
    assert_eq!((upstream.asked().as_str(), answer.status().as_u16()), ("b", 429));
    upstream.well("b");
    // It is not risked with a key of which nobody knows whether it is good again.
    advance(10 * MINUTE).await;
    for _ in 0..3 {
        assert_eq!(upstream.send(upload()).await.status(), 200);
    }
    assert_eq!(upstream.asked(), "b b b");
}

type Make<'a> = Box<dyn Fn() -> Request<Body> + 'a>;

#[tokio::test(start_paused = true)]
async fn every_way_to_a_provider_uses_the_same_keys() {
    let claude = Provider::anthropic("https://p.example").expect("a URL");
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    let post = |path: &str, body: Value| Request::post(path).body(Body::from(body.to_string())).expect("a request");
    let said = json!({"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]});
    let ways: [(&str, Make<'_>); 5] = [
        ("native", Box::new(|| post("/providers/p/v1/messages", said.clone()))),
        (
            "count_tokens",
            Box::new(|| {
                let mut request = post("/v1/messages/count_tokens", said.clone());
                request.extensions_mut().insert(Deployment::new("d", "p", "m"));
                request
            }),
        ),
        ("messages", Box::new(|| post("/v1/messages", said.clone()))),
        ("chat", Box::new(|| chat(&said))),
        ("models", Box::new(|| get("/v1/models"))),
    ];
    for (way, request) in ways {
        let upstream = Upstream::of(claude.clone(), &[("a", 1), ("b", 1)]);
        upstream.say("a", 401);
        upstream.send(request()).await;
        upstream.send(request()).await;
        assert_eq!(upstream.asked(), "a b b", "{way}");
    }
    // Each of several calls for one request takes one.
    let upstream = Upstream::of(Provider::cohere("https://p.example").expect("a URL"), &[("a", 1), ("b", 1)]);
    let text = json!({"role": "assistant", "content": [{"type": "text", "text": "Hi"}]});
    let answer = json!({"id": "c", "finish_reason": "COMPLETE", "message": text});
    upstream.say("a", 401);
    upstream.say_with("b", 200, &[], Some(answer));
    let mut request = said.clone();
    request["n"] = json!(3);
    let mut answer = upstream.send(chat(&request)).await;
    let answer = answer.body_mut().bytes(1 << 20).await.expect("a body");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["choices"].as_array().map(Vec::len), Some(3), "{answer}");
    let asked = upstream.asked();
    assert!(asked.contains('a') && asked.matches('b').count() == 3, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_key_is_known_to_be_bad_by_its_providers_own_words() {
    let google = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "API key not valid.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}});
    let broke = json!({"type": "error", "error": {"type": "invalid_request_error",
        "message": "Your credit balance is too low to access the Anthropic API."}});
    for (provider, body) in
        [(Provider::gemini("https://p.example"), google), (Provider::anthropic("https://p.example"), broke)]
    {
        let upstream = Upstream::of(provider.expect("a URL"), &[("a", 1), ("b", 1)]);
        upstream.say_with("a", 400, &[], Some(body));
        upstream.ask("m").await;
        upstream.ask("m").await;
        assert_eq!(upstream.asked(), "a b b");
    }
    let upstream = Upstream::of(Provider::gemini("https://p.example").expect("a URL"), &[("a", 1), ("b", 1)]);
    let wait = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}]}});
    upstream.say_with("a", 429, &[], Some(wait.clone()));
    upstream.say_with("b", 429, &[], Some(wait));
    advance(MINUTE).await;
    assert_eq!(upstream.ask("m").await.headers()["retry-after"], "37");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_asked_for_later_is_asked_for_by_its_own_key() {
    let upstream = Upstream::of(Provider::known("nvidia").expect("it is known"), &[("a", 1), ("b", 1)]);
    upstream.say("a", 401);
    upstream.say_with("b", 202, &[("nvcf-reqid", "771011d8")], Some(json!({})));
    assert_eq!(upstream.ask("m").await.status(), 504);
    let asked = upstream.asked();
    assert!(asked.starts_with("a b b b b") && !asked[1..].contains('a'), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_a_key() {
    let upstream = Upstream::new(&[("the-first-key", 1), ("the-second-key", 1)]);
    for (key, other) in [("the-first-key", "the-second-key"), ("the-second-key", "the-first-key")] {
        let body = json!({"error": {"message": format!("neither {key} nor {other}"), "type": "t", "param": null, "code": null}});
        upstream.say_with(key, 401, &[], Some(body));
    }
    let mut answer = upstream.ask("m").await;
    let told = answer.body_mut().bytes(1 << 10).await.expect("a body");
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.contains("neither *** nor ***"), "{told}");
    let shown = format!("{:?} {:?} {:?}", upstream.provider, upstream.layer, answer.headers());
    assert!(!shown.contains("-key"), "{shown}");
}

#[test]
fn lists_that_make_no_sense_are_refused() {
    let of = |keys: &[(&str, u32)]| {
        let keys: Vec<_> = keys.iter().map(|(key, weight)| (Secret::new(*key), *weight)).collect();
        Provider::openai("https://p.example/v1").expect("a URL").with_keys(keys)
    };
    for keys in [&[][..], &[("a", 0)], &[("a", 1), ("b", 1), ("a", 2)]] {
        let error = of(keys).expect_err("it makes no sense");
        assert!(matches!(error, ProviderError::Keys(_)), "{keys:?}");
        assert!(!error.to_string().contains('`'));
    }
    assert!(matches!(of(&[("a\n", 1)]), Err(ProviderError::Key)));
}
