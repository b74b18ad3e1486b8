//! What can be done about the choice among tools: Ollama's models are free to call any or none.

use llm_layers_core::Failure;

use crate::{
    conversation::{self, Choice, ToolKind, Tools},
    functions::Tool,
    names::Names,
    warnings::Warnings,
};

pub(super) fn write<'a>(
    mut tools: Tools<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Vec<Tool<'a>>, Failure> {
    match tools.choice.take() {
        None | Some(Choice::Auto) => {}
        // A tool that is not offered is not called.
        Some(Choice::None) => return Ok(Vec::new()),
        Some(Choice::Required) => warnings.dropped("tool_choice", "unsupported")?,
        Some(Choice::Named(name)) => {
            warnings.dropped("tool_choice", "unsupported")?;
            let before = tools.tools.len();
            tools.tools.retain(|tool| tool.name == name);
            tools.narrowed |= tools.tools.len() < before;
        }
    }
    if tools.narrowed {
        warnings.emulated("tool_choice", "tools_left_out");
    }
    if !tools.parallel && !tools.legacy && !tools.tools.is_empty() {
        warnings.emulated("parallel_tool_calls", "first_call_only");
    }
    let is_strict = |tool: &conversation::Tool<'_>| matches!(tool.kind, ToolKind::Function { strict: true, .. });
    if tools.tools.iter().any(is_strict) {
        warnings.dropped("tools.strict", "unsupported")?;
    }
    tools.tools.into_iter().map(|tool| Tool::of(tool, names, warnings)).collect()
}
