//! Rules of aliases and of calls, and what they hold for.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use llm_layers_tests::proxy;
use serde_json::{Value, json};

use super::{Market, scripted::Scripted};
use crate::wire_support::{Answer, Client, ask};

#[tokio::test(flavor = "multi_thread")]
async fn who_may_train_and_when_is_by_the_file() {
    const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    // 1970 began on a Thursday. Three days from now it is neither today nor, at midnight, tomorrow.
    let days = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 86_400;
    let closed = DAYS[(days as usize + 3) % 7];
    let more = format!(
        r#"
        [[deployments]]
        name = "silent"
        provider = "two"
        trains = false
        retains = false
        [[deployments]]
        name = "nightly"
        provider = "one"
        only_for = "batch"
        [[deployments]]
        name = "shut"
        provider = "one"
        hours = {{ days = ["{closed}"], from = "00:00", to = "00:00" }}
        [[aliases]]
        name = "by-class"
        deployments = ["shut", "nightly", "silent"]
        [[aliases]]
        name = "slow"
        deployments = ["shut", "nightly", "silent"]
        class = "batch"
        [[aliases]]
        name = "private"
        deployments = ["dear", "silent"]
        no_training = true
        no_logging = true
        [[aliases]]
        name = "nobody"
        deployments = ["dear", "cheap"]
        no_training = true
        [[aliases]]
        name = "closed"
        deployments = ["dear", "silent"]
        hours = {{ zone = "UTC", days = ["{closed}"], from = "00:00", to = "00:00" }}
        [[aliases]]
        name = "open"
        deployments = ["silent"]
        hours = {{ zone = "UTC", from = "00:00", to = "00:00" }}
        "#
    );
    let market = Market::start("", &more).await;
    let say = async |model: &str| market.client.chat(&ask(model, "sim:say x", false), &[]).await;
    assert_eq!(say("private").await.header("x-llm-deployment"), Some("silent"));
    assert_eq!(say("open").await.header("x-llm-deployment"), Some("silent"));
    let message = |error: &Value| error["message"].as_str().unwrap_or_default().to_owned();
    let error = say("nobody").await.error(400);
    assert!(message(&error).contains("it is not known not to train on prompts"), "{error}");
    let error = say("closed").await.error(503);
    assert!(message(&error).contains("it is not its hour"), "{error}");
    assert_eq!(market.requests(), (0, 2));

    let class = async |model: &str, class: &str| {
        let answer = market.client.chat(&ask(model, "sim:say x", false), &[("x-llm-priority", class)]).await;
        (answer.status, answer.header("x-llm-deployment").unwrap_or_default().to_owned())
    };
    assert_eq!(say("by-class").await.header("x-llm-deployment"), Some("silent"));
    assert_eq!(class("by-class", "batch").await, (200, "nightly".into()));
    assert_eq!(say("slow").await.header("x-llm-deployment"), Some("nightly"));
    assert_eq!(class("slow", "interactive").await, (200, "silent".into()));
    assert_eq!(class("nightly", "interactive").await.0, 400);
    assert_eq!((class("nightly", "batch").await.0, say("shut").await.status), (200, 503));
}

/// Two providers of OpenAI's dialect, `eu` and `us`, and one of Anthropic's.
struct Places {
    eu: Scripted,
    us: Scripted,
    client: Client,
    address: std::net::SocketAddr,
}

impl Places {
    async fn start() -> Self {
        let [claude, eu, us] = [Scripted::greeting().await, Scripted::greeting().await, Scripted::greeting().await];
        let config = format!(
            r#"
            providers.claude = {{ dialect = "anthropic", base_url = "{}", api_key = "k" }}
            providers.eu = {{ dialect = "openai", base_url = "{}" }}
            providers.us = {{ dialect = "openai", base_url = "{}" }}
            deployments = [
                {{ name = "ear-us", provider = "us", model = "whisper-1", region = "us" }},
                {{ name = "ear-eu", provider = "eu", model = "whisper", region = "eu", price = {{ input = "1000", output = "1000" }} }},
                {{ name = "opus", provider = "claude", model = "claude-opus-4-5" }},
                {{ name = "mini", provider = "us", model = "gpt-4o-mini" }},
            ]
            [[aliases]]
            name = "hear"
            deployments = ["ear-us", "ear-eu"]
            regions = ["eu"]
            [[aliases]]
            name = "cheap"
            deployments = ["opus", "mini"]
            "#,
            claude.base_url, eu.base_url, us.base_url
        );
        let address = proxy(&config).await.0;
        Self { eu, us, client: Client::new(address), address }
    }

