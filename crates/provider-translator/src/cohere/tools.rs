//! The choice among tools.

use llm_layers_core::Failure;

use crate::{
    conversation::{self, Choice, ToolKind, Tools},
    functions::Tool,
    names::Names,
    warnings::Warnings,
};

/// Tools and their choice as they are sent.
#[derive(Debug, Default)]
pub(super) struct Written<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) choice: Option<&'static str>,
    /// All of them are held to their schemas.
    pub(super) strict: bool,
}

pub(super) fn write<'a>(
    mut tools: Tools<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Written<'a>, Failure> {
    if tools.tools.is_empty() {
        return Ok(Written::default());
    }
    let choice = match tools.choice.take() {
        None | Some(Choice::Auto) => None,
        Some(Choice::None) => Some("NONE"),
        Some(Choice::Required) => Some("REQUIRED"),
        Some(Choice::Named(name)) => {
            let before = tools.tools.len();
            tools.tools.retain(|tool| tool.name == name);
            tools.narrowed |= tools.tools.len() < before;
            Some("REQUIRED")
        }
    };
    if tools.narrowed {
        warnings.emulated("tool_choice", "tools_left_out");
    }
    if !tools.parallel && !tools.legacy {
        warnings.emulated("parallel_tool_calls", "first_call_only");
    }
    let is_strict = |tool: &conversation::Tool<'_>| matches!(tool.kind, ToolKind::Function { strict: true, .. });
    let asked = tools.tools.iter().any(is_strict);
    let tools: Vec<_> =
        tools.tools.into_iter().map(|tool| Tool::of(tool, names, warnings)).collect::<Result<_, _>>()?;
    let strict = asked && tools.iter().all(Tool::demands);
    if asked && !strict {
        // Cohere holds all tools to their schemas or none, and each must demand something then.
        warnings.dropped("tools.strict", "nothing_required")?;
    }
    Ok(Written { tools, choice, strict })
}
