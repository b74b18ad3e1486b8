//! Gemini, over a real socket: what is sent is judged by a simulator that holds requests to the rules of the real API.

use http::Request;
use llm_layers_core::{Body, BoxError, Secret};
use llm_layers_provider_translator::{Provider, TokenFuture, TokenSource};
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::simulated::{Translated, awkward, read, same};

const NEW: &str = "gemini-3-flash-preview";
const MODELS: [&str; 5] = ["gemini-2.0-flash", "gemini-2.5-flash", "gemini-2.5-pro", NEW, "gemini-3.1-pro-preview"];

async fn start() -> Translated {
    let sim = Sim::gemini().api_key("key").start().await.expect("a simulator");
    let provider = Provider::gemini(&sim.origin()).expect("a URL").with_key(&Secret::new("key")).expect("a key");
    Translated::new(sim, provider)
}

struct Token;

impl TokenSource for Token {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok::<_, BoxError>(Secret::new("token")) })
    }
}

async fn start_vertex() -> Translated {
    let sim = Sim::vertex().api_key("token").start().await.expect("a simulator");
    let provider = Provider::vertex_at(&sim.origin(), "my-project", "europe-west4").expect("a project");
    Translated::new(sim, provider.with_tokens(Token))
}

fn chat(prompt: &str) -> Value {
    json!({"model": NEW, "messages": [{"role": "user", "content": prompt}]})
}

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}})
}

#[tokio::test]
async fn a_plain_answer_comes_whole_and_streamed() {
    for translated in [start().await, start_vertex().await] {
        for prompt in ["Hi you", "sim:think hm so\nsim:say one two three \u{1f600}"] {
            for model in MODELS {
                let mut request = chat(prompt);
                request["model"] = json!(model);
                let whole = translated.answer(&request).await;
                assert_eq!(whole["choices"][0]["finish_reason"], "stop");
                assert!(whole["usage"]["prompt_tokens"].as_u64() > Some(0));
                assert_eq!(same(translated.assembled(&request).await), same(whole));
            }
        }
        let mut thinking = chat("sim:think hm so\nsim:say x");
        thinking["reasoning_effort"] = json!("minimal");
        let whole = translated.answer(&thinking).await;
        assert_eq!(whole["choices"][0]["message"]["reasoning_content"], "hm so");
        assert_eq!(same(translated.assembled(&thinking).await), same(whole));
    }
}

#[tokio::test]
async fn what_openai_takes_gemini_takes() {
    for translated in [start().await, start_vertex().await] {
        for model in MODELS {
            for mut request in awkward() {
                request["model"] = json!(model);
                assert_eq!(translated.answer(&request).await["object"], "chat.completion");
            }
        }
    }
}

/// Two steps in one turn, the first with two calls at once. The simulator refuses a signature that was lost, changed
/// or moved.
#[tokio::test]
async fn a_loop_of_calls_goes_round_and_its_signatures_with_it() {
    for translated in [start().await, start_vertex().await] {
        for model in MODELS {
            for streamed in [false, true] {
                let mut request = chat("sim:tool add {\"a\":1}\nsim:tool sub {\"a\":2}\nsim:say Let me see");
                request["model"] = json!(model);
                request["tools"] = json!([tool("add"), tool("sub")]);
                let first =
                    if streamed { translated.assembled(&request).await } else { translated.answer(&request).await };
                assert_eq!(first["choices"][0]["finish_reason"], "tool_calls", "{model}");
                let message = first["choices"][0]["message"].clone();
                let calls = message["tool_calls"].as_array().expect("calls").clone();
                assert_eq!(calls[1]["function"], json!({"name": "sub", "arguments": "{\"a\":2}"}));
                let results =
                    calls.iter().rev().map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "42"}));
                let turns = request["messages"].as_array_mut().expect("messages");
                turns.push(message);
                turns.extend(results);
                let second = translated.answer(&request).await;
                let said = second["choices"][0]["message"]["content"].as_str().expect("text");
                assert!(said.starts_with("The tool said: 42"), "{model}: {said}");
                let sent = translated.sent();
                assert_eq!(sent["contents"][2]["parts"][0]["functionResponse"]["name"], "add");
            }
        }
    }
}

#[tokio::test]
async fn a_history_of_another_model_is_taken() {
    let translated = start().await;
    let call = json!({"id": "toolu_1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1}"}});
    let mut request = chat("Add.");
    request["messages"].as_array_mut().expect("messages").extend([
        json!({"role": "assistant", "tool_calls": [call]}),
        json!({"role": "tool", "tool_call_id": "toolu_1", "content": "42"}),
    ]);
    assert_eq!(translated.answer(&request).await["choices"][0]["message"]["content"], "The tool said: 42");
}

