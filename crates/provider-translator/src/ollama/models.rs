//! The list of models that a server has.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::Method;
use llm_layers_wire::openai::{Model, ModelList};
use serde::Deserialize;

use crate::{
    errors::rfc3339,
    format::{Call, Outgoing},
    warnings::Warnings,
    whole::Whole,
};

pub(super) fn request(call: &Call<'_>) -> Outgoing {
    let owner = call.provider.to_string();
    let answer = Whole::new("models", call.provider, move |body| read(body, &owner));
    let outgoing = Outgoing::post("/api/tags", Bytes::new(), Warnings::new(call.strict), answer);
    Outgoing { method: Method::GET, ..outgoing }
}

fn read(body: &[u8], owner: &str) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Answer {
        models: Vec<Described>,
    }
    #[derive(Deserialize)]
    struct Described {
        model: Option<String>,
        /// The same, of older servers.
        name: Option<String>,
        modified_at: Option<String>,
    }
    let Answer { models } = serde_json::from_slice(body).ok()?;
    let described = models.into_iter().filter_map(|described| {
        let mut model = Model::new(described.model.or(described.name)?, owner);
        let modified = described.modified_at.as_deref().and_then(rfc3339);
        model.created = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default().as_secs();
        Some(model)
    });
    serde_json::to_vec(&described.collect::<ModelList>()).ok().map(Bytes::from)
}
