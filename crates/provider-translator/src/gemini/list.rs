//! The list of models.

use bytes::Bytes;
use http::Method;
use llm_layers_wire::openai::{Model, ModelList};
use serde::Deserialize;

use super::Surface;
use crate::{
    format::{Call, Outgoing},
    warnings::Warnings,
    whole::Whole,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    /// The Gemini API's. Absent when there are none.
    #[serde(default)]
    models: Vec<Named>,
    /// Vertex AI's.
    #[serde(default)]
    publisher_models: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

pub(super) fn request(call: &Call<'_>, surface: &Surface) -> Outgoing {
    let answer = Whole::new("models", call.provider, read);
    let post = Outgoing::post(surface.models(), Bytes::new(), Warnings::new(false), answer);
    Outgoing { method: Method::GET, ..post }
}

fn read(body: &[u8]) -> Option<Bytes> {
    let Answer { models, publisher_models } = serde_json::from_slice(body).ok()?;
    let all = models.into_iter().chain(publisher_models);
    // A tuned model keeps the kind that is part of its name.
    let id = |Named { name }: Named| match name.strip_prefix("models/") {
        Some(id) => id.to_owned(),
        None => name.strip_prefix("publishers/google/models/").unwrap_or(&name).to_owned(),
    };
    let list: ModelList = all.map(|named| Model::new(id(named), "google")).collect();
    serde_json::to_vec(&list).ok().map(Bytes::from)
}
