//! The one citation of an answer that had documents or results of tools to go by: its first word.

use serde_json::{Value, json};

use crate::answer::{Answer, text};
use crate::look::Look;

pub(super) fn of(body: &Value, results: &[String], answer: &Answer) -> Option<Value> {
    if matches!(body.at("/citation_options/mode").as_str(), Some("OFF" | "DISABLED")) {
        return None;
    }
    let source = match body["documents"].as_array().and_then(|documents| documents.first()) {
        Some(document) => {
            let id = document["id"].as_str().unwrap_or("doc:0");
            json!({"type": "document", "id": id, "document": data(document, id)})
        }
        None => {
            let result = results.first()?;
            json!({"type": "tool", "id": "tool:0", "tool_output": {"content": result}})
        }
    };
    let word = text::chunks(&answer.text, 1).into_iter().next()?;
    Some(json!({
        "start": 0, "end": word.chars().count(), "text": word, "sources": [source], "content_index": usize::from(answer.thinking.is_some()),
        "type": "TEXT_CONTENT",
    }))
}

fn data(document: &Value, id: &str) -> Value {
    match document {
        Value::String(text) => json!({"id": id, "text": text}),
        _ => document["data"].clone(),
    }
}
