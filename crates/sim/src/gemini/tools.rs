//! Tools, and how they may be called.

use serde_json::Value;

use super::error::{field, invalid};
use super::{Model, schema};
use crate::look::Look;
use crate::reply::Reply;

/// The declarations of all functions.
pub(super) fn declarations(body: &Value) -> impl Iterator<Item = &Value> {
    let tools = body["tools"].as_array().into_iter().flatten();
    tools.filter_map(|tool| tool["functionDeclarations"].as_array()).flatten()
}

pub(super) fn check(body: &Value, model: Model<'_>) -> Result<(), Reply> {
    let mut names: Vec<&str> = Vec::new();
    let mut built_in = false;
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        built_in |= tool.as_object().into_iter().flatten().any(|(name, _)| name != "functionDeclarations");
        for (index, declaration) in tool["functionDeclarations"].as_array().into_iter().flatten().enumerate() {
            let place = format!("tools[{at}].function_declarations[{index}]");
            let name = declaration["name"].as_str().unwrap_or_default();
            function(&place, name, declaration)?;
            if names.contains(&name) {
                return Err(invalid(&format!("Duplicate function declaration found: {name}")));
            }
            names.push(name);
        }
    }
    if built_in && !names.is_empty() && !model.is_third() {
        return Err(invalid("Tool use with function calling is unsupported"));
    }
    config(body.at("/toolConfig/functionCallingConfig"), &names)
}

fn function(place: &str, name: &str, declaration: &Value) -> Result<(), Reply> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || name.len() > 128 || !name.chars().all(legal) {
        return Err(field(
            &format!("{place}.name"),
            "Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), \
             underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.",
        ));
    }
    for (own, json) in [("parameters", "parametersJsonSchema"), ("response", "responseJsonSchema")] {
        if declaration.get(own).is_some() && declaration.get(json).is_some() {
            let (own, json) = (super::proto::snake(own), super::proto::snake(json));
            return Err(field(place, &format!("only one of `{own}` and `{json}` may be set.")));
        }
    }
    if let Some(parameters) = declaration.get("parameters") {
        let place = format!("{place}.parameters");
        if parameters["type"] != "OBJECT" {
            return Err(field(
                &format!("{place}.type"),
                &format!("{name} parameters schema should be of type OBJECT."),
            ));
        }
        schema::check(&place, parameters)?;
    }
    match declaration.get("parametersJsonSchema") {
        Some(schema) if schema["type"] != "object" && schema.get("$ref").is_none() => Err(field(
            &format!("{place}.parameters_json_schema"),
            &format!("{name} parameters schema should be of type OBJECT."),
        )),
        _ => Ok(()),
    }
}

fn config(config: &Value, names: &[&str]) -> Result<(), Reply> {
    let mode = config["mode"].as_str().unwrap_or("AUTO");
    if names.is_empty() && ["ANY", "VALIDATED"].contains(&mode) {
        return Err(invalid("Function calling config is set without function_declarations."));
    }
    let Some(allowed) = config["allowedFunctionNames"].as_array().filter(|allowed| !allowed.is_empty()) else {
        return Ok(());
    };
    if !["ANY", "VALIDATED"].contains(&mode) {
        return Err(invalid("Allowed function names should be set only when the function calling mode is ANY."));
    }
    match allowed.iter().filter_map(Value::as_str).find(|name| !names.contains(name)) {
        Some(name) => Err(invalid(&format!("Unknown function name in allowed_function_names: {name}"))),
        None => Ok(()),
    }
}
