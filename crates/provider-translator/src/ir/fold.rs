//! Events as a whole completion.

use std::collections::BTreeMap;

use bytes::Bytes;
use llm_layers_wire::openai::Usage;
use serde::Serialize;

use super::{Annotation, Citation, Detail, Event, Finish, Shape, ToolKind};

/// Makes a completion of the events of an answer, with every member that OpenAI's schema requires.
pub(crate) fn fold(events: Vec<Event>, shape: Shape) -> Bytes {
    let mut completion = Completion { object: "chat.completion", ..Completion::default() };
    let mut choices: BTreeMap<u32, Folded> = BTreeMap::new();
    for event in events {
        match event {
            Event::Start { id, model, created } => {
                completion = Completion { id, model, created, ..completion };
            }
            Event::Text { choice, text } => choices.entry(choice).or_default().content.push_str(&text),
            Event::Refusal { choice, text } => choices.entry(choice).or_default().refusal.push_str(&text),
            Event::Reasoning { choice, text } => {
                let folded = choices.entry(choice).or_default();
                folded.reasoning.push_str(&text);
                folded.unsealed.push_str(&text);
            }
            Event::Seal { choice, seal, format } => {
                let folded = choices.entry(choice).or_default();
                let index = u32::try_from(folded.details.len()).unwrap_or(u32::MAX);
                folded.details.push(Detail::new(index, std::mem::take(&mut folded.unsealed), seal, format));
            }
            Event::Unsealed { choice } => choices.entry(choice).or_default().unsealed.clear(),
            Event::ToolStart { choice, id, name, kind, .. } => {
                choices.entry(choice).or_default().calls.push(Call { id, name, kind, input: String::new() });
            }
            Event::ToolInput { choice, index, fragment } => {
                let call = choices.entry(choice).or_default().calls.get_mut(index as usize);
                if let Some(call) = call {
                    call.input.push_str(&fragment);
                }
            }
            Event::ToolEnd { .. } | Event::Done => {}
            Event::Citation { choice, citation } => choices.entry(choice).or_default().citations.push(citation),
            Event::Finish { choice, reason } => choices.entry(choice).or_default().finish = Some(reason),
            Event::Usage(usage) => completion.usage = Some(usage),
        }
    }
    completion.choices = choices.iter_mut().map(|(index, folded)| folded.choice(*index, shape)).collect();
    // Strings and numbers: writing them cannot fail.
    Bytes::from(serde_json::to_vec(&completion).unwrap_or_default())
}

#[derive(Default)]
struct Folded {
    content: String,
    refusal: String,
    reasoning: String,
    /// Reasoning of the block that is not sealed yet.
    unsealed: String,
    details: Vec<Detail>,
    calls: Vec<Call>,
    citations: Vec<Citation>,
    finish: Option<Finish>,
}

struct Call {
    id: String,
    name: String,
    kind: ToolKind,
    input: String,
}

impl Folded {
    fn choice(&mut self, index: u32, shape: Shape) -> Choice<'_> {
        for call in &mut self.calls {
            if call.kind == ToolKind::Function && call.input.is_empty() {
                call.input.push_str("{}");
            }
        }
        let finish_reason = self.finish.unwrap_or(Finish::Natural).word(!self.calls.is_empty(), shape);
        // `null` says that something else was said instead.
        let silent =
            self.calls.is_empty() && self.refusal.is_empty() && self.reasoning.is_empty() && self.details.is_empty();
        let present = |text: &'_ str| !text.is_empty();
        let (calls, function_call) = match self.calls.first().filter(|_| shape.legacy_function) {
            Some(call) => (&[][..], Some(Function { name: &call.name, arguments: &call.input })),
            None => (&self.calls[..], None),
        };
        let message = Message {
            role: "assistant",
            content: Some(self.content.as_str()).filter(|text| silent || present(text)),
            refusal: Some(self.refusal.as_str()).filter(|text| present(text)),
            reasoning_content: Some(self.reasoning.as_str()).filter(|text| present(text)),
            reasoning_details: &self.details,
            annotations: self.citations.iter().map(Annotation::new).collect(),
            tool_calls: calls.iter().map(Call::write).collect(),
            function_call,
        };
        Choice { index, message, logprobs: (), finish_reason }
    }
}

impl Call {
    fn write(&self) -> ToolCall<'_> {
        let Self { id, name, kind, input } = self;
        match kind {
            ToolKind::Function => {
                let function = Some(Function { name, arguments: input });
                ToolCall { id, kind: "function", function, custom: None }
            }
            ToolKind::Custom => ToolCall { id, kind: "custom", function: None, custom: Some(Custom { name, input }) },
        }
    }
}

#[derive(Default, Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: String,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reasoning_details: &'a [Detail],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Function<'a>>,
}

#[derive(Serialize)]
struct ToolCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Custom<'a>>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}
