mod answers;
mod files;
mod hostile;
mod nested;
mod parts;
mod requests;
mod streams;

use std::fmt::Write;

use base64::{Engine, engine::general_purpose};
use llm_layers_core::Operation;
use llm_layers_pii::Text;
use llm_layers_wire::json::{Limits, Object};
use serde_json::Value;

use super::{Place, Visit, answer, request};
use crate::Media;

/// A value that must not leave, and what leaves in its place. It is an address and a long number at once.
const CANARY: &str = "c4477001199@leak.example";
const NUMBER: &str = "4477001199";
const PLACEHOLDER: &str = "<EMAIL_7f3a\"09c2>";
const PERCENT: &str = "c4477001199%40leak.example";

/// Replaces every canary, and takes notes.
#[derive(Default)]
struct Replacer {
    seen: Vec<(String, String)>,
    sealed: Vec<String>,
    raw_json: usize,
    media: Vec<Media>,
}

impl Visit for Replacer {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        let by = if place.raw_json { PLACEHOLDER.replace('"', "\\\"") } else { PLACEHOLDER.to_owned() };
        let replaced = text.text.replace(CANARY, &by).replace(PERCENT, &by).replace(NUMBER, &by);
        self.raw_json += usize::from(place.raw_json);
        if place.sealed {
            self.sealed.push(text.text.to_owned());
            return Some("never put there".to_owned());
        }
        if replaced == text.text {
            return None;
        }
        self.seen.push((text.member.to_owned(), text.text.to_owned()));
        Some(replaced)
    }

    fn texts(&mut self, texts: &[Text<'_>], place: Place) -> Vec<(usize, String)> {
        let joined: String = texts.iter().map(|text| text.text).collect();
        if let Some(at) = joined.find(CANARY) {
            // The first of those that it is spread over takes the placeholder, and the others lose their share.
            let (mut from, mut replaced) = (0, Vec::new());
            for (index, text) in texts.iter().enumerate() {
                let span = at.saturating_sub(from).min(text.text.len())
                    ..(at + CANARY.len()).saturating_sub(from).min(text.text.len());
                if !span.is_empty() {
                    let first = (from..from + text.text.len()).contains(&at);
                    let mut changed = text.text.to_owned();
                    changed.replace_range(span, if first { PLACEHOLDER } else { "" });
                    replaced.push((index, changed));
                    self.seen.push((text.member.to_owned(), text.text.to_owned()));
                }
                from += text.text.len();
            }
            return replaced;
        }
        let replaced = texts.iter().enumerate().map(|(index, text)| Some((index, self.text(text, place)?)));
        replaced.flatten().collect()
    }

    fn media(&mut self, media: Media) {
        self.media.push(media);
    }
}

/// Changes nothing, and counts.
#[derive(Default)]
struct Idle {
    seen: Vec<String>,
}

impl Visit for Idle {
    fn text(&mut self, text: &Text<'_>, _: Place) -> Option<String> {
        self.seen.push(text.text.to_owned());
        None
    }
}

/// Puts the canary back.
struct Restorer;

impl Visit for Restorer {
    fn text(&mut self, text: &Text<'_>, _: Place) -> Option<String> {
        text.text.contains(PLACEHOLDER).then(|| text.text.replace(PLACEHOLDER, CANARY))
    }
}

/// Which of the two walks.
#[derive(Clone, Copy, Debug)]
enum Body {
    Request,
    Answer,
}

impl Body {
    fn walk(self, operation: Operation, object: &mut Object, visit: &mut impl Visit) -> bool {
        match self {
            Self::Request => request(operation, object, visit),
            Self::Answer => answer(operation, object, visit),
        }
        .unwrap()
    }
}

fn parse(body: &str) -> Object {
    Object::parse_with(body.to_owned(), &Limits::LENIENT).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn text_of(object: &Object) -> String {
    String::from_utf8(object.to_bytes().to_vec()).unwrap()
}

/// Asserts that a canary is found in a body and gone from it in every spelling, and that nothing else is changed.
fn assert_no_leak(operation: Operation, body: &str, of: Body) -> Replacer {
    let mut object = parse(body);
    let mut idle = Idle::default();
    assert!(!of.walk(operation, &mut object, &mut idle));
    assert_eq!(text_of(&object), body, "{operation:?}: looked at, and not as it was");
    assert!(!object.is_edited());

    let mut replacer = Replacer::default();
    let changed = of.walk(operation, &mut object, &mut replacer);
    let after = text_of(&object);
    assert!(changed && !replacer.seen.is_empty(), "{operation:?}: not found in {body}");
    assert_eq!(leak(&after), None, "{operation:?}: {after}");
    let value: Value = serde_json::from_str(&after).unwrap_or_else(|error| panic!("{error}: {after}"));
    assert!(deep(&value).contains("EMAIL_7f3a"), "{operation:?}: {after}");
    replacer
}

/// Every spelling that a canary may still be in, and the text where it is.
fn leak(body: &str) -> Option<String> {
    let mut texts = vec![body.to_owned()];
    for _ in 0..4 {
        let more: Vec<String> = texts.iter().flat_map(|text| decodings(text)).collect();
        texts.extend(more);
        texts.sort();
        texts.dedup();
    }
    texts.into_iter().find(|text| text.contains("leak.example") || text.contains(NUMBER))
}

fn decodings(text: &str) -> Vec<String> {
    let mut all = vec![percent_decoded(text), unescaped(text)];
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    for run in text.split(|c| !is_base64(c)).filter(|run| run.len() >= 16) {
        for engine in [general_purpose::STANDARD, general_purpose::URL_SAFE] {
            if let Ok(bytes) = engine.decode(run) {
                all.push(String::from_utf8_lossy(&bytes).into_owned());
                let units: Vec<u16> =
                    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                all.push(String::from_utf16_lossy(&units));
            }
        }
    }
    all.retain(|other| other != text);
    all
}

fn percent_decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &after[2..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// One level of backslashes less.
fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let unit = rest.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match unit.filter(|_| rest[at + 1..].starts_with('u')).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = &rest[at + 6..];
            }
            None => rest = &rest[at + 1..],
        }
        if rest.starts_with('\\') && !out.ends_with('\\') {
            out.push('\\');
            rest = &rest[1..];
        }
    }
    out + rest
}

/// Every string within a value, and within the JSON in those, and within files.
fn deep(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::String(text) => {
            let _ = write!(out, "{text}\n{}", decodings(text).join("\n"));
        }
        Value::Array(items) => items.iter().for_each(|item| out.push_str(&deep(item))),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let _ = write!(out, "{name}\n{}", deep(value));
        }),
        _ => {}
    }
    out
}
