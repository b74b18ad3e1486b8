//! Tools as functions: what all formats write alike, and OpenAI's shape of them for providers that know no other.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    conversation::{self, Input, ToolKind},
    names::{Names, Wrap},
    schema,
    warnings::Warnings,
};

pub(crate) const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;
pub(crate) const TEXT: &str = r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#;

#[derive(Debug, Serialize)]
pub(crate) struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    parameters: Cow<'a, RawValue>,
}

impl<'a> Tool<'a> {
    /// A tool as it is sent: its parameters are always there, and describe an object.
    pub(crate) fn of(
        tool: conversation::Tool<'a>,
        names: &mut Names,
        warnings: &mut Warnings,
    ) -> Result<Self, Failure> {
        let conversation::Tool { name, description, kind, path, .. } = tool;
        let parameters = match kind {
            ToolKind::Custom => {
                names.set_wrap(&name, Wrap::Text);
                warnings.emulated("tools", "custom_tool");
                constant(TEXT)
            }
            ToolKind::Function { parameters: None, .. } => constant(NO_ARGUMENTS),
            ToolKind::Function { parameters: Some(raw), .. } => {
                let (schema, wrap) = schema::of_tool(raw, false, &format!("{path}.parameters"))?;
                names.set_wrap(&name, wrap);
                schema
            }
        };
        Ok(Self { kind: "function", function: Function { name: names.wire(&name), description, parameters } })
    }

    /// Whether it has a parameter that must be there.
    pub(crate) fn demands(&self) -> bool {
        #[derive(Deserialize)]
        struct Schema {
            #[serde(default)]
            required: Vec<String>,
        }
        let schema = serde_json::from_str(self.function.parameters.get());
        schema.is_ok_and(|Schema { required }| !required.is_empty())
    }
}

/// A call's arguments as the object that the function's parameters describe.
pub(crate) fn arguments(input: Input<'_>, wrap: Wrap) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Value<'a> {
        value: &'a RawValue,
    }
    #[derive(Serialize)]
    struct Custom<'a> {
        input: &'a str,
    }
    // Strings and JSON: writing them cannot fail.
    match (input, wrap) {
        (Input::Json(input), Wrap::Value) => {
            serde_json::value::to_raw_value(&Value { value: &input }).unwrap_or_default()
        }
        (Input::Json(input), _) => input,
        (Input::Text(input), _) => serde_json::value::to_raw_value(&Custom { input: &input }).unwrap_or_default(),
    }
}

/// A schema of our own: that it is JSON is tested.
pub(crate) fn constant(schema: &'static str) -> Cow<'static, RawValue> {
    Cow::Owned(RawValue::from_string(schema.to_owned()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_schemas_are_json() {
        for schema in [NO_ARGUMENTS, TEXT] {
            assert_eq!(constant(schema).get(), schema);
        }
    }
}
