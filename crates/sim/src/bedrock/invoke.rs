//! `InvokeModel` and `InvokeModelWithResponseStream` for Claude: Anthropic's dialect in Bedrock's clothes.

use serde_json::{Value, json};

use super::claude;
use super::error::validation;
use crate::call::Call;
use crate::fault::is_fault_model;
use crate::reply::{Event, Layout, Payload, Reply};
use crate::{anthropic, look::Look};

/// What Bedrock calls the versions, and what Anthropic does.
const VERSIONS: [(&str, &str); 2] = [("bedrock-2023-05-31", "2023-06-01"), ("2026-10-21", "2026-10-21")];

pub(super) fn reply(call: &Call<'_>, body: &Value, model: &str, stream: bool) -> Result<Reply, Reply> {
    if !claude::is(model) && !is_fault_model(model) {
        return Err(malformed("this simulation knows the native bodies of Claude alone"));
    }
    let (body, version) = native(body, model, stream)?;
    let mut reply = anthropic::reply_to(call, &body, version).map_err(rewrap)?;
    if let Payload::Events(events) = &mut reply.payload {
        metrics(events);
        let events = std::mem::take(events);
        return Ok(super::frames(events, Layout::Chunks).with_text("x-amzn-bedrock-content-type", "application/json"));
    }
    let usage = match &reply.payload {
        Payload::Json(message) => message["usage"].clone(),
        Payload::Raw(_) | Payload::Events(_) => Value::Null,
    };
    Ok(reply
        .with_text("x-amzn-bedrock-input-token-count", &usage.at("/input_tokens").to_string())
        .with_text("x-amzn-bedrock-output-token-count", &usage.at("/output_tokens").to_string())
        .with_text("x-amzn-bedrock-invocation-latency", "310"))
}

/// The body as Anthropic has it, and the version.
fn native(body: &Value, model: &str, stream: bool) -> Result<(Value, &'static str), Reply> {
    let mut members = body.as_object().cloned().unwrap_or_default();
    let Some(version) = members.remove("anthropic_version") else {
        return Err(malformed("#: required key [anthropic_version] not found"));
    };
    let Some((_, version)) = VERSIONS.iter().find(|(name, _)| version == *name) else {
        return Err(malformed("#/anthropic_version: not a valid version"));
    };
    if let Some(name) = ["model", "stream"].into_iter().find(|name| members.contains_key(*name)) {
        return Err(validation(&format!("{name}: Extra inputs are not permitted")));
    }
    if let Some(beta) = members.remove("anthropic_beta")
        && !beta.as_array().is_some_and(|names| names.iter().all(Value::is_string))
    {
        return Err(malformed("#/anthropic_beta: expected type: JSONArray, found: String"));
    }
    if let Some(place) = by_reference(body) {
        return Err(validation(&format!("{place}.source.type: only base64 sources are supported")));
    }
    members.insert("model".to_owned(), json!(model));
    members.insert("stream".to_owned(), json!(stream));
    Ok((Value::Object(members), version))
}

/// Pictures and documents that are named by URL or file id, which this road does not carry.
fn by_reference(body: &Value) -> Option<String> {
    let messages = body["messages"].as_array()?;
    messages.iter().enumerate().find_map(|(at, message)| {
        let blocks = message["content"].as_array()?;
        let found = blocks.iter().position(|block| matches!(block.at("/source/type").as_str(), Some("url" | "file")));
        found.map(|index| format!("messages.{at}.content.{index}"))
    })
}

fn malformed(what: &str) -> Reply {
    validation(&format!("Malformed input request: {what}, please reformat your input and try again."))
}

/// The words of Anthropic's refusal in Bedrock's shape.
fn rewrap(refusal: Reply) -> Reply {
    match &refusal.payload {
        Payload::Json(value) => validation(value.at("/error/message").as_str().unwrap_or_default()),
        Payload::Raw(_) | Payload::Events(_) => refusal,
    }
}

/// What Bedrock adds to the last event.
fn metrics(events: &mut [Event]) {
    let count = |name: &str, member: &str| {
        let event = events.iter().rev().filter(|event| event.name == Some(name)).find_map(Event::value);
        event.map_or(0, |value| value.at(member).as_u64().unwrap_or(0))
    };
    let metrics = json!({
        "inputTokenCount": count("message_start", "/message/usage/input_tokens"),
        "outputTokenCount": count("message_delta", "/usage/output_tokens"),
        "invocationLatency": 310, "firstByteLatency": 120,
    });
    if let Some(last) = events.last_mut().and_then(Event::value_mut).and_then(Value::as_object_mut) {
        last.insert("amazon-bedrock-invocationMetrics".to_owned(), metrics);
    }
}
