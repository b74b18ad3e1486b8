//! One line in front of a handler: the client gets a call that fits its schema, or an error that says why not.
//!
//! `cargo run --example tool_call_validator --features tool-call-validator`, then ask by the lines that it prints.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use axum::{Json, Router, routing::post};
use llm_layers::tool_call_validator::ValidateLayer;
use serde_json::{Value, json};

/// A model that calls the tool with whatever it was told, and often gets it wrong.
async fn parrot(Json(request): Json<Value>) -> Json<Value> {
    let said = request.pointer("/messages/0/content").and_then(Value::as_str).unwrap_or_default();
    let call = json!({ "id": "call_1", "type": "function", "function": { "name": "get_weather", "arguments": said } });
    let message = json!({ "role": "assistant", "content": null, "tool_calls": [call] });
    let choice = json!({ "index": 0, "message": message, "finish_reason": "tool_calls" });
    Json(json!({ "object": "chat.completion", "choices": [choice] }))
}

/// The tests run it, too.
pub fn app() -> Router {
    Router::new().route("/v1/chat/completions", post(parrot)).layer(ValidateLayer::default())
}

/// A request that makes the model call its tool so.
pub fn request(arguments: &str) -> Value {
    let parameters = json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "days": { "type": "integer" } },
        "required": ["city"]
    });
    json!({
        "model": "m",
        "messages": [{ "role": "user", "content": arguments }],
        "tools": [{ "type": "function", "function": { "name": "get_weather", "parameters": parameters } }]
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    for arguments in [r#"{"city": "Paris", "days": "3",}"#, r#"{"days": 3}"#] {
        let body = request(arguments);
        println!("curl http://{address}/v1/chat/completions -H 'content-type: application/json' -d '{body}'");
    }
    axum::serve(listener, app()).await?;
    Ok(())
}
