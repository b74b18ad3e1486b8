//! What can be asked for.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, Failure};
use llm_layers_wire::openai::{Model, ModelList};

use crate::config::RouteTable;

/// The answers about models, made once for each configuration.
#[derive(Clone)]
pub(super) struct Models {
    answers: Arc<Answers>,
}

struct Answers {
    list: Bytes,
    one: HashMap<String, Bytes>,
}

impl Models {
    pub(super) fn new(routes: &RouteTable) -> Self {
        let models = || routes.models().map(|model| Model::new(model.id, model.provider));
        let list: ModelList = models().collect();
        let one = models().map(|model| (model.id.clone(), json(&model))).collect();
        Self { answers: Arc::new(Answers { list: json(&list), one }) }
    }

    pub(super) fn answer(&self, id: Option<&str>) -> Result<Response<Body>, Failure> {
        let body = match id {
            None => &self.answers.list,
            Some(id) => self.answers.one.get(id).ok_or_else(|| unknown(id))?,
        };
        let mut response = Response::new(Body::from(body.clone()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }
}

/// OpenAI's answer for a model that it does not have.
pub(super) fn unknown(model: &str) -> Failure {
    // The name is the caller's own, and as long as the caller likes.
    let shown: String = model.chars().take(128).collect();
    let message = format!("The model `{shown}` does not exist or you do not have access to it.");
    Failure::not_found(message).with_code("model_not_found").with_param("model")
}

fn json(value: &impl serde::Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}
