//! Tools and the choice among them.

use serde_json::Value;

use super::error::validation;
use super::operation::is_of;
use crate::look::Look;
use crate::reply::Reply;

/// Families whose models cannot be made to call a tool.
const UNFORCED: [&str; 3] = ["meta.", "cohere.", "ai21."];

pub(super) fn check(body: &Value, model: &str) -> Result<(), Reply> {
    let tools = body.at("/toolConfig/tools").as_array().map_or(&[][..], Vec::as_slice);
    if tools.is_empty() && used(body) {
        return Err(validation(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ));
    }
    let mut names: Vec<&str> = Vec::new();
    for (at, tool) in tools.iter().enumerate() {
        let Some(spec) = tool.get("toolSpec") else {
            continue;
        };
        let name = spec["name"].as_str().unwrap_or_default();
        if names.contains(&name) {
            return Err(validation(&format!("The toolConfig field contains the duplicate tool name {name}.")));
        }
        names.push(name);
        if spec.at("/inputSchema/json/type") != "object" {
            return Err(validation(&format!(
                "The value at toolConfig.tools.{at}.toolSpec.inputSchema.json.type must be one of the following: \
                 object."
            )));
        }
    }
    choice(body.at("/toolConfig/toolChoice"), &names, model)
}

fn used(body: &Value) -> bool {
    let messages = body["messages"].as_array().into_iter().flatten();
    let mut blocks = messages.filter_map(|message| message["content"].as_array()).flatten();
    blocks.any(|block| block.get("toolUse").is_some() || block.get("toolResult").is_some())
}

fn choice(choice: &Value, names: &[&str], model: &str) -> Result<(), Reply> {
    let forced = ["any", "tool"].into_iter().find(|kind| choice.get(*kind).is_some());
    let Some(kind) = forced else {
        return Ok(());
    };
    if UNFORCED.iter().any(|family| is_of(model, family)) {
        return Err(validation(&format!(
            "This model doesn't support the toolConfig.toolChoice.{kind} field. Remove toolConfig.toolChoice.{kind} \
             and try again."
        )));
    }
    match choice.at("/tool/name").as_str() {
        Some(name) if !names.contains(&name) => {
            Err(validation(&format!("The tool {name} of toolConfig.toolChoice is not one of toolConfig.tools.")))
        }
        _ => Ok(()),
    }
}