#[tokio::test]
async fn refusals_are_no_empty_answers() {
    let translated = start().await;
    for prompt in ["sim:refuse", "sim:refuse SAFETY"] {
        let whole = translated.answer(&chat(prompt)).await;
        let streamed = translated.assembled(&chat(prompt)).await;
        // What was streamed before the end is not unsaid.
        for answer in [whole, streamed] {
            assert_eq!(answer["choices"][0]["finish_reason"], "content_filter", "{prompt}");
        }
    }
    for prompt in ["sim:refuse MALFORMED_FUNCTION_CALL", "sim:refuse UNEXPECTED_TOOL_CALL"] {
        assert_eq!(translated.refused(&chat(prompt)).await, (502, "upstream_malformed_output".into()));
    }
}

#[tokio::test]
async fn several_choices_come_whole_and_streamed() {
    let translated = start().await;
    let mut request = chat("sim:say one two");
    request["n"] = json!(2);
    let whole = translated.answer(&request).await;
    assert_eq!(whole["choices"].as_array().map(Vec::len), Some(2));
    assert_eq!(translated.assembled(&request).await["choices"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn errors_have_openais_shape() {
    for translated in [start().await, start_vertex().await] {
        let mut missing = chat("x");
        missing["model"] = json!("gemini-nope");
        assert_eq!(translated.refused(&missing).await, (404, "model_not_found".into()));
        for (fault, status, code) in [
            ("400", 400, ""),
            ("401", 401, "invalid_api_key"),
            ("403", 403, ""),
            ("429", 429, "rate_limit_exceeded"),
            ("insufficient-quota", 429, "insufficient_quota"),
            ("500", 502, "upstream_error"),
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
        let (status, _) = translated.refused(&streamed).await;
        assert!(status >= 500, "{status}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    let translated = start().await;
    let request = chat("sim:say one two three four five six seven");
    for (fault, code) in [("cut=3", "upstream_incomplete_stream"), ("reset-after=3", "upstream_incomplete_stream")] {
        translated.fail(fault);
        let data = translated.stream(&request).await;
        let last: Value = serde_json::from_str(data.last().expect("an event")).expect("JSON");
        assert_eq!(last["error"]["code"], code, "{fault}");
        assert!(data.len() > 1, "{fault}");
    }
    translated.fail("error-in-stream=3");
    let data = translated.stream(&request).await;
    assert!(data.last().expect("an event").contains("\"error\""), "{data:?}");
    let good = same(translated.assembled(&request).await);
    for legal in ["tear", "crlf", "bom", "comments", "tear;crlf;bom"] {
        translated.fail(legal);
        assert_eq!(same(translated.assembled(&request).await), good, "{legal}");
    }
}

#[tokio::test]
async fn whoever_hangs_up_lets_the_provider_go() {
    let translated = start().await;
    translated.fail("stall=3");
    let counts = translated.hang_up(&chat("sim:say one two three four five six")).await;
    assert_eq!((counts.cancelled, counts.in_flight), (1, 0));
}

#[tokio::test]
async fn embeddings_and_models() {
    for (translated, model) in [(start().await, "gemini-embedding-001"), (start_vertex().await, "gemini-embedding-001")]
    {
        for input in [json!("one"), json!(["one", "two"])] {
            let request = json!({"model": model, "input": input, "dimensions": 8});
            let (status, body) = read(translated.post("/v1/embeddings", &request).await).await;
            assert_eq!(status, 200, "{body}");
            let numbers: Vec<f64> = serde_json::from_value(body["data"][0]["embedding"].clone()).expect("a vector");
            let length = numbers.iter().map(|number| number * number).sum::<f64>();
            assert!(numbers.len() == 8 && (length - 1.0).abs() < 1e-2, "{length}");
        }
        let list = Request::get("/v1/models").body(Body::empty()).expect("a request");
        let (status, body) = read(translated.send(list).await).await;
        assert_eq!(status, 200, "{body}");
        let ids: Vec<&str> =
            body["data"].as_array().expect("a list").iter().filter_map(|model| model["id"].as_str()).collect();
        assert!(ids.contains(&NEW), "{ids:?}");
    }
}

#[tokio::test]
async fn a_version_is_part_of_the_path() {
    let sim = Sim::gemini().start().await.expect("a simulator");
    let provider = Provider::gemini(&sim.origin()).and_then(|provider| provider.with_api_version("v1"));
    let translated = Translated::new(sim, provider.expect("a version"));
    translated.answer(&chat("x")).await;
    assert_eq!(translated.sim.received()[0].path, format!("/v1/models/{NEW}:generateContent"));
    assert!(Provider::gemini("http://a.example").and_then(|provider| provider.with_api_version("../v1")).is_err());
    assert!(Provider::openai("http://a.example").and_then(|provider| provider.with_api_version("v1")).is_err());
}
