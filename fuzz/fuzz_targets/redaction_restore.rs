//! Whatever stands around values and in them, what is redacted comes back, whole and in pieces of any size; and whatever a
//! model makes of placeholders, pieces give what the whole gives, and JSON stays JSON.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use llm_layers_pii_redaction::{
    Entity, Finding, Restorer, Rules, Session, Style, Text,
    restore::{Escape, Stream},
};

const BRACKETS: [(&str, &str); 5] = [("<", ">"), ("[[", "]]"), ("&", ";"), ("%", "%"), ("⟦", "⟧")];
const ENTITIES: [Entity; 3] = [Entity::EMAIL, Entity::US_SSN, Entity::PASSPORT];

fuzz_target!(|input: (u8, u8, Vec<(&str, u8, &str)>, Vec<(&str, u8)>, Vec<u8>)| {
    let (brackets, digits, values, answer, sizes) = input;
    let (open, close) = BRACKETS[usize::from(brackets) % BRACKETS.len()];
    let style = Style::default().brackets(open, close).and_then(|style| style.tag_length(4 + usize::from(digits) % 29));
    let rules = Arc::new(Rules::new().style(style.expect("it is within the limits")));

    let (mut text, mut findings) = (String::new(), Vec::new());
    for (before, entity, value) in &values {
        text.push_str(before);
        let entity = ENTITIES[usize::from(*entity) % ENTITIES.len()].clone();
        findings.push(Finding { entity, range: text.len()..text.len() + value.len(), score: 1.0 });
        text.push_str(value);
    }
    let mut session = Session::new(&rules, "", text.clone());
    let redacted = session.redact(&Text::from(&text), findings.clone(), false).unwrap_or_else(|| text.clone());
    let mut again = Session::new(&rules, "", redacted.clone());
    let placeholders: Vec<_> = values
        .iter()
        .filter(|(.., value)| !value.is_empty())
        .filter_map(|(_, entity, value)| {
            let entity = ENTITIES[usize::from(*entity) % ENTITIES.len()].clone();
            session.redact(&Text::from(*value), vec![Finding { entity, range: 0..value.len(), score: 1.0 }], false)
        })
        .collect();
    let restorer = Restorer::new(session.into_vault());

    assert_eq!(whole(&restorer, &redacted, Escape::None), text);
    assert_eq!(streamed(&restorer, &redacted, &sizes, Escape::None), text);
    assert_eq!(again.redact(&Text::from(&redacted), Vec::new(), false), None);

    // What a model makes of them.
    let mut said = String::new();
    for (words, change) in answer {
        said.push_str(words);
        if let Some(placeholder) = placeholders.get(usize::from(change) % placeholders.len().max(1)) {
            said.push_str(&match change >> 5 {
                0 => placeholder.to_lowercase(),
                1 => placeholder.replace('_', " "),
                2 => placeholder.replace('_', "\\_"),
                3 => placeholder.replace(open, "").replace(close, ""),
                4 => placeholder.chars().skip(1).collect(),
                _ => placeholder.clone(),
            });
        }
    }
    for escape in [Escape::None, Escape::Json] {
        assert_eq!(streamed(&restorer, &said, &sizes, escape), whole(&restorer, &said, escape));
    }
    let json = serde_json::to_string(&said).expect("any text can be a string");
    assert!(serde_json::from_str::<String>(&whole(&restorer, &json, Escape::Json)).is_ok());
});

fn whole(restorer: &Restorer, text: &str, escape: Escape) -> String {
    restorer.restore(text, escape).unwrap_or_else(|| text.to_owned())
}

fn streamed(restorer: &Restorer, text: &str, sizes: &[u8], escape: Escape) -> String {
    let (mut stream, mut out, mut rest) = (Stream::new(restorer.clone(), escape), String::new(), text);
    for size in sizes {
        let end = rest.char_indices().nth(usize::from(*size)).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        stream.push(piece, &mut out);
        assert!(stream.held() <= restorer.longest());
        rest = after;
    }
    stream.push(rest, &mut out);
    stream.finish(&mut out);
    out
}
