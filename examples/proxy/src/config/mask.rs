//! Hides values in the lines that errors show.
//!
//! Hidden by default: a value is shown only after a reader has asked for it as a plain one. So a key
//! stays hidden where its member's name is misspelt, where it stands in the wrong place, and where
//! somebody adds a member and forgets that it is secret.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Snippet;

const HIDDEN: &str = "***";

/// Which bytes of the file are values, and which of these may be shown.
#[derive(Debug, Default)]
pub(super) struct Mask {
    values: Vec<Range<usize>>,
    shown: Vec<Range<usize>>,
}

impl Mask {
    /// Every scalar of a document is hidden from here on.
    pub(super) fn hide_all(&mut self, table: &DeTable<'_>) {
        for value in table.values() {
            self.hide(value);
        }
    }

    fn hide(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.hide_all(table),
            DeValue::Array(array) => array.iter().for_each(|value| self.hide(value)),
            DeValue::Boolean(_) => {}
            _ => self.values.push(value.span()),
        }
    }

    /// This value is no secret.
    pub(super) fn show(&mut self, span: Range<usize>) {
        self.shown.push(span);
    }

    /// This value was asked for as a plain one and turned out to hold something else.
    pub(super) fn hide_again(&mut self, span: &Range<usize>) {
        self.shown.retain(|shown| shown != span);
    }

    /// For a file that is no TOML, whose values nobody can tell: hides what follows the `=` of each
    /// line, but for members that are plain by name, and whole lines that may belong to a long string.
    pub(super) fn hide_by_line(&mut self, text: &str) {
        let mut start = 0;
        let mut in_long_string = false;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            let (key, value) = line.split_once('=').map_or((line, None), |(k, v)| (k, Some(v)));
            let is_plain = PLAIN.contains(&key.trim());
            match value {
                _ if in_long_string => self.values.push(start..end),
                Some(value) if is_plain && !value.contains(['=', '@', '#']) => {}
                Some(_) => self.values.push(start + key.len() + 1..end),
                None => self.values.push(start + tail_of_header(line)..end),
            }
            in_long_string |= line.contains("\"\"\"") || line.contains("'''");
            start += line.len();
        }
        self.values.retain(|value| value.start < value.end);
    }

    /// The line `line` of `text` with a caret under `fault`.
    pub(super) fn snippet(&self, text: &str, line: Range<usize>, fault: &Range<usize>) -> Snippet {
        let mut shown = String::new();
        let (mut from, mut to) = (None, None);
        let mut hiding: Option<&Range<usize>> = None;
        for (at, character) in text.get(line.clone()).unwrap_or_default().char_indices() {
            let at = line.start + at;
            let hidden = self.hidden(at);
            if hidden.is_none() && character == '#' && at >= fault.end && !self.in_value(at) {
                break; // a comment may hold an old key
            }
            let width = shown.chars().count();
            from = from.or((at >= fault.start).then_some(width));
            to = to.or((at >= fault.end).then_some(width));
            match hidden {
                None => shown.push(if character.is_control() { ' ' } else { character }),
                Some(span) if hiding != Some(span) => shown.push_str(HIDDEN),
                Some(_) => {}
            }
            hiding = hidden;
        }
        let width = shown.trim_end().chars().count();
        let indent = from.unwrap_or(width).min(width);
        let end = to.unwrap_or(width).min(width);
        shown.truncate(shown.trim_end().len());
        Snippet { source: shown, indent, width: end.saturating_sub(indent).max(1) }
    }

    fn hidden(&self, at: usize) -> Option<&Range<usize>> {
        self.values.iter().find(|value| value.contains(&at) && !self.shown.contains(value))
    }

    fn in_value(&self, at: usize) -> bool {
        self.values.iter().any(|value| value.contains(&at))
    }
}

/// Where in a line without `=` the header of a table ends; all else may be a piece of a value.
fn tail_of_header(line: &str) -> usize {
    let is_header = line.starts_with('[') && !line.starts_with("[\"");
    if !is_header {
        return 0;
    }
    let name = |c: char| c.is_ascii_alphanumeric() || "[]._- ".contains(c);
    line.find(|c| !name(c)).unwrap_or(line.len())
}

/// Members whose values may be shown even where the file cannot be parsed.
const PLAIN: [&str; 12] = [
    "listen",
    "dialect",
    "base_url",
    "name",
    "provider",
    "model",
    "policy",
    "deployments",
    "region",
    "tier",
    "capabilities",
    "context_window",
];
