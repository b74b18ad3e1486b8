//! The list of models.

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

/// As many as Anthropic gives in one page.
const PATH: &str = "/v1/models?limit=1000";

#[derive(Deserialize)]
struct Page {
    data: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    created_at: Option<String>,
}

pub(super) fn request(call: &Call<'_>) -> Outgoing {
    let answer = Whole::new("models", call.provider, read);
    Outgoing { method: Method::GET, ..Outgoing::post(PATH, Bytes::new(), Warnings::new(false), answer) }
}

fn read(body: &[u8]) -> Option<Bytes> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let model = |Named { id, created_at }: Named| {
        let created = created_at.and_then(|instant| rfc3339(&instant)?.duration_since(std::time::UNIX_EPOCH).ok());
        let mut model = Model::new(id, "anthropic");
        model.created = created.map_or(0, |since| since.as_secs());
        model
    };
    let list: ModelList = page.data.into_iter().map(model).collect();
    serde_json::to_vec(&list).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_openais_list() {
        let page =
            br#"{"data":[{"type":"model","id":"claude-a","display_name":"A","created_at":"2026-11-21T00:00:00Z"},
            {"type":"model","id":"claude-b"}],"has_more":false,"first_id":"claude-a","last_id":"claude-b"}"#;
        let list: serde_json::Value = serde_json::from_slice(&read(page).expect("a list")).expect("JSON");
        assert_eq!(list["object"], "list");
        assert_eq!((&list["data"][0]["id"], &list["data"][0]["created"]), (&"claude-a".into(), &1_795_219_200.into()));
        assert_eq!((&list["data"][1]["id"], &list["data"][1]["owned_by"]), (&"claude-b".into(), &"anthropic".into()));
        assert!(read(b"[]").is_none());
    }
}
