//! Azure OpenAI, over a real socket: by deployment and by model.

use llm_layers_core::Secret;
use llm_layers_provider_translator::Provider;
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::simulated::{self, Translated, same};

const VERSIONS: [Option<&str>; 2] = [None, Some("2024-10-21")];

/// Without a version it is the path that has none.
async fn start(version: Option<&str>) -> Translated {
    let sim = Sim::azure().api_key("key").start().await.expect("a simulator");
    let provider = match version {
        None => Provider::azure(&sim.origin()),
        Some(version) => Provider::azure(&sim.origin()).and_then(|provider| provider.with_api_version(version)),
    };
    let provider = provider.and_then(|provider| provider.with_key(&Secret::new("key")));
    Translated::new(sim, provider.expect("a provider"))
}

fn chat(prompt: &str) -> Value {
    json!({"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]})
}

fn tool() -> Value {
    json!({"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}})
}

/// Without the findings of the filters, which come in other places in a stream.
fn unfiltered(mut answer: Value) -> Value {
    let object = answer.as_object_mut().expect("an object");
    object.remove("prompt_filter_results");
    for choice in answer["choices"].as_array_mut().into_iter().flatten() {
        let choice = choice.as_object_mut().expect("a choice");
        choice.retain(|name, _| !name.starts_with("content_filter"));
        // Streams have none where there are none.
        choice["message"].as_object_mut().expect("a message").remove("annotations");
    }
    same(answer)
}

#[tokio::test]
async fn a_plain_answer_comes_whole_and_streamed() {
    for version in VERSIONS {
        let translated = start(version).await;
        let whole = translated.answer(&chat("Hi you")).await;
        assert_eq!(whole["choices"][0]["finish_reason"], "stop");
        let streamed = translated.assembled(&chat("Hi you")).await;
        assert!(streamed["prompt_filter_results"].is_array(), "what was found in the prompt is told: {streamed}");
        assert_eq!(unfiltered(streamed), unfiltered(whole));
    }
}

#[tokio::test]
async fn findings_behind_the_end_are_no_second_end() {
    let translated = start(None).await;
    let mut request = chat("Hi you");
    request["model"] = json!("sim-async-filter");
    let mut events = translated.stream(&request).await;
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    let events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).expect("JSON")).collect();
    let ends = events.iter().filter(|event| event["choices"][0]["finish_reason"].is_string()).count();
    let ids: Vec<&Value> = events.iter().map(|event| &event["id"]).collect();
    assert_eq!(ends, 1, "{events:?}");
    assert!(ids.iter().all(|id| *id == ids[0] && !id.as_str().unwrap_or_default().is_empty()), "{ids:?}");
    assert!(events.last().expect("usage")["usage"]["total_tokens"].as_u64() > Some(0));
}

#[tokio::test]
async fn a_loop_of_calls_goes_round() {
    for version in VERSIONS {
        let translated = start(version).await;
        let mut request = chat("sim:tool add {\"a\": 1}\nsim:tool add {}");
        request["tools"] = json!([tool()]);
        let first = translated.assembled(&request).await;
        let message = first["choices"][0]["message"].clone();
        let calls = message["tool_calls"].as_array().expect("calls").clone();
        assert_eq!(calls.len(), 2);
        let turns = request["messages"].as_array_mut().expect("messages");
        turns.push(message);
        turns.extend(calls.iter().map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "42"})));
        assert_eq!(translated.answer(&request).await["choices"][0]["finish_reason"], "stop");
    }
}

#[tokio::test]
async fn failures_are_told_in_openais_words() {
    for version in VERSIONS {
        let translated = start(version).await;
        let mut missing = chat("x");
        missing["model"] = json!("no such/deployment");
        assert_eq!(translated.refused(&missing).await, (404, "model_not_found".into()));
        assert_eq!(translated.refused(&chat("sim:refuse")).await, (400, "content_filter".into()));
    }
    let sim = Sim::azure().api_key("key").start().await.expect("a simulator");
    let keyless = Provider::azure(&sim.origin()).expect("a provider");
    assert_eq!(Translated::new(sim, keyless).refused(&chat("x")).await, (401, "invalid_api_key".into()));
}

#[tokio::test]
async fn a_client_that_hangs_up_lets_the_provider_go() {
    let translated = start(None).await;
    translated.fail("stall=4");
    let counts = translated.hang_up(&chat("sim:say one two three four five six")).await;
    assert_eq!((counts.cancelled, counts.in_flight), (1, 0));
}

/// An old version is asked for no more than it knows.
#[tokio::test]
async fn what_openai_takes_old_versions_take() {
    let translated = start(Some("2024-02-01")).await;
    let mut request = chat("Hi");
    request["messages"] = json!([{"role": "developer", "content": "d"}, {"role": "user", "content": "Hi"}]);
    for (name, value) in [
        ("max_completion_tokens", json!(50)),
        ("parallel_tool_calls", json!(false)),
        ("reasoning_effort", json!("low")),
        ("service_tier", json!("flex")),
        ("metadata", json!({"a": "b"})),
    ] {
        request[name] = value;
    }
    assert_eq!(translated.answer(&request).await["object"], "chat.completion");
    assert_eq!(translated.assembled(&request).await["choices"][0]["finish_reason"], "stop");
    let sent = translated.sent();
    assert_eq!((&sent["max_tokens"], &sent["messages"][0]["role"]), (&json!(50), &json!("system")));
}

#[tokio::test]
async fn models_are_listed() {
    for version in VERSIONS {
        let translated = start(version).await;
        let list = http::Request::get("/v1/models").body(llm_layers_core::Body::empty()).expect("a request");
        let (status, body) = simulated::read(translated.send(list).await).await;
        assert_eq!(status, 200, "{body}");
        assert!(body["data"].as_array().is_some_and(|models| !models.is_empty()), "{body}");
    }
}
