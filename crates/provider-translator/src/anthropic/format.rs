//! `response_format`.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    blocks::{Block, Tool},
    models::Model,
};
use crate::{names::Wrap, params::Bound, place::Place, schema, warnings::Warnings};

pub(crate) const INSTRUCTION: &str =
    "Respond with a single valid JSON object and nothing else: no explanation around it, no code fence.";
/// The tool by which a model answers that can only be bound to a tool's schema.
pub(crate) const TOOL: &str = "answer";
pub(crate) const DESCRIPTION: &str = "Gives the answer to the user.";

/// What binds an answer.
#[derive(Debug)]
pub(super) enum Binding<'a> {
    Nothing,
    Format(Format),
    /// A tool that the model must call; what it is called with is the answer.
    Tool(Tool<'a>, Wrap),
}

/// The schema that an answer is bound to.
#[derive(Debug, Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: Box<RawValue>,
}

/// Reads it. Where the model has no member for it, it is asked for in words, at the end of `system`, or bound to a
/// tool.
pub(super) fn read<'a>(
    request: &'a Object,
    model: Model,
    has_tools: bool,
    system: &mut Vec<Block<'_>>,
    warnings: &mut Warnings,
) -> Result<Binding<'a>, Failure> {
    let path = "response_format.json_schema.schema";
    match Bound::read(request)? {
        Bound::Text => Ok(Binding::Nothing),
        Bound::Json => {
            system.push(Block::Text { text: Cow::Borrowed(INSTRUCTION), mark: None });
            warnings.emulated("response_format", "instruction");
            Ok(Binding::Nothing)
        }
        Bound::Schema(raw) if model.is_bound() => {
            Ok(Binding::Format(Format { kind: "json_schema", schema: schema::filtered(raw, path)? }))
        }
        Bound::Schema(_) if has_tools => {
            let why = "this model can be bound to no schema while there are tools";
            Err(Place::new("response_format").unsupported(why))
        }
        Bound::Schema(raw) => {
            let (input_schema, wrap) = schema::of_tool(raw, false, path)?;
            let (name, description) = (TOOL.to_owned(), Some(Cow::Borrowed(DESCRIPTION)));
            warnings.emulated("response_format", "forced_tool");
            Ok(Binding::Tool(Tool { name, description, input_schema, strict: false, mark: None }, wrap))
        }
    }
}
