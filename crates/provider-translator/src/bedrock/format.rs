//! `response_format`.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    blocks::{Block, InputSchema, Tool, ToolChoice, ToolSpec},
    calls::Pass,
    model::{Force, Model},
    tools::Config,
};
use crate::{
    anthropic::format::{DESCRIPTION, INSTRUCTION, TOOL},
    params::Bound,
    place::Place,
    schema,
    warnings::Warnings,
};

/// `outputConfig.textFormat`.
#[derive(Debug, Serialize)]
pub(super) struct TextFormat {
    #[serde(rename = "type")]
    kind: &'static str,
    structure: Structure,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Structure {
    json_schema: JsonSchema,
}

#[derive(Debug, Serialize)]
struct JsonSchema {
    /// JSON as a string, unlike everywhere else.
    schema: Box<str>,
}

/// Reads it. Where the model has no member for it, it is asked for in words or bound to a tool.
pub(super) fn read<'a>(
    request: &'a Object,
    model: Model<'_>,
    config: &mut Config<'a>,
    system: &mut Vec<Block<'a>>,
    warnings: &mut Warnings,
) -> Result<Option<TextFormat>, Failure> {
    let raw = match Bound::read(request)? {
        Bound::Text => return Ok(None),
        Bound::Json => {
            system.push(Block::Text(INSTRUCTION.into()));
            warnings.emulated("response_format", "instruction");
            return Ok(None);
        }
        Bound::Schema(raw) => raw,
    };
    let path = "response_format.json_schema.schema";
    if model.is_bound() {
        let schema: Cow<'_, RawValue> =
            if model.is_claude() { Cow::Owned(schema::filtered(raw, path)?) } else { Cow::Borrowed(raw) };
        let json_schema = JsonSchema { schema: schema.get().into() };
        return Ok(Some(TextFormat { kind: "json_schema", structure: Structure { json_schema } }));
    }
    let place = Place::new("response_format");
    if model.force() != Force::Named {
        return Err(place.unsupported("this model can be bound to no schema"));
    }
    if !config.tools.is_empty() {
        return Err(place.unsupported("this model can be bound to no schema while there are tools"));
    }
    let (json, wrap) = schema::of_tool(raw, false, path)?;
    let spec = ToolSpec {
        name: TOOL.into(),
        description: DESCRIPTION.into(),
        input_schema: InputSchema { json },
        strict: None,
    };
    config.tools.push(Tool::ToolSpec(spec));
    config.choice = Some(ToolChoice::Tool { name: TOOL.into() });
    config.pass = Pass::AsText(wrap);
    warnings.emulated("response_format", "forced_tool");
    Ok(None)
}
