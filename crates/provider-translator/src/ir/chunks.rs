//! Events as a stream of chunks.

use llm_layers_wire::{openai::Usage, sse};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Annotation, Citation, Detail, Event, Extra, Finish, Shape, ToolKind};

/// The most that is held of a block of reasoning until its seal comes. It has left as text by then; more of it no
/// provider sends that means well.
const MOST_HELD: usize = 8 << 20;

/// The most sources, and the most tokens with their probabilities, that wait for what they belong to.
const MOST_ITEMS: usize = 1 << 14;

/// Makes chunks of events, as OpenAI would have streamed them.
///
/// - The role comes once, with the first thing that a choice says, and not before: a provider that fails right after
///   its greeting has said nothing yet.
/// - A seal comes in one piece with the text that it seals, so that a client which only appends what it gets hands
///   back what the provider expects.
/// - Sources come in one chunk before the end: OpenAI's SDK cannot join two lists of them.
#[derive(Debug)]
pub(crate) struct Chunks {
    shape: Shape,
    /// What every chunk begins with, up to its choices.
    head: Vec<u8>,
    choices: Vec<Choice>,
    usage: Option<Usage>,
    /// Members of `native`, for the chunk that ends the first choice.
    native: Vec<(&'static str, Box<str>)>,
}

#[derive(Debug)]
struct Choice {
    index: u32,
    begun: bool,
    /// The block of reasoning that is not sealed yet.
    reasoning: String,
    details: u32,
    /// Of the call that begins next.
    signature: Option<String>,
    calls: Vec<Call>,
    citations: Vec<Citation>,
    /// Of the text that comes next.
    logprobs: Vec<String>,
    /// Members of `native`, for the chunk before the last.
    native: Vec<(&'static str, Box<str>)>,
    finish: Option<Finish>,
}

#[derive(Debug)]
struct Call {
    kind: ToolKind,
    has_input: bool,
}

/// What is said of a call once.
struct Opens<'a> {
    id: &'a str,
    name: &'a str,
    signature: Option<String>,
}

impl Chunks {
    pub(crate) const fn new(shape: Shape) -> Self {
        Self { shape, head: Vec::new(), choices: Vec::new(), usage: None, native: Vec::new() }
    }

    /// Whether a client would miss something if the call were tried again.
    pub(crate) fn has_spoken(&self) -> bool {
        self.choices.iter().any(|choice| choice.begun)
    }

    /// Adds the chunks of an event, if it makes any.
    pub(crate) fn push(&mut self, event: Event, out: &mut Vec<sse::Event>) {
        match event {
            Event::Start { id, model, created } => self.start(&id, &model, created),
            Event::Text { text, .. } | Event::Refusal { text, .. } if text.is_empty() => {}
            Event::Text { choice, text } => {
                self.begin(choice, Content::Empty, out);
                let logprobs = std::mem::take(&mut self.choice(choice).logprobs);
                // A string: writing it cannot fail.
                let delta = serde_json::to_vec(&Delta { content: Some(&text), ..Delta::default() }).unwrap_or_default();
                out.push(self.raw_chunk(choice, &delta, &logprobs, "null"));
            }
            Event::Refusal { choice, text } => {
                self.begin(choice, Content::Null, out);
                out.push(self.chunk(choice, &Delta { refusal: Some(&text), ..Delta::default() }));
            }
            Event::Reasoning { choice, text } => {
                let held = &mut self.choice(choice).reasoning;
                if held.len() < MOST_HELD {
                    held.push_str(&text);
                }
                if !text.is_empty() {
                    self.begin(choice, Content::Null, out);
                    out.push(self.chunk(choice, &Delta { reasoning_content: Some(&text), ..Delta::default() }));
                }
            }
            Event::Seal { choice, seal, format } => {
                self.begin(choice, Content::Null, out);
                let state = self.choice(choice);
                let detail = Detail::new(state.details, std::mem::take(&mut state.reasoning), seal, format);
                state.details += 1;
                out.push(self.chunk(choice, &Delta { reasoning_details: Some([detail]), ..Delta::default() }));
            }
            Event::Unsealed { choice } => self.choice(choice).reasoning.clear(),
            Event::ToolSignature { choice, signature } => self.choice(choice).signature = Some(signature),
            Event::ToolStart { choice, index, id, name, kind } => {
                self.begin(choice, Content::Null, out);
                let state = self.choice(choice);
                state.calls.push(Call { kind, has_input: false });
                let signature = state.signature.take();
                self.call(choice, index, Some(Opens { id: &id, name: &name, signature }), "", out);
            }
            Event::ToolInput { choice, index, fragment } => self.input(choice, index, &fragment, out),
            Event::ToolEnd { choice, index } => {
                let silent = |call: &&Call| call.kind == ToolKind::Function && !call.has_input;
                if self.choice(choice).calls.get(index as usize).filter(silent).is_some() {
                    self.input(choice, index, "{}", out);
                }
            }
            Event::Citation { choice, citation } => {
                let held = &mut self.choice(choice).citations;
                if held.len() < MOST_ITEMS {
                    held.push(citation);
                }
            }
            Event::Logprobs { choice, tokens } => {
                let held = &mut self.choice(choice).logprobs;
                let room = MOST_ITEMS.saturating_sub(held.len());
                held.extend(tokens.into_iter().take(room));
            }
            Event::Finish { choice, reason } => self.choice(choice).finish = Some(reason),
            Event::Native { name, json } => self.native.push((name, json)),
            Event::NativeOfMessage { choice, name, json } => self.choice(choice).native.push((name, json)),
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Done => self.done(out),
        }
    }

