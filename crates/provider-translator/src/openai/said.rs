//! What a delta or a message says, in the shape in which clients read it.

use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A part of Mistral's content, which is a list where a model thinks or names sources.
#[derive(Deserialize)]
struct Part<'a> {
    text: Option<String>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
}

/// Makes `content` one text and takes thoughts into `reasoning_content`, by whatever name they come.
pub(super) fn repair(said: &mut Object) {
    if said.get("content").is_some_and(|content| content.starts_with(b"[")) {
        join(said);
    }
    let Some(thought) = said.get_bytes("reasoning").filter(|thought| thought.starts_with(b"\"")) else { return };
    if said.get("reasoning_content").is_none_or(|known| matches!(known, b"null" | b"\"\"")) {
        said.remove("reasoning");
        let _ = said.set_raw("reasoning_content", thought);
    }
}

fn join(said: &mut Object) {
    let content = said.get_bytes("content").unwrap_or_default();
    let Ok(parts) = serde_json::from_slice::<Vec<Part<'_>>>(&content) else { return };
    let mut text = String::new();
    let mut thoughts = said.text("reasoning_content").unwrap_or_default().into_owned();
    for part in parts {
        text.push_str(&part.text.unwrap_or_default());
        thoughts.push_str(&part.thinking.map(thought).unwrap_or_default());
    }
    said.set("content", &text);
    if !thoughts.is_empty() {
        said.set("reasoning_content", &thoughts);
    }
}

/// A thought is a text, or a list of parts that are texts.
fn thought(raw: &RawValue) -> String {
    if let Ok(text) = serde_json::from_str(raw.get()) {
        return text;
    }
    let parts: Vec<Part<'_>> = serde_json::from_str(raw.get()).unwrap_or_default();
    parts.into_iter().filter_map(|part| part.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_becomes_texts() {
        for (theirs, ours) in [
            (r#"{"content":"Hi"}"#, r#"{"content":"Hi"}"#),
            (r#"{"reasoning":"h\u006d"}"#, r#"{"reasoning_content":"h\u006d"}"#),
            (r#"{"reasoning":"a","reasoning_content":"b"}"#, r#"{"reasoning":"a","reasoning_content":"b"}"#),
            (r#"{"reasoning":"a","reasoning_content":null}"#, r#"{"reasoning_content":"a"}"#),
            (r#"{"reasoning":null,"content":"x"}"#, r#"{"reasoning":null,"content":"x"}"#),
            (r#"{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#, r#"{"content":"ab"}"#),
            (r#"{"content":[{"type":"reference","reference_ids":[1]}]}"#, r#"{"content":""}"#),
            (
                r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]},{"type":"text","text":"a"}]}"#,
                r#"{"content":"a","reasoning_content":"h"}"#,
            ),
            (r#"{"content":[{"type":"thinking","thinking":"h"}]}"#, r#"{"content":"","reasoning_content":"h"}"#),
            (r#"{"content":["a"]}"#, r#"{"content":["a"]}"#),
        ] {
            let mut said = Object::parse(theirs).expect(theirs);
            repair(&mut said);
            assert_eq!(said.to_bytes(), ours, "{theirs}");
        }
    }
}
