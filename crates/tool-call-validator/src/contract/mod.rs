//! What a request asks for: which tools there are, how they may be called, and what the text of the answer must be.

mod chat;
mod messages;
mod responses;

use std::{collections::HashMap, sync::Arc};

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::Object;

use crate::{Schemas, schemas::Schema};

/// What the answer to a request must keep to.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) operation: Operation,
    /// By their names. Tools that the provider itself runs are not among them.
    pub(crate) tools: HashMap<Box<str>, Tool>,
    pub(crate) choice: ToolChoice,
    /// Whether several calls may be made at once.
    pub(crate) parallel: bool,
    pub(crate) text: Text,
    pub(crate) is_stream: bool,
    /// How many choices are asked for.
    pub(crate) choices: u32,
}

/// A tool that the client runs.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// `None` for a tool that takes free text.
    pub(crate) schema: Option<Arc<Schema>>,
}

/// Which calls may be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// Any, or none.
    #[default]
    Auto,
    None,
    /// One at least, of any tool.
    Required,
    /// One at least, and of these only.
    Only(Box<[Box<str>]>),
    /// Of these only, or none.
    Among(Box<[Box<str>]>),
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
    pub(crate) fn is_asked(_operation: Operation, _object: &Object) -> bool {
        true
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
        match operation {
            Operation::ChatCompletion => chat::read(object, reader),
            Operation::Message => messages::read(object, reader),
            Operation::Response => responses::read(object, reader),
            _ => Ok(None),
        }
    }
}
