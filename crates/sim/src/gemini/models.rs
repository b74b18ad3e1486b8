//! The list of models.

use http::StatusCode;
use serde_json::{Value, json};

use super::route::versioned;
use super::{Surface, error};
use crate::call::Call;
use crate::reply::Reply;

fn object(surface: Surface, id: &str) -> Value {
    if surface == Surface::Vertex {
        return json!({"name": format!("publishers/google/models/{id}"), "versionId": "default", "launchStage": "GA"});
    }
    let methods = if id.contains("embedding") {
        json!(["embedContent", "batchEmbedContents", "countTokens"])
    } else {
        json!(["generateContent", "countTokens"])
    };
    json!({
        "name": format!("models/{id}"), "version": "001", "displayName": id, "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536, "supportedGenerationMethods": methods,
    })
}

pub(super) fn reply(surface: Surface, call: &Call<'_>) -> Result<Reply, Reply> {
    let unknown = || error::not_found("Requested entity was not found.");
    let path = versioned(call.path).ok_or_else(unknown)?;
    let folder = match surface {
        Surface::Developer => "models",
        Surface::Vertex => "publishers/google/models",
    };
    let rest = path.strip_prefix(folder).ok_or_else(unknown)?;
    match rest.strip_prefix('/') {
        None if rest.is_empty() => {
            let list: Vec<Value> = call.settings.models.iter().map(|id| object(surface, id)).collect();
            let name = if surface == Surface::Vertex { "publisherModels" } else { "models" };
            Ok(Reply::json(StatusCode::OK, json!({name: list})))
        }
        Some(id) if call.settings.serves(id) => Ok(Reply::json(StatusCode::OK, object(surface, id))),
        Some(id) => Err(error::not_found(&error::no_model(surface, id, "getModel"))),
        None => Err(unknown()),
    }
}
