//! A provider that answers as it is told, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri},
};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Scripted {
    pub base_url: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scripted {
    /// One that answers a JSON body so.
    pub async fn start(answer: impl Fn(&Value) -> (u16, Value) + Clone + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let handler = move |uri: Uri, body: Bytes| async move {
            let text = String::from_utf8_lossy(&body).into_owned();
            let (status, answer) = answer(&serde_json::from_str(&text).unwrap_or_default());
            kept.lock().expect("a list").push((uri.path().to_owned(), text));
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [("content-type", "application/json")], answer.to_string())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(handler).layer(DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, seen }
    }

    /// One that says hello to everybody.
    pub async fn greeting() -> Self {
        Self::start(|_| (200, completion("Hello!", "stop", 5, 0))).await
    }

    /// The paths and bodies of all calls so far, which are forgotten.
    pub fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.seen.lock().expect("a list"))
    }

    /// The number of all calls so far, which are forgotten.
    pub fn calls(&self) -> usize {
        self.take().len()
    }
}

pub fn completion(content: &str, finish: &str, prompt: u64, cached: u64) -> Value {
    json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": prompt, "completion_tokens": 1, "total_tokens": prompt + 1,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    })
}

pub fn error(code: &str) -> Value {
    json!({"error": {"message": "No.", "type": "invalid_request_error", "param": null, "code": code}})
}
