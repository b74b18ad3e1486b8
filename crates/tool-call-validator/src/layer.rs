use std::{collections::HashMap, fmt, sync::Arc};

use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use crate::{
    Policy, Report, Schemas, Validate,
    contract::{Contract, Text},
};

/// Checks the tool calls and the structured output of answers, before the client sees them.
///
/// By default what has one reading is mended, and what is still invalid becomes an error. See the [crate](crate) for
/// examples.
#[derive(Clone, Debug, Default)]
pub struct ValidateLayer {
    settings: Arc<Settings>,
}

/// A listener to [`Report`]s.
type Audit = Arc<dyn Fn(&Report) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) schemas: Schemas,
    pub(crate) default_policy: Policy,
    pub(crate) tools: HashMap<Box<str>, Policy>,
    pub(crate) text_policy: Option<Policy>,
    pub(crate) strict: bool,
    pub(crate) written_calls: bool,
    pub(crate) hold_text: bool,
    pub(crate) limits: json::Limits,
    pub(crate) max_answer: usize,
    pub(crate) max_held: usize,
    pub(crate) sse_limits: sse::Limits,
    audit: Option<Audit>,
}

impl ValidateLayer {
    /// A layer with this policy for all tools, and for structured output.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::default().set(|settings| settings.default_policy = policy)
    }

    /// What happens to calls of this tool.
    #[must_use]
    pub fn tool(self, name: impl Into<Box<str>>, policy: Policy) -> Self {
        self.set(|settings| _ = settings.tools.insert(name.into(), policy))
    }

    /// What happens to structured output: text that `response_format` wants to be JSON. Default: as to tools.
    #[must_use]
    pub fn structured_output(self, policy: Policy) -> Self {
        self.set(|settings| settings.text_policy = Some(policy))
    }

    /// The compiled schemas, to be shared among layers or to be bounded otherwise.
    #[must_use]
    pub fn schemas(self, schemas: Schemas) -> Self {
        self.set(|settings| settings.schemas = schemas)
    }

    /// Whether the schemas of tools with `strict: true` must keep the rules of OpenAI's strict mode, as they must at OpenAI's.
    /// Default `true`: one that does not is a 400.
    #[must_use]
    pub fn strict(self, yes: bool) -> Self {
        self.set(|settings| settings.strict = yes)
    }

    /// Whether calls that models write into their text become calls: `<tool_call>` tags, fenced JSON and the like.
    /// Default `false`: a text that explains such a call would become one.
    #[must_use]
    pub fn written_calls(self, yes: bool) -> Self {
        self.set(|settings| settings.written_calls = yes)
    }

    /// Whether structured output in streams is held until it is known to be valid, so that it can be mended or asked for
    /// again. Default `false`: it flows, is checked as it comes, and an error ends it at the first fault.
    #[must_use]
    pub fn hold_text(self, yes: bool) -> Self {
        self.set(|settings| settings.hold_text = yes)
    }

    /// The bounds on a request's body. Default [`json::Limits::DEFAULT`]: 16 MiB; what is longer is a 413.
    #[must_use]
    pub fn limits(self, limits: json::Limits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// The longest plain answer that is checked, in bytes. Default 32 MiB; what is longer is a 502.
    #[must_use]
    pub fn max_answer(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_answer = bytes)
    }

    /// How much of a stream is held at most, in bytes: of events, which take many times the arguments in them. Default
    /// 16 MiB; a call that is longer is invalid.
    #[must_use]
    pub fn max_held(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_held = bytes)
    }

    /// The bounds on lines and events of streams. Default 1 MiB and 4 MiB.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Tells of each answer with calls or structured output in it, at its end. It is called in the course of the call.
    #[must_use]
    pub fn audit(self, listener: impl Fn(&Report) + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.audit = Some(Arc::new(listener)))
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    /// Whether the model may be asked again after so many times, about what such a request asks for.
    pub(crate) fn may_ask(&self, contract: &Contract, reasks: u32) -> bool {
        let of_tools = contract.tools.keys().filter_map(|tool| self.tools.get(tool));
        // Of tools that the request does not show any may be called.
        let of_any = self.tools.values().filter(|_| contract.is_open);
        let of_text = self.text_policy.iter().filter(|_| !matches!(contract.text, Text::Any));
        let mut policies = of_tools.chain(of_any).chain(of_text).chain([&self.default_policy]);
        // Several choices are several conversations.
        contract.choices == 1 && policies.any(|policy| policy.max_reasks > reasks)
    }

    pub(crate) fn tell(&self, report: &Report) {
        crate::observe::judged(report);
        if let Some(audit) = &self.audit {
            audit(report);
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schemas: Schemas::default(),
            default_policy: Policy::default(),
            tools: HashMap::new(),
            text_policy: None,
            strict: true,
            written_calls: false,
            hold_text: false,
            limits: json::Limits::DEFAULT,
            max_answer: 32 << 20,
            max_held: 16 << 20,
            sse_limits: sse::Limits::DEFAULT,
            audit: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("default_policy", &self.default_policy)
            .field("tools", &self.tools)
            .field("text_policy", &self.text_policy)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ValidateLayer {
    type Service = Validate<S>;

    fn layer(&self, inner: S) -> Validate<S> {
        Validate::new(inner, Arc::clone(&self.settings))
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation::Response;
    use llm_layers_wire::json::Object;

    use super::*;
    use crate::contract::Reader;

    #[test]
    fn only_policies_that_may_concern_an_answer_hold_it_back() {
        let asking = || Policy::new().max_reasks(1);
        let tools = r#""tools":[{"type":"function","name":"f"}]"#;
        let (text, open) = (r#""text":{"format":{"type":"json_object"}}"#, r#""prompt":{"id":"p"}"#);
        let of_tool = |name: &str| ValidateLayer::default().tool(name, asking());
        let of_text = ValidateLayer::default().structured_output(asking());
        for (layer, request, reasks, expected) in [
            (ValidateLayer::default(), format!("{{{tools}}}"), 0, false),
            (ValidateLayer::new(asking()), format!("{{{tools}}}"), 0, true),
            (ValidateLayer::new(asking()), format!("{{{tools}}}"), 1, false),
            (of_tool("f"), format!("{{{tools}}}"), 0, true),
            (of_tool("g"), format!("{{{tools}}}"), 0, false),
            (of_tool("g"), format!("{{{tools},{open}}}"), 0, true),
            (of_text.clone(), format!("{{{tools}}}"), 0, false),
            (of_text, format!("{{{tools},{text}}}"), 0, true),
        ] {
            let reader = Reader { schemas: &layer.settings.schemas, strict: true };
            let contract =
                Contract::read(Response, &Object::parse(request.clone()).unwrap(), &reader).unwrap().unwrap();
            assert_eq!(layer.settings.may_ask(&contract, reasks), expected, "{request}");
        }
    }
}
