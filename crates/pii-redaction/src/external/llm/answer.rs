use std::{borrow::Cow, collections::HashSet, fmt};

use llm_layers_pii::Entity;
use serde::Deserialize;

/// The most items of an answer: beyond, a model repeats itself.
const MAX_ITEMS: usize = 2000;

/// An answer that is not what was asked for. It tells nothing of what it says.
#[derive(Debug, PartialEq)]
pub(super) struct Nonsense(&'static str);

#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
}

/// What it says beside the list, a model may say.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    found: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// What a completion names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Named {
    /// Kinds and texts, each once.
    pub(super) items: Vec<(Entity, String)>,
    /// How many more there are of kinds that nobody has asked for.
    pub(super) unasked: u64,
}

/// Reads a completion.
pub(super) fn read(bytes: &[u8], kinds: &[(Entity, Box<str>)]) -> Result<Named, Nonsense> {
    let completion: Completion<'_> = serde_json::from_slice(bytes).map_err(|_| Nonsense("it is no chat completion"))?;
    let choice = completion.choices.into_iter().next().ok_or(Nonsense("it has no choices"))?;
    // A list that was cut, by its length or by a filter, is no list of everything.
    if choice.finish_reason.is_some_and(|reason| reason != "stop") {
        return Err(Nonsense("it did not come to its end"));
    }
    let content = choice.message.content.ok_or(Nonsense("it says nothing"))?;
    let answer: Answer<'_> =
        serde_json::from_str(bare(&content)).map_err(|_| Nonsense("it is not of the JSON that was asked for"))?;
    if answer.found.len() > MAX_ITEMS {
        return Err(Nonsense("it names too much"));
    }
    let mut seen = HashSet::new();
    let mut named = Named::default();
    for item in answer.found {
        let kind = kinds.iter().find(|(kind, _)| is_same(kind.as_str(), &item.kind));
        let Some((kind, _)) = kind else {
            named.unasked += 1;
            continue;
        };
        let text = item.text.trim();
        if !text.is_empty() && seen.insert((kind, text.to_owned())) {
            named.items.push((kind.clone(), text.to_owned()));
        }
    }
    Ok(named)
}

/// `Street address` is `street_address`.
fn is_same(kind: &str, named: &str) -> bool {
    let letters =
        named.trim().chars().map(|char| if matches!(char, ' ' | '-') { '_' } else { char.to_ascii_lowercase() });
    letters.eq(kind.chars().map(|char| char.to_ascii_lowercase()))
}

/// Without the fence of Markdown that models without schemas like to put around JSON.
fn bare(content: &str) -> &str {
    let content = content.trim();
    let fenced = content.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    fenced.map_or(content, |inner| inner.strip_prefix("json").unwrap_or(inner).trim())
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model's answer makes no sense: {}", self.0)
    }
}

impl std::error::Error for Nonsense {}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(content: &str, finish_reason: &str) -> Result<Named, Nonsense> {
        let completion = serde_json::json!({
            "id": "chatcmpl-1", "object": "chat.completion",
            "choices": [{"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": content}}],
        });
        let kinds = [(Entity::PERSON, "".into()), (Entity::STREET_ADDRESS, "".into())];
        read(completion.to_string().as_bytes(), &kinds)
    }

    #[test]
    fn lists_are_read_with_or_without_a_fence() {
        let list = r#"{"found":[{"kind":"person","text":"Anna"},{"kind":"Street address","text":" 1 High \u0053t "},
            {"kind":"PERSON","text":"Anna"},{"kind":"person","text":" "}]}"#;
        let expected = [(Entity::PERSON, "Anna".to_owned()), (Entity::STREET_ADDRESS, "1 High St".to_owned())];
        for content in [list.to_owned(), format!("```json\n{list}\n```"), format!(" ```\n{list}``` \n")] {
            assert_eq!(items(&content, "stop").map(|named| named.items).as_deref(), Ok(&expected[..]), "{content}");
        }
        assert_eq!(items(r#"{"found":[]}"#, "stop"), Ok(Named::default()));
    }

    #[test]
    fn what_was_not_asked_for_is_left() {
        let found = r#"{"note":"x","found":[{"kind":"pet","text":"Rex"},{"kind":"person","text":"Anna","score":1}]}"#;
        let named = Named { items: vec![(Entity::PERSON, "Anna".to_owned())], unasked: 1 };
        assert_eq!(items(found, "stop"), Ok(named));
    }

    #[test]
    fn all_else_is_a_failure() {
        for content in [
            "",
            "Nothing personal here.",
            "{}",
            "[]",
            "null",
            r#"{"found":null}"#,
            r#"{"found":["Anna"]}"#,
            r#"{"found":[{"kind":"person"}]}"#,
            r#"{"found":[{"kind":"person","text":7}]}"#,
            r#"{"found":[{"kind":"person","text":"An"#,
            r#"{"found":[]} That is all."#,
        ] {
            assert!(items(content, "stop").is_err(), "{content}");
        }
        for reason in ["length", "content_filter", "tool_calls"] {
            assert!(items(r#"{"found":[]}"#, reason).is_err(), "{reason}");
        }
        let many = vec![r#"{"kind":"person","text":"a"}"#; MAX_ITEMS + 1].join(",");
        assert!(items(&format!(r#"{{"found":[{many}]}}"#), "stop").is_err());
        for bytes in ["", "{", "[]", r#"{"choices":[]}"#, r#"{"choices":[{"message":{"refusal":"no"}}]}"#] {
            assert!(read(bytes.as_bytes(), &[]).is_err(), "{bytes}");
        }
    }
}
