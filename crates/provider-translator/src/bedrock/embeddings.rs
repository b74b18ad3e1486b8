//! Embeddings by InvokeModel, in the words of the model's vendor.
//!
//! Source: AWS's user guide on the parameters of Titan Text Embeddings, Titan Multimodal Embeddings and Cohere Embed,
//! read in November 2026. How many tokens Cohere has counted is told by a header alone, which is not read here.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    embeddings::{self, EmbeddingRequest},
    format::{Call, Outgoing},
    params,
    place::Place,
    translate::Translate,
    warnings::Warnings,
    whole::Whole,
};

/// How many texts a model takes at once: Titan one, Cohere 96.
pub(super) fn most_texts(model: &str) -> usize {
    if model.contains("amazon.titan-embed") { 1 } else { 96 }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Titan<'a> {
    input_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding_config: Option<EmbeddingConfig>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmbeddingConfig {
    output_embedding_length: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TitanAnswer<'a> {
    #[serde(borrow)]
    embedding: &'a RawValue,
    input_text_token_count: Option<u64>,
}

#[derive(Serialize)]
struct Cohere<'a> {
    texts: &'a [Cow<'a, str>],
    input_type: Cow<'a, RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

#[derive(Deserialize)]
struct CohereAnswer<'a> {
    #[serde(borrow)]
    embeddings: Vectors<'a>,
}

/// By type where a type was asked for, which some versions take for granted.
#[derive(Deserialize)]
#[serde(transparent)]
struct Vectors<'a>(#[serde(borrow)] &'a RawValue);

impl<'a> Vectors<'a> {
    fn list(&self) -> Option<Vec<&'a RawValue>> {
        #[derive(Deserialize)]
        struct ByType<'a> {
            #[serde(borrow)]
            float: Vec<&'a RawValue>,
        }
        if self.0.get().starts_with('[') {
            return serde_json::from_str(self.0.get()).ok();
        }
        serde_json::from_str(self.0.get()).ok().map(|ByType { float }| float)
    }
}

/// Says a call as the model's vendor has it.
///
/// # Errors
/// The model embeds nothing that is known here, or not so many texts at once.
pub(super) fn call(call: &Call<'_>) -> Result<Outgoing, Failure> {
    if call.model.contains("amazon.titan-embed") {
        titan(call)
    } else if call.model.contains("cohere.embed") {
        cohere(call)
    } else {
        Err(Place::new("model").unsupported("embeddings are known of Titan and Cohere only"))
    }
}

fn titan(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let mut warnings = Warnings::new(call.strict);
    let EmbeddingRequest { inputs, dimensions, encoding } = embeddings::read(call, &[], &mut warnings)?;
    let [input_text] = inputs.as_slice() else {
        return Err(Place::new("input").unsupported("this model embeds one text at a time"));
    };
    let mut body = Titan { input_text, dimensions: None, embedding_config: None };
    match dimensions {
        Some(length) if call.model.contains("titan-embed-image") => {
            body.embedding_config = Some(EmbeddingConfig { output_embedding_length: length });
        }
        Some(_) if call.model.contains("titan-embed-text-v1") => {
            return Err(Place::new("dimensions").unsupported("this model gives vectors of one length"));
        }
        dimensions => body.dimensions = dimensions,
    }
    let model = call.model.to_owned();
    let answer = Whole::new("embeddings", call.provider, move |body| {
        let answer: TitanAnswer<'_> = serde_json::from_slice(body).ok()?;
        embeddings::answer(&model, &[answer.embedding], answer.input_text_token_count.unwrap_or_default(), encoding)
    });
    post(call, &body, warnings, answer)
}

fn cohere(call: &Call<'_>) -> Result<Outgoing, Failure> {
    let mut warnings = Warnings::new(call.strict);
    let EmbeddingRequest { inputs, dimensions, encoding } =
        embeddings::read(call, &["input_type", "truncate"], &mut warnings)?;
    if dimensions.is_some() && !call.model.contains("embed-v4") {
        return Err(Place::new("dimensions").unsupported("this model gives vectors of one length"));
    }
    let input_type = match params::raw(call.object, "input_type") {
        Some(raw) => Cow::Borrowed(raw),
        // It demands one, and OpenAI's API has none: what is stored is embedded most often.
        None => Cow::Owned(RawValue::from_string("\"search_document\"".into()).unwrap_or_default()),
    };
    let truncate = params::raw(call.object, "truncate");
    let body = Cohere { texts: &inputs, input_type, truncate, output_dimension: dimensions };
    let (model, count) = (call.model.to_owned(), inputs.len());
    let answer = Whole::new("embeddings", call.provider, move |body| {
        let answer: CohereAnswer<'_> = serde_json::from_slice(body).ok()?;
        let vectors = answer.embeddings.list().filter(|vectors| vectors.len() == count)?;
        embeddings::answer(&model, &vectors, 0, encoding)
    });
    post(call, &body, warnings, answer)
}

fn post(
    call: &Call<'_>,
    body: &impl Serialize,
    warnings: Warnings,
    answer: Box<dyn Translate>,
) -> Result<Outgoing, Failure> {
    // Strings, numbers and JSON: writing them cannot fail.
    let body = Bytes::from(serde_json::to_vec(body).unwrap_or_default());
    Ok(Outgoing::post(super::path(call.model, "invoke")?, body, warnings, answer))
}
