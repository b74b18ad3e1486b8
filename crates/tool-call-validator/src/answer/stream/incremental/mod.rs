//! Structured output, checked while it comes.

mod containers;
#[cfg(test)]
mod tests;
mod tokens;

use std::{
    fmt::{self, Write},
    sync::Arc,
};

use self::{containers::Container, tokens::Escape};
use crate::{
    Fault, Reason,
    schemas::{Complaint, Schema, step},
};

/// How many names of members are remembered, in bytes. Beyond, missing and repeated members are left for the end.
const MAX_NAMES: usize = 1024 * 1024;
/// The longest path that is told, in bytes.
const MAX_PATH: usize = 512;

/// Reads a text that is to be JSON as it comes, and finds what is certainly wrong with it: its syntax, and what the schema
/// says about types, listed values and members. What it lets pass is judged at the end, when it is whole.
pub(crate) struct Incremental {
    /// `None` for any object.
    schema: Option<Arc<Schema>>,
    expected: Expected,
    open: Vec<Container>,
    /// What applies to the value that comes next.
    place: Vec<u32>,
    /// A string or a number that is being read.
    token: String,
    is_cut: bool,
    names_left: usize,
    /// It has been found to be wrong.
    fault: Option<Fault>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value,
    /// Behind `[`.
    ValueOrEnd,
    Name,
    /// Behind `{`.
    NameOrEnd,
    Colon,
    /// A comma, or the end of what is open; nothing at all behind the whole.
    Next,
    /// More of a string.
    Text {
        is_name: bool,
        escape: Escape,
    },
    /// More of a number or a word.
    Literal,
}

impl Incremental {
    /// A reader of a text that is to be valid by this schema, or any object.
    pub(crate) fn new(schema: Option<Arc<Schema>>) -> Self {
        let place = schema.as_ref().map(|schema| schema.root()).unwrap_or_default();
        Self {
            schema,
            expected: Expected::Value,
            open: Vec::new(),
            place,
            token: String::new(),
            is_cut: false,
            names_left: MAX_NAMES,
            fault: None,
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// It is certainly wrong. The fault is of the first choice, which is the caller's to tell; it is told again for
    /// whatever comes then.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        text.chars().try_for_each(|char| self.char(char)).map_err(|(reason, message)| {
            let fault = Fault { choice: 0, tool: None, reason, path: self.path(), message };
            self.fault = Some(fault.clone());
            fault
        })
    }

    fn char(&mut self, char: char) -> Result<(), Complaint> {
        match self.expected {
            Expected::Text { is_name, escape } => return self.text(char, is_name, escape),
            Expected::Literal if !matches!(char, ',' | ']' | '}' | ' ' | '\t' | '\n' | '\r') => {
                self.keep(char);
                return Ok(());
            }
            Expected::Literal => self.literal()?,
            _ => {}
        }
        match (self.expected, char) {
            (_, ' ' | '\t' | '\n' | '\r') => Ok(()),
            (Expected::Value | Expected::ValueOrEnd, '{' | '[') => self.container(char == '{'),
            (Expected::Value | Expected::ValueOrEnd, '"') => {
                self.check_kind("string")?;
                self.begin(char, Expected::Text { is_name: false, escape: Escape::None });
                Ok(())
            }
            (Expected::Value | Expected::ValueOrEnd, '-' | '0'..='9' | 't' | 'f' | 'n') => {
                self.check_kind(match char {
                    't' | 'f' => "boolean",
                    'n' => "null",
                    _ => "number",
                })?;
                self.begin(char, Expected::Literal);
                Ok(())
            }
            (Expected::ValueOrEnd | Expected::Next, ']') => self.close(false),
            (Expected::NameOrEnd | Expected::Next, '}') => self.close(true),
            (Expected::Name | Expected::NameOrEnd, '"') => {
                self.begin(char, Expected::Text { is_name: true, escape: Escape::None });
                Ok(())
            }
            (Expected::Colon, ':') => {
                self.expected = Expected::Value;
                Ok(())
            }
            (Expected::Next, ',') => self.comma(),
            _ => Err(no_json()),
        }
    }

    fn check_kind(&self, kind: &str) -> Result<(), Complaint> {
        match &self.schema {
            Some(schema) => schema.check_kind(&self.place, kind),
            None if self.open.is_empty() && kind != "object" => {
                Err((Reason::NotAnObject, "must be an object".to_owned()))
            }
            None => Ok(()),
        }
    }

    /// Where it is being read, as a JSON pointer.
    fn path(&self) -> String {
        let mut path = String::new();
        for container in &self.open {
            let _ = match &container.name {
                Some(name) => write!(path, "/{}", step(name)),
                None if container.is_object => break,
                None => write!(path, "/{}", container.index),
            };
            if path.len() > MAX_PATH {
                break;
            }
        }
        path
    }
}

/// Shows no text and no name: they are an answer's.
impl fmt::Debug for Incremental {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incremental")
            .field("expected", &self.expected)
            .field("depth", &self.open.len())
            .field("fault", &self.fault.as_ref().map(|fault| fault.reason))
            .finish_non_exhaustive()
    }
}

fn no_json() -> Complaint {
    (Reason::NotJson, "is no JSON".to_owned())
}
