//! A chat answer as a completion.

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::{
    json::Object,
    openai::{Chunk, Completion},
    sse::Event,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    inbound::errors,
    translate::{Flow, Translate},
};

/// Translates one answer. It remembers nothing: each chunk becomes one.
#[derive(Debug)]
pub(super) struct Answer;

#[derive(Serialize)]
struct TextCompletion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Choice<'a> {
    /// As it is spelled.
    text: Option<&'a RawValue>,
    index: u64,
    logprobs: (),
    finish_reason: Option<&'static str>,
}

/// What a message or a delta says. A completion has text always, were it empty.
fn text(said: &Object) -> Option<&RawValue> {
    let spelled = said.read::<&RawValue>("content").ok().flatten().filter(|raw| raw.get().starts_with('"'));
    spelled.or_else(|| serde_json::from_str("\"\"").ok())
}

/// Completions know three reasons.
fn reason(word: &str) -> &'static str {
    match word {
        "length" => "length",
        "content_filter" => "content_filter",
        _ => "stop",
    }
}

fn write(object: &Object, choices: Vec<Choice<'_>>) -> Bytes {
    let id = object.text("id").unwrap_or_default();
    // `null` is kept: it stands in the chunks of a stream that ends with its usage.
    let raw = |name: &str| serde_json::from_slice::<&RawValue>(object.get(name)?).ok();
    let model = object.text("model").unwrap_or_default();
    let completion = TextCompletion {
        id: format!("cmpl-{}", id.strip_prefix("chatcmpl-").unwrap_or(&id)),
        object: "text_completion",
        created: object.read("created").ok().flatten().unwrap_or_default(),
        model: &model,
        choices,
        usage: raw("usage"),
        system_fingerprint: raw("system_fingerprint"),
    };
    // Strings, numbers and JSON: writing them cannot fail.
    Bytes::from(serde_json::to_vec(&completion).unwrap_or_default())
}

fn chunk(chunk: &Chunk) -> Bytes {
    let choices = (0..).zip(chunk.choices()).map(|(position, choice)| Choice {
        text: text(choice.delta()),
        index: choice.index().unwrap_or(position),
        logprobs: (),
        finish_reason: choice.finish_reason().as_deref().map(reason),
    });
    write(chunk.object(), choices.collect())
}

impl Translate for Answer {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let completion = Completion::parse(body).map_err(|_| errors::not_an_answer("no chat completion"))?;
        if completion.choices().is_empty() {
            return Err(errors::not_an_answer("a chat completion without choices"));
        }
        let choices = (0..).zip(completion.choices()).map(|(position, choice)| Choice {
            text: text(choice.message()),
            index: choice.index().unwrap_or(position),
            logprobs: (),
            finish_reason: Some(reason(choice.finish_reason().as_deref().unwrap_or_default())),
        });
        Ok(write(completion.object(), choices.collect()))
    }

    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        match event.data() {
            // A comment keeps the connection alive.
            None | Some(b"") => {
                out.push(event);
                Flow::Going
            }
            Some(_) if event.is_done() => {
                out.push(event);
                Flow::Over
            }
            Some(data) => match event.chunk() {
                Some(parsed) if !parsed.is_error() => {
                    out.push(Event::new(chunk(parsed)));
                    Flow::Going
                }
                // What cannot be read because the stream was cut is told by its end.
                None if !event.is_terminated() => Flow::Going,
                Some(_) => Flow::Failed(errors::in_stream(data)),
                None => Flow::Failed(errors::not_an_answer("an event that is no chunk")),
            },
        }
    }

    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(errors::incomplete())
    }
}
