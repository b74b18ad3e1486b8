//! How answers are read.

use std::borrow::Cow;

use llm_layers_wire::{
    json::{Limits, Object},
    openai::{Chunk, ChunkChoice},
    sse::Event,
};
use rust_decimal::Decimal;

use super::{
    Reading,
    reading::Told,
    shown::{self, Shown},
    usage::Usage,
};

/// No name of a model, tier or reason is longer.
pub(super) const MAX_NAME: usize = 256;

impl Reading {
    /// Reads a whole answer.
    pub(crate) fn object(&mut self, object: &Object) {
        self.is_over = true;
        self.is_error |=
            object.get("error").is_some_and(|error| !matches!(error, b"null" | b"{}" | b"\"\"" | b"false"));
        self.usage_of(object);
        self.names_of(object);
        self.ends_of(object);
        self.reasons.of_choices(object.get_bytes("choices"));
        self.shown = Shown::of_whole(object);
    }

    /// Reads an event of a stream. What others have parsed of it, and will, is parsed once.
    pub(crate) fn event(&mut self, event: &Event) {
        self.is_over |= event.is_done();
        let Some(chunk) = event.chunk() else { return };
        let object = chunk.object();
        self.usage_of(object);
        if !chunk.choices().is_empty() || object.contains("choices") {
            self.names_of(object);
            self.shown.add(chunk_content(chunk));
            for reason in chunk.choices().iter().filter_map(ChunkChoice::finish_reason) {
                self.reasons.add(&reason);
            }
            return;
        }
        // The other two name their events, and say the name in the data too, where some servers leave it at that.
        let name = match event.name() {
            Some(name) => String::from_utf8_lossy(name),
            None => object.text("type").unwrap_or_default(),
        };
        match &*name {
            "content_block_start" => self.shows(object, "content_block"),
            "content_block_delta" => self.shows(object, "delta"),
            "message_delta" => self.nested(object, "delta", Self::ends_of),
            "message_start" => self.nested(object, "message", Self::whole_of),
            "message_stop" => self.is_over = true,
            "response.completed" | "response.incomplete" => {
                self.is_over = true;
                self.nested(object, "response", |reading, response| {
                    reading.whole_of(response);
                    reading.ends_of(response);
                });
            }
            "response.created" | "response.failed" => self.nested(object, "response", Self::whole_of),
            "response.output_item.added" => self.shows(object, "item"),
            // Sound, in base64.
            "response.audio.delta" | "response.output_audio.delta" => {}
            // `response.output_text.delta` and its like.
            name if name.starts_with("response.") && name.ends_with(".delta") => {
                self.shown.add(object.get("delta").map_or(0, |text| shown::of_member("text", text)));
            }
            _ => {}
        }
    }

    fn shows(&mut self, object: &Object, member: &str) {
        self.shown.add(object.get(member).map_or(0, |value| shown::of_member(member, value)));
    }

    fn nested(&mut self, object: &Object, member: &str, read: impl FnOnce(&mut Self, &Object)) {
        if let Some(nested) = object_in(object, member) {
            read(self, &nested);
        }
    }

    fn whole_of(&mut self, object: &Object) {
        self.usage_of(object);
        self.names_of(object);
    }

    fn names_of(&mut self, object: &Object) {
        if self.model.is_none() {
            self.model = object.text("model").and_then(short);
        }
        // Told when it begins, a tier may be what was asked for; at the end it is what it was.
        self.tier_of(object);
    }

    fn tier_of(&mut self, object: &Object) {
        if let Some(tier) = object.text("service_tier") {
            self.tier_is(tier);
        }
    }

    fn tier_is(&mut self, tier: Cow<'_, str>) {
        // OpenAI tells it with each event.
        let is_new = self.service_tier.as_deref() != Some(&*tier);
        if let Some(tier) = short(tier).filter(|_| is_new) {
            self.service_tier = Some(tier);
        }
    }

    /// Anthropic's and the responses' reasons to end.
    fn ends_of(&mut self, object: &Object) {
        if let Some(reason) = object.text("stop_reason") {
            self.reasons.add(&reason);
        }
        let incomplete = object_in(object, "incomplete_details");
        match incomplete.as_ref().and_then(|details| details.text("reason")) {
            Some(reason) => self.reasons.add(&reason),
            None if object.text("object").as_deref() == Some("response") => {
                if let Some(status) = object.text("status") {
                    self.reasons.add(&status);
                }
            }
            None => {}
        }
    }

    fn usage_of(&mut self, object: &Object) {
        let Some(usage) = object.get("usage").filter(|usage| usage.starts_with(b"{")) else { return };
        let said = Usage::read(usage);
        self.told.overwrite(&said);
        if let Some(cost) = said.cost.and_then(dollars) {
            self.cost = Some(cost);
        }
        if let Some(tier) = said.service_tier.and_then(|tier| serde_json::from_slice::<Cow<'_, str>>(tier).ok()) {
            self.tier_is(tier);
        }
    }
}

impl Told {
    fn overwrite(&mut self, said: &Usage<'_>) {
        take(&mut self.prompt, said.prompt_tokens);
        take(&mut self.input, said.input_tokens);
        take(&mut self.total, said.total_tokens);
        let kinds = &mut self.kinds;
        take(&mut kinds.output, said.completion_tokens.or(said.output_tokens));
        let [apart_read, apart_written] = &mut self.apart;
        take(apart_read, said.cache_read);
        take(apart_written, said.cache_creation);
        // DeepSeek's and Moonshot's words stand beside the others.
        take(&mut kinds.cached_input, said.cache_read.or(said.cache_hit).or(said.cached));
        take(&mut kinds.cache_write, said.cache_creation);
        take(&mut kinds.cache_write_1h, said.cache_write_1h);
        if let Some(details) = said.prompt.or(said.input) {
            take(&mut kinds.cached_input, details.cached);
            take(&mut kinds.cache_write, details.cache_write);
            take(&mut kinds.audio_input, details.audio);
            take(&mut kinds.image_input, details.image);
            take(&mut kinds.cached_audio_input, details.cached_audio);
        }
        if let Some(details) = said.completion.or(said.output) {
            take(&mut kinds.reasoning, details.reasoning.or(details.thinking));
            take(&mut kinds.audio_output, details.audio);
            take(&mut kinds.image_output, details.image);
        }
    }
}

fn take(known: &mut Option<u64>, later: Option<u64>) {
    if later.is_some() {
        *known = later;
    }
}

pub(super) fn object_in(object: &Object, member: &str) -> Option<Object> {
    let value = object.get_bytes(member).filter(|value| value.starts_with(b"{"))?;
    Object::parse_with(value, &Limits::LENIENT).ok()
}

fn short(name: Cow<'_, str>) -> Option<Box<str>> {
    (!name.is_empty() && name.len() <= MAX_NAME).then(|| name.into())
}

/// A JSON number as exact dollars: `0.00014`, `1.4e-4`. Nobody pays less than nothing.
fn dollars(value: &[u8]) -> Option<Decimal> {
    let text = std::str::from_utf8(value).ok()?;
    let cost = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    (!cost.is_sign_negative()).then_some(cost)
}

/// Bytes of what the chunk adds to the answer.
fn chunk_content(chunk: &Chunk) -> u64 {
    let choice = |choice: &ChunkChoice| {
        // The older completions have their text beside the delta.
        let text = choice.object().get("text").map_or(0, |text| shown::of_member("text", text));
        let members = choice.delta().iter().map(|(name, value)| shown::of_member(&name, value));
        members.fold(text, u64::saturating_add)
    };
    chunk.choices().iter().map(choice).fold(0, u64::saturating_add)
}
