//! JSON that keeps how its numbers are spelled, and the odd ways in which models write it.
//!
//! The repair code has a tree of its own; this one shares nothing with it.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

#[derive(Clone, Debug)]
pub(crate) enum Json {
    /// A number, `true`, `false` or `null`, as spelled.
    Plain(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A step on the way to a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Member(String),
    Item(usize),
}

pub(crate) type Path = Vec<Step>;

impl Json {
    /// `None` if it is not JSON, or names a member twice.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::of(serde_json::from_str::<&RawValue>(text).ok()?)
    }

    fn of(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Members(members) = serde_json::from_str(text).ok()?;
                let names = || members.iter().map(|(name, _)| name);
                if names().enumerate().any(|(at, name)| names().take(at).any(|other| other == name)) {
                    return None;
                }
                Self::Object(
                    members.iter().map(|(name, raw)| Some((name.clone(), Self::of(raw)?))).collect::<Option<_>>()?,
                )
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::Array(items.into_iter().map(Self::of).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            _ => Self::Plain(text.to_owned()),
        })
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.compact()).expect("it is JSON")
    }

    pub(crate) fn compact(&self) -> String {
        Style::default().write(self)
    }

    /// The same value: members in any order, numbers equal as numbers.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one == other || is_same_number(one, other),
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is(other))
            }
            (Self::Object(one), Self::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        other.iter().find(|(theirs, _)| theirs == name).is_some_and(|(_, theirs)| value.is(theirs))
                    })
            }
            _ => false,
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Plain(text) if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
    }

    pub(crate) fn is_boolean(&self) -> bool {
        matches!(self, Self::Plain(text) if text == "true" || text == "false")
    }

    pub(crate) fn members(&self) -> &[(String, Json)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.members().iter().find(|(theirs, _)| theirs == name).map(|(_, value)| value)
    }

    /// All places within, the root first.
    pub(crate) fn places(&self) -> Vec<(Path, &Json)> {
        let mut places = vec![(Vec::new(), self)];
        let within: Vec<(Step, &Json)> = match self {
            Self::Array(items) => items.iter().enumerate().map(|(at, item)| (Step::Item(at), item)).collect(),
            Self::Object(members) => members.iter().map(|(name, value)| (Step::Member(name.clone()), value)).collect(),
            _ => Vec::new(),
        };
        for (step, value) in within {
            for (path, place) in value.places() {
                places.push(([vec![step.clone()], path].concat(), place));
            }
        }
        places
    }

    pub(crate) fn at_mut(&mut self, path: &[Step]) -> &mut Json {
        let Some((step, rest)) = path.split_first() else { return self };
        let within = match (self, step) {
            (Self::Array(items), Step::Item(at)) => items.get_mut(*at),
            (Self::Object(members), Step::Member(name)) => {
                members.iter_mut().find(|(theirs, _)| theirs == name).map(|(_, value)| value)
            }
            _ => None,
        };
        within.expect("a place of this value").at_mut(rest)
    }

    /// This value with another at a place.
    pub(crate) fn with(&self, path: &[Step], value: Json) -> Self {
        let mut changed = self.clone();
        *changed.at_mut(path) = value;
        changed
    }
}

/// Equal in value. Spellings too long for a double to tell apart must be equal themselves.
fn is_same_number(one: &str, other: &str) -> bool {
    let is_short = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() <= 15;
    let number = |text: &str| text.parse::<f64>().ok();
    is_short(one) && is_short(other) && number(one).is_some() && number(one) == number(other)
}

struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// How JSON is spelled, rightly or not.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// What a level is indented by, with line breaks; empty for none.
    pub(crate) indent: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) comma: &'static str,
    pub(crate) strings: Strings,
    /// Names of members that are identifiers stand without quotes.
    pub(crate) bare_names: bool,
    /// `True`, `False`, `None`.
    pub(crate) python: bool,
    /// Behind the last of every container that is not empty.
    pub(crate) trailing: &'static str,
}

/// How strings are spelled.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Strings {
    Json,
    /// All characters but ASCII as `\u`.
    Ascii,
    /// Every character as `\u`.
    Escaped,
    /// Solidi escaped.
    Solidus,
    /// Line breaks and tabs raw.
    RawControl,
    /// In single quotes, those within escaped.
    Single,
    /// In single quotes, those within as they are.
    SingleUnescaped,
    /// As Python's `repr` has it: in double quotes where there are single quotes within, and no double ones.
    Repr,
    /// Double quotes within as they are.
    Unescaped,
    /// `\'` for an apostrophe.
    EscapedApostrophe,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            indent: "",
            colon: ":",
            comma: ",",
            strings: Strings::Json,
            bare_names: false,
            python: false,
            trailing: "",
        }
    }
}

