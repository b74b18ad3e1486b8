//! The cache: in the proxy, between OpenAI's SDKs and a provider that counts; with a real Redis between two proxies; and
//! the example alone in an axum app.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use http::{Request, header::CONTENT_TYPE};
use http_body_util::Full;
use llm_layers_core::Body;
use llm_layers_sim::{Sim, SimHandle};
use llm_layers_testkit::{eventually, redis::Server};
use llm_layers_tests::{KEY, node, proxy, python, succeeds};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::wire_support::{Answer, Client};

#[allow(dead_code, unused, clippy::all, reason = "its `main` is for whoever runs it")]
#[path = "../../../examples/cache.rs"]
mod example;

const OTHER_KEY: &str = "sk-somebody-else";

/// A proxy with this as `[layers.cache]`, in front of a simulated provider.
async fn proxy_of(sim: &SimHandle, settings: &str) -> SocketAddr {
    let config = format!(
        r#"
        [providers.local]
        dialect = "openai"
        base_url = "{}"
        [[deployments]]
        name = "small"
        provider = "local"
        price = {{ input = "1", output = "2" }}
        [keys.tests]
        key = "{KEY}"
        [keys.other]
        key = "{OTHER_KEY}"
        [layers.cache]
        {settings}
        "#,
        sim.base_url(),
    );
    proxy(&config).await.0
}

async fn sim() -> SimHandle {
    Sim::openai().any_model().start().await.expect("a provider")
}

async fn cases(mut script: tokio::process::Command, address: SocketAddr, cases: &[&str]) {
    script.args(cases).env("OTHER_KEY", OTHER_KEY);
    script.env("BASE_URL", format!("http://{address}/v1")).env("API_KEY", KEY).env("MODEL", "small");
    succeeds(script).await;
}

fn question(text: &str, stream: bool) -> Value {
    json!({"model": "small", "stream": stream, "messages": [{"role": "user", "content": text}]})
}

fn outcome(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.header("x-llm-cache").expect("every answer tells")
}

