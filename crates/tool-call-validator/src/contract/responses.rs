//! OpenAI's Responses: flat `tools`, `tool_choice` and `text.format`.
//!
//! Source: the types of openai-python 3.52.0, read in November 2026. Calls of functions and of custom tools are items for
//! the client to answer (`function_call`, `custom_tool_call`); all other tools have items of their own, which nobody here
//! judges. A stored `prompt`, a tool search that the client runs, and items of `input` may bring further functions.

use std::{borrow::Cow, collections::HashSet};

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::{Object, items, members};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Contract, Reader, Text, ToolChoice, offer::Offer};

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    strict: Option<bool>,
    /// Of a namespace.
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    /// Of a tool search.
    #[serde(borrow)]
    execution: Option<Cow<'a, str>>,
}

pub(super) fn read(object: &Object, reader: &Reader<'_>) -> Result<Contract, Box<Failure>> {
    let mut offer = Offer::new(reader);
    let tools = || items(object.get("tools").unwrap_or_default()).enumerate();
    for (index, tool) in tools() {
        let Ok(tool) = serde_json::from_slice::<Tool<'_>>(tool) else {
            offer.is_open = true;
            continue;
        };
        match (&*tool.kind, &tool.name) {
            ("function", Some(name)) => {
                let is_strict = tool.strict == Some(true);
                offer.function(name, tool.parameters, is_strict, format_args!("tools[{index}].parameters"))?;
            }
            ("custom", Some(name)) => offer.text(name, format_args!("tools[{index}].name"))?,
            // Read below, once the names of all others are known.
            ("namespace", _) => {}
            ("function" | "custom", None) => offer.is_open = true,
            ("tool_search", _) if tool.execution.as_deref() == Some("client") => offer.is_open = true,
            _ => offer.has_hosted = true,
        }
    }
    for (index, tool) in tools() {
        if let Ok(Tool { kind, tools: Some(tools), .. }) = serde_json::from_slice(tool)
            && kind == "namespace"
        {
            namespace(&mut offer, index, tools)?;
        }
    }
    offer.is_open |= brings_tools(object);
    let mut choice = object.get("tool_choice").map(choice).unwrap_or_default();
    if offer.has_hosted {
        choice = choice.beside_hosted_tools(|name| offer.tools.contains_key(name));
    }
    Ok(Contract {
        operation: Operation::Response,
        tools: offer.tools.into(),
        is_open: offer.is_open,
        choice,
        parallel: object.get("parallel_tool_calls") != Some(b"false"),
        text: text(object, reader)?,
        choices: 1,
    })
}

/// The tools of a namespace. A call names the namespace beside the tool; here tools go by their own names, and where two
/// have the same it is left open which of them is meant.
fn namespace(offer: &mut Offer<'_>, at: usize, tools: &RawValue) -> Result<(), Box<Failure>> {
    let mut own = HashSet::new();
    for (index, tool) in items(tools.get().as_bytes()).enumerate() {
        let Ok(Tool { kind, name: Some(name), parameters, strict, .. }) = serde_json::from_slice(tool) else {
            offer.is_open = true;
            continue;
        };
        let is_namesake = offer.tools.contains_key(&*name) && !own.contains(&name);
        match &*kind {
            _ if is_namesake => offer.blur(&name),
            "function" => {
                let param = format_args!("tools[{at}].tools[{index}].parameters");
                offer.function(&name, parameters, strict == Some(true), param)?;
            }
            "custom" => offer.text(&name, format_args!("tools[{at}].tools[{index}].name"))?,
            _ => offer.is_open = true,
        }
        own.insert(name);
    }
    Ok(())
}

/// Whether there may be functions that `tools` does not list.
fn brings_tools(object: &Object) -> bool {
    let has_prompt = object.get("prompt").is_some_and(|prompt| prompt != b"null");
    let brings = |item: &[u8]| {
        let is_bringer = |kind: &[u8]| matches!(kind, br#""tool_search_output""# | br#""additional_tools""#);
        members(item).any(|(name, value)| name == b"type" && is_bringer(value))
    };
    has_prompt || items(object.get("input").unwrap_or_default()).any(brings)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Choice<'a> {
    Word(#[serde(borrow)] Cow<'a, str>),
    One(#[serde(borrow)] One<'a>),
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    mode: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    tools: Vec<One<'a>>,
}

impl One<'_> {
    /// The name of a tool that the client runs.
    fn name(&self) -> Option<Box<str>> {
        let is_client_run = matches!(&*self.kind, "function" | "custom");
        self.name.as_deref().filter(|_| is_client_run).map(Into::into)
    }
}

fn choice(value: &[u8]) -> ToolChoice {
    match serde_json::from_slice(value) {
        Ok(Choice::Word(word)) => match &*word {
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            _ => ToolChoice::Auto,
        },
        Ok(Choice::One(one)) if one.kind == "allowed_tools" => {
            // Those that the provider runs are called without the client's seeing it.
            let names = one.tools.iter().filter_map(One::name).collect();
            if one.mode.as_deref() == Some("required") && one.tools.iter().all(|tool| tool.name().is_some()) {
                ToolChoice::Only(names)
            } else {
                ToolChoice::Among(names)
            }
        }
        Ok(Choice::One(one)) => one.name().map_or(ToolChoice::Auto, |name| ToolChoice::Only([name].into())),
        Err(_) => ToolChoice::Auto,
    }
}

#[derive(Deserialize)]
struct TextConfig<'a> {
    #[serde(borrow)]
    format: Option<Format<'a>>,
}

#[derive(Deserialize)]
struct Format<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    strict: Option<bool>,
}

fn text(object: &Object, reader: &Reader<'_>) -> Result<Text, Box<Failure>> {
    let config: Option<TextConfig<'_>> = object.read("text").ok().flatten();
    match config.and_then(|config| config.format) {
        Some(Format { kind, .. }) if kind == "json_object" => Ok(Text::JsonObject),
        Some(Format { kind, schema, strict }) if kind == "json_schema" => {
            reader.text(schema, strict == Some(true), "text.format.schema")
        }
        _ => Ok(Text::Any),
    }
}
