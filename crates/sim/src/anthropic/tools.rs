//! Tools and the choice among them.

use serde_json::Value;

use super::error::invalid;
use super::{block, schema};
use crate::reply::Reply;

pub(super) fn check(body: &Value) -> Result<(), Reply> {
    let tools = match &body["tools"] {
        Value::Null => &[][..],
        Value::Array(tools) => tools,
        _ => return Err(invalid("tools: Input should be a valid list")),
    };
    let mut names: Vec<&str> = Vec::new();
    for (at, tool) in tools.iter().enumerate() {
        let name = tool["name"].as_str().unwrap_or_default();
        // Server tools (`web_search_20250305` …) bring their own schema.
        if tool["type"].is_null() || tool["type"] == "custom" {
            custom(at, tool, name)?;
        }
        if names.contains(&name) {
            return Err(invalid("tools: Tool names must be unique."));
        }
        names.push(name);
    }
    choice(&body["tool_choice"], &names)
}

fn custom(at: usize, tool: &Value, name: &str) -> Result<(), Reply> {
    let place = format!("tools.{at}.custom");
    if !block::is_name(name, 128) {
        return Err(invalid(&format!("{place}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")));
    }
    const MEMBERS: [&str; 10] = [
        "type",
        "name",
        "description",
        "input_schema",
        "strict",
        "cache_control",
        "defer_loading",
        "eager_input_streaming",
        "input_examples",
        "allowed_callers",
    ];
    let extra = tool.as_object().into_iter().flatten().find(|(name, _)| !MEMBERS.contains(&name.as_str()));
    if let Some((extra, _)) = extra {
        return Err(invalid(&format!("{place}.{extra}: Extra inputs are not permitted")));
    }
    let input = &tool["input_schema"];
    if !input.is_object() {
        return Err(invalid(&format!("{place}.input_schema: Field required")));
    }
    if input["type"] != "object" {
        return Err(invalid(&format!("{place}.input_schema.type: Input should be 'object'")));
    }
    if ["oneOf", "allOf", "anyOf"].iter().any(|word| input.get(*word).is_some()) {
        return Err(invalid(&format!(
            "{place}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level"
        )));
    }
    if tool["strict"] == true { schema::check(&format!("{place}.input_schema"), input) } else { Ok(()) }
}

fn choice(choice: &Value, names: &[&str]) -> Result<(), Reply> {
    if choice.is_null() {
        return Ok(());
    }
    let kind = choice["type"].as_str().unwrap_or_default();
    if !["auto", "any", "tool", "none"].contains(&kind) {
        return Err(invalid(&format!(
            "tool_choice: Input tag '{kind}' found using 'type' does not match any of the expected tags: 'auto', \
             'any', 'tool', 'none'"
        )));
    }
    if kind == "none" && choice.get("disable_parallel_tool_use").is_some() {
        return Err(invalid("tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted"));
    }
    if names.is_empty() && kind != "none" {
        return Err(invalid("tool_choice may only be specified while providing tools."));
    }
    if kind == "tool" {
        let name = choice["name"].as_str().unwrap_or_default();
        if !names.contains(&name) {
            return Err(invalid(&format!("Tool '{name}' not found in provided tools")));
        }
    }
    Ok(())
}