#[tokio::test]
async fn the_example_alone_in_an_axum_app() {
    let app = example::app();
    let ask = async |key: &str, stream: bool| {
        let body = json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hello"}]});
        let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
        let request = request.header("authorization", format!("Bearer {key}"));
        let response =
            app.clone().oneshot(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.unwrap();
        let outcome = response.headers()["x-llm-cache"].to_str().unwrap().to_owned();
        let body = Body::new(response.into_body()).bytes(9999).await.unwrap();
        (outcome, String::from_utf8(body.to_vec()).unwrap())
    };
    for (key, stream, expected, times) in [
        ("a", false, "miss", 1),
        ("a", false, "hit", 1),
        ("a", true, "hit", 1),
        ("b", true, "miss", 2),
        ("b", false, "hit", 2),
    ] {
        let (outcome, body) = ask(key, stream).await;
        assert_eq!(outcome, expected, "{key} {stream}");
        assert!(body.contains(&format!("asked {times} times")), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_sdks_are_answered_from_the_cache() {
    let sim = sim().await;
    let address = proxy_of(&sim, "").await;
    let by_default =
        ["plain_then_plain", "plain_then_stream", "stream_then_plain", "tools", "tenants", "directives", "embeddings"];
    cases(python("cache_cases.py"), address, &by_default).await;
    cases(node("cache_cases.mjs"), address, &["all"]).await;
    let meaning = "[layers.cache.semantic]\nmodel = 'small'\nthreshold = 0.8";
    cases(python("cache_cases.py"), proxy_of(&sim, meaning).await, &["meaning"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_streams_at_once_are_one_call() {
    let sim = Sim::openai().any_model().pace(Duration::from_millis(30)).start().await.expect("a provider");
    let client = Client::new(proxy_of(&sim, "").await);
    let ask = question("sim:say All of us want to know the same, and at the same time.", true);
    let answers = join_all((0..64).map(|_| client.chat(&ask, &[]))).await;
    let called = sim.received().len();
    assert_eq!(called, 1, "{:?}", answers.iter().map(outcome).collect::<Vec<_>>());
    for answer in &answers {
        assert!(!answer.broken && answer.body == answers[0].body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_proxies_share_one_redis_which_comes_and_goes() {
    let mut server = Server::start();
    let sim = sim().await;
    let store = format!("store = '{}'\nsecret = 'the-same-secret-in-all-the-replicas'\nencrypt = true", server.url());
    let near = store.replace("store = '", "store = ['memory', '").replacen("'\n", "']\n", 1);
    let starting = [&store, &store, &near].map(|settings| proxy_of(&sim, settings));
    let addresses = join_all(starting).await;
    let [one, other, tiered] = [0, 1, 2].map(|at| Client::new(addresses[at]));
    assert_eq!(outcome(&one.chat(&question("sim:say Shared.", true), &[]).await), "miss");
    for proxy in [&other, &tiered] {
        eventually("the entry is there", async || {
            let ask = proxy.chat(&question("sim:say Shared.", false), &[("cache-control", "only-if-cached")]).await;
            ask.status == 200
        })
        .await;
        assert_eq!(outcome(&proxy.chat(&question("sim:say Shared.", true), &[]).await), "hit");
    }
    assert_eq!(sim.received().len(), 1);
    // Somebody else's key has nothing of it.
    let theirs = format!("Bearer {OTHER_KEY}");
    let theirs = [("authorization", &*theirs), ("cache-control", "only-if-cached")];
    assert_eq!(other.chat(&question("sim:say Shared.", false), &theirs).await.status, 504);

    server.stop();
    assert_eq!(outcome(&one.chat(&question("sim:say Shared.", false), &[]).await), "miss", "away means miss");
    assert_eq!(outcome(&tiered.chat(&question("sim:say Shared.", false), &[]).await), "hit", "what is near is there");
    server.restart();
    eventually("the store is back", async || outcome(&one.chat(&question("sim:say Back.", false), &[]).await) == "hit")
        .await;

    // Who purges here purges there.
    let purge = |address: SocketAddr, path: &str| {
        let request =
            Request::delete(format!("http://{address}{path}")).header("authorization", format!("Bearer {KEY}"));
        request.body(Full::default()).unwrap()
    };
    eventually("the other finds the store again, too", async || {
        other.send(purge(addresses[1], "/cache")).await.status == 200
    })
    .await;
    assert_eq!(outcome(&one.chat(&question("sim:say Back.", false), &[]).await), "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_purge_what_is_theirs() {
    let sim = sim().await;
    let address = proxy_of(&sim, "").await;
    let client = Client::new(address);
    let ask = async |key: &str, namespace: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", &*bearer), ("x-llm-cache-namespace", namespace)];
        client.chat(&question("sim:say Purge me.", false), &headers).await
    };
    let purge = async |key: &str, path: &str| {
        let request =
            Request::delete(format!("http://{address}{path}")).header("authorization", format!("Bearer {key}"));
        client.send(request.body(Full::default()).unwrap()).await
    };
    for (key, namespace) in [(KEY, "a"), (KEY, "b"), (OTHER_KEY, "a")] {
        ask(key, namespace).await;
    }
    assert_eq!(purge(KEY, "/cache/namespaces/a").await.json(), json!({"object": "cache.purged", "entries": 1}));
    assert_eq!(outcome(&ask(KEY, "a").await), "miss");
    assert_eq!(outcome(&ask(KEY, "b").await), "hit");
    assert_eq!(outcome(&ask(OTHER_KEY, "a").await), "hit");
    assert_eq!(purge(KEY, "/cache").await.json()["entries"], 2);
    assert_eq!(outcome(&ask(KEY, "b").await), "miss");
    assert_eq!(outcome(&ask(OTHER_KEY, "a").await), "hit");
    assert_eq!(purge("sk-nobody", "/cache").await.status, 401);
    assert_eq!(purge(KEY, "/cache/keys/short").await.status, 400);
    assert_eq!(purge(KEY, "/cache/else").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_validator_refuses_or_mends_is_not_kept() {
    let sim = sim().await;
    let client = Client::new(proxy_of(&sim, "").await);
    let schema = json!({"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]});
    let tools = json!([{"type": "function", "function": {"name": "forecast", "parameters": schema}}]);
    let ask = async |arguments: &str, stream: bool| {
        let mut ask = question(&format!("sim:tool forecast {arguments}"), stream);
        ask["tools"] = tools.clone();
        client.chat(&ask, &[]).await
    };
    for stream in [false, true] {
        for (arguments, calls) in [(r#"{"days": "many"}"#, 2), (r#"{"days": "3"}"#, 2), (r#"{"days": 3}"#, 1)] {
            let before = sim.received().len();
            // The white space makes it another question for each way.
            let arguments = format!("{arguments}{}", if stream { " " } else { "" });
            for _ in 0..2 {
                ask(&arguments, stream).await;
            }
            assert_eq!(sim.received().len() - before, calls, "{arguments} {stream}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_not_in_what_is_kept_and_a_key_finds_it_again() {
    let mut server = Server::start();
    let sim = sim().await;
    let settings =
        format!("store = '{}'\n[layers.pii_redaction]\nkey = 'a-key-of-redaction-which-is-long-enough'", server.url());
    let client = Client::new(proxy_of(&sim, &settings).await);
    let ask = question("sim:say Write to anna@posteo.de.", false);
    assert_eq!(outcome(&client.chat(&ask, &[]).await), "miss");
    eventually("it is kept", async || outcome(&client.chat(&ask, &[]).await) == "hit").await;
    let again = client.chat(&ask, &[]).await;
    assert!(again.text().contains("anna@posteo.de"), "put back: {}", again.text());
    let redis = redis_dump(&server).await;
    assert!(redis.contains("llm-cache") && !redis.contains("posteo") && !redis.contains("sim:say"), "{redis}");
    server.stop();
}

/// All names, and all values, that are in a Redis.
async fn redis_dump(server: &Server) -> String {
    use llm_layers_redis::{Redis, cmd};
    let redis = Redis::open(&server.url()).unwrap();
    let names: Vec<Vec<u8>> = redis.query(cmd("KEYS").arg("*")).await.unwrap();
    let mut dump = String::new();
    for name in names {
        dump += &String::from_utf8_lossy(&name);
        let value: Result<Vec<u8>, _> = redis.query(cmd("GET").arg(name)).await;
        dump += &String::from_utf8_lossy(&value.unwrap_or_default());
    }
    dump
}
