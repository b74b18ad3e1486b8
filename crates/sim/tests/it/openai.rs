//! OpenAI's dialect over a real socket.

use base64::Engine;
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::common::{self, ask, chat, client, content, get, post, streamed, with};

fn weather() -> Value {
    json!([{"type": "function", "function": {"name": "weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}])
}

#[tokio::test]
async fn a_plain_answer_has_all_required_members() {
    let sim = Sim::openai().start().await.unwrap();
    let answer = ask(&sim, &chat("Hi there"), &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("x-request-id").starts_with("req_"));
    assert_eq!(answer.header("x-ratelimit-limit-requests"), "10000");
    let body = answer.json();
    assert!(body["id"].as_str().unwrap().len() >= "chatcmpl-".len() + 20);
    assert_eq!((&body["object"], &body["model"]), (&json!("chat.completion"), &json!("sim-small")));
    assert!(body["created"].is_u64());
    let choice = body["choices"][0].as_object().unwrap();
    assert_eq!(choice["message"]["content"], "You said: Hi there");
    for key in ["refusal", "annotations"] {
        assert!(choice["message"].as_object().unwrap().contains_key(key), "{key}");
    }
    assert!(!choice["message"].as_object().unwrap().contains_key("tool_calls"));
    assert!(choice.contains_key("logprobs"));
    assert_eq!(choice["finish_reason"], "stop");
    let usage = &body["usage"];
    assert_eq!(
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap(),
        usage["total_tokens"]
    );
    assert!(usage["prompt_tokens_details"]["cached_tokens"].is_u64());
    assert!(usage["completion_tokens_details"]["reasoning_tokens"].is_u64());
}

#[tokio::test]
async fn the_same_request_has_the_same_answer() {
    let one = Sim::openai().start().await.unwrap();
    let two = Sim::openai().start().await.unwrap();
    for body in [chat("sim:words 40"), streamed(chat("sim:tool f {\"a\":1}"))] {
        let first = ask(&one, &body, &[]).await;
        assert_eq!(first.text(), ask(&one, &body, &[]).await.text(), "from memory");
        assert_eq!(first.text(), ask(&two, &body, &[]).await.text(), "from another provider");
        assert_eq!(first.header("x-request-id"), ask(&two, &body, &[]).await.header("x-request-id"));
    }
    let other = ask(&one, &chat("something else"), &[]).await.json();
    assert_ne!(other["id"], ask(&one, &chat("Hi"), &[]).await.json()["id"]);
}

#[tokio::test]
async fn a_stream_keeps_the_rules() {
    let sim = Sim::openai().start().await.unwrap();
    let body =
        with(streamed(chat("sim:say one two three four five")), "stream_options", json!({"include_usage": true}));
    let answer = ask(&sim, &body, &[]).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let mut events = answer.events();
    assert_eq!(events.pop().unwrap(), "[DONE]");
    let usage = events.pop().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["completion_tokens"], 5);
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(events[0]["choices"][0]["delta"]["content"], "");
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["id"], usage["id"]);
        assert_eq!(event["object"], "chat.completion.chunk");
        assert!(event.as_object().unwrap()["usage"].is_null());
        let choice = event["choices"][0].as_object().unwrap();
        assert_eq!(choice["index"], 0);
        assert!(choice.contains_key("logprobs"));
        assert_eq!(choice["finish_reason"].is_null(), at + 1 < events.len());
        assert_eq!(choice["delta"].as_object().unwrap().contains_key("role"), at == 0);
    }
    assert_eq!(events.last().unwrap()["choices"][0]["delta"], json!({}));
    assert_eq!(content(&events), "one two three four five");

    let without = ask(&sim, &streamed(chat("hi")), &[]).await.events();
    assert!(without.iter().all(|event| event.get("usage").is_none()));
}

#[tokio::test]
async fn choices_of_n_differ_and_take_turns() {
    let sim = Sim::openai().start().await.unwrap();
    let body = with(chat("hi"), "n", json!(3));
    let plain = ask(&sim, &body, &[]).await.json();
    let texts: Vec<&str> =
        plain["choices"].as_array().unwrap().iter().map(|c| c["message"]["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["You said: hi", "You said: hi [1]", "You said: hi [2]"]);
    let events = ask(&sim, &streamed(body), &[]).await.events();
    let indices: Vec<_> = events.iter().take(4).map(|event| event["choices"][0]["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, [0, 1, 2, 0]);
    let finished = events.iter().filter(|event| event["choices"][0]["finish_reason"] == "stop").count();
    assert_eq!(finished, 3);
}

#[tokio::test]
async fn tools_are_called_and_their_results_mentioned() {
    let sim = Sim::openai().start().await.unwrap();
    let body = with(with(chat("Weather?"), "tools", weather()), "tool_choice", json!("required"));
    let plain = ask(&sim, &body, &[]).await.json();
    let choice = &plain["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert!(choice["message"]["content"].is_null());
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(call["function"], json!({"name": "weather", "arguments": "{\"city\":\"text\"}"}));

    let events = ask(&sim, &streamed(body.clone()), &[]).await.events();
    assert!(events[0]["choices"][0]["delta"]["content"].is_null());
    let deltas: Vec<&Value> =
        events.iter().filter_map(|event| event["choices"][0]["delta"]["tool_calls"].get(0)).collect();
    assert_eq!(deltas[0]["function"], json!({"name": "weather", "arguments": ""}));
    assert!(deltas[0]["id"].is_string() && deltas[0]["type"] == "function");
    assert!(deltas[1..].iter().all(|delta| delta.get("id").is_none() && delta["index"] == 0));
    let arguments: String = deltas.iter().map(|delta| delta["function"]["arguments"].as_str().unwrap()).collect();
    assert_eq!(arguments, "{\"city\":\"text\"}");

    let mut next = body;
    let messages = next["messages"].as_array_mut().unwrap();
    messages.push(choice["message"].clone());
    let missing = ask(&sim, &json!({"model": "sim-small", "messages": messages}), &[]).await;
    assert_eq!(missing.status, 400, "a call without its result");
    let result = json!({"role": "tool", "tool_call_id": call["id"], "content": "sunny"});
    next["messages"].as_array_mut().unwrap().push(result);
    let answer = ask(&sim, &next, &[]).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "The tool said: sunny");
}

#[tokio::test]
async fn prompts_direct_answers() {
    let sim = Sim::openai().start().await.unwrap();
    let said = |body: Value| {
        let sim = &sim;
        async move { ask(sim, &body, &[]).await.json()["choices"][0].clone() }
    };
    let two = "sim:think hm\nsim:tool a {\"x\": 1}\nsim:tool b not json";
    let choice = said(chat(two)).await;
    assert_eq!(choice["message"]["reasoning_content"], "hm");
    assert_eq!(choice["message"]["tool_calls"][1]["function"], json!({"name": "b", "arguments": "not json"}));
    let single = said(with(with(chat(two), "tools", weather()), "parallel_tool_calls", json!(false))).await;
    assert_eq!(single["message"]["tool_calls"].as_array().unwrap().len(), 1);
    let refused = said(chat("sim:refuse")).await;
    assert!(refused["message"]["content"].is_null() && refused["message"]["refusal"].is_string());
    let long = said(with(chat("sim:words 50"), "max_tokens", json!(7))).await;
    assert_eq!(long["finish_reason"], "length");
    assert_eq!(long["message"]["content"].as_str().unwrap().split(' ').count(), 7);
    let stopped = said(with(chat("sim:say a, b, c"), "stop", json!(["c", ", b"]))).await;
    assert_eq!(stopped["message"]["content"], "a");
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
    assert_eq!(said(with(chat("hi"), "response_format", format)).await["message"]["content"], "{\"n\":1}");
    let probable = said(with(with(chat("sim:say a b"), "logprobs", json!(true)), "top_logprobs", json!(2))).await;
    assert_eq!(probable["logprobs"]["content"].as_array().unwrap().len(), 2);
    assert_eq!(probable["logprobs"]["content"][1]["top_logprobs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn errors_are_openai_s() {
    let sim = Sim::openai().api_key("sk-right").start().await.unwrap();
    let auth = [("authorization", "Bearer sk-right")];
    let http = client();
    let url = format!("{}/chat/completions", sim.base_url());
    assert_eq!(ask(&sim, &chat("hi"), &[]).await.status, 401);
    let wrong = ask(&sim, &chat("hi"), &[("authorization", "Bearer sk-wrong")]).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["error"]["code"]), (401, &json!("invalid_api_key")));
    let missing = ask(&sim, &with(chat("hi"), "model", json!("nope")), &auth).await;
    assert_eq!((missing.status.as_u16(), &missing.json()["error"]["code"]), (404, &json!("model_not_found")));
    for body in ["{", "[]", "\"x\"", ""] {
        let request = common::request(&url, body.as_bytes(), &auth);
        let answer = common::finish(http.request(request).await.unwrap()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"]["message"].as_str().unwrap().starts_with("We could not parse"));
    }
    for (key, value) in [
        ("messages", json!([])),
        ("messages", json!("hi")),
        ("temperature", json!(3)),
        ("stream_options", json!({"include_usage": true})),
        ("top_logprobs", json!(2)),
        ("tool_choice", json!("required")),
        ("messages", json!([{"role": "tool", "tool_call_id": "x", "content": ""}])),
        ("messages", json!([{"role": "wizard", "content": ""}])),
    ] {
        let answer = ask(&sim, &with(chat("hi"), key, value.clone()), &auth).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status.as_u16(), &error["type"]), (400, &json!("invalid_request_error")), "{key} {value}");
        for member in ["message", "type", "param", "code"] {
            assert!(error.as_object().unwrap().contains_key(member));
        }
    }
    let unknown = post(&http, &format!("{}/nothing", sim.base_url()), &json!({}), &auth).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json()["error"]["message"], "Invalid URL (POST /v1/nothing)");
    assert_eq!(get(&http, &url, &auth).await.status, 405);
}

#[tokio::test]
async fn embeddings_as_numbers_and_as_base64_are_the_same() {
    let sim = Sim::openai().start().await.unwrap();
    let http = client();
    let url = format!("{}/embeddings", sim.base_url());
    let body = json!({"model": "text-embedding-3-small", "input": ["one", "two"], "dimensions": 16});
    let floats = post(&http, &url, &body, &[]).await.json();
    let encoded = post(&http, &url, &with(body, "encoding_format", json!("base64")), &[]).await.json();
    assert_eq!(floats["data"].as_array().unwrap().len(), 2);
    for at in 0..2 {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded["data"][at]["embedding"].as_str().unwrap())
            .unwrap();
        let decoded: Vec<f32> = bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        let listed: Vec<f32> = serde_json::from_value(floats["data"][at]["embedding"].clone()).unwrap();
        assert_eq!((decoded, at), (listed, floats["data"][at]["index"].as_u64().unwrap() as usize));
    }
    assert_eq!(post(&http, &url, &json!({"model": "gpt-4o", "input": ""}), &[]).await.status, 400);
}

#[tokio::test]
async fn models_and_completions() {
    let sim = Sim::openai().models(["a", "org/b"]).start().await.unwrap();
    let http = client();
    let list = get(&http, &format!("{}/models", sim.base_url()), &[]).await.json();
    assert_eq!(list["data"][1]["id"], "org/b");
    for id in ["org/b", "org%2Fb"] {
        assert_eq!(get(&http, &format!("{}/models/{id}", sim.base_url()), &[]).await.json()["id"], "org/b");
    }
    assert_eq!(get(&http, &format!("{}/models/c", sim.base_url()), &[]).await.status, 404);

    let url = format!("{}/completions", sim.base_url());
    let body = json!({"model": "a", "prompt": ["sim:say x y", "hello"], "n": 2});
    let plain = post(&http, &url, &body, &[]).await.json();
    assert_eq!(plain["object"], "text_completion");
    let texts: Vec<&str> = plain["choices"].as_array().unwrap().iter().map(|c| c["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["x y", "x y [1]", "You said: hello", "You said: hello [1]"]);
    let events = post(&http, &url, &streamed(body), &[]).await.events();
    assert_eq!(events[0]["choices"][0]["text"], "x y");
    assert_eq!(events.last().unwrap(), "[DONE]");
}
