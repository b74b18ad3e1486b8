//! Embeddings.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::keep_alive;
use crate::{
    embeddings::{self, Encoding},
    format::{Call, Outgoing},
    params,
    place::Place,
    warnings::Warnings,
    whole::Whole,
};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [Cow<'a, str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_alive: Option<&'a RawValue>,
}

pub(super) fn request(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let mut warnings = Warnings::new(call.strict);
    let request = embeddings::read(call, &["truncate", "options", "keep_alive"], &mut warnings)?;
    let options = params::raw(call.object, "options");
    if options.is_some_and(|raw| !raw.get().starts_with('{')) {
        return Err(Place::new("options").expected("an object"));
    }
    let body = Body {
        model: call.model,
        input: &request.inputs,
        dimensions: request.dimensions,
        truncate: call.object.read("truncate")?,
        options,
        keep_alive: keep_alive(call.object)?,
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    let (model, count, encoding) = (call.model.to_owned(), request.inputs.len(), request.encoding);
    let answer = Whole::new("embeddings", call.provider, move |body| read(body, &model, count, encoding));
    Ok(Outgoing::post("/api/embed", body, warnings, answer))
}

fn read(body: &[u8], model: &str, count: usize, encoding: Encoding) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        model: Option<String>,
        #[serde(borrow)]
        embeddings: Vec<&'a RawValue>,
        prompt_eval_count: Option<u64>,
    }
    let answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    if answer.embeddings.len() != count {
        return None;
    }
    let model = answer.model.as_deref().unwrap_or(model);
    embeddings::answer(model, &answer.embeddings, answer.prompt_eval_count.unwrap_or_default(), encoding)
}
