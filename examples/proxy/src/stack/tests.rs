//! What survives a change of the configuration.

use std::time::Duration;

use http::{Request, Response};
use llm_layers_circuit_breaker::State;
use llm_layers_core::Body;
use llm_layers_redis::{Redis, cmd};
use llm_layers_sim::Sim;
use llm_layers_testkit::{eventually, redis::Server};

use super::{Answer, Stack};
use crate::config::Config;

/// A stack whose only provider is where nobody listens.
fn config(more: &str) -> Config {
    let text = format!(
        r#"
        providers.one = {{ dialect = "openai", base_url = "http://127.0.0.1:9/v1" }}
        deployments = [{{ name = "m", provider = "one" }}]
        keys.other.key = "sk-other"
        layers.retry.enabled = false
        {more}
        "#
    );
    Config::parse(&text, "the test").unwrap_or_else(|errors| panic!("{errors}"))
}

async fn ask(stack: &Stack, key: &str, path: &str) -> Response<Body> {
    let request = Request::post(path).header("authorization", format!("Bearer {key}"));
    let request = request.header("content-type", "application/json");
    let request = request.body(Body::from(r#"{"model":"m","messages":[]}"#)).expect("a request");
    let answer = if Stack::is_resource(&request) { stack.resource(request) } else { stack.call(request) };
    match answer {
        Answer::Made(response) => response,
        Answer::Coming(response) => response.await.unwrap_or_else(|never| match never {}),
        Answer::Passing(response) => response.await.unwrap_or_else(|never| match never {}),
        Answer::Later(response) => response.await,
    }
}

const CHAT: &str = "/v1/chat/completions";

#[tokio::test]
async fn circuits_survive_a_change_of_something_else() {
    let circuit = |store: &str| format!("[layers.circuit_breaker]\nopen_for = \"60s\"\n{store}");
    let before = Stack::new(&config(&circuit(""))).expect("a stack");
    before.breakers().expect("circuits").force_open("m");
    let state = |stack: &Stack| stack.breakers().expect("circuits").get("m").map(|status| status.state);

    let more = "[layers.deadline]\ndefault = \"9s\"\n";
    let after = Stack::after(&config(&format!("{more}{}", circuit(""))), &before).expect("a stack");
    assert_eq!(state(&after), Some(State::Open));
    let other_store = Stack::after(&config(&circuit("store = \"redis://127.0.0.1:9\"")), &after).expect("a stack");
    assert_eq!(state(&other_store), Some(State::Open), "what was seen is told to the new store");

    let changed = Stack::after(&config(&circuit("probes = 7")), &after).expect("a stack");
    assert_eq!(state(&changed), None, "other rules judge anew");
    let off = Stack::after(&config("layers.circuit_breaker.enabled = false"), &after).expect("a stack");
    assert!(off.breakers().is_none());
    let default = Stack::new(&config("")).expect("a stack");
    default.breakers().expect("circuits").force_open("m");
    let written = Stack::after(&config("[layers.circuit_breaker]\nenabled = true"), &default).expect("a stack");
    assert_eq!(state(&written), Some(State::Open), "the defaults are the same, written or not");
}

#[tokio::test]
async fn what_was_used_stays_used_when_limits_change() {
    let before = Stack::new(&config("keys.k = { key = \"sk-k\", rpm = 2 }")).expect("a stack");
    for _ in 0..2 {
        assert_eq!(ask(&before, "sk-k", CHAT).await.status(), 502);
    }
    assert_eq!(ask(&before, "sk-k", CHAT).await.status(), 429);
    // Another key is added, and the deployments are limited.
    let more = "keys.k = { key = \"sk-k\", rpm = 2 }\nkeys.l = { key = \"sk-l\", rpm = 9 }\n\
                [layers.rate_limit]\ndeployment = { rpm = 100 }";
    let after = Stack::after(&config(more), &before).expect("a stack");
    assert_eq!(ask(&after, "sk-k", CHAT).await.status(), 429);
    assert_eq!(ask(&after, "sk-l", CHAT).await.status(), 502);
}

/// How many milliseconds the places that calls take in this Redis are held at most; `None` where none is taken.
async fn places_held(server: &Server) -> Option<i64> {
    let redis = Redis::open(&server.url()).expect("a URL").time_limit(Duration::from_secs(5));
    let keys: Vec<String> = redis.query(cmd("KEYS").arg("*:leases")).await.expect("keys");
    let key = keys.first()?;
    Some(redis.query(cmd("PTTL").arg(key)).await.expect("a time"))
}

#[tokio::test]
async fn a_change_holds_places_for_the_new_time_and_leaves_none_behind() {
    let (one, other) = (Server::start(), Server::start());
    let limited = |server: &Server, max: &str| {
        config(&format!(
            "layers.deadline.max = \"{max}\"\n[layers.rate_limit]\nconcurrent = 50\non_store_failure = \"closed\"\nstore = \"{}\"",
            server.url()
        ))
    };
    // A busy machine may be slower than a call waits for its store.
    let asked = async |stack: &Stack| {
        eventually("the call goes on", async || ask(stack, "sk-other", CHAT).await.status() == 502).await;
    };
    const MINUTES: i64 = 60_000;
    let before = Stack::new(&limited(&one, "20m")).expect("a stack");
    asked(&before).await;
    let held = places_held(&one).await.expect("a place");
    assert!((11 * MINUTES..21 * MINUTES).contains(&held), "{held}");

    let longer = Stack::after(&limited(&one, "2h"), &before).expect("a stack");
    asked(&longer).await;
    let held = places_held(&one).await.expect("a place");
    assert!((21 * MINUTES..121 * MINUTES).contains(&held), "{held}");

    // A call that is made now has begun before the change.
    let elsewhere = Stack::after(&limited(&other, "2h"), &longer).expect("a stack");
    asked(&longer).await;
    eventually("no place is left behind", async || {
        elsewhere.flush().await;
        places_held(&one).await.is_none()
    })
    .await;
}

#[tokio::test]
async fn calls_in_other_words_are_no_way_around_a_keys_limits() {
    let stack = Stack::new(&config("keys.k = { key = \"sk-k\", rpm = 3 }")).expect("a stack");
    for path in ["/providers/one/v1/chat/completions", "/v1/moderations", CHAT] {
        assert_eq!(ask(&stack, "sk-k", path).await.status(), 502, "{path}");
    }
    for path in ["/providers/one/v1/chat/completions", "/v1/moderations", CHAT] {
        let refused = ask(&stack, "sk-k", path).await;
        assert_eq!(refused.status(), 429, "{path}");
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(ask(&stack, "sk-other", path).await.status(), 502, "{path}: another key");
    }
}

/// What a key does not say is as for all.
#[tokio::test]
async fn limits_of_a_key_do_not_lift_those_of_all() {
    let stack = "keys.k = { key = \"sk-k\", concurrent = 5 }\n[layers.rate_limit]\nrpm = 1";
    let stack = Stack::new(&config(stack)).expect("a stack");
    assert_eq!(ask(&stack, "sk-k", CHAT).await.status(), 502);
    assert_eq!(ask(&stack, "sk-k", CHAT).await.status(), 429);
}

/// Another password of the same server is another store.
#[test]
fn stores_are_told_apart_by_the_whole_url() {
    let limits = |url: &str| {
        let config = config(&format!("[layers.rate_limit]\nrpm = 1\nstore = \"{url}\""));
        config.layers().rate_limit.clone().and_then(|limits| limits.store)
    };
    assert!(limits("redis://:one@127.0.0.1:9/1") == limits("redis://:one@127.0.0.1:9/1"));
    for other in ["redis://:two@127.0.0.1:9/1", "redis://:one@127.0.0.1:9/2", "redis://:one@127.0.0.1:8/1"] {
        assert!(limits("redis://:one@127.0.0.1:9/1") != limits(other), "{other}");
    }
    assert!(!format!("{:?}", limits("redis://:secret@127.0.0.1:9/1")).contains("secret"));
}

#[tokio::test]
async fn what_is_spent_stays_spent_when_the_file_changes() {
    let sim = Sim::openai().any_model().start().await.expect("a provider");
    let config = |usd: Option<&str>, more: &str| {
        let budget = usd.map(|usd| format!(", budget = {{ usd = \"{usd}\", per = \"month\" }}")).unwrap_or_default();
        let text = format!(
            r#"
            providers.one = {{ dialect = "openai", base_url = "{}" }}
            deployments = [{{ name = "m", provider = "one", price = {{ input = "1000", output = "1000" }} }}]
            keys.k = {{ key = "sk-k"{budget} }}
            {more}
            "#,
            sim.base_url()
        );
        Config::parse(&text, "the test").unwrap_or_else(|errors| panic!("{errors}"))
    };
    let say = async |stack: &Stack| {
        let body = r#"{"model":"m","messages":[{"role":"user","content":"sim:say Hello!"}]}"#;
        let request = Request::post(CHAT).header("authorization", "Bearer sk-k").body(Body::from(body));
        let Answer::Coming(response) = stack.call(request.expect("a request")) else { panic!("refused at once") };
        let Ok(mut response) = response.await;
        response.body_mut().bytes(1 << 20).await.expect("an answer");
        response.status()
    };
    let before = Stack::new(&config(Some("0.001"), "")).expect("a stack");
    assert_eq!([say(&before).await, say(&before).await], [200, 402]);
    let after = Stack::after(&config(Some("0.001"), "[layers.retry]\nmax_attempts = 2"), &before).expect("a stack");
    assert_eq!(say(&after).await, 402);
    let raised = Stack::after(&config(Some("1000"), ""), &after).expect("a stack");
    assert_eq!(say(&raised).await, 200);
    // Somebody takes the budgets out of the file, and puts them in again.
    let unlimited = Stack::after(&config(None, ""), &raised).expect("a stack");
    assert_eq!(say(&unlimited).await, 200);
    let again = Stack::after(&config(Some("0.001"), ""), &unlimited).expect("a stack");
    assert_eq!(say(&again).await, 402);
}

#[tokio::test]
async fn a_ledger_that_is_taken_away_comes_back_with_the_next_line() {
    let folder = std::env::temp_dir().join(format!("llm-layers-proxy-{}-ledger", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let config = |more: &str| config(&format!("{more}\nlayers.accounts.ledger = \"{}\"", folder.display()));
    let files = || std::fs::read_dir(&folder).expect("a folder").count();
    let before = Stack::new(&config("")).expect("a stack");
    assert_eq!(ask(&before, "sk-other", CHAT).await.status(), 502);
    assert_eq!(files(), 1);
    std::fs::remove_dir_all(&folder).expect("a folder");
    std::fs::create_dir(&folder).expect("a folder");
    let after = Stack::after(&config("layers.deadline.default = \"9s\""), &before).expect("a stack");
    for (stack, number) in [(&before, 1), (&after, 1)] {
        assert_eq!(ask(stack, "sk-other", CHAT).await.status(), 502);
        assert_eq!(files(), number);
    }
    std::fs::remove_dir_all(&folder).expect("a folder");
}

/// A call that began two changes ago tells what it cost where it began.
#[tokio::test]
async fn stores_of_all_who_still_run_are_told() {
    let servers = [Server::start(), Server::start()];
    let [one, other] =
        servers.each_ref().map(|server| config(&format!("layers.accounts.store = \"{}\"", server.url())));
    let first = Stack::new(&one).expect("a stack");
    let second = Stack::after(&other, &first).expect("a stack");
    let third = Stack::after(&config("layers.deadline.default = \"9s\""), &second).expect("a stack");
    assert_eq!(ask(&first, "sk-other", CHAT).await.status(), 502);
    let redis = Redis::open(&servers[0].url()).expect("a URL").time_limit(Duration::from_secs(5));
    eventually("it is written down", async || {
        third.flush().await;
        let keys: Vec<String> = redis.query(cmd("KEYS").arg("{llm-accounts}:*")).await.expect("keys");
        !keys.is_empty()
    })
    .await;
}
