//! One line in front of a handler: what each call has used and cost, by caller and day, in memory and in a file.
//!
//! `cargo run -p llm-layers --example accounts --features accounts`, then ask it by the line that it prints: the answer
//! has its cost in `x-llm-cost-usd` and, because it was asked for, in `usage.cost`; `/spent` has the sums.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example is a program, and says what it does")]

use axum::{Json, Router, routing::get, routing::post};
use llm_layers::{
    accounts::{JsonLines, MemoryLedger},
    prelude::*,
};
use serde_json::{Value, json};

/// A provider that answers in few words, and says how many.
async fn answer() -> Json<Value> {
    Json(json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hello" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 5000, "completion_tokens": 100, "total_tokens": 5100 },
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let totals = MemoryLedger::new();
    let lines = JsonLines::daily(std::env::temp_dir(), "llm-calls")?;
    let layer = AccountsLayer::new().provider("openai").ledger((totals.clone(), lines));
    let spent = async move || {
        let rows = totals.rows().into_iter().map(|(row, totals)| {
            let tokens = totals.tokens.prompt() + totals.tokens.completion();
            format!(
                "{} {} {}: {} calls, {tokens} tokens, {} USD\n",
                row.day, row.caller, row.deployment, totals.calls, totals.cost
            )
        });
        rows.collect::<String>()
    };
    let app = Router::new().route("/v1/chat/completions", post(answer)).layer(layer).route("/spent", get(spent));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let body = json!({ "model": "gpt-4o-mini", "usage": { "include": true } });
    println!("curl -i http://{address}/v1/chat/completions -d '{body}'; curl http://{address}/spent");
    axum::serve(listener, app).await?;
    Ok(())
}
