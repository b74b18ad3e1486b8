//! The tools that a request offers, and the choice among them.

use std::{borrow::Cow, collections::HashSet};

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{CacheMark, parts};
use crate::place::Place;

/// `tools`, `tool_choice` and `parallel_tool_calls`; or `functions` and `function_call`, their forerunners.
#[derive(Debug, Default)]
pub(crate) struct Tools<'a> {
    pub(crate) tools: Vec<Tool<'a>>,
    /// One of them, if it names one.
    pub(crate) choice: Option<Choice<'a>>,
    /// `false` is said only by clients that mean it.
    pub(crate) parallel: bool,
    pub(crate) legacy: bool,
    /// Tools were left out because the choice does not allow them.
    pub(crate) narrowed: bool,
    /// Tools that the provider runs itself, in its own words.
    pub(crate) native: Vec<&'a RawValue>,
}

#[derive(Debug)]
pub(crate) struct Tool<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) description: Option<Cow<'a, str>>,
    pub(crate) kind: ToolKind<'a>,
    pub(crate) cache: Option<CacheMark>,
    pub(crate) path: String,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum ToolKind<'a> {
    Function { parameters: Option<&'a RawValue>, strict: bool },
    Custom,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    Auto,
    None,
    Required,
    Named(Cow<'a, str>),
}

#[derive(Deserialize)]
struct ToolMembers<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
    #[serde(borrow)]
    custom: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Described<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    strict: Option<bool>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ChoiceMembers<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
    #[serde(borrow)]
    custom: Option<&'a RawValue>,
    #[serde(borrow)]
    allowed_tools: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Allowed<'a> {
    mode: Option<String>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

impl<'a> Tools<'a> {
    /// Reads them from a request.
    pub(crate) fn read(request: &'a Object) -> Result<Self, Failure> {
        Self::read_with(request, |_| false)
    }

    /// Reads them, and those that the provider runs itself, which it knows by their type.
    pub(crate) fn read_with(request: &'a Object, is_native: impl Fn(&str) -> bool) -> Result<Self, Failure> {
        let raw = |name: &str| request.read::<&RawValue>(name).ok().flatten();
        let parallel = request.read::<bool>("parallel_tool_calls")?;
        let mut tools = Self { parallel: parallel.unwrap_or(true), ..Self::default() };
        if let Some(list) = raw("tools") {
            let place = Place::new("tools");
            for (index, raw) in place.list(list)?.into_iter().enumerate() {
                let place = place.item(index);
                let members: ToolMembers<'a> = place.members(raw)?;
                if members.kind.as_deref().is_some_and(&is_native) {
                    tools.native.push(raw);
                } else {
                    tools.tools.push(tool(&members, &place)?);
                }
            }
        }
        if let Some(list) = raw("functions").filter(|_| tools.tools.is_empty()) {
            let place = Place::new("functions");
            tools.legacy = true;
            // `function_call` in an answer holds one call.
            tools.parallel = false;
            for (index, raw) in place.list(list)?.into_iter().enumerate() {
                tools.tools.push(function(raw, &place.item(index))?);
            }
        }
        let (member, choice) = match raw("tool_choice") {
            Some(choice) => ("tool_choice", Some(choice)),
            None => ("function_call", raw("function_call").filter(|_| tools.legacy)),
        };
        if let Some(raw) = choice {
            tools.choose(raw, &Place::new(member))?;
        }
        Ok(tools)
    }

    fn choose(&mut self, raw: &'a RawValue, place: &Place<'_>) -> Result<(), Failure> {
        let choice = if raw.get().starts_with('"') {
            match place.text(raw)?.as_ref() {
                "none" => Choice::None,
                "auto" => Choice::Auto,
                "required" => Choice::Required,
                _ => return Err(place.invalid("it is none of none, auto and required")),
            }
        } else {
            let members: ChoiceMembers<'a> = place.members(raw)?;
            match (members.kind.as_deref(), members.function, members.custom, members.allowed_tools) {
                (_, Some(named), None, None) | (_, None, Some(named), None) => self.named(named, place)?,
                (Some("allowed_tools"), None, None, Some(allowed)) => {
                    self.allow(allowed, &place.member("allowed_tools"))?
                }
                (None, None, None, None) if members.name.is_some() => self.named(raw, place)?,
                _ => return Err(place.invalid("it is no choice that OpenAI's API knows")),
            }
        };
        if self.tools.is_empty() && self.native.is_empty() {
            return match choice {
                Choice::None | Choice::Auto => Ok(()),
                Choice::Required | Choice::Named(_) => Err(place.invalid("there are no tools to choose from")),
            };
        }
        self.choice = Some(choice);
        Ok(())
    }

    fn named(&self, raw: &'a RawValue, place: &Place<'_>) -> Result<Choice<'a>, Failure> {
        let described: Described<'a> = place.members(raw)?;
        let name = place.member("name");
        let name = name.text(described.name.ok_or_else(|| name.missing())?)?;
        if self.tools.iter().any(|tool| tool.name == name) {
            return Ok(Choice::Named(name));
        }
        Err(place.invalid("it names a tool that is not offered"))
    }

    /// No other provider knows this: only those that are allowed are offered.
    fn allow(&mut self, raw: &'a RawValue, place: &Place<'_>) -> Result<Choice<'a>, Failure> {
        let allowed: Allowed<'a> = place.members(raw)?;
        let list = place.member("tools");
        let offered: HashSet<&str> = self.tools.iter().map(|tool| tool.name.as_ref()).collect();
        let mut names = HashSet::new();
        for (index, raw) in list.list(allowed.tools.ok_or_else(|| list.missing())?)?.into_iter().enumerate() {
            let place = list.item(index);
            let members: ToolMembers<'a> = place.members(raw)?;
            let named: Described<'a> = place.members(members.function.or(members.custom).unwrap_or(raw))?;
            let place = place.member("name");
            let name = place.text(named.name.ok_or_else(|| place.missing())?)?;
            if !offered.contains(name.as_ref()) {
                return Err(place.invalid("it names a tool that is not offered"));
            }
            names.insert(name);
        }
        if names.is_empty() {
            return Err(list.invalid("it is empty"));
        }
        let before = self.tools.len();
        self.tools.retain(|tool| names.contains(&tool.name));
        self.narrowed = self.tools.len() < before;
        match allowed.mode.as_deref() {
            Some("required") => Ok(Choice::Required),
            Some("auto") | None => Ok(Choice::Auto),
            Some(_) => Err(place.member("mode").invalid("it is neither auto nor required")),
        }
    }
}

