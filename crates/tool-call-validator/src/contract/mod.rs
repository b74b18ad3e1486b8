//! What a request asks for: which tools there are, how they may be called, and what the text of the answer must be.

mod asked;
mod chat;
mod choice;
mod messages;
mod offer;
mod responses;
mod tools;

use std::sync::Arc;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::Object;

use crate::{
    Schemas,
    schemas::{Schema, SchemaError},
};

pub(crate) use choice::ToolChoice;
pub(crate) use tools::{Tool, Tools, list};

/// The schema of what must be an object, and no more is known of it.
pub(crate) const ANY_OBJECT: &[u8] = br#"{"type":"object"}"#;

/// What the answer to a request must keep to.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) operation: Operation,
    /// Those that the client runs; the provider's own are not among them.
    pub(crate) tools: Tools,
    /// Whether the client runs tools that are not seen here: a call of another name is no fault, if it is an object.
    pub(crate) is_open: bool,
    pub(crate) choice: ToolChoice,
    /// Whether several calls may be made at once.
    pub(crate) parallel: bool,
    pub(crate) text: Text,
    /// How many choices are asked for.
    pub(crate) choices: u32,
}

/// What the text of the answer must be.
#[derive(Clone, Debug, Default)]
pub(crate) enum Text {
    #[default]
    Any,
    /// A JSON object.
    JsonObject,
    Json(Arc<Schema>),
}

/// How requests are read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) schemas: &'a Schemas,
    /// Whether schemas of `strict: true` must keep the rules of strict mode.
    pub(crate) strict: bool,
}

impl Contract {
    /// Whether a request may ask for calls or for JSON: a look at its members, without an allocation.
    pub(crate) fn is_asked(operation: Operation, object: &Object) -> bool {
        asked::by(operation, object)
    }

    /// As [`is_asked`](Self::is_asked), of a body that nobody has read. What is no JSON object, and what cannot be told,
    /// may be asking.
    pub(crate) fn may_be_asked(operation: Operation, body: &[u8]) -> bool {
        asked::by_bytes(operation, body)
    }

    /// Reads what a request asks for. `None` if nothing of it can be checked.
    ///
    /// # Errors
    /// A schema cannot be used.
    pub(crate) fn read(
        operation: Operation,
        object: &Object,
        reader: &Reader<'_>,
    ) -> Result<Option<Self>, Box<Failure>> {
        let contract = match operation {
            Operation::ChatCompletion => chat::read(object, reader)?,
            Operation::Message => messages::read(object, reader)?,
            Operation::Response => responses::read(object, reader)?,
            _ => return Ok(None),
        };
        let is_any = contract.tools.is_empty() && matches!(contract.text, Text::Any);
        Ok((!is_any).then_some(contract))
    }
}

impl Text {
    /// The schema of the text, where it must be JSON.
    pub(crate) fn schema(&self, schemas: &Schemas) -> Option<Arc<Schema>> {
        match self {
            Self::Any => None,
            Self::JsonObject => schemas.get(ANY_OBJECT).ok(),
            Self::Json(schema) => Some(Arc::clone(schema)),
        }
    }
}

impl Reader<'_> {
    /// A schema; one of `strict: true` keeps the rules of strict mode.
    fn schema(&self, text: &[u8], is_strict: bool) -> Result<Arc<Schema>, SchemaError> {
        let schema = self.schemas.get(text)?;
        if is_strict && self.strict {
            schema.check_strict()?;
        }
        Ok(schema)
    }
}

#[cfg(test)]
mod tests;
