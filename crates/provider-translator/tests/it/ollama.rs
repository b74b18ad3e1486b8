//! Ollama, over a real socket: what is sent is judged by a simulator that holds requests to the rules of the server.

use http::Request;
use llm_layers_core::{Body, Secret};
use llm_layers_provider_translator::Provider;
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::simulated::{Translated, awkward, read, same};

async fn start() -> Translated {
    let sim = Sim::ollama().start().await.expect("a simulator");
    let provider = Provider::ollama(&sim.origin()).expect("a URL");
    Translated::new(sim, provider)
}

fn chat(prompt: &str) -> Value {
    json!({"model": "qwen3", "messages": [{"role": "user", "content": prompt}]})
}

fn tool() -> Value {
    json!({"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}})
}

#[tokio::test]
async fn a_plain_answer_comes_whole_and_streamed() {
    let translated = start().await;
    let mut thinking = chat("sim:think hm so\nsim:say one two three \u{1f600}");
    thinking["reasoning_effort"] = json!("low");
    for request in [chat("Hi you"), thinking.clone()] {
        let whole = translated.answer(&request).await;
        assert_eq!((&whole["choices"][0]["finish_reason"], &whole["created"]), (&json!("stop"), &json!(1_795_225_404)));
        assert!(whole["usage"]["completion_tokens"].as_u64() > Some(0));
        assert_eq!(same(translated.assembled(&request).await), same(whole));
    }
    let thought = translated.answer(&thinking).await;
    assert_eq!(thought["choices"][0]["message"]["reasoning_content"], "hm so");
    let mut short = chat("sim:words 9");
    short["max_tokens"] = json!(2);
    assert_eq!(translated.answer(&short).await["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn a_key_is_sent_where_there_is_one() {
    let sim = Sim::ollama().api_key("key").start().await.expect("a simulator");
    let provider = Provider::ollama(&sim.origin()).expect("a URL");
    let without = Translated::new(Sim::ollama().api_key("key").start().await.expect("a simulator"), provider.clone());
    assert_eq!(without.refused(&chat("x")).await, (401, "invalid_api_key".into()));
    let with = Translated::new(sim, provider.with_key(&Secret::new("key")).expect("a key"));
    assert_eq!(with.answer(&chat("x")).await["object"], "chat.completion");
}

#[tokio::test]
async fn what_openai_takes_ollama_takes() {
    let translated = start().await;
    for mut request in awkward() {
        request["model"] = json!("qwen3");
        assert_eq!(translated.answer(&request).await["object"], "chat.completion");
    }
}

#[tokio::test]
async fn a_loop_of_calls_goes_round() {
    let translated = start().await;
    let mut request = chat("sim:think hm\nsim:tool add {\"a\": 1}\nsim:tool add {}");
    request["tools"] = json!([tool()]);
    request["reasoning_effort"] = json!("medium");
    let first = translated.assembled(&request).await;
    assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
    let message = first["choices"][0]["message"].clone();
    let calls = message["tool_calls"].as_array().expect("calls").clone();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["function"], json!({"name": "add", "arguments": "{\"a\":1}"}));
    let turns = request["messages"].as_array_mut().expect("messages");
    turns.push(message);
    turns.extend(calls.iter().map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "42"})));
    let second = translated.answer(&request).await;
    let said = second["choices"][0]["message"]["content"].as_str().expect("text");
    assert!(said.starts_with("The tool said: 42"), "{said}");
    let sent = translated.sent();
    assert_eq!(sent["messages"][1]["thinking"], "hm");
    assert_eq!(sent["messages"][1]["tool_calls"][0]["function"]["arguments"], json!({"a": 1}));
    assert_eq!(sent["messages"][2]["tool_name"], "add");
}

#[tokio::test]
async fn errors_have_openais_shape() {
    let translated = start().await;
    let with = |name: &str, value: Value| {
        let mut request = chat("x");
        request[name] = value;
        request
    };
    for (request, status, code) in [
        (with("model", json!("nope")), 404, "model_not_found"),
        (with("options", json!({"num_ctx": "big"})), 400, ""),
        (
            json!({"model": "sim-plain", "messages": [{"role": "user", "content": "x"}], "tools": [tool()]}),
            400,
            "unsupported_parameter",
        ),
    ] {
        assert_eq!(translated.refused(&request).await, (status, code.into()), "{request}");
    }
    for (fault, status, code) in [
        ("400", 400, ""),
        ("403", 403, ""),
        ("404", 404, "model_not_found"),
        ("429", 429, "rate_limit_exceeded"),
        ("insufficient-quota", 429, "insufficient_quota"),
        ("500", 502, "upstream_error"),
        ("502", 502, "upstream_error"),
        ("503", 503, "server_is_overloaded"),
        ("html", 502, "upstream_error"),
        ("empty", 502, "upstream_protocol_error"),
    ] {
        translated.fail(fault);
        assert_eq!(translated.refused(&chat("x")).await, (status, code.into()), "{fault}");
    }
    translated.fail("error-in-stream=0");
    assert_eq!(translated.refused(&with("stream", json!(true))).await, (502, "upstream_error".into()));
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    let translated = start().await;
    let request = chat("sim:say one two three four five six seven");
    for (fault, code) in [
        ("error-in-stream=2", "upstream_error"),
        ("cut=2", "upstream_incomplete_stream"),
        ("reset-after=2", "upstream_incomplete_stream"),
        ("no-done", "upstream_incomplete_stream"),
    ] {
        translated.fail(fault);
        let data = translated.stream(&request).await;
        let last: Value = serde_json::from_str(data.last().expect("an event")).expect("JSON");
        assert_eq!(last["error"]["code"], code, "{fault}");
        assert!(data.len() > 1, "{fault}");
    }
    let good = same(translated.assembled(&request).await);
    for legal in ["tear", "crlf", "bom", "comments", "tear;crlf;bom"] {
        translated.fail(legal);
        assert_eq!(same(translated.assembled(&request).await), good, "{legal}");
    }
}

#[tokio::test]
async fn whoever_hangs_up_lets_the_server_go() {
    let translated = start().await;
    translated.fail("stall=2");
    let counts = translated.hang_up(&chat("sim:say one two three four five six")).await;
    assert_eq!((counts.cancelled, counts.in_flight), (1, 0));
}

#[tokio::test]
async fn several_choices_take_as_many_calls() {
    let translated = start().await;
    let mut request = chat("Hi");
    request["n"] = json!(2);
    let answer = translated.answer(&request).await;
    assert_eq!(answer["choices"].as_array().map(Vec::len), Some(2));
    assert_eq!(translated.sim.counts().requests, 2);
    assert_eq!(translated.assembled(&request).await["choices"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn embeddings_and_models() {
    let translated = start().await;
    let request = json!({"model": "nomic-embed-text", "input": ["a b", "c"], "dimensions": 64});
    let (status, floats) = read(translated.post("/v1/embeddings", &request).await).await;
    assert_eq!((status, floats["data"][1]["embedding"].as_array().map(Vec::len)), (200, Some(64)), "{floats}");
    assert_eq!(floats["usage"], json!({"prompt_tokens": 3, "total_tokens": 3}));

    let list = translated.send(Request::get("/v1/models").body(Body::empty()).expect("a request")).await;
    let (status, list) = read(list).await;
    assert_eq!((status, &list["data"][0]["id"]), (200, &json!("sim-small:latest")), "{list}");
}