    fn start(&mut self, id: &str, model: &str, created: u64) {
        #[derive(Serialize)]
        struct Head<'a> {
            id: &'a str,
            object: &'static str,
            created: u64,
            model: &'a str,
        }
        // Strings and a number: writing them cannot fail. The brace is left open for the choices.
        let head = Head { id, object: "chat.completion.chunk", created, model };
        self.head = serde_json::to_vec(&head).unwrap_or_default();
        self.head.pop();
    }

    fn choice(&mut self, index: u32) -> &mut Choice {
        let at = self.choices.binary_search_by_key(&index, |choice| choice.index).unwrap_or_else(|at| {
            self.choices.insert(at, Choice::new(index));
            at
        });
        // It is there: it was found, or has just been put there.
        #[allow(clippy::indexing_slicing, reason = "found or inserted above")]
        &mut self.choices[at]
    }

    fn begin(&mut self, choice: u32, content: Content, out: &mut Vec<sse::Event>) {
        if !std::mem::replace(&mut self.choice(choice).begun, true) {
            let content = match content {
                Content::Empty => &br#"{"role":"assistant","content":""}"#[..],
                Content::Null => br#"{"role":"assistant","content":null}"#,
            };
            out.push(self.raw_chunk(choice, content, &[], "null"));
        }
    }

    fn input(&mut self, choice: u32, index: u32, fragment: &str, out: &mut Vec<sse::Event>) {
        if fragment.is_empty() {
            return;
        }
        if let Some(call) = self.choice(choice).calls.get_mut(index as usize) {
            call.has_input = true;
            self.call(choice, index, None, fragment, out);
        }
    }

    fn call(&mut self, choice: u32, index: u32, opens: Option<Opens<'_>>, text: &str, out: &mut Vec<sse::Event>) {
        let Some(kind) = self.choice(choice).calls.get(index as usize).map(|call| call.kind) else { return };
        let opens = opens.as_ref();
        let name = opens.map(|opens| opens.name);
        let delta = if self.shape.legacy_function {
            if index > 0 {
                return;
            }
            Delta { function_call: Some(Function { name, arguments: text }), ..Delta::default() }
        } else {
            let extra_content = opens.and_then(|opens| opens.signature.as_deref()).map(Extra::new);
            let mut call = CallDelta { index, id: opens.map(|opens| opens.id), extra_content, ..CallDelta::default() };
            match kind {
                ToolKind::Function => {
                    call.kind = opens.map(|_| "function");
                    call.function = Some(Function { name, arguments: text });
                }
                ToolKind::Custom => {
                    call.kind = opens.map(|_| "custom");
                    call.custom = Some(Custom { name, input: text });
                }
            }
            Delta { tool_calls: Some([call]), ..Delta::default() }
        };
        out.push(self.chunk(choice, &delta));
    }

