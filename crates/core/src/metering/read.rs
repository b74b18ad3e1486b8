//! How answers are read.

use std::borrow::Cow;

use llm_layers_wire::{
    json::{Limits, Object},
    openai::{Chunk, ChunkChoice},
    sse::Event,
};
use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use super::{
    Reading,
    reading::Told,
    shown::{self, Shown},
};

/// No name of a model, tier or reason is longer.
const MAX_NAME: usize = 256;
/// There are not many more reasons than this to end.
const MAX_REASONS: usize = 8;

impl Reading {
    /// Reads a whole answer.
    pub(crate) fn object(&mut self, object: &Object) {
        self.is_over = true;
        self.is_error |=
            object.get("error").is_some_and(|error| !matches!(error, b"null" | b"{}" | b"\"\"" | b"false"));
        self.usage_of(object);
        self.names_of(object);
        self.ends_of(object);
        if let Ok(Some(Reasons(reasons))) = object.read("choices") {
            reasons.iter().for_each(|reason| self.finished(reason));
        }
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
                self.finished(&reason);
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
        // OpenAI tells it with each event.
        let Some(tier) = object.text("service_tier").filter(|tier| self.service_tier.as_deref() != Some(&**tier))
        else {
            return;
        };
        if let Some(tier) = short(tier) {
            self.service_tier = Some(tier);
        }
    }

    /// Anthropic's and the responses' reasons to end.
    fn ends_of(&mut self, object: &Object) {
        if let Some(reason) = object.text("stop_reason") {
            self.finished(&reason);
        }
        let incomplete = object_in(object, "incomplete_details");
        match incomplete.as_ref().and_then(|details| details.text("reason")) {
            Some(reason) => self.finished(&reason),
            None if object.text("object").as_deref() == Some("response") => {
                if let Some(status) = object.text("status") {
                    self.finished(&status);
                }
            }
            None => {}
        }
    }

    fn finished(&mut self, reason: &str) {
        let is_new = || !self.finish_reasons.iter().any(|known| **known == *reason);
        if !reason.is_empty() && reason.len() <= MAX_NAME && self.finish_reasons.len() < MAX_REASONS && is_new() {
            self.finish_reasons.push(reason.into());
        }
    }

    fn usage_of(&mut self, object: &Object) {
        let Some(usage) = object_in(object, "usage") else { return };
        self.told.overwrite(&usage);
        if let Some(cost) = usage.get("cost").and_then(dollars) {
            self.cost = Some(cost);
        }
        self.tier_of(&usage);
    }
}

impl Told {
    fn overwrite(&mut self, usage: &Object) {
        let number = |member: &str| number(usage, member);
        take(&mut self.prompt, number("prompt_tokens"));
        take(&mut self.input, number("input_tokens"));
        take(&mut self.total, number("total_tokens"));
        let kinds = &mut self.kinds;
        take(&mut kinds.output, number("completion_tokens").or_else(|| number("output_tokens")));
        let (read, written) = (number("cache_read_input_tokens"), number("cache_creation_input_tokens"));
        let [apart_read, apart_written] = &mut self.apart;
        take(apart_read, read);
        take(apart_written, written);
        // DeepSeek's and Moonshot's words stand beside the others.
        let cached = read.or_else(|| number("prompt_cache_hit_tokens")).or_else(|| number("cached_tokens"));
        take(&mut kinds.cached_input, cached);
        take(&mut kinds.cache_write, written);
        if let Some(by_time) = object_in(usage, "cache_creation") {
            take(&mut kinds.cache_write_1h, self::number(&by_time, "ephemeral_1h_input_tokens"));
        }
        let details = |long: &str, short: &str| object_in(usage, long).or_else(|| object_in(usage, short));
        if let Some(details) = details("prompt_tokens_details", "input_tokens_details") {
            let number = |member: &str| self::number(&details, member);
            take(&mut kinds.cached_input, number("cached_tokens"));
            take(&mut kinds.cache_write, number("cache_write_tokens"));
            take(&mut kinds.audio_input, number("audio_tokens"));
            take(&mut kinds.image_input, number("image_tokens"));
            if let Some(cached) = object_in(&details, "cached_tokens_details") {
                take(&mut kinds.cached_audio_input, self::number(&cached, "audio_tokens"));
            }
        }
        if let Some(details) = details("completion_tokens_details", "output_tokens_details") {
            let number = |member: &str| self::number(&details, member);
            take(&mut kinds.reasoning, number("reasoning_tokens").or_else(|| number("thinking_tokens")));
            take(&mut kinds.audio_output, number("audio_tokens"));
            take(&mut kinds.image_output, number("image_tokens"));
        }
    }
}

fn take(known: &mut Option<u64>, later: Option<u64>) {
    if later.is_some() {
        *known = later;
    }
}

fn number(object: &Object, member: &str) -> Option<u64> {
    object.read(member).ok().flatten()
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

/// The reasons of a list of choices, of which nothing else is kept.
struct Reasons(Vec<String>);

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Choices;
        impl<'de> Visitor<'de> for Choices {
            type Value = Reasons;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("choices")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut choices: A) -> Result<Reasons, A::Error> {
                let mut reasons = Vec::new();
                while reasons.len() < MAX_REASONS {
                    let Some(choice) = choices.next_element::<Choice<'de>>()? else { return Ok(Reasons(reasons)) };
                    reasons.extend(choice.finish_reason.map(Cow::into_owned));
                }
                while choices.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Reasons(reasons))
            }
        }
        deserializer.deserialize_seq(Choices)
    }
}
