//! Tools, and the choice among them.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use super::{
    parts::{Calling, Declaration, Tool, ToolConfig},
    schema::clean,
};
use crate::{
    conversation::{self, Choice, ToolKind, Tools},
    names::{Names, Wrap},
    place::Place,
    schema,
    warnings::Warnings,
};

const TEXT: &str = r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#;

/// Tools and their choice as they are sent.
#[derive(Debug, Default)]
pub(super) struct Written<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) config: Option<ToolConfig>,
}

pub(super) fn write<'a>(
    request: &Object,
    tools: Tools<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Written<'a>, Failure> {
    let searches = search(request, warnings)?;
    if tools.tools.is_empty() {
        let tools = if searches { vec![Tool::GoogleSearch {}] } else { Vec::new() };
        return Ok(Written { tools, config: None });
    }
    if searches {
        // The newest models can, if the client then hands back what the search has found.
        return Err(Place::new("web_search_options").unsupported("it does not search beside functions"));
    }
    if tools.narrowed {
        warnings.emulated("tool_choice", "tools_left_out");
    }
    if !tools.parallel && !tools.legacy {
        warnings.emulated("parallel_tool_calls", "first_call_kept");
    }
    let strict = tools.tools.iter().all(|tool| matches!(tool.kind, ToolKind::Function { strict: true, .. }));
    let (mode, allowed) = match tools.choice {
        Some(Choice::None) => ("NONE", None),
        Some(Choice::Required) => ("ANY", None),
        Some(Choice::Named(name)) => ("ANY", Some(names.wire(&name))),
        // Calls that keep to their schemas, or text.
        Some(Choice::Auto) | None if strict => ("VALIDATED", None),
        Some(Choice::Auto) | None => ("AUTO", None),
    };
    let declarations =
        tools.tools.into_iter().map(|tool| declare(tool, names, warnings)).collect::<Result<Vec<_>, _>>()?;
    let allowed_function_names = allowed.into_iter().collect();
    let config = ToolConfig { function_calling_config: Calling { mode, allowed_function_names } };
    Ok(Written { tools: vec![Tool::FunctionDeclarations(declarations)], config: (mode != "AUTO").then_some(config) })
}

/// Whether the web is to be searched.
fn search(request: &Object, warnings: &mut Warnings) -> Result<bool, Failure> {
    let Some(raw) = request.read::<&RawValue>("web_search_options").ok().flatten() else { return Ok(false) };
    let options: serde_json::Map<String, serde_json::Value> =
        Place::new("web_search_options").read(raw, "an object")?;
    for name in options.keys().filter(|name| *name != "search_context_size") {
        warnings.dropped(name, "unsupported")?;
    }
    Ok(true)
}

fn declare<'a>(
    tool: conversation::Tool<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Declaration<'a>, Failure> {
    let conversation::Tool { name, description, kind, path, .. } = tool;
    let wire = names.wire(&name);
    let parameters = match kind {
        ToolKind::Custom => {
            names.set_wrap(&name, Wrap::Text);
            warnings.emulated("tools", "custom_tool");
            Some(RawValue::from_string(TEXT.to_owned()).unwrap_or_default())
        }
        ToolKind::Function { parameters: None, .. } => None,
        ToolKind::Function { parameters: Some(raw), .. } => {
            let place = format!("{path}.parameters");
            let (schema, wrap): (Cow<'_, RawValue>, _) = schema::of_tool(raw, false, &place)?;
            if wrap != Wrap::Plain {
                names.set_wrap(&name, wrap);
            }
            Some(clean(&schema, &place)?)
        }
    };
    Ok(Declaration { name: wire, description, parameters_json_schema: parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_schema_is_json() {
        assert!(RawValue::from_string(TEXT.to_owned()).is_ok());
    }
}
