//! What is expected, in words that hold no value.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use jsonschema::{
    ReferencingError, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::{Mismatch, SchemaError};
use crate::Reason;

/// The longest message, in bytes.
const MAX_MESSAGE: usize = 512;
/// How many of a list's items are named.
const MAX_ITEMS: usize = 10;
/// The longest name of a member, in characters.
const MAX_NAME: usize = 64;
/// The longest value out of a schema, in characters.
const MAX_LITERAL: usize = 64;

/// A complaint in our own words.
pub(super) fn mismatch(error: &ValidationError<'_>) -> Mismatch {
    let (reason, message) = words(error.kind());
    let mut path = printable(error.instance_path().as_str());
    // A member that is missing is a place of its own.
    if let Kind::Required { property: Value::String(name) } = error.kind() {
        let _ = write!(path, "/{}", step(name));
    }
    Mismatch { reason, path: bounded(path, MAX_MESSAGE), message: bounded(message, MAX_MESSAGE) }
}

/// What is wrong with a schema, and where.
pub(super) fn unusable(error: &ValidationError<'_>, document: &Value) -> SchemaError {
    match error.kind() {
        Kind::Referencing(error) => reference(error, document),
        kind => SchemaError {
            path: bounded(printable(error.instance_path().as_str()), MAX_MESSAGE),
            message: bounded(words(kind).1, MAX_MESSAGE),
        },
    }
}

/// Which reference of a schema leads nowhere.
pub(super) fn reference(error: &ReferencingError, document: &Value) -> SchemaError {
    let (end, message) = match error {
        ReferencingError::Unretrievable { uri, .. } => (uri, "refers to another document, and nothing is fetched"),
        ReferencingError::PointerToNowhere { pointer } => (pointer, "refers to what is not there"),
        ReferencingError::NoSuchAnchor { anchor } => (anchor, "refers to an anchor that is not there"),
        _ => return SchemaError::whole("a reference, or an `$id`, cannot be read"),
    };
    let is_it = |reference: &str| {
        let reference = reference.trim_end_matches('#');
        let document = reference.split_once('#').map_or(reference, |(document, _)| document);
        reference.ends_with(end.as_str()) || !document.is_empty() && end.trim_end_matches('#').ends_with(document)
    };
    SchemaError { path: bounded(find(document, is_it).unwrap_or_default(), MAX_MESSAGE), message: message.to_owned() }
}

/// Where a reference stands in a document.
fn find(document: &Value, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let mut waiting = vec![(document, String::new())];
    while let Some((value, path)) = waiting.pop() {
        match value {
            Value::Array(items) => {
                waiting.extend(items.iter().enumerate().map(|(index, item)| (item, format!("{path}/{index}"))));
            }
            Value::Object(members) => {
                let reference = members.iter().find(|(name, value)| {
                    matches!(name.as_str(), "$ref" | "$dynamicRef") && value.as_str().is_some_and(&is_it)
                });
                if let Some((name, _)) = reference {
                    return Some(format!("{path}/{name}"));
                }
                waiting.extend(members.iter().map(|(name, value)| (value, format!("{path}/{}", step(name)))));
            }
            _ => {}
        }
    }
    None
}

fn words(kind: &Kind) -> (Reason, String) {
    match kind {
        Kind::Required { .. } => (Reason::Required, "is required".to_owned()),
        Kind::Type { kind: TypeKind::Single(one) } => {
            (Reason::Type, format!("must be {}", types(std::iter::once(one.as_str()))))
        }
        Kind::Type { kind: TypeKind::Multiple(set) } => {
            let names: Vec<_> = set.iter().collect();
            (Reason::Type, format!("must be {}", types(names.iter().map(|one| one.as_str()))))
        }
        Kind::Enum { options } => (Reason::Enum, one_of(options.as_array().map(Vec::as_slice).unwrap_or_default())),
        Kind::Constant { expected_value } => (Reason::Enum, format!("must be {}", Literal(expected_value))),
        Kind::Format { format } => (Reason::Format, format!("must be of the format {}", Name(format))),
        Kind::Pattern { pattern } => {
            (Reason::Format, format!("must match the pattern {}", bounded(pattern.clone(), 2 * MAX_LITERAL)))
        }
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            (Reason::Format, "cannot be compared with its pattern".to_owned())
        }
        Kind::ContentEncoding { content_encoding } => {
            (Reason::Format, format!("must be encoded as {}", Name(content_encoding)))
        }
        Kind::ContentMediaType { content_media_type } => {
            (Reason::Format, format!("must be of the media type {}", Name(content_media_type)))
        }
        Kind::FromUtf8 { .. } => (Reason::Format, "must be UTF-8".to_owned()),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            (Reason::AdditionalProperties, no_member(unexpected))
        }
        Kind::PropertyNames { error } => {
            (Reason::AdditionalProperties, format!("has a member whose name {}", words(error.kind()).1))
        }
        Kind::FalseSchema => (Reason::AdditionalProperties, "must not be there".to_owned()),
        kind => (Reason::Schema, bound(kind)),
    }
}

