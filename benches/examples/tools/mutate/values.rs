//! JSON in which a value is not what the schema wants.

use serde_json::Value;

use super::Maker;
use crate::{
    case::Label::{Lossless, Never, Open},
    corpus::Place,
    json::{Json, Path, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let call = maker.call;
    for (path, place) in call.places().into_iter().skip(1) {
        let schema = maker.tool.place(&path);
        to_string(maker, &path, place, &schema);
        from_string(maker, &path, place, &schema);
        listed(maker, &path, place, &schema);
        wrong(maker, &path, place, &schema);
    }
    let strings = stringified(maker, call, &mut Vec::new());
    if !strings.is(call) {
        maker.add_json("string for a value", Lossless, &strings);
    }
}

/// The call with all its scalars as strings, where a place takes no strings.
pub(super) fn stringified(maker: &Maker<'_>, json: &Json, path: &mut Path) -> Json {
    use crate::json::Step;
    match json {
        Json::Plain(text) => {
            let takes_strings = maker.tool.place(path).types().contains("string");
            if takes_strings { json.clone() } else { Json::Text(text.clone()) }
        }
        Json::Array(items) => {
            let mut each = |(at, item): (usize, &Json)| {
                path.push(Step::Item(at));
                let item = stringified(maker, item, path);
                path.pop();
                item
            };
            Json::Array(items.iter().enumerate().map(&mut each).collect())
        }
        Json::Object(members) => {
            let mut each = |(name, value): &(String, Json)| {
                path.push(Step::Member(name.clone()));
                let value = stringified(maker, value, path);
                path.pop();
                (name.clone(), value)
            };
            Json::Object(members.iter().map(&mut each).collect())
        }
        Json::Text(_) => json.clone(),
    }
}

/// `"5"` for 5: one reading where no string may stand.
fn to_string(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    if matches!(place, Json::Text(_)) {
        return;
    }
    let call = maker.call;
    let label = if schema.types().contains("string") { Never } else { Lossless };
    let tool = maker.tool;
    // Where the schema has alternatives, other words may be another of them.
    let is_other = |text: &str| Json::read(text).is_some_and(|value| tool.is_valid(&call.with(path, value)));
    let mut say = |kind, label, text: String| {
        if kind != "other words for a value" || !is_other(&text) {
            maker.add_json(kind, label, &call.with(path, Json::Text(text)));
        }
    };
    say("string for a value", label, place.compact());
    let unsure = if label == Lossless { Open } else { Never };
    match place {
        Json::Array(items) => {
            say("string for a value", label, Style::SPACED.write(place));
            if items.iter().any(|item| matches!(item, Json::Text(_))) {
                let python = Style { strings: crate::json::Strings::Single, ..Style::SPACED };
                say("other words for a value", Never, python.write(place));
                say("other words for a value", Never, "a, b".to_owned());
            }
        }
        Json::Object(_) => {
            say("string for a value", label, Style::PRETTY.write(place));
            say("other words for a value", Never, format!("{}}}", place.compact()));
        }
        Json::Plain(text) if place.is_number() => {
            say("string with white space for a value", unsure, format!(" {text} "));
            for text in [format!("{text} km"), format!("{text},5"), "five".into(), "".into(), "$5".into(), "0x5".into()]
            {
                say("other words for a value", Never, text);
            }
            let float = format!("{text}.0");
            if !text.contains(['.', 'e'])
                && text.len() < 15
                && tool.is_valid(&call.with(path, Json::Plain(float.clone())))
            {
                say("string for a value", label, float);
            }
        }
        Json::Plain(text) if place.is_boolean() => {
            let capital = format!("{}{}", text[..1].to_uppercase(), &text[1..]);
            for text in [capital, text.to_uppercase(), "yes".into(), "on".into(), "1".into(), "".into()] {
                say("other words for a value", Never, text);
            }
        }
        _ => {}
    }
}

/// 5 for `"5"`: one reading where nothing but a string may stand, and it is spelled the same.
fn from_string(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    let Json::Text(text) = place else { return };
    let value = Json::read(text).filter(|value| value.is_number() || value.is_boolean());
    let types: Vec<_> = schema.types().into_iter().collect();
    if let Some(value) = value {
        let label = match types.as_slice() {
            _ if text.contains(['e', 'E']) && value.is_number() => Never,
            ["string"] => Lossless,
            _ => Open,
        };
        maker.add_json("value for a string", label, &maker.call.with(path, value));
    }
    if types == ["string"] && schema.listed().is_none() {
        for other in [Json::Object(Vec::new()), Json::Array(Vec::new()), Json::Array(vec![place.clone()])] {
            maker.add_json("other type for a string", Never, &maker.call.with(path, other));
        }
    }
}

/// One of a list, nearly.
fn listed(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    let (Json::Text(text), Some(listed)) = (place, schema.listed()) else { return };
    let call = maker.call;
    let mut title = text.to_lowercase();
    title[..1].make_ascii_uppercase();
    let near = [
        text.to_uppercase(),
        text.to_lowercase(),
        title,
        format!(" {text}"),
        format!("{text}\n"),
        format!(" {} ", text.to_uppercase()),
    ];
    for spelling in near {
        let same = |value: &&&Value| {
            value.as_str().is_some_and(|one| one.trim().to_lowercase() == spelling.trim().to_lowercase())
        };
        let label = match (listed.iter().filter(same).count(), schema.only()) {
            (1, Some(_)) => Lossless,
            (1, None) => Open,
            _ => Never,
        };
        maker.add_json("listed value in other case", label, &call.with(path, Json::Text(spelling)));
    }
    let mut far =
        vec![format!("{text}x"), "other".to_owned(), String::new(), text[1..].to_owned(), format!("{text}, {text}")];
    if text.contains('_') {
        far.extend([text.replace('_', " "), text.replace('_', "-"), text.replace('_', "")]);
    }
    for spelling in far {
        maker.add_json("value that is not listed", Never, &call.with(path, Json::Text(spelling)));
    }
}

/// What no spelling explains.
fn wrong(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    let call = maker.call;
    let tool = maker.tool;
    let mut say = |kind, value: Json| maker.add_json(kind, Never, &call.with(path, value));
    let plain = |text: &str| Json::Plain(text.to_owned());
    say("null for a value", plain("null"));
    let only = schema.only();
    match place {
        Json::Plain(text) if place.is_number() => {
            let bound =
                |word: &str, by: f64| only.and_then(|only| only[word].as_f64()).map(|bound| (bound + by).to_string());
            let beyond = [bound("minimum", -1.0), bound("maximum", 1.0), bound("exclusiveMinimum", 0.0)];
            beyond.into_iter().flatten().for_each(|number| say("number out of bounds", plain(&number)));
            let is_integer = !text.contains(['.', 'e']) && text.len() < 15;
            if is_integer && !tool.is_valid(&call.with(path, plain(&format!("{text}.5")))) {
                say("fraction for an integer", plain(&format!("{text}.5")));
                say("fraction for an integer", Json::Text(format!("{text}.5")));
            }
            say("boolean for a number", plain("true"));
            say("array for a scalar", Json::Array(vec![place.clone()]));
        }
        Json::Plain(_) if place.is_boolean() => {
            say("number for a boolean", plain("1"));
            say("number for a boolean", plain("0"));
            say("array for a scalar", Json::Array(vec![place.clone()]));
        }
        Json::Array(items) => {
            if let [one] = items.as_slice() {
                say("scalar for an array", one.clone());
            }
            say("array of the wrong length", Json::Array(Vec::new()));
            if let Some(last) = items.last() {
                say("array of the wrong length", Json::Array([items.as_slice(), std::slice::from_ref(last)].concat()));
            }
            say("object for an array", Json::Object(vec![("item".to_owned(), place.clone())]));
        }
        Json::Object(_) => say("array for an object", Json::Array(vec![place.clone()])),
        Json::Text(text) => {
            let rules = only.is_some_and(|only| {
                ["pattern", "format", "maxLength", "minLength"].iter().any(|word| only.get(word).is_some())
            });
            if rules {
                let lower = text.to_lowercase();
                for odd in [
                    String::new(),
                    "?".to_owned(),
                    format!(" {text}"),
                    "x ".repeat(300),
                    "01/02/2026".to_owned(),
                    lower,
                ] {
                    say("string against its format", Json::Text(odd));
                }
            }
        }
        Json::Plain(_) => {}
    }
}