    fn done(&mut self, out: &mut Vec<sse::Event>) {
        for index in self.choices.iter().map(|choice| choice.index).collect::<Vec<_>>() {
            self.begin(index, Content::Empty, out);
            let choice = self.choice(index);
            let (citations, native) = (std::mem::take(&mut choice.citations), std::mem::take(&mut choice.native));
            if !citations.is_empty() {
                let annotations = Some(citations.iter().map(Annotation::new).collect());
                out.push(self.chunk(index, &Delta { annotations, ..Delta::default() }));
            }
            if let native @ Some(_) = super::write_native(&native) {
                out.push(self.chunk(index, &Delta { native, ..Delta::default() }));
            }
            let shape = self.shape;
            let choice = self.choice(index);
            let word = choice.finish.unwrap_or(Finish::Natural).word(!choice.calls.is_empty(), shape);
            let logprobs = std::mem::take(&mut choice.logprobs);
            let last = self.raw_chunk(index, b"{}", &logprobs, &format!("\"{word}\""));
            out.push(self.with_native(last));
        }
        if let Some(usage) = self.usage.take().filter(|_| self.shape.include_usage) {
            let mut text = self.head.clone();
            text.extend_from_slice(b",\"choices\":[],\"usage\":");
            text.extend(serde_json::to_vec(&usage).unwrap_or_default());
            text.push(b'}');
            out.push(sse::Event::new(text));
        }
        out.push(sse::Event::done());
    }

    /// The chunk with what only this provider says, once.
    fn with_native(&mut self, mut chunk: sse::Event) -> sse::Event {
        if let Some(native) = super::write_native(&std::mem::take(&mut self.native)) {
            chunk.edit_chunk(|chunk| {
                // It is JSON, as its type says.
                let _ = chunk.object_mut().set_raw("native", native.get().to_owned());
            });
        }
        chunk
    }

    fn chunk(&self, choice: u32, delta: &Delta<'_>) -> sse::Event {
        // Strings and numbers: writing them cannot fail.
        self.raw_chunk(choice, &serde_json::to_vec(delta).unwrap_or_default(), &[], "null")
    }

    fn raw_chunk(&self, choice: u32, delta: &[u8], logprobs: &[String], finish: &str) -> sse::Event {
        let mut text = Vec::with_capacity(self.head.len() + delta.len() + 96);
        text.extend_from_slice(&self.head);
        text.extend_from_slice(format!(",\"choices\":[{{\"index\":{choice},\"delta\":").as_bytes());
        text.extend_from_slice(delta);
        text.extend_from_slice(b",\"logprobs\":");
        text.extend_from_slice(super::logprobs(logprobs).as_bytes());
        text.extend_from_slice(b",\"finish_reason\":");
        text.extend_from_slice(finish.as_bytes());
        text.extend_from_slice(if self.shape.include_usage { b"}],\"usage\":null}" } else { b"}]}" });
        sse::Event::new(text)
    }
}

impl Choice {
    const fn new(index: u32) -> Self {
        Self {
            index,
            begun: false,
            reasoning: String::new(),
            details: 0,
            signature: None,
            calls: Vec::new(),
            citations: Vec::new(),
            logprobs: Vec::new(),
            native: Vec::new(),
            finish: None,
        }
    }
}

/// What `content` is in the chunk of the role: `null` unless text follows.
enum Content {
    Empty,
    Null,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<[Detail; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Vec<Annotation<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[CallDelta<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<Box<RawValue>>,
}

/// `id`, `type`, `name` and `extra_content` only where a call opens: OpenAI's SDKs append them.
#[derive(Default, Serialize)]
struct CallDelta<'a> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Custom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<Extra<'a>>,
}

#[derive(Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Custom<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    input: &'a str,
}
