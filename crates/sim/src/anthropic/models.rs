//! `GET /v1/models` and `GET /v1/models/{id}`.

use http::StatusCode;
use serde_json::{Value, json};

use super::error;
use crate::reply::Reply;
use crate::state::Settings;

fn object(id: &str) -> Value {
    json!({"type": "model", "id": id, "display_name": id, "created_at": "2026-11-21T00:00:00Z"})
}

pub(super) fn list(settings: &Settings) -> Reply {
    let data: Vec<Value> = settings.models.iter().map(|id| object(id)).collect();
    let page = json!({
        "data": data, "has_more": false, "first_id": settings.models.first(), "last_id": settings.models.last(),
    });
    Reply::json(StatusCode::OK, page)
}

pub(super) fn one(settings: &Settings, id: &str) -> Result<Reply, Reply> {
    if settings.serves(id) {
        return Ok(Reply::json(StatusCode::OK, object(id)));
    }
    Err(error::not_found(&format!("model: {id}")))
}