fn tool<'a>(members: &ToolMembers<'a>, place: &Place<'_>) -> Result<Tool<'a>, Failure> {
    let mut tool = match members.kind.as_deref() {
        Some("function") | None => {
            let place = place.member("function");
            function(members.function.ok_or_else(|| place.missing())?, &place)?
        }
        Some("custom") => {
            let place = place.member("custom");
            custom(members.custom.ok_or_else(|| place.missing())?, &place)?
        }
        Some(_) => return Err(place.member("type").unsupported("it is neither function nor custom")),
    };
    if let Some(raw) = members.cache_control {
        tool.cache = Some(parts::cache_control(raw, &place.member("cache_control"))?);
    }
    Ok(tool)
}

fn function<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Tool<'a>, Failure> {
    let described: Described<'a> = place.members(raw)?;
    let parameters = described.parameters;
    let kind = ToolKind::Function { parameters, strict: described.strict.unwrap_or_default() };
    if parameters.is_some_and(|raw| !raw.get().starts_with('{')) {
        return Err(place.member("parameters").expected("an object"));
    }
    describe(&described, kind, place)
}

fn custom<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Tool<'a>, Failure> {
    #[derive(Deserialize)]
    struct Format {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    let described: Described<'a> = place.members(raw)?;
    if let Some(raw) = described.format {
        let place = place.member("format");
        let format: Format = place.read(raw, "an object")?;
        if format.kind.as_deref().is_some_and(|kind| kind != "text") {
            return Err(place.unsupported("it knows no grammars"));
        }
    }
    describe(&described, ToolKind::Custom, place)
}

fn describe<'a>(described: &Described<'a>, kind: ToolKind<'a>, place: &Place<'_>) -> Result<Tool<'a>, Failure> {
    let name = place.member("name");
    let name = name.text(described.name.ok_or_else(|| name.missing())?)?;
    let description = described.description.map(|raw| place.member("description").text(raw)).transpose()?;
    let cache =
        described.cache_control.map(|raw| parts::cache_control(raw, &place.member("cache_control"))).transpose()?;
    Ok(Tool { name, description, kind, cache, path: place.to_string() })
}
