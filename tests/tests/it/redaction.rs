//! Redaction: in the proxy, behind a real client, and the example alone in an axum app.

use std::net::SocketAddr;

use axum::{Json, Router, routing::post};
use http::{Request, header::CONTENT_TYPE};
use http_body_util::Full;
use llm_layers_core::Body;
use llm_layers_sim::{Sim, SimHandle};
use llm_layers_tests::{KEY, proxy, python, succeeds};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::wire_support::{Client, ask, data_lines};

#[allow(dead_code, unused, clippy::all, reason = "its `main` is for whoever runs it")]
#[path = "../../../examples/pii_redaction.rs"]
mod example;

const EMAIL: &str = "anna.schmidt@posteo.de";
const CARD: &str = "4111 1111 1111 1111";

/// The proxy with this as `[layers.pii_redaction]`, in front of a simulated provider.
async fn start(settings: &str) -> (SimHandle, SocketAddr) {
    let sim = Sim::openai().any_model().start().await.expect("a provider");
    let config = format!(
        r#"
        [providers.local]
        dialect = "openai"
        base_url = "{}"
        [[deployments]]
        name = "small"
        provider = "local"
        [keys.tests]
        key = "{KEY}"
        [layers.pii_redaction]
        {settings}
        "#,
        sim.base_url(),
    );
    let (address, _) = proxy(&config).await;
    (sim, address)
}

/// Everything that the provider was sent.
fn sent(sim: &SimHandle) -> String {
    let received = sim.received();
    received
        .iter()
        .map(|it| format!("{} {:?} {}\n", it.path, it.headers.values(), String::from_utf8_lossy(&it.body)))
        .collect()
}

