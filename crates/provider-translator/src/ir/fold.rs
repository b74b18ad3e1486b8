//! Events as a whole completion.

use std::collections::BTreeMap;

use bytes::Bytes;
use llm_layers_wire::openai::Usage;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Annotation, Citation, Detail, Event, Extra, Finish, Shape, ToolKind, write_native};

/// Makes a completion of the events of an answer, with every member that OpenAI's schema requires.
pub(crate) fn fold(events: Vec<Event>, shape: Shape) -> Bytes {
    let mut completion = Completion { object: "chat.completion", ..Completion::default() };
    let mut choices: BTreeMap<u32, Folded> = BTreeMap::new();
    let mut native = Vec::new();
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
            Event::ToolSignature { choice, signature } => {
                choices.entry(choice).or_default().signature = Some(signature);
            }
            Event::ToolStart { choice, id, name, kind, .. } => {
                let folded = choices.entry(choice).or_default();
                let signature = folded.signature.take();
                folded.calls.push(Call { id, name, kind, input: String::new(), signature });
            }
            Event::ToolInput { choice, index, fragment } => {
                let call = choices.entry(choice).or_default().calls.get_mut(index as usize);
                if let Some(call) = call {
                    call.input.push_str(&fragment);
                }
            }
            Event::ToolEnd { .. } | Event::Done => {}
            Event::Citation { choice, citation } => choices.entry(choice).or_default().citations.push(citation),
            Event::Logprobs { choice, tokens } => choices.entry(choice).or_default().logprobs.extend(tokens),
            Event::Native { name, json } => native.push((name, json)),
            Event::NativeOfMessage { choice, name, json } => {
                choices.entry(choice).or_default().native.push((name, json));
            }
            Event::Finish { choice, reason } => choices.entry(choice).or_default().finish = Some(reason),
            Event::Usage(usage) => completion.usage = Some(usage),
        }
    }
    completion.choices = choices.iter_mut().map(|(index, folded)| folded.choice(*index, shape)).collect();
    completion.native = write_native(&native);
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
    /// Of the call that begins next.
    signature: Option<String>,
    calls: Vec<Call>,
    citations: Vec<Citation>,
    logprobs: Vec<String>,
    native: Vec<(&'static str, Box<str>)>,
    finish: Option<Finish>,
}

struct Call {
    id: String,
    name: String,
    kind: ToolKind,
    input: String,
    signature: Option<String>,
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
            native: write_native(&self.native),
        };
        Choice { index, message, logprobs: raw(super::logprobs(&self.logprobs)), finish_reason }
    }
}

/// What was put together as JSON: reading it cannot fail.
fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).unwrap_or_default()
}

impl Call {
    fn write(&self) -> ToolCall<'_> {
        let Self { id, name, kind, input, signature } = self;
        let extra_content = signature.as_deref().map(Extra::new);
        match kind {
            ToolKind::Function => {
                let function = Some(Function { name, arguments: input });
                ToolCall { id, kind: "function", function, custom: None, extra_content }
            }
            ToolKind::Custom => {
                let custom = Some(Custom { name, input });
                ToolCall { id, kind: "custom", function: None, custom, extra_content }
            }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Box<RawValue>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<Box<RawValue>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<Extra<'a>>,
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
