//! The shape of a chat completion.

use std::borrow::Cow;

use llm_layers_wire::{
    assemble::{Assembler, SplitOptions, split_bytes},
    json::{Object, items},
    openai::{Chunk, Completion},
    sse::Event,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Replay, UNBOUNDED, Unfit,
    check::{self, Offered},
};

/// Joins chunks as the [wire crate](llm_layers_wire::assemble) has it.
#[derive(Debug)]
pub(super) struct Recorder(Assembler);

impl Recorder {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self(Assembler::with_max_bytes(max_bytes))
    }

    /// Joins an event, and says whether it could be.
    pub(super) fn push(&mut self, event: &Event) -> bool {
        event.chunk().is_some_and(|chunk| self.join(chunk))
    }

    pub(super) fn join(&mut self, chunk: &Chunk) -> bool {
        let object = chunk.object();
        if object.get("object") == Some(b"\"error\"") {
            // An error as older versions of vLLM put it into their streams.
            return false;
        }
        // What has neither is no part of the completion: a ping.
        let is_part = object.contains("choices") || object.contains("usage") || chunk.is_error();
        !is_part || self.0.push(chunk).is_ok()
    }

    pub(super) fn finish(self) -> Option<Object> {
        if self.0.is_complete() { self.0.finish().ok() } else { None }
    }
}

/// The chunks, and `[DONE]`.
pub(super) fn replay(answer: &Object, how: Replay) -> Box<dyn Iterator<Item = Event> + Send> {
    let Ok(completion) = Completion::parse_with(answer.to_bytes(), &UNBOUNDED) else {
        return Box::new(std::iter::empty());
    };
    let options = SplitOptions::default().with_include_usage(how.include_usage).with_piece_chars(how.piece_chars);
    Box::new(split_bytes(&completion, &options).map(Event::new).chain(std::iter::once_with(Event::done)))
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    audio: Option<&'a RawValue>,
    /// As OpenRouter tells the pictures that a model has made.
    #[serde(borrow)]
    images: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    function_call: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
    #[serde(borrow)]
    custom: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

pub(super) fn check(answer: &Object, request: &Object) -> Result<(), Unfit> {
    let mut offered = None;
    let mut places = check::Places::default();
    for choice in check::choices(answer)? {
        let Choice { index, message, finish_reason } = check::read(choice)?;
        places.take(index)?;
        check::finish_reason(finish_reason.as_deref(), &["stop", "length", "tool_calls", "function_call"])?;
        if message.refusal.is_some_and(|refusal| refusal.get() != "\"\"") {
            return Err(Unfit::Refused);
        }
        let calls = message.tool_calls.map_or("[]", RawValue::get);
        if !calls.starts_with('[') {
            return Err(Unfit::InvalidCall);
        }
        for call in items(calls.as_bytes()) {
            let call = check::read(call).map_err(|_| Unfit::InvalidCall)?;
            is_valid(&call, offered.get_or_insert_with(|| offers(request)))?;
        }
        if let Some(function) = message.function_call {
            let function = check::read(function.get().as_bytes()).map_err(|_| Unfit::InvalidCall)?;
            let call = Call { function: Some(function), custom: None };
            is_valid(&call, offered.get_or_insert_with(|| offers(request)))?;
        }
        let calls = !is_empty(message.tool_calls) || message.function_call.is_some();
        let says = [message.content, message.audio, message.images].into_iter().any(|part| !is_empty(part));
        let announces_call = matches!(finish_reason.as_deref(), Some("tool_calls" | "function_call"));
        if !calls && (announces_call || !says) {
            return Err(Unfit::Unfinished);
        }
    }
    places.are_all(request, 1)
}

/// Whether a part of a message is not there, an empty string or an empty list.
fn is_empty(part: Option<&RawValue>) -> bool {
    part.map(RawValue::get)
        .is_none_or(|part| part == "\"\"" || part.starts_with('[') && items(part.as_bytes()).next().is_none())
}

fn is_valid(call: &Call<'_>, offered: &Offered) -> Result<(), Unfit> {
    let is_valid = match call {
        Call { function: Some(function), .. } => {
            offered.has_function(&function.name) && check::is_json_object(&function.arguments)
        }
        Call { custom: Some(custom), .. } => offered.has_custom(&custom.name),
        // Of a kind that OpenAI does not know, as the tool must be.
        Call { function: None, custom: None } => offered.is_open,
    };
    if is_valid { Ok(()) } else { Err(Unfit::InvalidCall) }
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow)]
    function: Option<Named<'a>>,
    #[serde(borrow)]
    custom: Option<Named<'a>>,
}

/// What a request offers in `tools`, and in `functions` of old.
fn offers(request: &Object) -> Offered {
    let mut offered = Offered::default();
    for tool in items(request.get("tools").unwrap_or_default()) {
        match check::read(tool) {
            Ok(Tool { function: Some(function), .. }) => offered.function(function.name),
            Ok(Tool { custom: Some(custom), .. }) => offered.custom(custom.name),
            _ => offered.is_open = true,
        }
    }
    for function in items(request.get("functions").unwrap_or_default()) {
        match check::read::<Named<'_>>(function) {
            Ok(function) => offered.function(function.name),
            Err(_) => offered.is_open = true,
        }
    }
    offered
}
