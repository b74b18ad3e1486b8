//! `GET /v1/models` and `GET /v1/models/{name}`.

use http::StatusCode;
use serde_json::{Value, json};

use super::error;
use crate::reply::Reply;
use crate::state::Settings;

fn object(name: &str) -> Value {
    let endpoints = if is_embedder(name) { json!(["embed"]) } else { json!(["chat"]) };
    let context: f64 = if is_embedder(name) { 128_000.0 } else { 256_000.0 };
    json!({
        "name": name, "is_deprecated": false, "endpoints": endpoints, "finetuned": false, "context_length": context,
        "default_endpoints": [],
    })
}

pub(super) fn is_embedder(name: &str) -> bool {
    name.starts_with("embed-")
}

pub(super) fn list(settings: &Settings) -> Reply {
    let models: Vec<Value> = settings.models.iter().map(|name| object(name)).collect();
    Reply::json(StatusCode::OK, json!({"models": models}))
}

pub(super) fn one(settings: &Settings, name: &str) -> Reply {
    if settings.serves(name) { Reply::json(StatusCode::OK, object(name)) } else { error::model_not_found(name) }
}
