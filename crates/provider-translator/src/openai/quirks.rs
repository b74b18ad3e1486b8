//! In what a provider differs from OpenAI, as named switches. Each of them is applied by `request`, and tested there.

/// How requests must be changed for a provider, and how its answers are read.
///
/// A row of the catalogue names the switches that it needs and takes all others from [`Quirks::NONE`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// By which name it knows the bound on the answer's length.
    pub(crate) token_cap: TokenCap,
    /// Whether a stream's usage must be, or may not be, asked for.
    pub(crate) stream_options: StreamOptions,
    /// Members that it refuses. What would change the answer's shape is a 400, what is left out is told.
    pub(crate) unsupported: &'static [&'static str],
    /// Members that it knows by another name.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Members that say what OpenAI does anyway, as JSON, for those who do otherwise unless they are told.
    pub(crate) preset: &'static [(&'static str, &'static str)],
    /// The bounds of `temperature`.
    pub(crate) temperature: Option<(f64, f64)>,
    /// It gives one choice for a call: several are asked for by as many calls.
    pub(crate) one_choice: bool,
    /// It takes no `null` for a member that is absent, of the request or of a message.
    pub(crate) no_nulls: bool,
    /// It calls functions only, and knows no list of allowed tools.
    pub(crate) functions_only: bool,
    /// A function must have `parameters`.
    pub(crate) parameters_needed: bool,
    /// `tool_choice`'s `required` is `any`.
    pub(crate) any_tool: bool,
    /// It chooses among tools as it likes: `tool_choice` cannot bind it.
    pub(crate) auto_tool_only: bool,
    /// It takes one `stop`.
    pub(crate) one_stop: bool,
    /// Which kinds of `response_format` it lacks.
    pub(crate) formats: Formats,
    /// How `reasoning_effort` is said.
    pub(crate) effort: Effort,
    /// Keywords of JSON Schema that it takes in no tool.
    pub(crate) schema_keywords: &'static [&'static str],
    /// Members of a tool's `function` that it does not take.
    pub(crate) function_members: &'static [&'static str],
    /// The role `developer` is `system`.
    pub(crate) no_developer: bool,
    /// Which messages may have a `name`.
    pub(crate) names: Names,
    /// The members that a message may have, where any other is refused; a call may have `id`, `type` and `function`.
    pub(crate) message_members: Option<&'static [&'static str]>,
    /// Which messages must have a string, and no list of parts.
    pub(crate) text: Text,
    /// Ids of calls are nine letters or digits.
    pub(crate) short_ids: bool,
    /// In which order roles may follow each other.
    pub(crate) order: Order,
    /// What becomes of the reasoning that a client hands back.
    pub(crate) reasoning: Reasoning,
    /// The header of the key, where it is not `Authorization: Bearer`.
    pub(crate) key_header: Option<&'static str>,
    /// Headers of every call.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// It may answer 200 with an error. Looking for one costs each answer two turns of the scheduler, and so those who
    /// are trusted are not looked at.
    pub(crate) hides_errors: bool,
    /// It names its sources in `citations` and `search_results`, which become annotations.
    pub(crate) cites: bool,
    /// It may answer 202, and with what was asked for later, under `/status/ID`.
    pub(crate) answers_later: bool,
    /// How far its answers are to be trusted.
    pub(crate) answers: Answers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenCap {
    /// Both names are known.
    Both,
    /// `max_tokens`, which OpenAI has given up.
    Old,
    /// `max_completion_tokens`.
    New,
    /// OpenAI's own: both names, but models that think know the newer one only.
    NewOfThinkers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Formats {
    All,
    NoJsonObject,
    NoJsonSchema,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    AsSent,
    /// `thinking.type` switches it on and off; beside it efforts are known, but for `none`.
    Thinking,
    /// `enable_thinking` does, and there are no efforts.
    EnableThinking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamOptions {
    /// As the client has said.
    AsSent,
    /// Usage is asked for always, for whoever counts tokens above; a client that has not asked does not see it.
    Usage,
    /// There are none, and usage comes unasked or not at all.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Any,
    OfTools,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Free,
    OfTools,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Free,
    /// An assistant speaks between a tool and the user.
    AssistantAfterTool,
    /// User and assistant take turns.
    Alternating,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reasoning {
    AsSent,
    /// It is refused.
    Dropped,
    /// A turn with calls must have it: models whose ids hold one of these, or all if there are none.
    WithCalls(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// OpenAI's own. A whole answer leaves byte for byte, and `stop` behind a call that was forced is meant so.
    OpenAi,
    /// Streams are repaired; a whole answer leaves byte for byte, unless it is an error.
    Plain,
    /// Whole answers are repaired too.
    Repaired,
}

impl Quirks {
    /// Nothing is done to a request.
    pub(crate) const NONE: Self = Self {
        token_cap: TokenCap::Both,
        stream_options: StreamOptions::AsSent,
        unsupported: &[],
        renamed: &[],
        preset: &[],
        temperature: None,
        one_choice: false,
        no_nulls: false,
        functions_only: false,
        parameters_needed: false,
        any_tool: false,
        auto_tool_only: false,
        one_stop: false,
        formats: Formats::All,
        effort: Effort::AsSent,
        schema_keywords: &[],
        function_members: &[],
        no_developer: false,
        names: Names::Any,
        message_members: None,
        text: Text::Free,
        short_ids: false,
        order: Order::Free,
        reasoning: Reasoning::AsSent,
        hides_errors: false,
        answers_later: false,
        key_header: None,
        headers: &[],
        cites: false,
        answers: Answers::Plain,
    };

    /// Whether messages need to be looked at, one by one.
    pub(super) const fn touch_messages(&self) -> bool {
        self.no_developer
            || self.no_nulls
            || self.short_ids
            || self.message_members.is_some()
            || !matches!(self.names, Names::Any)
            || !matches!(self.text, Text::Free)
            || !matches!(self.order, Order::Free)
            || !matches!(self.reasoning, Reasoning::AsSent)
    }

    /// Whether tools need to be looked at.
    pub(super) const fn touch_tools(&self) -> bool {
        !self.schema_keywords.is_empty() || !self.function_members.is_empty() || self.parameters_needed
    }
}
