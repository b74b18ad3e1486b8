//! Sources that a provider names beside its answer, as OpenAI's annotations.
//!
//! Perplexity tells their URLs in `citations`, and in `search_results` their titles too, and its text refers to them
//! by number: `[2]` stands for the second. Both members stay as they came. Source: its chat completions reference,
//! and what LiteLLM makes of it (`perplexity/chat/transformation.py`), read 2026-11-21.

use bytes::Bytes;
use llm_layers_wire::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// More references, or sources, say nothing more.
const MOST: usize = 1024;
/// Digits of a reference.
const MOST_DIGITS: usize = 4;

/// The sources of an answer, and its text's references to them, so far.
#[derive(Clone, Debug, Default)]
pub(in crate::openai) struct Sources {
    citations: Option<Bytes>,
    results: Option<Bytes>,
    references: Vec<Reference>,
    /// Characters of text so far.
    characters: usize,
    /// A reference that has begun: where, and its digits so far.
    open: Option<(usize, String)>,
}

/// Where in the text a source is referred to, and which, counted from 1.
#[derive(Clone, Copy, Debug)]
struct Reference {
    start: usize,
    end: usize,
    number: usize,
}

#[derive(Default, Deserialize)]
struct Found {
    url: Option<String>,
    title: Option<String>,
}

impl Found {
    fn source(&self) -> (&str, &str) {
        (self.url.as_deref().unwrap_or_default(), self.title.as_deref().unwrap_or_default())
    }
}

#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: Citation<'a>,
}

#[derive(Serialize)]
struct Citation<'a> {
    start_index: usize,
    end_index: usize,
    title: &'a str,
    url: &'a str,
}

impl Sources {
    /// What an answer, or a chunk of one, says of them. A later word replaces an earlier one.
    pub(in crate::openai) fn learn(&mut self, answer: &Object) {
        let take = |name: &str, known: &mut Option<Bytes>| {
            let told = answer.get(name).filter(|list| list.starts_with(b"[") && *list != b"[]");
            // Every chunk says the same; a copy, since a slice would hold on to the chunk.
            if let Some(told) = told.filter(|told| known.as_deref() != Some(told)) {
                *known = Some(Bytes::copy_from_slice(told));
            }
        };
        take("citations", &mut self.citations);
        take("search_results", &mut self.results);
    }

    /// The text goes on.
    pub(in crate::openai) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            self.open = match (self.open.take(), letter) {
                (_, '[') => Some((self.characters, String::new())),
                (Some((start, mut digits)), '0'..='9') if digits.len() < MOST_DIGITS => {
                    digits.push(letter);
                    Some((start, digits))
                }
                (Some((start, digits)), ']') => {
                    if let Some(number) = digits.parse().ok().filter(|_| self.references.len() < MOST) {
                        self.references.push(Reference { start, end: self.characters + 1, number });
                    }
                    None
                }
                _ => None,
            };
            self.characters += 1;
        }
    }

    /// `annotations`, if there are sources: each where the text refers to it, or for all of the text if it refers to
    /// none.
    pub(in crate::openai) fn annotations(&self) -> Option<Vec<u8>> {
        let results: Vec<Found> = items(self.results.as_ref());
        let urls: Vec<String> = items(self.citations.as_ref());
        let title = |url: &str| results.iter().find(|found| found.url.as_deref() == Some(url))?.title.as_deref();
        let sources: Vec<(&str, &str)> = if urls.is_empty() {
            results.iter().map(Found::source).collect()
        } else {
            urls.iter().map(|url| (url.as_str(), title(url).unwrap_or_default())).collect()
        };
        let annotation = |start, end, (url, title)| Annotation {
            kind: "url_citation",
            url_citation: Citation { start_index: start, end_index: end, title, url },
        };
        let source = |number: usize| sources.get(number.checked_sub(1)?).filter(|(url, _)| !url.is_empty()).copied();
        let referred = self.references.iter().filter_map(|reference| {
            source(reference.number).map(|source| annotation(reference.start, reference.end, source))
        });
        let mut annotations: Vec<Annotation<'_>> = referred.collect();
        if annotations.is_empty() {
            annotations
                .extend((1..=sources.len()).filter_map(source).map(|found| annotation(0, self.characters, found)));
        }
        // Strings and numbers: writing them cannot fail.
        (!annotations.is_empty()).then(|| serde_json::to_vec(&annotations).unwrap_or_default())
    }
}

/// The items of a list. One that is not what it should be is an empty one, so that the others keep their numbers.
fn items<T: Default + for<'de> Deserialize<'de>>(list: Option<&Bytes>) -> Vec<T> {
    let Some(list) = list else { return Vec::new() };
    let items: Vec<&RawValue> = serde_json::from_slice(list).unwrap_or_default();
    items.into_iter().take(MOST).map(|item| serde_json::from_str(item.get()).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn annotated(answer: &Value, texts: &[&str]) -> Value {
        let mut sources = Sources::default();
        sources.learn(&Object::parse(answer.to_string()).expect("an object"));
        texts.iter().for_each(|text| sources.text(text));
        sources.annotations().map_or(Value::Null, |list| serde_json::from_slice(&list).expect("JSON"))
    }

    fn annotation(start: usize, end: usize, title: &str, url: &str) -> Value {
        let citation = json!({"start_index": start, "end_index": end, "title": title, "url": url});
        json!({"type": "url_citation", "url_citation": citation})
    }

    #[test]
    fn a_source_stands_where_the_text_refers_to_it() {
        let told = json!({"citations": ["u1", "u2"], "search_results": [{"url": "u2", "title": "Two"}, 7]});
        let expected = json!([annotation(1, 4, "", "u1"), annotation(4, 7, "Two", "u2"), annotation(17, 20, "", "u1")]);
        let text = "ü[1][2][x][3][][0[1]";
        assert_eq!(annotated(&told, &[text]), expected);
        for (at, _) in text.char_indices() {
            let (head, tail) = text.split_at(at);
            assert_eq!(annotated(&told, &[head, tail]), expected, "{at}");
        }
    }

    #[test]
    fn without_a_reference_it_stands_for_all_of_the_text() {
        let found = json!({"search_results": [{"url": "u1", "title": "One"}, {"title": "no URL"}, {"url": "u3"}]});
        let expected = json!([annotation(0, 2, "One", "u1"), annotation(0, 2, "", "u3")]);
        assert_eq!(annotated(&found, &["hü"]), expected);
        assert_eq!(annotated(&found, &["a[3]"]), json!([annotation(1, 4, "", "u3")]));
    }

    #[test]
    fn what_is_no_source_is_none() {
        for told in [
            json!({}),
            json!({"citations": null, "search_results": "x"}),
            json!({"citations": [], "search_results": [{}, [], null, 1]}),
            json!({"citations": [1, {"url": "u"}, null, ""]}),
        ] {
            assert_eq!(annotated(&told, &["a[1]"]), Value::Null, "{told}");
        }
    }

    #[test]
    fn no_flood_of_references_and_no_number_is_too_long() {
        let told = json!({"citations": vec!["u"; 5000]});
        let flood = annotated(&told, &["[1]".repeat(5000).as_str()]);
        assert_eq!(flood.as_array().map(Vec::len), Some(MOST));
        let long = annotated(&json!({"citations": ["u"]}), &["[", "1".repeat(50_000).as_str(), "]"]);
        assert_eq!(long[0]["url_citation"]["start_index"], 0);
    }
}
