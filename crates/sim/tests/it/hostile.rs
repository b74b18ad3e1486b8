//! Requests in which every value in turn is something else: each gets an answer, and none brings the provider down.

use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::common::{client, post};

/// The pointers to all values inside.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| pointers(item, &format!("{at}/{n}"), out)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), out))
        }
        _ => {}
    }
}

/// Whatever stands in place of a value.
fn junk() -> [Value; 13] {
    let deep = (0..100).fold(json!([]), |inner, _| json!([inner]));
    [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("é🌍\u{0}"),
        json!([]),
        json!({}),
        json!([null, 1, "x", [], {}]),
        json!({"type": {"type": []}, "text": 1, "name": null}),
        deep,
    ]
}

async fn survives(sim: Sim, path: &str, body: Value) {
    let sim = sim.start().await.unwrap();
    let (http, url) = (client(), format!("{}{path}", sim.origin()));
    let mut all = Vec::new();
    pointers(&body, "", &mut all);
    for pointer in all {
        for junk in junk() {
            let mut body = body.clone();
            *body.pointer_mut(&pointer).unwrap() = junk;
            // A panic would break the connection off.
            let answer = post(&http, &url, &body, &[]).await;
            assert!([200, 400, 404, 422].contains(&answer.status.as_u16()), "{pointer}: {} {body}", answer.status);
            assert!(!answer.broken && !answer.frames.is_empty(), "{pointer}: {body}");
        }
    }
    assert_eq!(post(&http, &url, &body, &[]).await.status, 200, "{path}: the body as it was");
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
}

#[tokio::test]
async fn bedrock() {
    let signed = json!({"toolUse": {"toolUseId": "t1", "name": "add", "input": {"a": 1}}});
    let body = json!({
        "messages": [
            {"role": "user", "content": [
                {"text": "sim:say a b"}, {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
                {"document": {"format": "txt", "name": "a", "source": {"bytes": "AAAA"}}}, {"cachePoint": {"type": "default"}},
            ]},
            {"role": "assistant", "content": [{"reasoningContent": {"redactedContent": "AAAA"}}, signed]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "t1", "content": [{"text": "x"}, {"json": {"a": 1}}], "status": "success"}},
            ]},
        ],
        "system": [{"text": "s"}], "requestMetadata": {"a": "b"}, "additionalModelResponseFieldPaths": ["/stop_sequence"],
        "inferenceConfig": {"maxTokens": 2000, "temperature": 1, "stopSequences": ["x"]},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "add", "inputSchema": {"json": schema()}}}], "toolChoice": {"auto": {}},
        },
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "tool_choice": {}},
        "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}},
    });
    survives(Sim::bedrock(), "/model/anthropic.claude-sim-v1%3A0/converse-stream", body).await;
    let native = json!({
        "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["b"], "max_tokens": 100,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
    });
    survives(Sim::bedrock(), "/model/anthropic.claude-sim-v1%3A0/invoke-with-response-stream", native).await;
}

#[tokio::test]
async fn cohere() {
    let call = json!({"id": "add_1", "type": "function", "function": {"name": "add", "arguments": "{}"}});
    let body = json!({
        "model": "command-sim", "stream": true, "documents": [{"id": "d", "data": {"text": "x"}}, "y"],
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": [{"type": "text", "text": "sim:say a"}]},
            {"role": "assistant", "tool_plan": "p", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "add_1", "content": [{"type": "document", "document": {"data": "x"}}]},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": schema()}}],
        "citation_options": {"mode": "FAST"}, "thinking": {"type": "enabled", "token_budget": 5}, "logprobs": true,
        "max_tokens": 50, "stop_sequences": ["x"], "p": 0.5, "k": 3, "tool_choice": "REQUIRED",
    });
    survives(Sim::cohere(), "/v2/chat", body).await;
    let embed = json!({
        "model": "embed-v4.0", "input_type": "search_query", "output_dimension": 256, "embedding_types": ["int8", "base64"],
        "inputs": [{"content": [{"type": "text", "text": "x"}]}],
    });
    survives(Sim::cohere(), "/v2/embed", embed).await;
}

#[tokio::test]
async fn ollama() {
    let call = json!({"id": "c", "function": {"index": 0, "name": "add", "arguments": {"a": 1}}});
    let body = json!({
        "model": "sim-small", "keep_alive": 0, "think": "low", "format": schema(),
        "messages": [
            {"role": "user", "content": "sim:say a", "images": ["AAAA"]},
            {"role": "assistant", "content": "", "thinking": "t", "tool_calls": [call]},
            {"role": "tool", "tool_name": "add", "content": "42"},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": schema()}}],
        "options": {"num_predict": 50, "stop": ["x"], "temperature": 1},
    });
    survives(Sim::ollama(), "/api/chat", body).await;
    survives(Sim::ollama(), "/api/embed", json!({"model": "nomic-embed-text", "input": ["x"], "dimensions": 5})).await;
    survives(Sim::ollama(), "/api/show", json!({"model": "qwen3"})).await;
}
