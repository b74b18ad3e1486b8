//! What calls cost, and may, as the proxy tells and keeps it.

use std::path::{Path, PathBuf};

use axum::{Router, routing::post};
use llm_layers_testkit::redis;
use llm_layers_tests::{proxy, python, succeeds};
use serde_json::{Value, json};

use crate::{
    routing::Market,
    wire_support::{Answer, Client, ask, data_lines},
};

/// Cents of `dear`: a prompt's token costs a tenth of one, an answer's token two tenths.
fn millis(usage: &Value) -> u64 {
    let tokens = |name: &str| usage[name].as_u64().expect("a count");
    tokens("prompt_tokens") + 2 * tokens("completion_tokens")
}

/// `12.345` of 12,345 thousandths.
fn dollars(millis: u64) -> f64 {
    format!("{}.{:03}", millis / 1000, millis % 1000).parse().expect("a number")
}

fn cost(answer: &Answer) -> f64 {
    answer.header("x-llm-cost-usd").unwrap_or_else(|| panic!("a cost: {answer:?}")).parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_what_it_has_cost() {
    let market = Market::start("", "").await;
    let plain = market.say(false).await;
    let usage = &plain.json()["usage"];
    assert_eq!(cost(&plain), dollars(millis(usage)));
    assert!(usage.get("cost").is_none(), "nobody has asked: {usage}");

    for stream in [false, true] {
        let mut body = ask("chat", "sim:say Two words.", stream);
        body["usage"] = json!({"include": true});
        let answer = market.client.chat(&body, &[]).await;
        let last = match stream {
            false => answer.json(),
            true => {
                let lines = data_lines(&answer.body);
                let last = lines.iter().rev().find(|line| line.contains("\"usage\":{")).expect("a usage");
                serde_json::from_str(last).expect("JSON")
            }
        };
        assert_eq!(last["usage"]["cost"].as_f64(), Some(dollars(millis(&last["usage"]))), "{answer:?}");
    }
    let sent = market.dear.received();
    assert!(sent.iter().all(|call| call.json().get("usage").is_none()), "it is no member of OpenAI's");
}

#[tokio::test(flavor = "multi_thread")]
async fn openrouters_convention_as_the_sdk_sees_it() {
    let market = Market::start("", "").await;
    let mut python = python("cost_cases.py");
    python.env("BASE_URL", format!("http://{}/v1", market.address)).env("MODEL", "chat");
    python.args(["all"]).env("API_KEY", llm_layers_tests::KEY);
    succeeds(python).await;
}

const BUDGET: &str = "[keys.poor]\nkey = \"sk-poor\"\nbudget = { usd = \"0.05\", per = \"day\", soft = 0.5 }";
const POOR: [(&str, &str); 1] = [("authorization", "Bearer sk-poor")];

#[tokio::test(flavor = "multi_thread")]
async fn a_key_spends_what_it_may_and_no_more() {
    let market = Market::start("", BUDGET).await;
    let mut body = ask("chat", "sim:say Four words are said.", false);
    body["max_tokens"] = 8.into();
    let mut spent = 0;
    let mut chosen = Vec::new();
    let refused = loop {
        let answer = market.client.chat(&body, &POOR).await;
        if answer.status != 200 {
            break answer;
        }
        assert!(chosen.len() < 1000, "it never ends");
        chosen.push(answer.header("x-llm-deployment").map(str::to_owned));
        let price = if chosen.last() == Some(&Some("dear".into())) { 100 } else { 1 };
        spent += millis(&answer.json()["usage"]) * price;
    };
    let error = refused.error(402);
    assert_eq!(error["code"], "insufficient_quota", "{error}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("poor") && !message.contains("0.05"), "whose, and no amount: {message}");
    // In hundredths of a thousandth: the last call may go beyond, by itself.
    assert!((5_000..5_000 + 8 * 300).contains(&spent), "{spent}");
    assert_eq!(chosen.first(), Some(&Some("dear".into())));
    assert_eq!(chosen.last(), Some(&Some("cheap".into())), "the first half is spent as the alias has it, the rest not");

    let streamed = market.client.chat(&ask("chat", "sim:say x", true), &POOR).await;
    assert_eq!(streamed.error(402)["code"], "insufficient_quota");
    for path in ["/providers/one/v1/chat/completions", "/v1/moderations"] {
        let request = http::Request::post(format!("http://{}{path}", market.address));
        let request = request.header("authorization", "Bearer sk-poor").header("content-type", "application/json");
        let request = request.body(r#"{"model":"dear","input":"x"}"#.into()).expect("a request");
        assert_eq!(market.client.send(request).await.status, 402, "{path} is no way around");
    }
    assert_eq!(market.say(false).await.status, 200, "others have their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_budgets_and_live_without_their_store() {
    let mut server = redis::Server::start();
    let more = format!("{BUDGET}\n[layers.accounts]\nstore = \"{}\"", server.url());
    let (one, two) = (Market::start("", &more).await, Market::start("", &more).await);
    let mut body = ask("cheap", "sim:say one", false);
    let mut calls = 0_u32;
    // The price of a hundred calls and more: both together come to the end that each alone would.
    body["messages"][0]["content"] = format!("sim:say {}", "word ".repeat(30)).into();
    while one.client.chat(&body, &POOR).await.status == 200 && two.client.chat(&body, &POOR).await.status == 200 {
        calls += 2;
        assert!(calls < 1000, "it never ends");
    }
    let alone = Market::start("", BUDGET).await;
    let mut alone_calls = 0_u32;
    while alone.client.chat(&body, &POOR).await.status == 200 {
        alone_calls += 1;
    }
    assert!(calls.abs_diff(alone_calls) <= 2, "{calls} together, {alone_calls} alone");
    assert_eq!(one.client.chat(&body, &POOR).await.status, 402);
    server.stop();
    let answer = one.client.chat(&body, &POOR).await;
    assert_eq!(answer.status, 402, "what is known here stays known: {answer:?}");
    assert_eq!(two.say(false).await.status, 200);
}

/// The lines of all files in a folder.
fn lines(folder: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let texts = files.map(|file| std::fs::read_to_string(file).expect("a text"));
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<_>>())
        .collect()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("llm-layers-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_a_line_of_the_ledger() {
    let folder = Folder::new("ledger");
    let ledger = format!("[layers.accounts]\nledger = \"{}\"", folder.0.display());
    let market = Market::start("", &ledger).await;
    market.dear.fail_next(1, "status=500".parse().expect("a fault"));
    market.say(false).await;
    market.say(true).await;
    // A client that hangs up in the middle pays for what it has seen.
    let slow = [("x-sim-fault", "pace=50")];
    let long = ask("dear", &format!("sim:say {}", "word ".repeat(400)), true);
    let mut stream = market.client.head_of(&long, &slow).await.into_body();
    for _ in 0..3 {
        http_body_util::BodyExt::frame(&mut stream).await.expect("an event").expect("no error");
    }
    drop(stream);
    market.dear.cancelled().await;

    let mut entries = lines(&folder.0);
    entries.sort_by_key(|line| line["at"].as_str().map(str::to_owned));
    let told: Vec<_> = entries
        .iter()
        .map(|line| {
            ["deployment", "outcome", "known", "caller", "alias"].map(|name| line[name].as_str().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ["dear", "failed", "computed", "tests", "chat"],
            ["cheap", "complete", "computed", "tests", "chat"],
            ["dear", "complete", "computed", "tests", "chat"],
            ["dear", "cancelled", "estimated", "tests", "-"],
        ],
        "{entries:?}"
    );
    let dollars = |line: &Value| line["cost_usd"].as_str().map(|usd| usd.parse::<f64>().expect("a number"));
    assert_eq!(dollars(&entries[0]), Some(0.0));
    assert!(entries.iter().skip(1).all(|line| dollars(line).is_some_and(|usd| usd > 0.0)), "{entries:?}");
    assert!(
        !std::fs::read_to_string(std::fs::read_dir(&folder.0).unwrap().next().unwrap().unwrap().path())
            .unwrap()
            .contains("well"),
        "no text is written down"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cuts_answers_short_is_told_of() {
    // Promises 1,000 tokens, and stops after 100 of them.
    let cut = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "word ".repeat(100)}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 100, "total_tokens": 105},
    })
    .to_string();
    let answer = move || {
        let cut = cut.clone();
        async move { ([("content-type", "application/json")], cut) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let provider = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/chat/completions", post(answer))).await });
    let config = format!(
        r#"
        providers.p = {{ dialect = "openai", base_url = "http://{provider}/v1" }}
        deployments = [{{ name = "m", provider = "p", max_output = 1000, context_window = 10000 }}]
        layers.accounts.audit = {{ sample = 1.0 }}
        "#
    );
    let client = Client::new(proxy(&config).await.0);
    let mut body = ask("m", "Tell me all.", false);
    body["max_tokens"] = 1000.into();
    let mut warnings = Vec::new();
    for _ in 0..4 {
        warnings.push(client.chat(&body, &[]).await.header("x-llm-warning").map(str::to_owned));
    }
    assert_eq!(warnings[..2], [None, None], "once is chance");
    assert!(warnings[3].as_ref().is_some_and(|warning| warning.contains("low_output_limit")), "{warnings:?}");
}
