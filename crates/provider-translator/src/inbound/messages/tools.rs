//! `tools` and `tool_choice`.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    chat::{Function, Name, Tool, ToolChoice},
    content::string,
};
use crate::{place::Place, warnings::Warnings};

/// Tools, the choice among them, and whether several may be called at once.
#[derive(Default)]
pub(super) struct Tools<'a> {
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) choice: Option<ToolChoice<'a>>,
    /// Said only where it is `false`.
    pub(super) parallel: Option<bool>,
}

#[derive(Deserialize)]
struct Offered<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
    strict: Option<bool>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
    defer_loading: Option<bool>,
    #[serde(borrow)]
    input_examples: Option<&'a RawValue>,
    #[serde(borrow)]
    allowed_callers: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    disable_parallel_tool_use: Option<bool>,
}

impl<'a> Tools<'a> {
    pub(super) fn read(request: &'a Object, warnings: &mut Warnings) -> Result<Self, Failure> {
        let raw = |name: &str| request.read::<&RawValue>(name).ok().flatten();
        let mut tools = Self::default();
        if let Some(list) = raw("tools") {
            let place = Place::new("tools");
            for (index, raw) in place.list(list)?.into_iter().enumerate() {
                tools.tools.push(tool(raw, &place.item(index), warnings)?);
            }
        }
        if let Some(raw) = raw("tool_choice") {
            tools.choose(raw, &Place::new("tool_choice"))?;
        }
        Ok(tools)
    }

    fn choose(&mut self, raw: &'a RawValue, place: &Place<'_>) -> Result<(), Failure> {
        let choice: Choice<'a> = place.members(raw)?;
        let (chosen, is_forced) = match choice.kind.as_deref() {
            Some("auto") => (ToolChoice::Word("auto"), false),
            Some("none") => (ToolChoice::Word("none"), false),
            Some("any") => (ToolChoice::Word("required"), true),
            Some("tool") => {
                let name = string(choice.name, &place.member("name"))?;
                (ToolChoice::Named { kind: "function", function: Name { name } }, true)
            }
            _ => return Err(place.member("type").invalid("it is none of auto, any, tool and none")),
        };
        if self.tools.is_empty() {
            // OpenAI takes no choice where there is nothing to choose from.
            return if is_forced { Err(place.invalid("there are no tools to choose from")) } else { Ok(()) };
        }
        self.choice = Some(chosen);
        self.parallel = (choice.disable_parallel_tool_use == Some(true)).then_some(false);
        Ok(())
    }
}

fn tool<'a>(raw: &'a RawValue, place: &Place<'_>, warnings: &mut Warnings) -> Result<Tool<'a>, Failure> {
    let offered: Offered<'a> = place.members(raw)?;
    if let Some(kind) = offered.kind.as_deref().filter(|kind| *kind != "custom") {
        let why = format!("`{}` runs on Anthropic's own servers", name_of(kind));
        return Err(place.unsupported(&why));
    }
    for (name, is_set) in [
        ("tools.defer_loading", offered.defer_loading == Some(true)),
        ("tools.input_examples", offered.input_examples.is_some()),
        ("tools.allowed_callers", offered.allowed_callers.is_some_and(|raw| raw.get() != r#"["direct"]"#)),
    ] {
        if is_set {
            warnings.dropped(name, "unsupported")?;
        }
    }
    let schema = place.member("input_schema");
    let parameters = offered.input_schema.ok_or_else(|| schema.missing())?;
    if !parameters.get().starts_with('{') {
        return Err(schema.expected("an object"));
    }
    let function = Function {
        name: string(offered.name, &place.member("name"))?,
        description: offered.description.map(|raw| string(Some(raw), &place.member("description"))).transpose()?,
        parameters,
        strict: offered.strict.filter(|strict| *strict),
    };
    Ok(Tool { kind: "function", function, cache_control: offered.cache_control })
}

/// What a client made up is not repeated unless it looks like the name of a tool.
fn name_of(kind: &str) -> &str {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if kind.len() <= 64 && kind.bytes().all(is_legal) { kind } else { "a tool of another type" }
}
