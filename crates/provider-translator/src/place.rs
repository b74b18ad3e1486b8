//! Where in a request something stands, and how to refuse what stands there.

use std::{borrow::Cow, fmt};

use llm_layers_core::Failure;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A path such as `messages[3].content[0].text`. It costs nothing until it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    pub(crate) const fn new(member: &'a str) -> Self {
        Self { parent: None, step: Step::Member(member) }
    }

    pub(crate) const fn member<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place { parent: Some(self), step: Step::Member(name) }
    }

    pub(crate) const fn item(&self, index: usize) -> Place<'_> {
        Place { parent: Some(self), step: Step::Item(index) }
    }

    /// It is not of its type. What stands there is not said: it may be a prompt.
    pub(crate) fn expected(&self, what: &str) -> Failure {
        self.refused("invalid_type", format!("`{self}` must be {what}."))
    }

    /// It is of its type, but not a value that it may have.
    pub(crate) fn invalid(&self, why: &str) -> Failure {
        self.refused("invalid_value", format!("`{self}` is invalid: {why}."))
    }

    pub(crate) fn missing(&self) -> Failure {
        self.refused("missing_required_parameter", format!("`{self}` is missing."))
    }

    /// The provider has no such thing, and leaving it out would change the answer's shape or meaning.
    pub(crate) fn unsupported(&self, why: &str) -> Failure {
        self.refused("unsupported_parameter", format!("`{self}` is not supported by this provider: {why}."))
    }

    pub(crate) fn refused(&self, code: &str, message: String) -> Failure {
        Failure::bad_request(message).with_param(self.to_string()).with_code(code)
    }

    /// Reads a small value.
    pub(crate) fn read<T: DeserializeOwned>(&self, raw: &RawValue, what: &str) -> Result<T, Failure> {
        serde_json::from_str(raw.get()).map_err(|_| self.expected(what))
    }

    /// Reads a string; borrowed when it holds no escape.
    pub(crate) fn text<'r>(&self, raw: &'r RawValue) -> Result<Cow<'r, str>, Failure> {
        let inner = raw.get().strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let inner = inner.ok_or_else(|| self.expected("a string"))?;
        if inner.contains('\\') { self.read(raw, "a string").map(Cow::Owned) } else { Ok(Cow::Borrowed(inner)) }
    }

    /// Reads a list, and its items no deeper.
    pub(crate) fn list<'r>(&self, raw: &'r RawValue) -> Result<Vec<&'r RawValue>, Failure> {
        serde_json::from_str(raw.get()).map_err(|_| self.expected("a list"))
    }

    /// Reads an object's known members, and each no deeper.
    pub(crate) fn members<'r, T: serde::Deserialize<'r>>(&self, raw: &'r RawValue) -> Result<T, Failure> {
        // A sequence would do for serde's structs too.
        if !raw.get().starts_with('{') {
            return Err(self.expected("an object"));
        }
        serde_json::from_str(raw.get()).map_err(|_| self.expected("an object whose members are named once"))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Member(name) if self.parent.is_none() => f.write_str(name),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_like_the_path_that_a_client_would_write() {
        let messages = Place::new("messages");
        let message = messages.item(3);
        let content = message.member("content");
        assert_eq!(content.item(0).member("text").to_string(), "messages[3].content[0].text");
    }
}
