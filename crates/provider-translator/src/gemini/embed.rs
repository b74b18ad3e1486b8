//! Embeddings.
//!
//! Source: `google.genai.models.embed_content` of google-genai 3.4.0: the Gemini API has `batchEmbedContents`; Vertex
//! AI has it and `embedContent` for models with `gemini` or `maas` in their name, of which the latter take one text
//! at a time, and `predict` for all others. A batch holds 100 texts, as the API's own refusal says ("at most 100
//! requests can be in one batch", lancedb/lancedb#3618, July 2026), and `predict` 250 (Google Cloud's guide on text
//! embeddings, November 2026).

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Surface,
    parts::{Content, Data},
};
use crate::{
    embeddings::{self, EmbeddingRequest},
    format::{Call, Outgoing},
    place::Place,
    warnings::Warnings,
    whole::Whole,
};

/// Google's own members, in OpenAI's manner of spelling.
const KNOWN: [&str; 2] = ["task_type", "title"];

/// How a surface embeds with a model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Batch,
    Single,
    Predict,
}

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    /// Each request of a batch names the model once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    content: Content<'a>,
    #[serde(flatten)]
    options: Option<Options>,
    /// Where Vertex AI has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    embed_content_config: Option<Options>,
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u32>,
}

#[derive(Serialize)]
struct Predict<'a> {
    instances: Vec<Instance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Serialize)]
struct Instance<'a> {
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    output_dimensionality: u32,
}

pub(super) fn request(call: &Call<'_>, surface: &Surface) -> Result<Outgoing, Failure> {
    let mut warnings = Warnings::new(call.strict);
    let EmbeddingRequest { inputs, dimensions, encoding } = embeddings::read(call, &KNOWN, &mut warnings)?;
    let options = Options {
        task_type: call.object.read("task_type")?,
        title: call.object.read("title")?,
        output_dimensionality: dimensions,
    };
    let count = inputs.len();
    let one = |text| One::new(text, &options, surface, call.model);
    let (name, body) = match method(surface, call.model, count)? {
        Method::Predict => ("predict", json(&Predict::new(inputs, &options))),
        Method::Single => ("embedContent", json(&inputs.into_iter().next().map(one))),
        Method::Batch => ("batchEmbedContents", json(&Batch { requests: inputs.into_iter().map(one).collect() })),
    };
    let model = call.model.to_owned();
    let answer = Whole::new("embeddings", call.provider, move |body: &[u8]| {
        let read: Answer<'_> = serde_json::from_slice(body).ok()?;
        let (vectors, tokens) = read.vectors()?;
        if vectors.len() != count {
            return None;
        }
        if dimensions.is_none() {
            return embeddings::answer(&model, &vectors, tokens, encoding);
        }
        let units: Vec<Box<RawValue>> = vectors.into_iter().map(unit).collect::<Option<_>>()?;
        let units: Vec<&RawValue> = units.iter().map(AsRef::as_ref).collect();
        embeddings::answer(&model, &units, tokens, encoding)
    });
    let path = format!("{}:{name}", surface.model(call.model));
    Ok(Outgoing::post(path, body, warnings, answer))
}

/// How many texts one call embeds.
pub(super) fn most_texts(surface: &Surface, model: &str) -> usize {
    let name = model.rsplit('/').next().unwrap_or(model);
    match surface.is_vertex() {
        true if name.contains("maas") => 1,
        true if !name.contains("gemini") => 250,
        _ => 100,
    }
}

fn method(surface: &Surface, model: &str, inputs: usize) -> Result<Method, Failure> {
    let name = model.rsplit('/').next().unwrap_or(model);
    match (surface.is_vertex(), inputs) {
        (false, _) => Ok(Method::Batch),
        (true, 1) if name.contains("gemini") || name.contains("maas") => Ok(Method::Single),
        (true, _) if name.contains("maas") => Err(Place::new("input").unsupported("it takes one text at a time")),
        (true, _) if name.contains("gemini") => Ok(Method::Batch),
        (true, _) => Ok(Method::Predict),
    }
}

impl<'a> One<'a> {
    fn new(text: Cow<'a, str>, options: &Options, surface: &Surface, model: &str) -> Self {
        let content = Content { role: None, parts: vec![Data::Text(text).into()] };
        let options = options.clone();
        if surface.is_vertex() {
            let is_set =
                options.task_type.is_some() || options.title.is_some() || options.output_dimensionality.is_some();
            let embed_content_config = is_set.then_some(options);
            return Self { model: None, content, options: None, embed_content_config };
        }
        let name = if model.contains('/') { model.to_owned() } else { format!("models/{model}") };
        Self { model: Some(name), content, options: Some(options), embed_content_config: None }
    }
}

impl<'a> Predict<'a> {
    fn new(inputs: Vec<Cow<'a, str>>, options: &Options) -> Self {
        let instance = |content| {
            let Options { task_type, title, .. } = options.clone();
            Instance { content, task_type, title }
        };
        let parameters =
            options.output_dimensionality.map(|output_dimensionality| Parameters { output_dimensionality });
        Self { instances: inputs.into_iter().map(instance).collect(), parameters }
    }
}

/// Strings and numbers: writing them cannot fail.
fn json(value: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}

/// The answer of any of the three methods.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    embeddings: Option<Vec<Vector<'a>>>,
    #[serde(borrow)]
    embedding: Option<Vector<'a>>,
    #[serde(borrow)]
    predictions: Option<Vec<Prediction<'a>>>,
    usage_metadata: Option<Usage>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    values: &'a RawValue,
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Statistics {
    token_count: Option<f64>,
}

#[derive(Deserialize)]
struct Prediction<'a> {
    #[serde(borrow)]
    embeddings: Vector<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    prompt_token_count: Option<u64>,
}

impl<'a> Answer<'a> {
    /// The vectors, and the tokens that they took. Older models do not tell these: 0.
    fn vectors(self) -> Option<(Vec<&'a RawValue>, u64)> {
        let Self { embeddings, embedding, predictions, usage_metadata } = self;
        let predicted = predictions.map(|list| list.into_iter().map(|prediction| prediction.embeddings).collect());
        let vectors: Vec<Vector<'a>> = embeddings.or(predicted).or_else(|| embedding.map(|vector| vec![vector]))?;
        let counts = vectors.iter().filter_map(|vector| vector.statistics.as_ref()?.token_count);
        let counted = counts.sum::<f64>();
        let tokens = usage_metadata.and_then(|usage| usage.prompt_token_count);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and saturating")]
        let tokens = tokens.unwrap_or(counted as u64);
        Some((vectors.into_iter().map(|vector| vector.values).collect(), tokens))
    }
}

/// A vector of length 1. Models of before cut theirs to the dimensions that are asked for, and leave it at that.
fn unit(raw: &RawValue) -> Option<Box<RawValue>> {
    let numbers: Vec<f64> = serde_json::from_str(raw.get()).ok()?;
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    if !length.is_normal() || (length - 1.0).abs() < 1e-3 {
        return Some(raw.to_owned());
    }
    let unit: Vec<f64> = numbers.into_iter().map(|number| number / length).collect();
    serde_json::value::to_raw_value(&unit).ok()
}
