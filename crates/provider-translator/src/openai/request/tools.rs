//! Tools, without the words of JSON Schema that a provider does not know.

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::json::{Array, Object};

use super::LIMITS;
use crate::{openai::quirks::Quirks, place::Place, warnings::Warnings};

pub(super) fn repair(request: &mut Object, quirks: &Quirks) {
    if let Some(tools) = request.get_bytes("tools").and_then(|tools| each(tools, |tool| self::tool(tool, quirks))) {
        let _ = request.set_raw("tools", tools);
    }
}

fn tool(tool: Bytes, quirks: &Quirks) -> Option<Bytes> {
    let mut tool = Object::parse_with(tool, &LIMITS).ok()?;
    let mut function = Object::parse_with(tool.get_bytes("function")?, &LIMITS).ok()?;
    for name in quirks.function_members {
        function.remove(name);
    }
    if quirks.parameters_needed && !function.contains("parameters") {
        let _ = function.set_raw("parameters", r#"{"type":"object","properties":{}}"#);
    }
    if let Some(schema) = function.get_bytes("parameters").and_then(|schema| without(schema, quirks.schema_keywords)) {
        let _ = function.set_raw("parameters", schema);
    }
    if !function.is_edited() {
        return None;
    }
    let _ = tool.set_raw("function", function.to_bytes());
    Some(tool.to_bytes())
}

/// Removes a choice that the provider does not heed. Where no tool may be called it is given none.
pub(super) fn auto_only(request: &mut Object, warnings: &mut Warnings) -> Result<(), Failure> {
    match request.get("tool_choice") {
        None | Some(b"\"auto\"") => return Ok(()),
        Some(b"null") => {}
        Some(b"\"none\"") => {
            request.remove("tools");
        }
        Some(_) => warnings.dropped("tool_choice", "unsupported")?,
    }
    request.remove("tool_choice");
    Ok(())
}

/// Refuses what is no function, in the tools, the choice among them and the history: without its shape the provider
/// would be called with something that means nothing to it.
pub(super) fn functions_only(request: &Object) -> Result<(), Failure> {
    const WHY: &str = "it calls functions only";
    let kind = |item: Bytes| Some(Object::parse_with(item, &LIMITS).ok()?.text("type")?.into_owned());
    let list = |object: &Object, name: &str| Array::parse_with(object.get_bytes(name)?, &LIMITS).ok();
    let is_other = |item: Bytes| kind(item).is_some_and(|kind| kind != "function");
    let tools = Place::new("tools");
    if let Some(index) = list(request, "tools").and_then(|tools| tools.iter().position(is_other)) {
        return Err(tools.item(index).member("type").unsupported(WHY));
    }
    if request.get_bytes("tool_choice").is_some_and(is_other) {
        return Err(Place::new("tool_choice").unsupported("it can be left the choice, denied it, or given a function"));
    }
    let place = Place::new("messages");
    for (index, message) in list(request, "messages").iter().flat_map(Array::iter).enumerate() {
        let Ok(message) = Object::parse_with(message, &LIMITS) else { continue };
        let place = place.item(index);
        let calls = place.member("tool_calls");
        if let Some(at) = list(&message, "tool_calls").and_then(|calls| calls.iter().position(is_other)) {
            return Err(calls.item(at).member("type").unsupported(WHY));
        }
    }
    Ok(())
}

/// A schema without these keywords at any depth; `None` where it has none of them. How deep it goes has been limited
/// when the request was read.
fn without(schema: Bytes, keywords: &[&str]) -> Option<Bytes> {
    if schema.starts_with(b"[") {
        return each(schema, |item| without(item, keywords));
    }
    let mut schema = Object::parse_with(schema, &LIMITS).ok()?;
    for keyword in keywords {
        schema.remove(keyword);
    }
    for (name, value) in nested(&schema) {
        let changed = match name.as_str() {
            // What stands in these is named by whoever wrote the schema: a property may be called as a keyword is.
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                members(value, keywords)
            }
            "enum" | "const" | "default" | "examples" => None,
            _ => without(value, keywords),
        };
        if let Some(changed) = changed {
            let _ = schema.set_raw(&name, changed);
        }
    }
    schema.is_edited().then(|| schema.to_bytes())
}

fn members(map: Bytes, keywords: &[&str]) -> Option<Bytes> {
    let mut map = Object::parse_with(map, &LIMITS).ok()?;
    for (name, schema) in nested(&map) {
        if let Some(changed) = without(schema, keywords) {
            let _ = map.set_raw(&name, changed);
        }
    }
    map.is_edited().then(|| map.to_bytes())
}

/// The members that are objects or lists.
fn nested(object: &Object) -> Vec<(String, Bytes)> {
    let names = object.iter().filter(|(_, value)| matches!(value.first(), Some(b'{' | b'[')));
    let names: Vec<String> = names.map(|(name, _)| name.into_owned()).collect();
    names.into_iter().filter_map(|name| object.get_bytes(&name).map(|value| (name, value))).collect()
}

/// Changes items of a list; `None` where none was.
fn each(list: Bytes, change: impl Fn(Bytes) -> Option<Bytes>) -> Option<Bytes> {
    let mut list = Array::parse_with(list, &LIMITS).ok()?;
    let mut edited = false;
    for index in 0..list.len() {
        if let Some(changed) = list.get(index).and_then(&change) {
            edited |= list.set(index, changed).is_ok();
        }
    }
    edited.then(|| list.to_bytes())
}
