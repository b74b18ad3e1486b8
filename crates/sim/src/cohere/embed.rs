//! `POST /v2/embed`: the vectors of OpenAI's dialect, in all the types that there are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::error::{invalid, model_not_found};
use super::validate::{members, one_of};
use super::{chat::fraction, models};
use crate::call::Call;
use crate::ids;
use crate::openai::embeddings::vector;
use crate::openai::usage::words;
use crate::reply::Reply;

const MEMBERS: [&str; 10] = [
    "model",
    "input_type",
    "texts",
    "images",
    "inputs",
    "max_tokens",
    "output_dimension",
    "embedding_types",
    "truncate",
    "priority",
];
const MAX_INPUTS: usize = 96;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    members(body, &MEMBERS, "embed")?;
    let model = body["model"].as_str().unwrap_or_default();
    if model.is_empty() {
        return Err(invalid("invalid request: model is required"));
    }
    if !call.settings.serves(model) {
        return Err(model_not_found(model));
    }
    if !models::is_embedder(model) && !crate::fault::is_fault_model(model) {
        return Err(invalid(&format!("invalid request: model '{model}' does not support the endpoint embed")));
    }
    let kinds = ["search_document", "search_query", "classification", "clustering", "image"];
    if body["input_type"].is_null() {
        return Err(invalid("invalid request: valid input_type must be provided with the provided model"));
    }
    one_of(&body["input_type"], "input_type", &kinds)?;
    one_of(&body["truncate"], "truncate", &["NONE", "START", "END"])?;
    let dimensions = match &body["output_dimension"] {
        Value::Null => 1536,
        value => value
            .as_u64()
            .filter(|number| [256, 512, 1024, 1536].contains(number))
            .ok_or_else(|| invalid("invalid request: output_dimension must be one of 256, 512, 1024, 1536"))?,
    };
    let (member, inputs) = inputs(body)?;

    let dimensions = usize::try_from(dimensions).unwrap_or(0);
    let vectors: Vec<Vec<f32>> = inputs.iter().map(|input| vector(&json!(input), dimensions)).collect();
    let mut embeddings = Map::new();
    for kind in types(body)? {
        let all: Vec<Value> = vectors.iter().map(|vector| typed(vector, kind)).collect();
        embeddings.insert(kind.to_owned(), json!(all));
    }
    let tokens: u64 = inputs.iter().map(|input| words(&json!(input))).sum();
    let mut out = json!({
        "id": ids::uuid(call.seed), "response_type": "embeddings_by_type", "embeddings": embeddings,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": fraction(tokens)}},
    });
    if let Some(members) = out.as_object_mut().filter(|_| member == "texts") {
        members.insert("texts".to_owned(), body["texts"].clone());
    }
    Ok(Reply::json(StatusCode::OK, out))
}

/// The member that the inputs come in, and the text of each.
fn inputs(body: &Value) -> Result<(&'static str, Vec<String>), Reply> {
    let mut given = ["texts", "images", "inputs"].into_iter().filter(|name| !body[*name].is_null());
    let (Some(member), None) = (given.next(), given.next()) else {
        return Err(invalid("invalid request: exactly one of texts, images or inputs must be specified"));
    };
    let items = body[member].as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() || items.len() > MAX_INPUTS {
        return Err(invalid(&format!(
            "invalid request: total number of {member} must be at least 1 and at most {MAX_INPUTS} - received {}",
            items.len()
        )));
    }
    let texts = items.iter().map(|item| match item {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) if member == "inputs" => {
            let parts = item["content"].as_array()?.iter().filter_map(|part| part["text"].as_str());
            Some(parts.collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    });
    match texts.collect() {
        Some(texts) => Ok((member, texts)),
        None => Err(invalid(&format!("invalid request: {member} has an element of a wrong type"))),
    }
}

fn types(body: &Value) -> Result<Vec<&str>, Reply> {
    let Some(asked) = body["embedding_types"].as_array() else {
        return Ok(vec!["float"]);
    };
    for kind in asked {
        one_of(kind, "embedding_types", &["float", "int8", "uint8", "binary", "ubinary", "base64"])?;
    }
    Ok(asked.iter().filter_map(Value::as_str).collect())
}

fn typed(vector: &[f32], kind: &str) -> Value {
    // Of vectors of length one, so that nothing overflows.
    #[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
    let small = |value: &f32| (value * 127.0).round() as i16;
    let bits = |octet: &[f32]| octet.iter().fold(0_i16, |bits, value| bits << 1 | i16::from(*value > 0.0));
    match kind {
        "int8" => vector.iter().map(small).collect(),
        "uint8" => vector.iter().map(|value| small(value) + 128).collect(),
        "ubinary" => vector.chunks(8).map(bits).collect(),
        "binary" => vector.chunks(8).map(|octet| bits(octet) - 128).collect(),
        "base64" => json!(STANDARD.encode(vector.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())),
        _ => json!(vector),
    }
}
