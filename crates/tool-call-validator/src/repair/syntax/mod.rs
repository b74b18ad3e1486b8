//! Reads what is nearly JSON.
//!
//! One pass over the text, and one reading or none: where JSON has a rule that models break in a way that leaves no doubt, the
//! rule is wider here; everywhere else it is JSON's. No guess is ever taken back but one: the place of a closer that is
//! missing.

mod outside;
mod parser;
mod strings;
#[cfg(test)]
mod tests;
mod tokens;

use self::{outside::Place, parser::Parser};
use super::{Node, Repair, kind::note};

/// A text's one reading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) node: Node,
    /// What was read otherwise than JSON has it; empty for JSON. Each kind once, in the order met.
    pub(crate) repairs: Vec<Repair>,
    /// Paths (JSON pointers) of the containers of which it is not certain that they end there: the text's end has closed
    /// them, or a closer is missing that could stand elsewhere. Something may be lost or misplaced, unless the schema says
    /// that nothing more can belong there.
    pub(crate) unclosed: Vec<String>,
}

/// Reads a text that is to be one JSON value. `None` where it has no reading, or more than one.
pub(crate) fn read(text: &str) -> Option<Reading> {
    let text = text.trim_matches(is_space);
    let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut reading = scalar(bare).or_else(|| among_words(bare))?;
    if bare.len() != text.len() {
        note(&mut reading.repairs, Repair::Prose);
    }
    Some(reading)
}

/// Reads the value at the beginning of a text: the value, and where it ends. No closer may be missing in it.
pub(crate) fn first(text: &str) -> Option<(Node, usize)> {
    let mut parser = Parser::new(text, 0, false);
    let node = parser.root()?;
    let end = parser.at;
    parser.finish(node).filter(|reading| !reading.repairs.contains(&Repair::MissingCloser)).map(|it| (it.node, end))
}

/// A string, number or literal that is the whole text.
fn scalar(text: &str) -> Option<Reading> {
    if text.starts_with(['{', '[']) {
        return None;
    }
    let mut parser = Parser::new(text, 0, false);
    let node = parser.root()?;
    if parser.rest().is_empty() { parser.finish(node) } else { None }
}

/// A value with a fence or words around it, or nothing.
fn among_words(text: &str) -> Option<Reading> {
    let place = Place::find(text)?;
    let mut parser = Parser::new(text, place.start, place.is_fenced);
    let node = parser.root()?;
    if matches!(node, Node::Object(_)) {
        parser.behind_object(&node)?;
    }
    let after = parser.rest();
    let mut reading = parser.finish(node)?;
    outside::note(&place, after, &mut reading.repairs)?;
    Some(reading)
}

/// White space as JSON has it.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
