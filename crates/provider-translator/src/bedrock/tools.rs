//! Tools, and the choice among them.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Serialize;

use super::{
    blocks::{Block, InputSchema, Tool, ToolChoice, ToolSpec},
    calls::Pass,
    messages::mark,
    model::{Force, Model},
};
use crate::{
    conversation::{self, Choice, Conversation, ToolKind, Tools},
    functions::{NO_ARGUMENTS, TEXT, constant},
    names::{Names, Wrap},
    schema,
    warnings::Warnings,
};

/// Said where no call is wanted, and tools must be there all the same.
const NO_CALLS: &str = "Do not call any tools. Answer in text only.";

/// `toolConfig`, and what is to be done besides.
#[derive(Debug)]
pub(super) struct Config<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) choice: Option<ToolChoice>,
    pub(super) pass: Pass,
    /// Calls are to come one at a time, as Claude is told it.
    pub(super) single: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written<'c, 'a> {
    tools: &'c [Tool<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'c ToolChoice>,
}

impl<'a> Config<'a> {
    /// It has to have a tool at least.
    pub(super) fn written(&self) -> Option<Written<'_, 'a>> {
        let Self { tools, choice, .. } = self;
        (!tools.is_empty()).then_some(Written { tools, tool_choice: choice.as_ref() })
    }

    pub(super) const fn is_forced(&self) -> bool {
        matches!(self.choice, Some(ToolChoice::Any {} | ToolChoice::Tool { .. }))
    }
}

/// Tools and their choice as they are sent.
pub(super) fn write<'a>(
    tools: Tools<'a>,
    conversation: &Conversation<'a>,
    model: Model<'_>,
    names: &mut Names,
    system: &mut Vec<Block<'a>>,
    warnings: &mut Warnings,
) -> Result<Config<'a>, Failure> {
    let Tools { tools, choice, parallel, narrowed, .. } = tools;
    if tools.is_empty() || choice == Some(Choice::None) {
        let mut config = Config { tools: Vec::new(), choice: None, pass: Pass::All, single: false };
        // Without tools Bedrock takes no history of calls, and it has no choice of none.
        let called = names.called(conversation);
        if !called.is_empty() {
            config.tools = match tools.is_empty() {
                true => called.into_iter().map(stub).collect(),
                false => specs(tools, model, names, warnings)?,
            };
            config.pass = Pass::None;
            system.push(Block::Text(NO_CALLS.into()));
            warnings.emulated("tool_choice", "instruction");
        }
        return Ok(config);
    }
    if narrowed {
        warnings.emulated("tool_choice", "tools_left_out");
    }
    let choice = match choice {
        Some(choice) => forced(choice, model, tools.len(), names, warnings)?,
        None => None,
    };
    let single = !parallel && model.is_claude();
    let pass = if parallel || single { Pass::All } else { Pass::First };
    if pass == Pass::First {
        warnings.emulated("parallel_tool_calls", "first_call_only");
    }
    Ok(Config { tools: specs(tools, model, names, warnings)?, choice, pass, single })
}

/// What the model can be told of a choice. What it is not told is up to it.
fn forced(
    choice: Choice<'_>,
    model: Model<'_>,
    tools: usize,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Option<ToolChoice>, Failure> {
    let (wanted, known) = match choice {
        // It is what they all do when they are told nothing, and some know no such word.
        Choice::Auto | Choice::None => return Ok(None),
        // Of one tool, any is this one.
        Choice::Named(_) if tools == 1 && model.force() == Force::Any => (Force::Any, Force::Any),
        Choice::Required => (Force::Any, model.force()),
        Choice::Named(_) => (Force::Named, model.force()),
    };
    if known == Force::Nothing || (wanted == Force::Named && known == Force::Any) {
        warnings.dropped("tool_choice", "unsupported_by_model")?;
    }
    Ok(match (choice, known) {
        (_, Force::Nothing) => None,
        (Choice::Named(name), Force::Named) => Some(ToolChoice::Tool { name: names.wire(&name) }),
        _ => Some(ToolChoice::Any {}),
    })
}

fn specs<'a>(
    tools: Vec<conversation::Tool<'a>>,
    model: Model<'_>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<Vec<Tool<'a>>, Failure> {
    let mut written = Vec::with_capacity(tools.len());
    for tool in tools {
        let cache = tool.cache;
        written.push(Tool::ToolSpec(spec(tool, model, names, warnings)?));
        if cache.is_some() && model.caches() && !model.caches_tools() {
            warnings.dropped("cache_control", "unsupported_by_model")?;
            continue;
        }
        if let Some(Block::CachePoint(point)) = mark(cache, model, warnings)? {
            written.push(Tool::CachePoint(point));
        }
    }
    Ok(written)
}

fn spec<'a>(
    tool: conversation::Tool<'a>,
    model: Model<'_>,
    names: &mut Names,
    warnings: &mut Warnings,
) -> Result<ToolSpec<'a>, Failure> {
    let conversation::Tool { name, description, kind, path, .. } = tool;
    let wire = names.wire(&name);
    let (json, strict) = match kind {
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
    // A blank description is refused, and what a name says is better than nothing.
    let description = description.filter(|text| !text.trim().is_empty()).unwrap_or(name);
    Ok(ToolSpec { name: wire, description, input_schema: InputSchema { json }, strict: strict.then_some(true) })
}

/// The definition of a tool that a history knows and its request does not.
fn stub((name, description): (String, Cow<'_, str>)) -> Tool<'_> {
    let description = if description.trim().is_empty() { Cow::Owned(name.clone()) } else { description };
    let input_schema = InputSchema { json: constant(NO_ARGUMENTS) };
    Tool::ToolSpec(ToolSpec { name, description, input_schema, strict: None })
}