    async fn post(&self, path: &str, kind: &str, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(format!("http://{}{path}", self.address)).header("content-type", kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.send(request.body(body.into().into()).expect("a request")).await
    }

    /// The status, and who was called.
    async fn json(&self, path: &str, model: &str, headers: &[(&str, &str)]) -> (u16, [usize; 2]) {
        let body = json!({"model": model, "input": "x"}).to_string();
        let answer = self.post(path, "application/json", body, headers).await;
        (answer.status, self.calls())
    }

    /// How often the two were called since this was asked last.
    fn calls(&self) -> [usize; 2] {
        [self.eu.calls(), self.us.calls()]
    }
}

const EU: (&str, &str) = ("x-llm-region", "eu");

#[tokio::test(flavor = "multi_thread")]
async fn rules_hold_for_what_is_no_chat() {
    let places = Places::start().await;
    let speech = "/v1/audio/speech";
    for (path, model, headers, expected) in [
        (speech, "hear", &[][..], (200, [1, 0])),
        (speech, "hear", &[("x-llm-provider", "us")], (400, [0, 0])),
        (speech, "hear", &[("x-llm-provider", "us, eu")], (200, [1, 0])),
        (speech, "ear-us", &[EU], (400, [0, 0])),
        (speech, "us/whisper-1", &[EU], (400, [0, 0])),
        (speech, "eu/whisper", &[EU], (200, [1, 0])),
        // A model that only its provider knows.
        (speech, "unheard-of", &[], (404, [0, 0])),
        (speech, "unheard-of", &[("x-llm-provider", "us")], (200, [0, 1])),
        (speech, "unheard-of", &[("x-llm-provider", "us"), EU], (400, [0, 0])),
        // Of two the one that has such an endpoint.
        (speech, "cheap", &[], (200, [0, 1])),
        ("/v1/moderations", "cheap", &[], (200, [0, 1])),
        ("/v1/images/generations", "cheap", &[], (200, [0, 1])),
        (speech, "opus", &[], (400, [0, 0])),
        ("/providers/us/audio/speech", "hear", &[], (200, [0, 1])),
        ("/providers/us/audio/speech", "hear", &[EU], (400, [0, 0])),
        ("/providers/us/audio/speech", "hear", &[("x-llm-providers", "eu")], (400, [0, 0])),
        ("/providers/us/audio/speech", "hear", &[("x-llm-providers", "us")], (200, [0, 1])),
    ] {
        assert_eq!(places.json(path, model, headers).await, expected, "{path} {model} {headers:?}");
    }
    for path in ["/v1/files", "/v1/moderations", "/providers/us/files"] {
        for (name, value) in [("x-llm-priority", "silly"), ("x-llm-region", "")] {
            let error = places.post(path, "application/json", "{}", &[(name, value)]).await.error(400);
            assert_eq!((&error["code"], &error["param"]), (&json!("invalid_header"), &json!(name)), "{path}");
        }
    }
    assert_eq!(places.calls(), [0, 0]);
    assert_eq!(places.post("/v1/files", "application/json", "{}", &[]).await.status, 200);
    assert_eq!(places.calls(), [1, 0], "the first by name that has files");
    let odd = places.post("/v1/moderations", "text/plain", r#"{"model":"hear"}"#, &[]).await;
    assert_eq!((odd.status, places.calls()), (400, [0, 0]), "what is not read is no way around");
    // SDKs say that nothing is JSON.
    let cancel = places.post("/v1/batches/b/cancel", "application/json", "", &[]).await;
    assert_eq!((cancel.status, places.calls()), (200, [1, 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_goes_where_its_model_leads() {
    let places = Places::start().await;
    let form = |model: &str, sound: usize| {
        let sound = "\0".repeat(sound);
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n{sound}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--b--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=b";
    let send = async |body: String, headers: &[(&str, &str)]| {
        places.post("/v1/audio/transcriptions", kind, body, headers).await
    };
    assert_eq!(send(form("hear", 1 << 20), &[]).await.status, 200);
    let (path, body) = places.eu.take().pop().expect("a call");
    assert_eq!((path.as_str(), body == form("whisper", 1 << 20)), ("/v1/audio/transcriptions", true));
    assert_eq!(send(form("whisper-1", 9), &[]).await.error(404)["code"], "model_not_found");
    assert_eq!(send(form("ear-us", 9), &[EU]).await.error(400)["code"], "no_deployment_available");
    assert_eq!(send(form("hear", 9).replace("--b--", "--b"), &[]).await.error(400)["code"], "invalid_form");
    assert_eq!(send(form("hear", 33 << 20), &[]).await.status, 413);
    assert_eq!(places.calls(), [0, 0]);
    // What is uploaded for later has no model, and may be of any length.
    let file = form("hear", 33 << 20);
    assert_eq!(places.post("/v1/files", kind, file, &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_models_price_and_region_hold_by_whatever_name() {
    let places = Places::start().await;
    let say = async |model: &str, headers: &[(&str, &str)]| places.client.chat(&ask(model, "x", false), headers).await;
    let answer = say("eu/whisper", &[EU]).await;
    // Five tokens in and one out, a tenth of a cent each.
    assert_eq!(answer.header("x-llm-cost-usd"), Some("0.006"), "{answer:?}");
    assert_eq!(answer.header("x-llm-deployment"), Some("ear-eu"));
    assert_eq!(say("eu/other", &[]).await.header("x-llm-cost-usd"), None);
    assert_eq!(say("us/whisper-1", &[EU]).await.error(400)["code"], "no_deployment_available");
}
