//! Controls: the call in spellings that are odd, and JSON.

use super::Maker;
use crate::{
    case::Label::Valid,
    json::{Json, Strings, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let call = maker.call;
    let plain = Style::default();
    for strings in [Strings::Json, Strings::Ascii, Strings::Escaped, Strings::Solidus] {
        for style in
            [Style { strings, ..plain }, Style { strings, ..Style::PRETTY }, Style { strings, ..Style::SPACED }]
        {
            maker.add("valid: other spelling", Valid, style.write(call));
        }
    }
    let wide = Style { colon: "\t:\r\n ", comma: " \n, ", indent: "\t", ..plain }.write(call);
    maker.add("valid: other spelling", Valid, format!("\n\t {wide} \r\n"));
    maker.add("valid: other order", Valid, reversed(call).compact());
    let floats = mapped(call, &|text| (!text.contains(['.', 'e'])).then(|| format!("{text}.0")));
    let powers = mapped(call, &|text| (!text.contains('e')).then(|| format!("{text}E+0")));
    for numbers in [floats, powers] {
        if maker.tool.is_valid(&numbers) {
            maker.add_json("valid: numbers as 5.0 and 5E+0", Valid, &numbers);
        }
    }
    for (path, place) in call.places() {
        for at in 0..place.members().len() {
            let mut without = call.clone();
            if let Json::Object(members) = without.at_mut(&path) {
                members.remove(at);
            }
            if maker.tool.is_valid(&without) {
                maker.add_json("valid: optional member left out", Valid, &without);
            }
        }
    }
}

fn reversed(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            Json::Object(members.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(reversed).collect()),
        other => other.clone(),
    }
}

/// With its numbers spelled otherwise, those of them that a double holds.
fn mapped(json: &Json, spell: &dyn Fn(&str) -> Option<String>) -> Json {
    match json {
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), mapped(value, spell))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| mapped(item, spell)).collect()),
        Json::Plain(text) if json.is_number() && text.len() < 16 => {
            spell(text).map_or_else(|| json.clone(), Json::Plain)
        }
        other => other.clone(),
    }
}
