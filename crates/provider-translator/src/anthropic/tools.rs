//! Tools, and the choice among them.

use llm_layers_core::Failure;

use super::{
    blocks::{Tool, ToolChoice},
    models::Model,
};
use crate::{
    conversation::{self, Choice, Conversation, ToolKind, Tools},
    functions::{NO_ARGUMENTS, TEXT, constant},
    names::{Names, Wrap},
    schema,
    warnings::Warnings,
};

/// Whether a tool is one that Anthropic runs itself: `web_search_20250305`, `code_execution_20250825` and the like all
/// end with the date of their version.
pub(super) fn is_native(kind: &str) -> bool {
    let dated =
        kind.rsplit_once('_').is_some_and(|(_, date)| date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()));
    dated || kind == "mcp_toolset"
}

/// Tools and their choice as they are sent.
pub(super) fn write<'a>(
    tools: Tools<'a>,
    model: Model,
    conversation: &Conversation<'a>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<(Vec<Tool<'a>>, Option<ToolChoice>), Failure> {
    if tools.tools.is_empty() && tools.native.is_empty() {
        let stub = |(name, _)| {
            let input_schema = constant(NO_ARGUMENTS);
            Tool { name, description: None, input_schema, strict: false, mark: None }
        };
        // Without definitions of what its history has called Anthropic takes no calls.
        let stubs: Vec<_> = names.called(conversation).into_iter().map(stub).collect();
        // They are there because Anthropic demands them, and not to be called.
        let choice = (!stubs.is_empty()).then_some(ToolChoice::None);
        return Ok((stubs, choice));
    }
    if tools.narrowed {
        warnings.emulated("tool_choice", "tools_left_out");
    }
    let single = !tools.parallel;
    let choice = match tools.choice {
        Some(Choice::None) => Some(ToolChoice::None),
        Some(Choice::Required) => Some(ToolChoice::Any { single }),
        Some(Choice::Named(name)) => Some(ToolChoice::Tool { name: names.wire(&name), single }),
        Some(Choice::Auto) => Some(ToolChoice::Auto { single }),
        None => single.then_some(ToolChoice::Auto { single }),
    };
    let tools =
        tools.tools.into_iter().map(|tool| write_tool(tool, model, names, warnings)).collect::<Result<_, _>>()?;
    Ok((tools, choice))
}

fn write_tool<'a>(
    tool: conversation::Tool<'a>,
    model: Model,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Tool<'a>, Failure> {
    let conversation::Tool { name, description, kind, cache, path } = tool;
    let wire = names.wire(&name);
    let (input_schema, strict) = match kind {
        ToolKind::Custom => {
            names.set_wrap(&name, Wrap::Text);
            warnings.emulated("tools", "custom_tool");
            (constant(TEXT), false)
        }
        ToolKind::Function { parameters: None, .. } => (constant(NO_ARGUMENTS), false),
        ToolKind::Function { parameters: Some(raw), strict } => {
            if strict && !model.is_bound() {
                warnings.dropped("tools.strict", "unsupported_by_model")?;
            }
            let strict = strict && model.is_bound();
            let place = format!("{path}.parameters");
            let (schema, wrap) = schema::of_tool(raw, strict, &place)?;
            if wrap != Wrap::Plain {
                names.set_wrap(&name, wrap);
            }
            (schema, strict)
        }
    };
    Ok(Tool { name: wire, description, input_schema, strict, mark: cache.map(Into::into) })
}
