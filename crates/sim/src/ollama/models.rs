//! Which models there are, and what they can do.

use http::StatusCode;
use serde_json::{Value, json};

use super::{CREATED, error, validate};
use crate::call::Call;
use crate::ids;
use crate::reply::Reply;
use crate::state::Settings;

/// A name without a tag has the tag `latest`.
fn tagged(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// The model that the body names, where it is served.
pub(super) fn wanted<'b>(call: &Call<'_>, body: &'b Value) -> Result<&'b str, Reply> {
    let name = validate::text(body, "model", "ChatRequest.model")?.unwrap_or_default();
    if name.is_empty() {
        return Err(error::invalid("model is required"));
    }
    let full = tagged(name);
    let known = call.settings.serves(name) || call.settings.models.iter().any(|model| tagged(model) == full);
    if known { Ok(name) } else { Err(error::model_not_found(name)) }
}

/// What the name says about the model: `embed` in it makes it an embedder, and `plain` a model of texts alone.
pub(super) fn capabilities(name: &str) -> &'static [&'static str] {
    if name.contains("embed") {
        &["embedding"]
    } else if name.contains("plain") {
        &["completion"]
    } else {
        &["completion", "tools", "thinking", "vision"]
    }
}

/// Refuses what the model cannot do.
pub(super) fn can(name: &str, capability: &str, called: &str) -> Result<(), Reply> {
    if capabilities(name).contains(&capability) || crate::fault::is_fault_model(name) {
        return Ok(());
    }
    Err(error::invalid(&format!("\"{name}\" does not support {called}")))
}

fn details() -> Value {
    json!({
        "parent_model": "", "format": "gguf", "family": "sim", "families": ["sim"], "parameter_size": "1B",
        "quantization_level": "Q4_K_M",
    })
}

pub(super) fn tags(settings: &Settings) -> Reply {
    let model = |name: &String| {
        let name = tagged(name);
        let digest = format!("{:064x}", ids::hash(name.as_bytes()));
        json!({
            "name": name, "model": name, "modified_at": CREATED, "size": 1_000_000_000, "digest": digest,
            "details": details(),
        })
    };
    let models: Vec<Value> = settings.models.iter().map(model).collect();
    Reply::json(StatusCode::OK, json!({"models": models}))
}

pub(super) fn show(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    let name = wanted(call, body)?;
    let info = json!({"general.architecture": "sim", "sim.context_length": 32_768});
    Ok(Reply::json(
        StatusCode::OK,
        json!({
            "modelfile": "", "parameters": "", "template": "", "details": details(), "model_info": info,
            "capabilities": capabilities(name), "modified_at": CREATED,
        }),
    ))
}
