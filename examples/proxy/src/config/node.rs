//! Walks a parsed TOML document and knows, at each step, where it is.
//!
//! Why not `#[derive(Deserialize)]`: serde stops at the first mistake, does not say in which member
//! it is, and quotes the offending value, which may be a key. This walk collects all mistakes, names
//! each by its path, and never quotes. A layer's own settings can still be read by serde from here:
//! `toml::de::ValueDeserializer` takes the `Spanned<DeValue>` of a node.

use std::{borrow::Cow, fmt};

use serde::{Deserialize as _, de::DeserializeOwned};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::env;
use super::report::{Place, Report};
use super::suggest;
use llm_layers_core::Secret;

/// A value, with its place.
pub(super) struct Node<'t> {
    pub(super) place: Place,
    value: &'t DeValue<'t>,
}

/// The members of a table; those that nobody has asked for are unknown ones.
pub(super) struct Members<'t> {
    pub(super) place: Place,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

impl<'t> Node<'t> {
    fn new(path: String, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self { place: Place { span: value.span(), path }, value: value.get_ref() }
    }

    /// A string that is no secret and stands in the file, such as a name that errors may quote.
    pub(super) fn literal(&self, report: &mut Report<'_>) -> Option<&'t str> {
        report.mask.show(self.place.span.clone());
        self.plain(report)
    }

    /// A string that is no secret and may stand in the environment (`"env:NAME"`).
    pub(super) fn string(&self, report: &mut Report<'_>) -> Option<Cow<'t, str>> {
        let text = self.literal(report)?;
        match text.strip_prefix(env::PREFIX) {
            Some(name) => env::read(name, &self.place, report).map(Cow::Owned),
            None => Some(Cow::Borrowed(text)),
        }
    }

    /// A key, in the file or in the environment.
    pub(super) fn secret(&self, report: &mut Report<'_>) -> Option<Secret> {
        let text = self.plain(report)?;
        if text.strip_prefix(env::PREFIX).is_some_and(env::is_name) {
            report.mask.show(self.place.span.clone()); // the name of a variable is no secret
        }
        env::secret(text, &self.place, report)
    }

    fn plain(&self, report: &mut Report<'_>) -> Option<&'t str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("a string", "put it into double quotes", report);
        }
        text
    }

    /// A whole number, one or more.
    pub(super) fn count(&self, report: &mut Report<'_>) -> Option<u64> {
        report.mask.show(self.place.span.clone());
        let number = self
            .value
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| *number > 0);
        if number.is_none() {
            self.wrong_type("a whole number above zero", "write it without quotes, as in `8192`", report);
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, report: &mut Report<'_>) -> Option<bool> {
        report.mask.show(self.place.span.clone());
        let boolean = self.value.as_bool();
        if boolean.is_none() {
            self.wrong_type("true or false", "write `true` or `false` without quotes", report);
        }
        boolean
    }

    /// One of some names, given with what each stands for.
    pub(super) fn choice<T: Copy>(
        &self,
        what: &str,
        choices: &[(&'static str, T)],
        report: &mut Report<'_>,
    ) -> Option<T> {
        let given = self.string(report)?;
        let found = choices.iter().find(|(name, _)| *name == given);
        if found.is_none() {
            let help = suggest::help(&given, choices.iter().map(|(name, _)| *name));
            report.error(&self.place, format!("unknown {what}"), help);
        }
        found.map(|(_, value)| *value)
    }

    /// The members of a table.
    pub(super) fn table(&self, example: &str, report: &mut Report<'_>) -> Option<Members<'t>> {
        match self.value.as_table() {
            Some(table) => Some(Members::new(self.place.clone(), table)),
            None => {
                self.wrong_type("a table", &format!("write it as `{example}`"), report);
                None
            }
        }
    }

    /// A layer's own settings, as its crate reads them: the members of a table but for those that are read here, or a
    /// value of another kind. What is wrong is told at its member, and without the value.
    pub(super) fn settings<T, U>(&self, but: &[&str], report: &mut Report<'_>) -> Option<U>
    where
        T: DeserializeOwned,
        U: TryFrom<T, Error: fmt::Display>,
    {
        let mut value = self.value.clone();
        if let DeValue::Table(table) = &mut value {
            but.iter().for_each(|name| drop(table.remove(*name)));
        }
        let (message, at) = match T::deserialize(ValueDeserializer::from(Spanned::new(self.span(), value.clone()))) {
            Ok(settings) => match U::try_from(settings) {
                Ok(settings) => return Some(settings),
                Err(error) => (error.to_string(), None),
            },
            Err(error) => (error.message().to_owned(), error.span()),
        };
        let place = match &at {
            Some(at) => self.deepest(&value, at.start, report),
            None => self.named(&value, &message, report),
        };
        if let Some((unknown, known)) = unknown_field(&message) {
            let help = suggest::help(unknown, known.into_iter().chain(but.iter().copied()));
            report.error(&place, format!("unknown member `{unknown}`"), help);
            return None;
        }
        let message = texts(&value).iter().fold(message, |message, text| message.replace(text, "…"));
        report.error(&place, message, "see the page of the layer in docs/");
        None
    }

    /// The place of the member, of a member, that stands at this byte: serde says where it is.
    fn deepest(&self, value: &DeValue<'_>, at: usize, report: &mut Report<'_>) -> Place {
        let mut place = self.place.clone();
        let mut within = Some(value);
        while let Some(value) = within.take() {
            match value {
                DeValue::Table(table) => {
                    let mut members = table.iter();
                    let found = members.find(|(name, value)| name.span().contains(&at) || value.span().contains(&at));
                    if let Some((name, value)) = found {
                        report.mask.show(name.span());
                        place = Place { span: name.span(), path: format!("{}.{}", place.path, name.get_ref()) };
                        within = Some(value.get_ref());
                    }
                }
                DeValue::Array(array) => {
                    let found = array.iter().enumerate().find(|(_, value)| value.span().contains(&at));
                    if let Some((i, value)) = found {
                        place = Place { span: value.span(), path: format!("{}[{i}]", place.path) };
                        within = Some(value.get_ref());
                    }
                }
                _ => {}
            }
        }
        place
    }

    /// The place of the member that a layer's own message begins with.
    fn named(&self, value: &DeValue<'_>, message: &str, report: &mut Report<'_>) -> Place {
        let first = message.trim_start_matches('`').split([':', '.', ' ', '`', '[']).next();
        let members = value.as_table().into_iter().flatten();
        match members.into_iter().find(|(name, _)| Some(name.get_ref().as_ref()) == first) {
            Some((name, _)) => {
                report.mask.show(name.span());
                Place { span: name.span(), path: format!("{}.{}", self.place.path, name.get_ref()) }
            }
            None => self.place.clone(),
        }
    }

    fn span(&self) -> std::ops::Range<usize> {
        self.place.span.clone()
    }

    /// The members of a table but for some, without their places: to be compared with another.
    pub(super) fn plain_table(&self, but: &[&str]) -> toml::Table {
        let value = Spanned::new(self.place.span.clone(), self.value.clone());
        let mut table = toml::Table::deserialize(ValueDeserializer::from(value)).unwrap_or_default();
        table.retain(|name, _| !but.contains(&name));
        table
    }

    /// The elements of an array.
    pub(super) fn array(&self, example: &str, report: &mut Report<'_>) -> Option<Vec<Node<'t>>> {
        let Some(array) = self.value.as_array() else {
            self.wrong_type("an array", &format!("write it as `{example}`"), report);
            return None;
        };
        let path = &self.place.path;
        let elements = array.iter().enumerate();
        Some(elements.map(|(i, value)| Node::new(format!("{path}[{i}]"), value)).collect())
    }

    /// The elements, if it is an array: what it should be is told by others.
    pub(super) fn elements(&self) -> Vec<Node<'t>> {
        let path = &self.place.path;
        let elements = self.value.as_array().into_iter().flat_map(|array| array.iter().enumerate());
        elements.map(|(i, value)| Node::new(format!("{path}[{i}]"), value)).collect()
    }

    /// Its text, if it is one.
    pub(super) fn text(&self) -> Option<&'t str> {
        self.value.as_str()
    }

    pub(super) fn is_string(&self) -> bool {
        self.value.is_str()
    }

    pub(super) fn is_array(&self) -> bool {
        self.value.is_array()
    }

    /// Says what was expected and of which type the value is, never the value.
    pub(super) fn wrong_type(&self, expected: &str, help: &str, report: &mut Report<'_>) {
        let found = match self.value.type_str() {
            kind @ ("integer" | "array") => format!("an {kind}"),
            kind => format!("a {kind}"),
        };
        report.error(&self.place, format!("expected {expected}, found {found}"), help);
    }
}

const SHORTEST_KEY: usize = 4;

/// The strings of a value that may be keys, the longest first, so that none is hidden in part. Shorter ones are not: they
/// are part of many a word.
fn texts<'v>(value: &'v DeValue<'_>) -> Vec<&'v str> {
    let mut texts = Vec::new();
    let mut within = vec![value];
    while let Some(value) = within.pop() {
        match value {
            DeValue::String(text) if text.len() >= SHORTEST_KEY => texts.push(text.as_ref()),
            DeValue::Table(table) => within.extend(table.values().map(Spanned::get_ref)),
            DeValue::Array(array) => within.extend(array.iter().map(Spanned::get_ref)),
            _ => {}
        }
    }
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

/// What serde says of a member that it does not know, and those that it knows.
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let (unknown, rest) = message.strip_prefix("unknown field `")?.split_once('`')?;
    Some((unknown, rest.split('`').skip(1).step_by(2).collect()))
}

impl<'t> Members<'t> {
    pub(super) fn new(place: Place, table: &'t DeTable<'t>) -> Self {
        Self { place, table, known: Vec::new() }
    }

    /// The member of this name, which is known from now on.
    pub(super) fn get(&mut self, name: &'static str) -> Option<Node<'t>> {
        self.known.push(name);
        let value = self.table.get(name)?;
        Some(Node::new(self.path(name), value))
    }

    /// As [`Members::get`]; where it is missing, that is a mistake.
    pub(super) fn need(&mut self, name: &'static str, example: &str, report: &mut Report<'_>) -> Option<Node<'t>> {
        let member = self.get(name);
        if member.is_none() {
            self.missing(name, format!("add `{example}`"), report);
        }
        member
    }

    /// Says that a member is missing.
    pub(super) fn missing(&self, name: &str, help: impl Into<String>, report: &mut Report<'_>) {
        let place = Place { span: self.place.span.clone(), path: self.path(name) };
        report.error(&place, format!("missing member `{name}`"), help);
    }

    /// Every member, for tables whose names are the user's.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'t str, Place, Node<'t>)> {
        self.table.iter().map(|(key, value)| {
            let name = key.get_ref().as_ref();
            let path = self.path(name);
            (name, Place { span: key.span(), path: path.clone() }, Node::new(path, value))
        })
    }

    /// Reports the members that nobody has asked for.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for (name, place, _) in self.each() {
            if !self.known.contains(&name) {
                let help = suggest::help(name, self.known.iter().copied());
                report.error(&place, format!("unknown member `{name}`"), help);
            }
        }
    }

    fn path(&self, name: &str) -> String {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let quote = if !name.is_empty() && name.chars().all(is_bare) { "" } else { "\"" };
        match self.place.path.as_str() {
            "" => format!("{quote}{name}{quote}"),
            path => format!("{path}.{quote}{name}{quote}"),
        }
    }
}
