//! `text` and `reasoning`.

use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{place::Place, warnings::Warnings};

#[derive(Default)]
pub(super) struct Text<'a> {
    pub(super) format: Option<ResponseFormat<'a>>,
    pub(super) verbosity: Option<&'a RawValue>,
}

/// `response_format`: the same three as `text.format`, the schema one level deeper.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ResponseFormat<'a> {
    JsonObject,
    JsonSchema { json_schema: JsonSchema<'a> },
}

#[derive(Serialize)]
pub(super) struct JsonSchema<'a> {
    name: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<&'a RawValue>,
}

/// Reads `text`.
pub(super) fn text<'a>(raw: Option<&'a RawValue>, warnings: &mut Warnings) -> Result<Text<'a>, Failure> {
    #[derive(Deserialize)]
    struct Members<'a> {
        #[serde(borrow)]
        format: Option<&'a RawValue>,
        #[serde(borrow)]
        verbosity: Option<&'a RawValue>,
    }
    let place = Place::new("text");
    let Some(raw) = raw else { return Ok(Text::default()) };
    let members: Members<'a> = place.members(raw)?;
    unknown(raw, &place, &["format", "verbosity"], warnings)?;
    let format = members.format.map(|raw| response_format(raw, &place.member("format"))).transpose()?;
    Ok(Text { format: format.flatten(), verbosity: members.verbosity })
}

fn response_format<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Option<ResponseFormat<'a>>, Failure> {
    #[derive(Deserialize)]
    struct Members<'a> {
        #[serde(borrow, rename = "type")]
        kind: Option<&'a RawValue>,
        #[serde(borrow)]
        name: Option<&'a RawValue>,
        #[serde(borrow)]
        description: Option<&'a RawValue>,
        #[serde(borrow)]
        schema: Option<&'a RawValue>,
        #[serde(borrow)]
        strict: Option<&'a RawValue>,
    }
    let members: Members<'a> = place.members(raw)?;
    let kind = place.member("type");
    match kind.text(members.kind.ok_or_else(|| kind.missing())?)?.as_ref() {
        "text" => Ok(None),
        "json_object" => Ok(Some(ResponseFormat::JsonObject)),
        "json_schema" => {
            let name = members.name.ok_or_else(|| place.member("name").missing())?;
            let Members { description, schema, strict, .. } = members;
            let json_schema = JsonSchema { name, description, schema, strict };
            Ok(Some(ResponseFormat::JsonSchema { json_schema }))
        }
        _ => Err(kind.unsupported("it is none of text, json_object and json_schema")),
    }
}

/// Reads `reasoning`, of which chat completions know the effort.
///
/// A summary is given whenever there is one; how long it is, its provider decides.
pub(super) fn effort<'a>(raw: Option<&'a RawValue>, warnings: &mut Warnings) -> Result<Option<&'a RawValue>, Failure> {
    #[derive(Deserialize)]
    struct Members<'a> {
        #[serde(borrow)]
        effort: Option<&'a RawValue>,
        summary: Option<String>,
        generate_summary: Option<String>,
    }
    let place = Place::new("reasoning");
    let Some(raw) = raw else { return Ok(None) };
    let members: Members<'a> = place.members(raw)?;
    unknown(raw, &place, &["effort", "summary", "generate_summary"], warnings)?;
    for wish in [members.summary, members.generate_summary].into_iter().flatten() {
        if wish != "auto" {
            warnings.dropped("reasoning.summary", "unsupported")?;
        }
    }
    Ok(members.effort)
}

/// Takes note of what an object has beside these members.
pub(super) fn unknown(
    raw: &RawValue,
    place: &Place<'_>,
    known: &[&str],
    warnings: &mut Warnings,
) -> Result<(), Failure> {
    let names: std::collections::BTreeMap<String, Option<serde::de::IgnoredAny>> = place.read(raw, "an object")?;
    for (name, value) in names {
        if value.is_some() && !known.contains(&name.as_str()) {
            warnings.dropped(&place.member(&name).to_string(), "unsupported")?;
        }
    }
    Ok(())
}
