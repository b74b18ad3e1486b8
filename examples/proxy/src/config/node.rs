//! Walks a parsed TOML document and knows, at each step, where it is.
//!
//! Why not `#[derive(Deserialize)]`: serde stops at the first mistake, does not say in which member
//! it is, and quotes the offending value, which may be a key. This walk collects all mistakes, names
//! each by its path, and never quotes. A layer's own settings can still be read by serde from here:
//! `toml::de::ValueDeserializer` takes the `Spanned<DeValue>` of a node: `settings.rs`.

use std::borrow::Cow;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::env;
use super::report::{Place, Report};
use super::suggest;
use llm_layers_core::Secret;

/// A value, with its place.
pub(super) struct Node<'t> {
    pub(super) place: Place,
    pub(super) value: &'t DeValue<'t>,
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
        let Some(integer) = self.value.as_integer() else {
            self.wrong_type("a whole number above zero", "write it without quotes, as in `8192`", report);
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| *number > 0);
        if number.is_none() {
            let message = format!("expected a whole number above zero, found {integer}");
            report.error(&self.place, message, "write `1` or more");
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
