//! `embedContent`, `batchEmbedContents`, and Vertex AI's older `predict`.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::invalid;
use super::proto::Message;
use super::route::Route;
use super::{Surface, error, fields, proto, usage};
use crate::answer::text;
use crate::look::Look;
use crate::openai::embeddings::vector;
use crate::reply::Reply;

const DIMENSIONS: u64 = 3072;
const MAX_REQUESTS: usize = 100;
const MAX_INSTANCES: usize = 250;
/// Shortened vectors are not of length one, as with the older of Google's models.
const SHORTENED: f32 = 0.75;

pub(super) fn one(route: &Route<'_>, body: &Value) -> Result<Reply, Reply> {
    let body = &read(&fields::EMBED_REQUEST, body, route.surface)?;
    let values = embed(route, body)?;
    let tokens = usage::in_content(&body["content"]);
    let usage = json!({"promptTokenCount": tokens, "promptTokenDetails": usage::details(tokens)});
    Ok(Reply::json(StatusCode::OK, json!({"embedding": {"values": values}, "usageMetadata": usage})))
}

/// The counts of a batch are left out, as older models do.
pub(super) fn batch(route: &Route<'_>, body: &Value) -> Result<Reply, Reply> {
    let body = &read(&fields::BATCH_EMBED_REQUEST, body, route.surface)?;
    let requests = body["requests"].as_array().map_or(&[][..], Vec::as_slice);
    if requests.is_empty() || requests.len() > MAX_REQUESTS {
        let text = format!("at most {MAX_REQUESTS} requests can be in one batch");
        return Err(invalid(&format!("* BatchEmbedContentsRequest.requests: {text}, and at least one\n")));
    }
    let expected = format!("models/{}", route.model.name);
    let mut embeddings = Vec::with_capacity(requests.len());
    for (at, request) in requests.iter().enumerate() {
        // With Vertex AI the path is enough.
        let named = request.get("model").is_some() || route.surface == Surface::Developer;
        if named && request["model"] != expected.as_str() {
            let text =
                format!("* BatchEmbedContentsRequest.requests[{at}].model: must be `{expected}`, as in the path\n");
            return Err(invalid(&text));
        }
        embeddings.push(json!({"values": embed(route, request)?}));
    }
    Ok(Reply::json(StatusCode::OK, json!({"embeddings": embeddings})))
}

pub(super) fn predict(route: &Route<'_>, body: &Value) -> Result<Reply, Reply> {
    let body = &read(&fields::PREDICT_REQUEST, body, route.surface)?;
    let instances = body["instances"].as_array().map_or(&[][..], Vec::as_slice);
    if instances.is_empty() || instances.len() > MAX_INSTANCES {
        return Err(invalid(&format!("{} instance(s) are not allowed: 1 to {MAX_INSTANCES} are.", instances.len())));
    }
    let dimensions = dimensions(body.at("/parameters/outputDimensionality"))?;
    let mut predictions = Vec::with_capacity(instances.len());
    for instance in instances {
        let known = ["content", "task_type", "taskType", "title", "mimeType"];
        if let Some(name) = instance
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .find(|name| !known.contains(&name.as_str()))
        {
            return Err(invalid(&format!("Unknown member `{name}` of an instance.")));
        }
        let Some(content) = instance["content"].as_str().filter(|content| !content.is_empty()) else {
            return Err(invalid("The text content is empty."));
        };
        let statistics = json!({"token_count": text::tokens(content), "truncated": false});
        predictions.push(json!({"embeddings": {"values": values(content, dimensions), "statistics": statistics}}));
    }
    let metadata = json!({"billableCharacterCount": 0});
    Ok(Reply::json(StatusCode::OK, json!({"predictions": predictions, "metadata": metadata})))
}

fn read(message: &Message, body: &Value, surface: Surface) -> Result<Value, Reply> {
    proto::read(message, body, surface).map_err(|violations| error::violations(&violations))
}

fn embed(route: &Route<'_>, request: &Value) -> Result<Value, Reply> {
    let parts = super::turns::parts(&request["content"]);
    let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
    if texts.concat().is_empty() || texts.len() != parts.len() {
        return Err(invalid("* EmbedContentRequest.content: content is required, and must be text\n"));
    }
    let settings = request.get("embedContentConfig").unwrap_or(request);
    if settings.get("title").is_some() && settings["taskType"] != "RETRIEVAL_DOCUMENT" {
        return Err(invalid("The title is only allowed with the task type RETRIEVAL_DOCUMENT."));
    }
    if request["model"].as_str().is_some_and(|model| !model.ends_with(route.model.name)) {
        return Err(invalid("* EmbedContentRequest.model: unexpected model name format\n"));
    }
    Ok(values(&texts.join("\n"), dimensions(&settings["outputDimensionality"])?))
}

fn dimensions(asked: &Value) -> Result<u64, Reply> {
    match asked.as_u64() {
        None if asked.is_null() => Ok(DIMENSIONS),
        Some(dimensions @ 1..=DIMENSIONS) => Ok(dimensions),
        _ => Err(invalid(&format!("output_dimensionality must be between 1 and {DIMENSIONS}."))),
    }
}

fn values(text: &str, dimensions: u64) -> Value {
    let scale = if dimensions < DIMENSIONS { SHORTENED } else { 1.0 };
    let vector = vector(&json!(text), usize::try_from(dimensions).unwrap_or(1));
    // Eight digits, as Google gives them; an f32 as it is would print twice as many.
    vector.into_iter().map(|value| json!((f64::from(value * scale) * 1e8).round() / 1e8)).collect()
}
