//! The list of models.

use bytes::Bytes;
use http::Method;
use llm_layers_wire::openai::{Model, ModelList};
use serde::Deserialize;

use crate::{
    format::{Call, Outgoing},
    warnings::Warnings,
    whole::Whole,
};

/// As long as a page may be: nobody asks for the next one.
const PATH: &str = "/v1/models?page_size=1000";

pub(super) fn request(call: &Call<'_>) -> Outgoing {
    let owner = call.provider.to_string();
    let answer = Whole::new("models", call.provider, move |body| read(body, &owner));
    let outgoing = Outgoing::post(PATH, Bytes::new(), Warnings::new(call.strict), answer);
    Outgoing { method: Method::GET, ..outgoing }
}

fn read(body: &[u8], owner: &str) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Answer {
        models: Vec<Described>,
    }
    #[derive(Deserialize)]
    struct Described {
        name: Option<String>,
        #[serde(default)]
        is_deprecated: Option<bool>,
    }
    let Answer { models } = serde_json::from_slice(body).ok()?;
    let current = models.into_iter().filter(|model| model.is_deprecated != Some(true));
    let list: ModelList = current.filter_map(|model| model.name).map(|name| Model::new(name, owner)).collect();
    serde_json::to_vec(&list).ok().map(Bytes::from)
}
