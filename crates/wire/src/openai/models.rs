use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer to `GET /v1/models`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelList {
    /// Always `list`.
    pub object: String,
    /// The models.
    pub data: Vec<Model>,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// What a request names it by.
    pub id: String,
    /// Always `model`.
    #[serde(default = "model")]
    pub object: String,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub created: u64,
    /// Whose it is.
    #[serde(default)]
    pub owned_by: String,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

fn model() -> String {
    "model".into()
}

impl Model {
    /// A model of this name and owner.
    #[must_use]
    pub fn new(id: impl Into<String>, owned_by: impl Into<String>) -> Self {
        Self { id: id.into(), object: model(), created: 0, owned_by: owned_by.into(), unknown: Map::new() }
    }
}

impl FromIterator<Model> for ModelList {
    fn from_iter<I: IntoIterator<Item = Model>>(models: I) -> Self {
        Self { object: "list".into(), data: models.into_iter().collect(), unknown: Map::new() }
    }
}
