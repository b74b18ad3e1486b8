//! `response_format`.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::blocks::Block;
use crate::{place::Place, schema, warnings::Warnings};

const INSTRUCTION: &str =
    "Respond with a single valid JSON object and nothing else: no explanation around it, no code fence.";

/// The schema that an answer is bound to.
#[derive(Debug, Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: Box<RawValue>,
}

#[derive(Deserialize)]
struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    json_schema: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct JsonSchema<'a> {
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
}

/// Reads it. What Anthropic has no member for is asked for in words, at the end of `system`.
pub(super) fn read(
    request: &Object,
    system: &mut Vec<Block<'_>>,
    warnings: &mut Warnings,
) -> Result<Option<Format>, Failure> {
    let Some(raw) = request.read::<&RawValue>("response_format").ok().flatten() else { return Ok(None) };
    let place = Place::new("response_format");
    let format: ResponseFormat<'_> = place.members(raw)?;
    match format.kind.as_deref() {
        Some("text") => return Ok(None),
        Some("json_object") => {}
        Some("json_schema") => {
            let place = place.member("json_schema");
            let described: JsonSchema<'_> = place.members(format.json_schema.ok_or_else(|| place.missing())?)?;
            if let Some(raw) = described.schema {
                let schema = schema::filtered(raw, "response_format.json_schema.schema")?;
                return Ok(Some(Format { kind: "json_schema", schema }));
            }
        }
        _ => return Err(place.member("type").invalid("it is none of text, json_object and json_schema")),
    }
    system.push(Block::Text { text: Cow::Borrowed(INSTRUCTION), mark: None });
    warnings.emulated("response_format", "instruction");
    Ok(None)
}