impl Style {
    pub(crate) const PRETTY: Self = Self {
        indent: "  ",
        colon: ": ",
        comma: ",",
        strings: Strings::Json,
        bare_names: false,
        python: false,
        trailing: "",
    };

    /// As Python's `json.dumps` and `repr` space it.
    pub(crate) const SPACED: Self = Self { indent: "", comma: ", ", ..Self::PRETTY };

    pub(crate) fn write(&self, json: &Json) -> String {
        let mut out = String::new();
        self.write_at(json, 0, &mut out);
        out
    }

    fn write_at(&self, json: &Json, level: usize, out: &mut String) {
        match json {
            Json::Plain(text) if self.python => out.push_str(match text.as_str() {
                "true" => "True",
                "false" => "False",
                "null" => "None",
                number => number,
            }),
            Json::Plain(text) => out.push_str(text),
            Json::Text(text) => self.strings.write(text, out),
            Json::Array(items) => {
                self.container(('[', ']'), items, level, out, |item, out| self.write_at(item, level + 1, out));
            }
            Json::Object(members) => {
                self.container(('{', '}'), members, level, out, |(name, value), out| {
                    if self.bare_names && is_identifier(name) {
                        out.push_str(name);
                    } else {
                        self.strings.write(name, out);
                    }
                    out.push_str(self.colon);
                    self.write_at(value, level + 1, out);
                });
            }
        }
    }

    fn container<T>(
        &self,
        (open, close): (char, char),
        within: &[T],
        level: usize,
        out: &mut String,
        write: impl Fn(&T, &mut String),
    ) {
        let line = |level: usize, out: &mut String| {
            if !self.indent.is_empty() {
                out.push('\n');
                out.push_str(&self.indent.repeat(level));
            }
        };
        out.push(open);
        for (at, one) in within.iter().enumerate() {
            if at > 0 {
                out.push_str(self.comma);
            }
            line(level + 1, out);
            write(one, out);
        }
        if !within.is_empty() {
            out.push_str(self.trailing);
            line(level, out);
        }
        out.push(close);
    }
}

impl Strings {
    fn write(self, text: &str, out: &mut String) {
        let quote = match self {
            Self::Single | Self::SingleUnescaped => '\'',
            Self::Repr if !text.contains('\'') || text.contains('"') => '\'',
            _ => '"',
        };
        out.push(quote);
        for char in text.chars() {
            match char {
                '"' if quote == '\'' || self == Self::Unescaped => out.push('"'),
                '\'' if quote == '\'' && self != Self::SingleUnescaped => out.push_str("\\'"),
                '\'' if self == Self::EscapedApostrophe => out.push_str("\\'"),
                '\n' | '\t' | '\r' if self == Self::RawControl => out.push(char),
                '/' if self == Self::Solidus => out.push_str("\\/"),
                _ if self == Self::Escaped || (self == Self::Ascii && !char.is_ascii()) => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                '\'' => out.push('\''),
                _ => {
                    let quoted = serde_json::to_string(&char).expect("a character");
                    out.push_str(&quoted[1..quoted.len() - 1]);
                }
            }
        }
        out.push(quote);
    }
}

pub(crate) fn is_identifier(name: &str) -> bool {
    let starts = |char: char| char.is_ascii_alphabetic() || char == '_' || char == '$';
    name.starts_with(starts) && name.chars().all(|char| starts(char) || char.is_ascii_digit() || char == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = r#"{"a":[1.50,-2e3,{"b c":null}],"d":"say \"hi\"\n\t/ é 👋 it's \\","e":{},"f":[]}"#;
        let json = Json::read(text).unwrap();
        assert_eq!(json.compact(), text);
        for strings in [Strings::Ascii, Strings::Escaped, Strings::Solidus] {
            let odd = Style { strings, ..Style::PRETTY }.write(&json);
            assert!(Json::read(&odd).unwrap().is(&json), "{odd}");
        }
        assert!(Json::read(r#"{"a":1,"a":1}"#).is_none());
        assert!(!Json::read("9007199254740993").unwrap().is(&Json::read("9007199254740992").unwrap()));
        assert!(Json::read("5.0").unwrap().is(&Json::read("5").unwrap()));
    }

    #[test]
    fn pythons_spelling() {
        let json = Json::read(r#"{"a":"it's","b":"\"","c":"it's \"x\"","d":true}"#).unwrap();
        let style = Style { strings: Strings::Repr, python: true, ..Style::SPACED };
        assert_eq!(style.write(&json), r#"{'a': "it's", 'b': '"', 'c': 'it\'s "x"', 'd': True}"#);
    }
}
