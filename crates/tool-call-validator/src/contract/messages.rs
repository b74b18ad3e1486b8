//! Anthropic's Messages: `tools` with an `input_schema`, `tool_choice`, and `output_config.format`.
//!
//! Source: the types of anthropic 2.11.0, read in November 2026. Of the tools that Anthropic has defined, the client runs
//! `bash`, `text_editor`, `computer` and `memory`, and calls of them are `tool_use` blocks like any other; those of the
//! rest are `server_tool_use` blocks, which nobody here judges. A toolset (`browser_toolset_20260801`) has no name, and
//! tells the names of its tools to the model alone; so does a tool that is added within the conversation.
//!
//! `strict: true` is not held to OpenAI's rules: Anthropic's are others, and it looks after them itself.

use std::borrow::Cow;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::json::{Object, items};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Contract, Reader, Text, ToolChoice, offer::Offer};

/// What the types of tools begin with that Anthropic itself runs; a date follows.
const HOSTED: [&str; 6] = ["web_search", "web_fetch", "code_execution", "tool_search_tool", "advisor", "mcp_toolset"];

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
}

pub(super) fn read(object: &Object, reader: &Reader<'_>) -> Result<Contract, Box<Failure>> {
    let mut offer = Offer::new(reader);
    for (index, tool) in items(object.get("tools").unwrap_or_default()).enumerate() {
        let Ok(Tool { kind, name, input_schema }) = serde_json::from_slice(tool) else {
            offer.is_open = true;
            continue;
        };
        let kind = kind.as_deref().unwrap_or("custom");
        if HOSTED.iter().any(|hosted| kind.starts_with(hosted)) {
            offer.has_hosted = true;
        } else if let Some(name) = name {
            offer.function(&name, input_schema, false, format_args!("tools.{index}.input_schema"))?;
        } else {
            offer.is_open = true;
        }
    }
    offer.is_open |= adds_tools(object);
    let asked: Choice<'_> = object.read("tool_choice").ok().flatten().unwrap_or_default();
    let mut choice = match (asked.kind.as_deref(), asked.name) {
        (Some("none"), _) => ToolChoice::None,
        (Some("any"), _) => ToolChoice::Required,
        (Some("tool"), Some(name)) => ToolChoice::Only([name.into()].into()),
        _ => ToolChoice::Auto,
    };
    if offer.has_hosted {
        choice = choice.beside_hosted_tools(|name| offer.tools.contains_key(name));
    }
    Ok(Contract {
        operation: Operation::Message,
        tools: offer.tools.into(),
        is_open: offer.is_open,
        choice,
        parallel: asked.disable_parallel_tool_use != Some(true),
        text: text(object, reader)?,
        choices: 1,
    })
}

#[derive(Default, Deserialize)]
struct Choice<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    disable_parallel_tool_use: Option<bool>,
}

/// Whether the conversation may add tools to those that lead it: `tool_addition` blocks (beta).
fn adds_tools(object: &Object) -> bool {
    object.get("messages").is_some_and(|messages| memmem::find(messages, br#""tool_addition""#).is_some())
}

#[derive(Deserialize)]
struct OutputConfig<'a> {
    #[serde(borrow)]
    format: Option<Format<'a>>,
}

#[derive(Deserialize)]
struct Format<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
}

fn text(object: &Object, reader: &Reader<'_>) -> Result<Text, Box<Failure>> {
    let config: Option<OutputConfig<'_>> = object.read("output_config").ok().flatten();
    let (format, param) = match config.and_then(|config| config.format) {
        Some(format) => (Some(format), "output_config.format.schema"),
        // As the beta called it.
        None => (object.read("output_format").ok().flatten(), "output_format.schema"),
    };
    match format {
        Some(Format { kind, schema }) if kind == "json_schema" => reader.text(schema, false, param),
        _ => Ok(Text::Any),
    }
}
