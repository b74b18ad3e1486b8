//! Mending what a model has spelled wrong: lossless, or not at all.
//!
//! A mend must have one reading. What could have lost something, or can be read in two ways, is left for the model, or an
//! error: another call that fits the schema is worse than none.

mod kind;
pub(crate) mod names;
mod node;
pub(crate) mod syntax;
mod values;

pub use kind::Repair;
pub(crate) use node::Node;

use crate::schemas::Schema;

/// Arguments, put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mended {
    /// JSON. Numbers and strings that were right are spelled as the model has spelled them.
    pub(crate) text: String,
    pub(crate) repairs: Vec<Repair>,
}

/// Puts a text right that was to be one JSON value valid by this schema. `None` where it has no reading that loses
/// nothing, or more than one. `tool` is the tool's name, for arguments that hold the whole call.
///
/// The caller makes sure that the text has come to its end: what was cut off is never mended.
pub(crate) fn mend(text: &str, schema: &Schema, tool: Option<&str>) -> Option<Mended> {
    values::mend(text, schema, tool)
}