/// What is left: bounds, and combinations of schemas.
fn bound(kind: &Kind) -> String {
    match kind {
        Kind::Minimum { limit } => format!("must be at least {}", Literal(limit)),
        Kind::Maximum { limit } => format!("must be at most {}", Literal(limit)),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {}", Literal(limit)),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {}", Literal(limit)),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("must have at least {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("must have at most {}", counted(*limit, "character")),
        Kind::MinItems { limit } => format!("must have at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("must have at most {}", counted(*limit, "item")),
        Kind::MinProperties { limit } => format!("must have at least {}", counted(*limit, "member")),
        Kind::MaxProperties { limit } => format!("must have at most {}", counted(*limit, "member")),
        Kind::AdditionalItems { limit } => format!("must have at most {}", counted(*limit as u64, "item")),
        Kind::UnevaluatedItems { .. } => "must not have these further items".to_owned(),
        Kind::UniqueItems => "must have no two equal items".to_owned(),
        Kind::Contains => "must have the items that `contains` asks for".to_owned(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(context),
        Kind::OneOfMultipleValid { .. } => "must fit one alternative only".to_owned(),
        Kind::Not { .. } => "must not fit the schema of `not`".to_owned(),
        _ => "does not fit the schema".to_owned(),
    }
}

pub(super) fn no_member(names: &[String]) -> String {
    format!("must have no member {}", Names(names))
}

/// What each alternative finds first.
fn alternatives(context: &[Vec<ValidationError<'_>>]) -> String {
    let mut words = "must fit one of the alternatives".to_owned();
    let firsts = context.iter().take(4).filter_map(|errors| errors.first());
    for (index, error) in firsts.enumerate() {
        let Mismatch { path, message, .. } = mismatch(error);
        let _ = write!(
            words,
            "{} {path}{}{message}",
            if index == 0 { ":" } else { "; or" },
            if path.is_empty() { "" } else { " " }
        );
    }
    words
}

/// Types by their names, with articles.
pub(super) fn types<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let article = |name: &str| match name {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    };
    names.map(article).collect::<Vec<_>>().join(" or ")
}

pub(super) fn one_of(options: &[Value]) -> String {
    if options.is_empty() {
        return "cannot be right: the list of its values is empty".to_owned();
    }
    let mut words = "must be one of ".to_owned();
    for (index, option) in options.iter().take(MAX_ITEMS).enumerate() {
        let _ = write!(words, "{}{}", if index > 0 { ", " } else { "" }, Literal(option));
    }
    if options.len() > MAX_ITEMS {
        let _ = write!(words, " and {} more", options.len() - MAX_ITEMS);
    }
    words
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A value out of the schema, cut.
struct Literal<'a>(&'a Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounded(self.0.to_string(), MAX_LITERAL))
    }
}

/// A name, cut and without control characters.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        for char in self.0.chars().take(MAX_NAME) {
            match char {
                char if char.is_control() => write!(f, "{}", char.escape_default())?,
                char => f.write_char(char)?,
            }
        }
        f.write_char('`')
    }
}

struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().take(MAX_ITEMS).enumerate() {
            write!(f, "{}{}", if index > 0 { ", " } else { "" }, Name(name))?;
        }
        if self.0.len() > MAX_ITEMS { write!(f, " and {} more", self.0.len() - MAX_ITEMS) } else { Ok(()) }
    }
}

/// A step of a JSON pointer.
pub(super) fn escaped(step: &str) -> Cow<'_, str> {
    if step.contains(['~', '/']) { Cow::Owned(step.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(step) }
}

/// A name as a step of a path that is told.
pub(crate) fn step(name: &str) -> String {
    printable(&escaped(name))
}

/// A path whose steps are cut, and which has no control characters: its steps may be names that the model has made up.
fn printable(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut length = 0;
    for char in path.chars() {
        length = if char == '/' { 0 } else { length + 1 };
        match length {
            length if length > MAX_NAME + 1 => {}
            length if length > MAX_NAME => out.push('…'),
            _ if char.is_control() => out.extend(char.escape_default()),
            _ => out.push(char),
        }
    }
    out
}

/// A text of at most so many bytes.
fn bounded(mut text: String, max: usize) -> String {
    if text.len() > max {
        let mut end = max.saturating_sub('…'.len_utf8());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
