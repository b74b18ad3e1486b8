//! Chat completions: `tools`, `functions` of old, `tool_choice` and `response_format`.
//!
//! Source: the types of openai-python 3.52.0, read in November 2026. Servers that speak OpenAI's shape know a few more
//! words; those that are read here are Mistral's `tool_choice: "any"`, and tools of a type of a provider's own with the
//! members of a function, such as Moonshot's `builtin_function`.

use std::borrow::Cow;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::{Object, items};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Contract, Reader, Text, ToolChoice, offer::Offer};

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
    #[serde(borrow)]
    custom: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    strict: Option<bool>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

pub(super) fn read(object: &Object, reader: &Reader<'_>) -> Result<Contract, Box<Failure>> {
    let mut offer = Offer::new(reader);
    for (index, tool) in items(object.get("tools").unwrap_or_default()).enumerate() {
        match serde_json::from_slice(tool) {
            Ok(Tool { function: Some(function), .. }) => {
                let is_strict = function.strict == Some(true);
                let param = format_args!("tools[{index}].function.parameters");
                offer.function(&function.name, function.parameters, is_strict, param)?;
            }
            Ok(Tool { custom: Some(custom), .. }) => {
                offer.text(&custom.name, format_args!("tools[{index}].custom.name"))?;
            }
            // Of no shape that OpenAI knows: some server's own. Who runs it, nobody can tell.
            _ => (offer.is_open, offer.has_hosted) = (true, true),
        }
    }
    for (index, function) in items(object.get("functions").unwrap_or_default()).enumerate() {
        match serde_json::from_slice::<Function<'_>>(function) {
            Ok(Function { name, parameters, .. }) => {
                offer.function(&name, parameters, false, format_args!("functions[{index}].parameters"))?;
            }
            Err(_) => offer.is_open = true,
        }
    }
    let mut choice = object.get("tool_choice").or_else(|| object.get("function_call")).map(choice).unwrap_or_default();
    if offer.has_hosted {
        choice = choice.beside_hosted_tools(|name| offer.tools.contains_key(name));
    }
    Ok(Contract {
        operation: Operation::ChatCompletion,
        tools: offer.tools.into(),
        is_open: offer.is_open,
        choice,
        parallel: object.get("parallel_tool_calls") != Some(b"false"),
        text: text(object, reader)?,
        choices: object.read("n").ok().flatten().unwrap_or(1),
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Choice<'a> {
    Word(#[serde(borrow)] Cow<'a, str>),
    One(#[serde(borrow)] One<'a>),
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    function: Option<Named<'a>>,
    #[serde(borrow)]
    custom: Option<Named<'a>>,
    #[serde(borrow)]
    allowed_tools: Option<Allowed<'a>>,
    /// Of `function_call`.
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Allowed<'a> {
    #[serde(borrow)]
    mode: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tools: Vec<One<'a>>,
}

impl One<'_> {
    fn name(&self) -> Option<Box<str>> {
        let named = self.function.as_ref().or(self.custom.as_ref()).map(|named| &named.name);
        named.or(self.name.as_ref()).map(|name| name.as_ref().into())
    }
}

fn choice(value: &[u8]) -> ToolChoice {
    match serde_json::from_slice(value) {
        Ok(Choice::Word(word)) => match &*word {
            "none" => ToolChoice::None,
            "required" | "any" => ToolChoice::Required,
            _ => ToolChoice::Auto,
        },
        Ok(Choice::One(One { allowed_tools: Some(allowed), .. })) => {
            let names: Option<_> = allowed.tools.iter().map(One::name).collect();
            match (names, allowed.mode.as_deref()) {
                (Some(names), Some("required")) => ToolChoice::Only(names),
                (Some(names), _) => ToolChoice::Among(names),
                // Tools among them that cannot be told.
                (None, _) => ToolChoice::Auto,
            }
        }
        Ok(Choice::One(one)) => one.name().map_or(ToolChoice::Auto, |name| ToolChoice::Only([name].into())),
        Err(_) => ToolChoice::Auto,
    }
}

#[derive(Deserialize)]
struct Format<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    json_schema: Option<JsonSchema<'a>>,
}

#[derive(Deserialize)]
struct JsonSchema<'a> {
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    strict: Option<bool>,
}

fn text(object: &Object, reader: &Reader<'_>) -> Result<Text, Box<Failure>> {
    // What cannot be read is for the provider to refuse.
    let Ok(Some(Format { kind, json_schema })) = object.read::<Format<'_>>("response_format") else {
        return Ok(Text::Any);
    };
    match &*kind {
        "json_object" => Ok(Text::JsonObject),
        "json_schema" => {
            let (schema, strict) = json_schema.map_or((None, None), |format| (format.schema, format.strict));
            reader.text(schema, strict == Some(true), "response_format.json_schema.schema")
        }
        _ => Ok(Text::Any),
    }
}
