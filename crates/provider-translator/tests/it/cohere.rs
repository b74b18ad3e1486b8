//! Cohere, over a real socket: what is sent is judged by a simulator that holds requests to the rules of the real API.

use http::Request;
use llm_layers_core::{Body, Secret};
use llm_layers_provider_translator::Provider;
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::simulated::{Translated, awkward, read, same};

async fn start() -> Translated {
    let sim = Sim::cohere().api_key("key").start().await.expect("a simulator");
    let provider = Provider::cohere(&sim.origin()).expect("a URL").with_key(&Secret::new("key")).expect("a key");
    Translated::new(sim, provider)
}

fn chat(prompt: &str) -> Value {
    json!({"model": "command-a-03-2025", "messages": [{"role": "user", "content": prompt}]})
}

fn tool() -> Value {
    json!({"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}})
}

#[tokio::test]
async fn a_plain_answer_comes_whole_and_streamed() {
    let translated = start().await;
    for prompt in ["Hi you", "sim:think hm so\nsim:say one two three \u{1f600}"] {
        let whole = translated.answer(&chat(prompt)).await;
        assert_eq!(whole["choices"][0]["finish_reason"], "stop");
        assert!(whole["usage"]["prompt_tokens"].as_u64() > Some(0));
        assert_eq!(same(translated.assembled(&chat(prompt)).await), same(whole));
    }
    let mut thinking = chat("sim:think hm so\nsim:say x");
    thinking["reasoning_effort"] = json!("low");
    let thinking = translated.answer(&thinking).await;
    assert_eq!(thinking["choices"][0]["message"]["reasoning_content"], "hm so");
    let mut documented = chat("sim:say one two");
    documented["documents"] = json!([{"id": "d", "data": {"title": "T", "url": "https://a.example", "text": "one"}}]);
    let cited = translated.answer(&documented).await;
    assert_eq!(cited["choices"][0]["message"]["annotations"][0]["url_citation"]["url"], "https://a.example");
    assert_eq!(same(translated.assembled(&documented).await), same(cited));
}

#[tokio::test]
async fn what_openai_takes_cohere_takes() {
    let translated = start().await;
    for mut request in awkward() {
        request["model"] = json!("command-a-03-2025");
        assert_eq!(translated.answer(&request).await["object"], "chat.completion");
    }
}

#[tokio::test]
async fn a_loop_of_calls_goes_round() {
    let translated = start().await;
    let mut request = chat("sim:tool add {\"a\":1}\nsim:say I plan to add");
    request["tools"] = json!([tool()]);
    let first = translated.assembled(&request).await;
    assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
    let message = first["choices"][0]["message"].clone();
    assert_eq!(message["tool_calls"][0]["function"], json!({"name": "add", "arguments": "{\"a\":1}"}));
    let id = message["tool_calls"][0]["id"].clone();
    let turns = request["messages"].as_array_mut().expect("messages");
    turns.extend([message, json!({"role": "tool", "tool_call_id": id, "content": "42"})]);
    let second = translated.answer(&request).await;
    assert_eq!(second["choices"][0]["message"]["content"], "The tool said: 42");
    let sent = translated.sent();
    assert_eq!(
        (&sent["messages"][1]["tool_plan"], &sent["messages"][2]["role"]),
        (&json!("I plan to add"), &json!("tool"))
    );
}

#[tokio::test]
async fn errors_have_openais_shape() {
    let translated = start().await;
    let mut missing = chat("x");
    missing["model"] = json!("nope");
    assert_eq!(translated.refused(&missing).await, (404, "model_not_found".into()));
    for (fault, status, code) in [
        ("400", 400, ""),
        ("401", 401, "invalid_api_key"),
        ("402", 429, "insufficient_quota"),
        ("422", 400, ""),
        ("429", 429, "rate_limit_exceeded"),
        ("insufficient-quota", 429, "insufficient_quota"),
        ("498", 400, ""),
        ("499", 502, "upstream_error"),
        ("500", 502, "upstream_error"),
        ("501", 400, ""),
        ("503", 503, "server_is_overloaded"),
        ("504", 504, "upstream_timeout"),
        ("html", 502, "upstream_error"),
        ("empty", 502, "upstream_protocol_error"),
    ] {
        translated.fail(fault);
        assert_eq!(translated.refused(&chat("x")).await, (status, code.into()), "{fault}");
    }
    translated.fail("error-in-stream=0");
    let mut streamed = chat("x");
    streamed["stream"] = json!(true);
    assert_eq!(translated.refused(&streamed).await, (502, "upstream_error".into()));
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    let translated = start().await;
    let request = chat("sim:say one two three four five six seven");
    for (fault, code) in [
        ("error-in-stream=4", "upstream_error"),
        ("cut=4", "upstream_incomplete_stream"),
        ("reset-after=4", "upstream_incomplete_stream"),
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
async fn whoever_hangs_up_lets_the_provider_go() {
    let translated = start().await;
    translated.fail("stall=4");
    let counts = translated.hang_up(&chat("sim:say one two three four five six")).await;
    assert_eq!((counts.cancelled, counts.in_flight), (1, 0));
}

#[tokio::test]
async fn several_choices_take_as_many_calls() {
    let translated = start().await;
    let mut request = chat("Hi");
    request["n"] = json!(3);
    let answer = translated.answer(&request).await;
    assert_eq!(answer["choices"].as_array().map(Vec::len), Some(3));
    assert_eq!(translated.sim.counts().requests, 3);
    assert_eq!(translated.assembled(&request).await["choices"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn embeddings_and_models() {
    let translated = start().await;
    let request = json!({"model": "embed-v4.0", "input": ["a b", "c"], "dimensions": 256});
    let (status, floats) = read(translated.post("/v1/embeddings", &request).await).await;
    assert_eq!((status, floats["data"][1]["index"].as_u64()), (200, Some(1)), "{floats}");
    assert_eq!(floats["data"][1]["embedding"].as_array().map(Vec::len), Some(256));
    assert!(floats["usage"]["prompt_tokens"].as_u64() > Some(0));
    let mut encoded = request.clone();
    encoded["encoding_format"] = json!("base64");
    let (_, encoded) = read(translated.post("/v1/embeddings", &encoded).await).await;
    let encoded: llm_layers_wire::openai::EmbeddingResponse = serde_json::from_value(encoded).expect("embeddings");
    let floats: llm_layers_wire::openai::EmbeddingResponse = serde_json::from_value(floats).expect("embeddings");
    for (encoded, float) in encoded.data.iter().zip(&floats.data) {
        assert_eq!(encoded.embedding.to_floats(), float.embedding.to_floats());
    }

    let (status, list) =
        read(translated.send(Request::get("/v1/models").body(Body::empty()).expect("a request")).await).await;
    assert_eq!((status, &list["object"]), (200, &json!("list")), "{list}");
    assert!(list["data"].as_array().expect("models").iter().any(|model| model["id"] == "command-a-03-2025"));
}
