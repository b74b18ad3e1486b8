//! Embeddings.

use bytes::Bytes;
use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{native::Tokens, usage};
use crate::{
    embeddings::{self, Encoding},
    format::{Call, Outgoing},
    params,
    warnings::Warnings,
    whole::Whole,
};

/// The most texts that Cohere takes in one call, by its API reference.
pub(super) const MOST: usize = 96;
/// What the vectors are for, which Cohere must be told and OpenAI need not.
const INPUT_TYPE: &str = r#""search_document""#;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    texts: &'a [std::borrow::Cow<'a, str>],
    input_type: &'a RawValue,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'a RawValue>,
}

pub(super) fn request(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let mut warnings = Warnings::new(call.strict);
    let known = ["input_type", "truncate", "max_tokens", "priority"];
    let request = embeddings::read(call, &known, &mut warnings)?;
    let default = RawValue::from_string(INPUT_TYPE.to_owned()).unwrap_or_default();
    let raw = |name: &str| params::raw(call.object, name);
    let body = Body {
        model: call.model,
        texts: &request.inputs,
        input_type: raw("input_type").unwrap_or(&default),
        embedding_types: ["float"],
        output_dimension: request.dimensions,
        truncate: raw("truncate"),
        max_tokens: raw("max_tokens"),
        priority: raw("priority"),
    };
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    let (model, count, encoding) = (call.model.to_owned(), request.inputs.len(), request.encoding);
    let answer = Whole::new("embeddings", call.provider, move |body| read(body, &model, count, encoding));
    Ok(Outgoing::post("/v2/embed", body, warnings, answer))
}

fn read(body: &[u8], model: &str, count: usize, encoding: Encoding) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        embeddings: Embeddings<'a>,
        meta: Option<Meta>,
    }
    #[derive(Deserialize)]
    struct Embeddings<'a> {
        #[serde(borrow)]
        float: Vec<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Meta {
        tokens: Option<Tokens>,
        billed_units: Option<Tokens>,
    }
    let answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    let input = |tokens: Option<Tokens>| tokens.and_then(|tokens| tokens.input_tokens);
    let tokens = answer.meta.and_then(|meta| input(meta.tokens).or_else(|| input(meta.billed_units)));
    let vectors = answer.embeddings.float;
    if vectors.len() != count {
        return None;
    }
    embeddings::answer(model, &vectors, tokens.map(usage::whole).unwrap_or_default(), encoding)
}
