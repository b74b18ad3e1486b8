//! Tools, and the choice among them: flat here, one level deeper in chat completions.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{content::string, format::unknown};
use crate::{place::Place, warnings::Warnings};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Tool<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

/// Where `strict` is left out it stays so: OpenAI would then bend the schema until it is strict.
#[derive(Serialize)]
pub(super) struct Function<'a> {
    name: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<&'a RawValue>,
}

#[derive(Serialize)]
pub(super) struct Custom<'a> {
    name: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Format<'a> {
    Text,
    Grammar { grammar: Grammar<'a> },
}

#[derive(Serialize)]
pub(super) struct Grammar<'a> {
    definition: &'a RawValue,
    syntax: &'a RawValue,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Choice<'a> {
    Mode(&'static str),
    Named(Named<'a>),
    Allowed { r#type: &'static str, allowed_tools: Allowed<'a> },
}

#[derive(Serialize)]
pub(super) struct Allowed<'a> {
    mode: &'static str,
    tools: Vec<Named<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Named<'a> {
    Function { function: Name<'a> },
    Custom { custom: Name<'a> },
}

#[derive(Serialize)]
pub(super) struct Name<'a> {
    name: &'a RawValue,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    strict: Option<&'a RawValue>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
    #[serde(borrow)]
    definition: Option<&'a RawValue>,
    #[serde(borrow)]
    syntax: Option<&'a RawValue>,
    #[serde(borrow)]
    mode: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    fn kind<'p>(&self, place: &'p Place<'p>) -> Result<(Place<'p>, Cow<'a, str>), Failure> {
        let place = place.member("type");
        let kind = place.text(self.kind.ok_or_else(|| place.missing())?)?;
        Ok((place, kind))
    }
}

/// Reads `tools`.
pub(super) fn tools<'a>(raw: Option<&'a RawValue>, warnings: &mut Warnings) -> Result<Vec<Tool<'a>>, Failure> {
    let place = Place::new("tools");
    let list = raw.map(|raw| place.list(raw)).transpose()?.unwrap_or_default();
    list.into_iter().enumerate().map(|(index, raw)| tool(raw, &place.item(index), warnings)).collect()
}

fn tool<'a>(raw: &'a RawValue, place: &Place<'_>, warnings: &mut Warnings) -> Result<Tool<'a>, Failure> {
    let members: Members<'a> = place.members(raw)?;
    let (kind_place, kind) = members.kind(place)?;
    let name = || string(members.name, &place.member("name"));
    let Members { description, parameters, strict, .. } = members;
    let any = Place::new("tools");
    match kind.as_ref() {
        "function" => {
            unknown(raw, &any, &["type", "name", "description", "parameters", "strict"], warnings)?;
            Ok(Tool::Function { function: Function { name: name()?, description, parameters, strict } })
        }
        "custom" => {
            unknown(raw, &any, &["type", "name", "description", "format"], warnings)?;
            let format = members.format.map(|raw| format(raw, &place.member("format"))).transpose()?;
            Ok(Tool::Custom { custom: Custom { name: name()?, description, format } })
        }
        kind => Err(hosted(&kind_place, kind)),
    }
}

/// Left out, the answer would be another.
fn hosted(place: &Place<'_>, kind: &str) -> Failure {
    // A word of the client's own is not repeated at any length.
    let kind: String = kind.chars().take(64).collect();
    let why = format!("`{kind}` is no tool that the caller runs, and chat completions have no other");
    place.unsupported(&why)
}

fn format<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Format<'a>, Failure> {
    let members: Members<'a> = place.members(raw)?;
    let (kind_place, kind) = members.kind(place)?;
    match kind.as_ref() {
        "text" => Ok(Format::Text),
        "grammar" => {
            let definition = string(members.definition, &place.member("definition"))?;
            let syntax = string(members.syntax, &place.member("syntax"))?;
            Ok(Format::Grammar { grammar: Grammar { definition, syntax } })
        }
        _ => Err(kind_place.unsupported("it is neither text nor grammar")),
    }
}

/// Reads `tool_choice`.
pub(super) fn choice<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Choice<'a>, Failure> {
    if raw.get().starts_with('"') {
        return Ok(Choice::Mode(match place.text(raw)?.as_ref() {
            "none" => "none",
            "auto" => "auto",
            "required" => "required",
            _ => return Err(place.invalid("it is none of none, auto and required")),
        }));
    }
    let members: Members<'a> = place.members(raw)?;
    let (_, kind) = members.kind(place)?;
    if kind != "allowed_tools" {
        return named(&members, place).map(Choice::Named);
    }
    let mode_place = place.member("mode");
    let mode = match mode_place.text(members.mode.ok_or_else(|| mode_place.missing())?)?.as_ref() {
        "auto" => "auto",
        "required" => "required",
        _ => return Err(mode_place.invalid("it is neither auto nor required")),
    };
    let list = place.member("tools");
    let mut tools = Vec::new();
    for (index, raw) in list.list(members.tools.ok_or_else(|| list.missing())?)?.into_iter().enumerate() {
        let place = list.item(index);
        tools.push(named(&place.members(raw)?, &place)?);
    }
    Ok(Choice::Allowed { r#type: "allowed_tools", allowed_tools: Allowed { mode, tools } })
}

fn named<'a>(members: &Members<'a>, place: &Place<'_>) -> Result<Named<'a>, Failure> {
    let (kind_place, kind) = members.kind(place)?;
    let name = || string(members.name, &place.member("name")).map(|name| Name { name });
    match kind.as_ref() {
        "function" => Ok(Named::Function { function: name()? }),
        "custom" => Ok(Named::Custom { custom: name()? }),
        kind => Err(hosted(&kind_place, kind)),
    }
}

impl Choice<'_> {
    /// Whether it cannot be met without tools.
    pub(super) fn demands_a_call(&self) -> bool {
        !matches!(self, Self::Mode("none" | "auto"))
    }
}
