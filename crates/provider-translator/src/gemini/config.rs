//! `generationConfig`.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{models::Model, schema::clean};
use crate::{anthropic, place::Place, warnings::Warnings};

/// The most choices, and the most tokens beside the chosen one.
pub(super) const MOST_CHOICES: u32 = 8;
const MOST_TOP: u32 = 20;
const MOST_STOPS: usize = 5;

/// Numbers as they were spelled.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) candidate_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_json_schema: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking_config: Option<Cow<'a, RawValue>>,
}

impl<'a> Config<'a> {
    /// Reads all of it but for the answer's form and thinking.
    pub(super) fn read(request: &'a Object, model: Model, warnings: &mut Warnings) -> Result<Self, Failure> {
        let view = ChatRequest::new(request);
        let mut config = Self { max_output_tokens: view.max_tokens()?, ..Self::default() };
        if config.max_output_tokens == Some(0) {
            return Err(Place::new("max_tokens").invalid("it must be at least 1"));
        }
        let sampling = [
            ("temperature", 2.0, &mut config.temperature),
            ("top_p", 1.0, &mut config.top_p),
            ("top_k", f64::MAX, &mut config.top_k),
        ];
        for (name, most, slot) in sampling {
            *slot = number(request, name, 0.0, most)?.map(|(_, raw)| raw);
            if slot.is_some() && !model.is_sampled() {
                warnings.dropped(name, "unsupported_by_model")?;
                *slot = None;
            }
        }
        let penalties =
            [("presence_penalty", &mut config.presence_penalty), ("frequency_penalty", &mut config.frequency_penalty)];
        for (name, slot) in penalties {
            // Zero is none, and many clients send it with every call.
            *slot = number(request, name, -2.0, 2.0)?.filter(|(value, _)| *value != 0.0).map(|(_, raw)| raw);
            if slot.is_some() && !model.is_penalised() {
                warnings.dropped(name, "unsupported_by_model")?;
                *slot = None;
            }
        }
        config.stop_sequences = anthropic::stop(request, warnings)?;
        if config.stop_sequences.len() > MOST_STOPS {
            return Err(Place::new("stop").unsupported("it takes five sequences at most"));
        }
        config.seed = seed(request, warnings)?;
        config.logprobs(request, view.is_stream()?)?;
        Ok(config)
    }

    pub(super) const fn max_tokens(&self) -> Option<u64> {
        self.max_output_tokens
    }

    fn logprobs(&mut self, request: &Object, stream: bool) -> Result<(), Failure> {
        let top: Option<u32> = request.read("top_logprobs")?;
        let place = Place::new("top_logprobs");
        if top.is_some_and(|top| top > MOST_TOP) {
            return Err(place.invalid("it must be at most 20"));
        }
        if request.read::<bool>("logprobs")? != Some(true) {
            return match top {
                Some(1..) => Err(place.invalid("it needs `logprobs`")),
                _ => Ok(()),
            };
        }
        if stream {
            return Err(Place::new("logprobs").unsupported("it tells no probabilities while it streams"));
        }
        self.response_logprobs = Some(true);
        self.logprobs = top.filter(|top| *top > 0);
        Ok(())
    }
}

/// `n`: how many choices are asked for.
pub(super) fn choices(request: &Object) -> Result<u32, Failure> {
    match ChatRequest::new(request).choices()? {
        n @ 1..=MOST_CHOICES => Ok(n),
        0 => Err(Place::new("n").invalid("it must be at least 1")),
        _ => Err(Place::new("n").unsupported("it gives eight choices at most")),
    }
}

fn number<'a>(
    request: &'a Object,
    name: &'static str,
    least: f64,
    most: f64,
) -> Result<Option<(f64, &'a RawValue)>, Failure> {
    let place = Place::new(name);
    let Some(raw) = request.read::<&RawValue>(name).ok().flatten() else { return Ok(None) };
    let value: f64 = place.read(raw, "a number")?;
    if (least..=most).contains(&value) { Ok(Some((value, raw))) } else { Err(place.invalid("it is out of range")) }
}

/// Gemini's is of 32 bits, OpenAI's of 64.
fn seed(request: &Object, warnings: &mut Warnings) -> Result<Option<i32>, Failure> {
    let Some(seed) = request.read::<i64>("seed")? else { return Ok(None) };
    if i32::try_from(seed).is_err() {
        warnings.emulated("seed", "of_32_bits");
    }
    let [.., a, b, c, d] = seed.to_be_bytes();
    Ok(Some(i32::from_be_bytes([a, b, c, d])))
}

/// What the answer is to be.
#[derive(Debug)]
pub(super) enum Form {
    Text,
    Json { schema: Option<Box<RawValue>> },
}

impl Form {
    /// Reads `response_format`.
    pub(super) fn read(request: &Object) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Format<'a> {
            #[serde(rename = "type")]
            kind: Option<String>,
            #[serde(borrow)]
            json_schema: Option<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct JsonSchema<'a> {
            #[serde(borrow)]
            schema: Option<&'a RawValue>,
        }
        let Some(raw) = request.read::<&RawValue>("response_format").ok().flatten() else { return Ok(Self::Text) };
        let place = Place::new("response_format");
        let format: Format<'_> = place.members(raw)?;
        match format.kind.as_deref() {
            Some("text") => Ok(Self::Text),
            Some("json_object") => Ok(Self::Json { schema: None }),
            Some("json_schema") => {
                let place = place.member("json_schema");
                let described: JsonSchema<'_> = place.members(format.json_schema.ok_or_else(|| place.missing())?)?;
                let clean = |raw: &RawValue| clean(raw, "response_format.json_schema.schema");
                Ok(Self::Json { schema: described.schema.map(clean).transpose()? })
            }
            _ => Err(place.member("type").invalid("it is none of text, json_object and json_schema")),
        }
    }

    /// The same, asked for in words.
    pub(super) fn instruction(&self) -> Option<String> {
        const JSON: &str = "Unless you call a function, respond with a single valid JSON object and nothing else: no \
                            explanation around it, no code fence.";
        match self {
            Self::Text => None,
            Self::Json { schema: None } => Some(JSON.into()),
            Self::Json { schema: Some(schema) } => Some(format!("{JSON} It must match this JSON Schema: {schema}")),
        }
    }
}
