//! `GET /v1/models` and `GET /v1/models/{id}`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{CREATED, error};
use crate::reply::Reply;
use crate::state::Settings;

fn object(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "llm-sim"})
}

pub(super) fn list(settings: &Settings) -> Reply {
    let data: Vec<Value> = settings.models.iter().map(|id| object(id)).collect();
    Reply::json(StatusCode::OK, json!({"object": "list", "data": data}))
}

/// Ids may hold slashes, as they are or percent-encoded.
pub(super) fn one(settings: &Settings, id: &str) -> Reply {
    let id = id.replace("%2F", "/").replace("%2f", "/");
    if settings.serves(&id) { Reply::json(StatusCode::OK, object(&id)) } else { error::model_not_found(&id) }
}
