//! The tool-call validator: in the proxy, between OpenAI's SDKs and a provider that makes mistakes; and the example alone
//! in an axum app.

use std::net::SocketAddr;

use http::{Request, header::CONTENT_TYPE};
use http_body_util::Full;
use llm_layers_core::Body;
use llm_layers_sim::{Sim, SimHandle};
use llm_layers_tests::{KEY, node, proxy, python, succeeds};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::wire_support::Client;

#[allow(dead_code, unused, clippy::all, reason = "its `main` is for whoever runs it")]
#[path = "../../../examples/tool_call_validator.rs"]
mod example;

/// The proxy with this as `[layers.tool_call_validator]`, in front of a simulated provider.
async fn start(sim: Sim, dialect: &str, settings: &str) -> (SimHandle, SocketAddr) {
    let sim = sim.any_model().start().await.expect("a provider");
    let config = format!(
        r#"
        [providers.local]
        dialect = "{dialect}"
        base_url = "{}"
        [[deployments]]
        name = "small"
        provider = "local"
        [keys.tests]
        key = "{KEY}"
        [layers.tool_call_validator]
        {settings}
        "#,
        sim.base_url(),
    );
    let (address, _) = proxy(&config).await;
    (sim, address)
}

async fn cases(mut script: tokio::process::Command, address: SocketAddr, cases: &[&str]) {
    script.args(cases);
    script.env("BASE_URL", format!("http://{address}/v1")).env("API_KEY", KEY).env("MODEL", "small");
    succeeds(script).await;
}

#[tokio::test]
async fn the_example_alone_in_an_axum_app() {
    let ask = async |arguments| {
        let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
        let body = axum::body::Body::from(example::request(arguments).to_string());
        let response = example::app().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = Body::new(response.into_body()).bytes(9999).await.unwrap();
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (status, answer) = ask(r#"{"city": "Paris", "days": "3",}"#).await;
    assert_eq!(status, 200);
    let arguments = answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), json!({"city": "Paris", "days": 3}));
    let (status, answer) = ask(r#"{"days": 3}"#).await;
    assert_eq!((status, &answer["error"]["code"]), (502, &json!("invalid_tool_call")));
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_python_sdk_sees_valid_calls_or_errors() {
    // On by default, and set to what it does by itself.
    let (_sim, address) = start(Sim::openai(), "openai", "").await;
    let by_default = [
        "mistakes_with_one_reading_are_mended",
        "what_is_right_stays_as_it_is",
        "python_literals",
        "the_name_is_mended_too",
        "what_lost_something_is_refused",
        "calls_of_nothing_are_refused",
        "cut_off_is_never_mended",
        "parallel_calls",
        "legacy_functions",
        "structured_output",
        "bad_schemas",
    ];
    cases(python("tool_cases.py"), address, &by_default).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_node_sdk_sees_valid_calls_or_errors() {
    let (_sim, address) = start(Sim::openai(), "openai", "").await;
    cases(node("tool_cases.mjs"), address, &["all"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_asked_again() {
    let (sim, address) = start(Sim::openai(), "openai", "max_reasks = 1").await;
    cases(python("tool_cases.py"), address, &["reasks"]).await;
    let received = sim.received();
    assert_eq!(received.len(), 2 + 1 + 2 + 2 * 2);
    let again = received[1].json();
    let messages = again["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3, "{again}");
    assert_eq!(messages[1]["tool_calls"][0]["function"]["arguments"], r#"{"days": 1}"#);
    assert_eq!(
        (&messages[2]["role"], &messages[2]["tool_call_id"]),
        (&json!("tool"), &messages[1]["tool_calls"][0]["id"])
    );
    assert!(messages[2]["content"].as_str().unwrap().contains("/city"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_written_calls_are_settings() {
    let (_sim, address) = start(Sim::openai(), "openai", "on_invalid = 'report'").await;
    cases(python("tool_cases.py"), address, &["reports"]).await;
    let (_sim, address) = start(Sim::openai(), "openai", "written_calls = true").await;
    cases(python("tool_cases.py"), address, &["written_calls", "mistakes_with_one_reading_are_mended"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_judged_is_what_the_client_reads() {
    // The model sees a placeholder, which is no email address.
    let (sim, address) = start(Sim::openai(), "openai", "\n[layers.pii_redaction]").await;
    let schema = json!({"type": "object", "properties": {"to": {"type": "string", "format": "email"}}});
    let tools = json!([{"type": "function", "function": {"name": "send", "parameters": schema}}]);
    let said = r#"sim:tool send {"to": "anna@posteo.de"}"#;
    for stream in [false, true] {
        let ask = json!({"model": "small", "stream": stream, "tools": tools, "messages": [{"role": "user", "content": said}]});
        let answer = Client::new(address).chat(&ask, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("invalid_tool_call") && !text.contains("<EMAIL"), "{text}");
    }
    assert!(sim.received().iter().all(|it| !it.json().to_string().contains("posteo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_other_shapes_and_of_other_providers_are_checked() {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    for (sim, dialect) in [(Sim::openai(), "openai"), (Sim::anthropic(), "anthropic")] {
        let (_sim, address) = start(sim, dialect, "").await;
        let client = Client::new(address);
        let post = async |path: &str, body: Value| {
            let request = Request::post(format!("http://{address}{path}"))
                .header(CONTENT_TYPE, "application/json")
                .header("authorization", format!("Bearer {KEY}"));
            client.send(request.body(Full::from(body.to_string())).unwrap()).await
        };
        for (said, status) in [(r#"{"city": "Bern"}"#, 200), (r#"{"town": "Bern"}"#, 502)] {
            let said = format!("sim:tool get_weather {said}");
            let chat = json!({
                "model": "small", "messages": [{"role": "user", "content": said}],
                "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": schema}}],
            });
            let message = json!({
                "model": "small", "max_tokens": 500, "messages": [{"role": "user", "content": said}],
                "tools": [{"name": "get_weather", "input_schema": schema}],
            });
            let response = json!({
                "model": "small", "input": said,
                "tools": [{"type": "function", "name": "get_weather", "parameters": schema, "strict": false}],
            });
            for (path, mut body) in
                [("/v1/chat/completions", chat), ("/v1/messages", message), ("/v1/responses", response)]
            {
                let answer = post(path, body.clone()).await;
                assert_eq!(answer.status, status, "{dialect} {path}: {answer:?}");
                body["stream"] = json!(true);
                let answer = post(path, body).await;
                let text = String::from_utf8_lossy(&answer.body);
                assert_eq!(text.contains("invalid_tool_call"), status != 200, "{dialect} {path}: {text}");
                assert_eq!(text.contains("Bern"), status == 200, "{dialect} {path}: {text}");
            }
        }
    }
}