#[tokio::test]
async fn the_example_alone_in_an_axum_app() {
    let said = format!("Mail {EMAIL}, or pay to DE89 3704 0044 0532 0130 00.");
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": said }] });
    let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
    let response =
        example::app().oneshot(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.unwrap();
    assert_eq!(response.headers()["x-llm-redacted"], "email=1,iban=1");
    let body = Body::new(response.into_body()).bytes(9999).await.unwrap();
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], format!("You said: {said}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_python_sdk_reads_what_was_said() {
    let (sim, address) = start("entities = { credit_card = 'block' }").await;
    let mut script = python("redaction_cases.py");
    script.args(["plain", "stream", "tools", "tools_stream", "blocked"]);
    script.env("BASE_URL", format!("http://{address}/v1")).env("API_KEY", KEY).env("MODEL", "small");
    succeeds(script).await;
    let sent = sent(&sim);
    assert!(sent.contains("<EMAIL_") && sent.contains("<IBAN_"), "{sent}");
    for value in ["schmidt", "3704", "4111"] {
        assert!(!sent.contains(value), "{value}: {sent}");
    }
    assert_eq!(sim.counts().requests, 4, "what is blocked is not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_other_shapes_are_searched_as_well() {
    let (sim, address) = start("").await;
    let client = Client::new(address);
    let post = async |path: &str, body: Value| {
        let request = Request::post(format!("http://{address}{path}?to={EMAIL}"))
            .header(CONTENT_TYPE, "application/json")
            .header("authorization", format!("Bearer {KEY}"))
            .header("referer", format!("https://shop.example/{EMAIL}"))
            .header("x-forwarded-for", "203.0.113.7")
            .header("user-agent", EMAIL);
        client.send(request.body(Full::from(body.to_string())).unwrap()).await
    };
    let said = format!("sim:say To {EMAIL}.");
    for (path, body, pointer) in [
        (
            "/v1/messages",
            json!({"model": "small", "max_tokens": 50, "messages": [{"role": "user", "content": said}]}),
            "/content/0/text",
        ),
        ("/v1/responses", json!({"model": "small", "input": said}), "/output/0/content/0/text"),
        ("/v1/completions", json!({"model": "small", "prompt": said}), "/choices/0/text"),
    ] {
        let answer = post(path, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        assert_eq!(json.pointer(pointer), Some(&json!(format!("To {EMAIL}."))), "{path}: {json}");
    }
    let answer = post("/v1/embeddings", json!({"model": "small", "input": [EMAIL]})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let sent = sent(&sim);
    assert!(!sent.contains("schmidt") && !sent.contains("203.0.113.7"), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_way_around_it() {
    let (sim, address) = start("").await;
    let client = Client::new(address);
    for path in ["/providers/local/v1/chat/completions", "/v1/files", "/v1/vector_stores"] {
        let request = Request::post(format!("http://{address}{path}")).header("authorization", format!("Bearer {KEY}"));
        let body = json!({"model": "small", "input": EMAIL, "messages": [{"role": "user", "content": EMAIL}]});
        let answer = client.send(request.body(Full::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        assert_eq!(answer.json()["error"]["code"], "personal_data_unsearchable");
    }
    assert_eq!(sim.counts().requests, 0);
    let (sim, address) = start("other_calls = 'pass'").await;
    let request = Request::post(format!("http://{address}/providers/local/chat/completions"));
    let request = request.header("authorization", format!("Bearer {KEY}")).header(CONTENT_TYPE, "application/json");
    let body = json!({"model": "small", "messages": [{"role": "user", "content": "sim:say Hi"}]});
    let answer = Client::new(address).send(request.body(Full::from(body.to_string())).unwrap()).await;
    assert_eq!((answer.status, sim.counts().requests), (200, 1), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_share_no_placeholder() {
    let (sim, address) = start("key = 'a-key-of-enough-characters'\n[keys.other]\nkey = 'sk-other'").await;
    let client = Client::new(address);
    let ask = ask("small", EMAIL, false);
    client.chat(&ask, &[]).await;
    client.chat(&ask, &[]).await;
    client.chat(&ask, &[("authorization", "Bearer sk-other")]).await;
    let bodies: Vec<_> = sim.received().iter().map(|it| it.json()["messages"].to_string()).collect();
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies[0], bodies[1], "a cache finds it again");
    assert_ne!(bodies[0], bodies[2]);
}

/// A Presidio Analyzer that finds what is called `Bluebird`, and at `/broken/analyze` answers nonsense.
async fn presidio() -> SocketAddr {
    let analyze = async |Json(request): Json<Value>| {
        let find = |text: &Value| {
            let text = text.as_str().unwrap_or_default();
            let at = text.find("Bluebird").map(|at| text[..at].chars().count());
            let found = at.map(|at| json!({"entity_type": "ORGANIZATION", "start": at, "end": at + 8, "score": 0.85}));
            Value::from_iter(found)
        };
        Json(match &request["text"] {
            Value::Array(texts) => texts.iter().map(find).collect(),
            text => find(text),
        })
    };
    let app = Router::new().route("/analyze", post(analyze)).route("/broken/analyze", post(async || "nonsense"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detector_outside_is_asked_and_fails_closed() {
    let presidio = presidio().await;
    let ask = ask("small", "sim:say \u{1f426} Bluebird flies.", true);
    let (sim, address) = start(&format!("presidio = {{ url = 'http://{presidio}' }}")).await;
    let answer = Client::new(address).chat(&ask, &[]).await;
    let chunks = data_lines(&answer.body);
    let said = chunks.iter().filter_map(|data| serde_json::from_str::<Value>(data).ok());
    let said: String =
        said.filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned())).collect();
    assert_eq!(said, "\u{1f426} Bluebird flies.");
    let sent = sent(&sim);
    assert!(sent.contains("<ORGANIZATION_") && !sent.contains("Bluebird"), "{sent}");

    for (url, on_failure, status) in [
        (format!("http://{presidio}/broken"), "closed", 503),
        (format!("http://{presidio}/broken"), "open", 200),
        // Nobody listens there.
        ("http://127.0.0.1:9".to_owned(), "closed", 503),
    ] {
        let settings = format!("presidio = {{ url = '{url}', on_failure = '{on_failure}' }}");
        let (sim, address) = start(&settings).await;
        let answer = Client::new(address).chat(&ask, &[]).await;
        assert_eq!(answer.status, status, "{url} {on_failure}: {answer:?}");
        assert_eq!(sim.counts().requests, u64::from(status == 200));
        if status == 503 {
            assert_eq!(answer.json()["error"]["code"], "redaction_unavailable");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_is_heard_by_the_provider() {
    let (sim, address) = start("answers = 'mask'").await;
    let body = ask("small", &format!("sim:words 4000\n{EMAIL} {CARD}"), true);
    let response = Client::new(address).head_of(&body, &[("x-sim-fault", "pace=5")]).await;
    assert_eq!(response.status(), 200);
    drop(response);
    llm_layers_tests::reaches_the_provider(&sim).await;
}
