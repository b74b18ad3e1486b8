//! Tools and the choice among them.

use serde_json::Value;

use super::error::invalid;
use super::validate::{members, one_of};
use crate::reply::Reply;

pub(super) fn check(body: &Value) -> Result<(), Reply> {
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
    for tool in tools {
        // `strict` of a single tool is OpenAI's, and refused.
        members(tool, &["type", "function"], "chat")?;
        let function = &tool["function"];
        members(function, &["name", "description", "parameters"], "chat")?;
        let name = function["name"].as_str().unwrap_or_default();
        if !is_name(name) {
            return Err(invalid(&format!(
                "invalid request: tool name '{name}' must be of letters, digits and underscores, and begin with no digit"
            )));
        }
        let parameters = &function["parameters"];
        if parameters["type"] != "object" {
            return Err(invalid(&format!("invalid request: the parameters of tool '{name}' must be an object schema")));
        }
        let required = parameters["required"].as_array().is_some_and(|names| !names.is_empty());
        if body["strict_tools"] == true && !required {
            return Err(invalid(&format!(
                "invalid request: with strict_tools the tool '{name}' must have at least one required parameter"
            )));
        }
    }
    one_of(&body["tool_choice"], "tool_choice", &["REQUIRED", "NONE"])?;
    if body["tool_choice"].is_string() && tools.is_empty() {
        return Err(invalid("invalid request: tool_choice requires tools to be specified"));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(legal) && !name.starts_with(|c: char| c.is_ascii_digit())
}
