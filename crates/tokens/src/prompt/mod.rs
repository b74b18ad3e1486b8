//! The parts of a request that the model reads, and what each adds.

mod content;
mod items;
mod media;
mod messages;
mod tools;

use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use crate::{Family, Tokenizer, counter::Counter, json::Value, text::Text};

/// The tokens of a prompt, by what they are of.
///
/// ```
/// use llm_layers_core::Operation;
/// use llm_layers_tokens::{Tokenizer, prompt};
/// use llm_layers_wire::json::Object;
///
/// let call = Object::parse(r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Hello, world!"}]}"#)?;
/// let prompt = prompt(Operation::ChatCompletion, &call, Tokenizer::of("openai", "gpt-4o"));
/// assert_eq!((prompt.text, prompt.framing, prompt.total()), (4, 7, 11));
/// assert!(prompt.is_exact);
/// # Ok::<(), llm_layers_wire::json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// Of messages, instructions, calls of tools and their results, and documents.
    pub text: u64,
    /// Of the descriptions of tools and of schemas for the answer.
    pub tools: u64,
    /// Of pictures.
    pub images: u64,
    /// Of recordings.
    pub audio: u64,
    /// What the provider puts around each message.
    pub framing: u64,
    /// Whether all of it was counted as the provider counts, and nothing estimated or assumed.
    pub is_exact: bool,
    /// Whether it is text alone, and all of it is there: no pictures, sound, files or tools, and nothing that the provider
    /// keeps.
    pub is_text: bool,
}

impl Prompt {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        let text = self.text.saturating_add(self.tools);
        text.saturating_add(self.images).saturating_add(self.audio).saturating_add(self.framing)
    }
}

/// Counts the tokens of a call's prompt.
///
/// Costs bounded time whatever the body holds, and answers for any body: what has another shape than the API's counts
/// by its JSON. Operations without a prompt have no tokens.
#[must_use]
pub fn prompt(operation: Operation, object: &Object, tokenizer: Tokenizer) -> Prompt {
    let mut count = Count { counter: Counter::new(tokenizer.family()), tokenizer, prompt: Prompt::default() };
    let member = |name: &str| object.get(name).map(Value::new);
    match operation {
        Operation::ChatCompletion => {
            count.chat(member("messages"));
            count.tools(member("tools"), member("functions"));
            let schema = member("response_format").and_then(|format| format.member("json_schema"));
            count.schema(schema);
        }
        Operation::Message => {
            count.system(member("system"));
            count.chat(member("messages"));
            count.tools(member("tools"), None);
        }
        Operation::Response => {
            count.system(member("instructions"));
            count.input_items(member("input"));
            count.tools(member("tools"), None);
            count.schema(member("text").and_then(|text| text.member("format")));
            // What went before is kept by the provider.
            if ["previous_response_id", "conversation", "prompt"].into_iter().any(|name| has(member(name))) {
                count.counter.assumes();
            }
        }
        Operation::Completion => {
            count.texts_or_tokens(member("prompt"));
            count.texts_or_tokens(member("suffix"));
        }
        Operation::Embedding => count.texts_or_tokens(member("input")),
        _ => {}
    }
    count.prompt.is_exact = count.counter.is_exact();
    let Prompt { tools, images, audio, .. } = count.prompt;
    count.prompt.is_text = tools | images | audio == 0 && !count.counter.has_assumed();
    count.prompt
}

fn has(value: Option<Value<'_>>) -> bool {
    value.is_some_and(|value| value.bytes() != b"null")
}

/// A prompt while it is counted.
struct Count {
    counter: Counter,
    tokenizer: Tokenizer,
    prompt: Prompt,
}

impl Count {
    fn add_text(&mut self, text: Text<'_>) {
        let tokens = self.counter.count(text);
        self.prompt.text = self.prompt.text.saturating_add(tokens);
    }

    /// Of a value that is a string; of any other, its JSON.
    fn add_value(&mut self, value: Value<'_>) {
        match value.text() {
            Some(text) => self.add_text(text),
            None if value.bytes() == b"null" => {}
            None => self.add_text(Text::verbatim(value.bytes())),
        }
    }

    fn add_framing(&mut self, tokens: u64) {
        self.prompt.framing = self.prompt.framing.saturating_add(tokens);
    }

    /// Whether the model is one of OpenAI's, whose framing is known.
    fn is_openai(&self) -> bool {
        matches!(self.tokenizer.family(), Family::O200k | Family::Cl100k)
    }

    /// A text, several, or tokens that the client has cut already: these count for themselves.
    fn texts_or_tokens(&mut self, value: Option<Value<'_>>) {
        let Some(value) = value else { return };
        if !value.is_array() {
            return self.add_value(value);
        }
        for item in value.items() {
            if item.is_array() {
                let tokens = item.items().count() as u64;
                self.prompt.text = self.prompt.text.saturating_add(tokens);
            } else if item.text().is_some() {
                self.add_value(item);
            } else {
                self.prompt.text = self.prompt.text.saturating_add(1);
            }
        }
    }
}

// Their figures are those of the real tokenizers.
#[cfg(test)]
#[cfg(feature = "bpe")]
mod tests;
