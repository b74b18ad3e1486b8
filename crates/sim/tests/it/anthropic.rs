//! Anthropic's dialect over a real socket.

use llm_layers_sim::{Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{self, V2023, client, get, message, post, send, streamed, with};

fn tools() -> Value {
    json!([{"name": "add", "input_schema": {
        "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}])
}

async fn start() -> SimHandle {
    Sim::anthropic().start().await.unwrap()
}

/// The message of the 400 that this request gets.
async fn refused(sim: &SimHandle, body: &Value) -> String {
    let answer = send(sim, body, &[]).await;
    let error = answer.json();
    assert_eq!(answer.status, 400, "{body}");
    assert_eq!((&error["type"], &error["error"]["type"]), (&json!("error"), &json!("invalid_request_error")));
    assert_eq!(error["request_id"], answer.header("request-id"));
    error["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_plain_answer_has_all_members() {
    let sim = start().await;
    let answer = send(&sim, &message("Hi"), &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("anthropic-ratelimit-requests-reset").ends_with('Z'));
    assert_eq!(answer.header("anthropic-ratelimit-tokens-limit"), "480000");
    let body = answer.json();
    assert_eq!((&body["type"], &body["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(body["content"], json!([{"type": "text", "text": "You said: Hi"}]));
    assert_eq!((&body["stop_reason"], &body["stop_sequence"]), (&json!("end_turn"), &Value::Null));
    assert_eq!(body["usage"]["output_tokens"], 3);
    let again = send(&start().await, &message("Hi"), &[]).await;
    assert_eq!(again.text(), answer.text());
}

#[tokio::test]
async fn events_come_in_order() {
    let sim = start().await;
    let body = with(
        with(streamed(message("sim:tool add {\"a\": 12345678}\nsim:say Adding now")), "tools", tools()),
        "thinking",
        json!({"type": "enabled", "budget_tokens": 1024}),
    );
    let answer = send(&sim, &body, &[]).await;
    let text = answer.text();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let events = answer.events();
    assert!(names.iter().zip(&events).all(|(name, event)| event["type"] == *name));
    let mut brief = names.clone();
    brief.dedup();
    let block = ["content_block_start", "content_block_delta", "content_block_stop"];
    let mut expected =
        vec!["message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop"];
    expected.extend(block);
    expected.extend(block);
    expected.extend(["message_delta", "message_stop"]);
    assert_eq!(brief, expected);

    let kinds: Vec<&str> = events.iter().filter_map(|event| event["content_block"]["type"].as_str()).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_use"]);
    let of = |index: u64, member: &str| -> String {
        let deltas = events.iter().filter(|event| event["index"] == index);
        deltas.filter_map(|event| event["delta"][member].as_str()).collect()
    };
    assert_eq!(of(1, "text"), "Adding now");
    assert_eq!(of(2, "partial_json"), "{\"a\": 12345678}");
    assert!(!of(0, "signature").is_empty());
    let end = &events[events.len() - 2];
    assert_eq!(end["delta"]["stop_reason"], "tool_use");
    assert!(end["usage"]["output_tokens"].as_u64().unwrap() > 3);
}

#[tokio::test]
async fn a_tool_loop_with_thinking_round_trips() {
    let sim = start().await;
    let thinking = json!({"type": "enabled", "budget_tokens": 1024});
    let body = with(with(message("sim:tool add {\"a\":1}"), "tools", tools()), "thinking", thinking);
    let first = send(&sim, &body, &[]).await.json();
    let call = &first["content"][1];
    assert_eq!((&call["type"], &call["input"]), (&json!("tool_use"), &json!({"a": 1})));
    let next = |content: Value, results: Value| {
        let mut body = body.clone();
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(json!({"role": "assistant", "content": content}));
        messages.push(json!({"role": "user", "content": results}));
        body
    };
    let result = json!({"type": "tool_result", "tool_use_id": call["id"], "content": "42"});
    let text = json!({"type": "text", "text": "and?"});
    let good = send(&sim, &next(first["content"].clone(), json!([result, text])), &[]).await.json();
    assert_eq!(good["content"][1]["text"], "The tool said: 42");

    let mut forged = first["content"].clone();
    forged[0]["signature"] = json!("forged");
    let cases = [
        (next(forged, json!([result])), "Invalid `signature`"),
        (next(json!([call]), json!([result])), "Expected `thinking`"),
        (next(first["content"].clone(), json!([text, result])), "without `tool_result` blocks immediately after"),
        (next(first["content"].clone(), json!([text])), "without `tool_result` blocks immediately after"),
        (next(first["content"].clone(), json!([result, result])), "single result"),
    ];
    for (body, expected) in cases {
        let message = refused(&sim, &body).await;
        assert!(message.contains(expected), "{message}");
    }
    let stray = with(with(message("x"), "tools", tools()), "messages", json!([{"role": "user", "content": [result]}]));
    assert!(refused(&sim, &stray).await.contains("unexpected `tool_use_id`"));
}

#[tokio::test]
async fn refuses_what_the_real_api_refuses() {
    let sim = start().await;
    let user = |content: Value| with(message("x"), "messages", json!([{"role": "user", "content": content}]));
    let named = |name: &str| with(message("x"), "tools", json!([{"name": name, "input_schema": {"type": "object"}}]));
    let strict = json!({"type": "json_schema", "schema": {"type": "object", "properties": {}}});
    let cases = [
        (json!({"model": "claude-sim", "messages": []}), "max_tokens: Field required"),
        (with(message("x"), "messages", json!([])), "at least one message"),
        (user(json!([{"type": "text", "text": ""}])), "must be non-empty"),
        (user(json!([{"type": "text", "text": " \n"}])), "non-whitespace"),
        (user(json!("")), "non-empty content"),
        (user(json!([{"type": "image_url"}])), "Input tag 'image_url'"),
        (user(json!([{"type": "tool_use", "id": "a", "name": "b", "input": {}}])), "not allowed in `user`"),
        (with(message("x"), "messages", json!([{"role": "system", "content": "x"}])), "Unexpected role"),
        (with(message("x"), "messages", json!([{"role": "tool", "content": "x"}])), "messages.0.role"),
        (with(message("x"), "stop_sequences", json!(["ok", "\n"])), "non-whitespace"),
        (with(message("x"), "system", json!("")), "system: text"),
        (with(message("x"), "temperature", json!(1.2)), "temperature: range"),
        (with(message("x"), "stream_options", json!({})), "stream_options: Extra inputs"),
        (named("has.dot"), "tools.0.custom.name"),
        (with(message("x"), "tools", json!([{"name": "a", "input_schema": {"anyOf": []}}])), "input_schema.type"),
        (with(message("x"), "tool_choice", json!({"type": "any"})), "while providing tools"),
        (with(message("x"), "thinking", json!({"type": "enabled", "budget_tokens": 4096})), "must be greater"),
        (
            with(
                with(with(message("x"), "tools", tools()), "tool_choice", json!({"type": "any"})),
                "thinking",
                json!({"type": "adaptive"}),
            ),
            "forces tool use",
        ),
        (with(message("x"), "output_config", json!({"format": strict})), "additionalProperties"),
    ];
    for (body, expected) in cases {
        let message = refused(&sim, &body).await;
        assert!(message.contains(expected), "{message} instead of {expected}");
    }
}

#[tokio::test]
async fn versions_and_keys() {
    let sim = Sim::anthropic().api_key("sk-ant").start().await.unwrap();
    let http = client();
    let url = format!("{}/v1/messages", sim.base_url());
    let new = ("anthropic-version", "2026-10-21");
    let hot = with(message("x"), "temperature", json!(1.0));
    let key = ("x-api-key", "sk-ant");
    assert_eq!(post(&http, &url, &hot, &[key, V2023]).await.status, 200);
    let refused = post(&http, &url, &hot, &[key, new]).await;
    assert_eq!(refused.json()["error"]["message"], "temperature: Extra inputs are not permitted");
    let without = post(&http, &url, &message("x"), &[key]).await;
    assert_eq!(without.json()["error"]["message"], "anthropic-version: header is required");
    assert_eq!(post(&http, &url, &message("x"), &[("authorization", "Bearer sk-ant"), new]).await.status, 200);
    // Where both are sent the first one counts.
    let both = [("x-api-key", "wrong"), ("authorization", "Bearer sk-ant"), V2023];
    let wrong = post(&http, &url, &message("x"), &both).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["error"]["type"]), (401, &json!("authentication_error")));
    assert_eq!(post(&http, &url, &message("x"), &[V2023]).await.status, 401);
    let unknown = post(&http, &url, &with(message("x"), "model", json!("gpt")), &[key, V2023]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["type"]), (404, &json!("not_found_error")));
}

#[tokio::test]
async fn the_rest_of_the_dialect() {
    let sim = start().await;
    let http = client();
    let body = json!({"model": "claude-sim", "messages": [{"role": "user", "content": "one two"}]});
    let count = post(&http, &format!("{}/v1/messages/count_tokens", sim.base_url()), &body, &[V2023]).await.json();
    assert_eq!(count, json!({"input_tokens": 6}));
    let models = get(&http, &format!("{}/v1/models", sim.base_url()), &[V2023]).await.json();
    assert_eq!((&models["data"][0]["id"], &models["has_more"]), (&json!("claude-sim"), &json!(false)));
    let cut = send(&sim, &with(message("sim:words 9"), "max_tokens", json!(2)), &[]).await.json();
    assert_eq!((&cut["stop_reason"], &cut["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(2)));
    let stop = send(&sim, &with(message("sim:say a b c"), "stop_sequences", json!([" b"])), &[]).await.json();
    assert_eq!((&stop["stop_reason"], &stop["stop_sequence"]), (&json!("stop_sequence"), &json!(" b")));
    let refusal = send(&sim, &message("sim:refuse"), &[]).await.json();
    assert_eq!((&refusal["stop_reason"], &refusal["content"]), (&json!("refusal"), &json!([])));
    let marked = json!([{"type": "text", "text": "one two", "cache_control": {"type": "ephemeral"}}]);
    let cached = send(&sim, &with(message("one two three"), "system", marked), &[]).await.json();
    assert!(cached["usage"]["cache_read_input_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn both_dialects_share_an_address() {
    let sim = Sim::both().start().await.unwrap();
    let http = client();
    let messages = post(&http, &format!("{}/v1/messages", sim.origin()), &message("hi"), &[V2023]).await;
    assert_eq!(messages.json()["type"], "message");
    assert_eq!(common::ask(&sim, &common::chat("hi"), &[]).await.json()["object"], "chat.completion");
    let models = get(&http, &format!("{}/models", sim.base_url()), &[V2023]).await.json();
    assert_eq!(models["data"][0]["type"], "model");
}
