//! Members of a chat completion request that several formats read alike.

use std::ops::RangeInclusive;

use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai::ChatRequest};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{exchange, place::Place, warnings::Warnings};

/// A member as it is written; `null` is none.
pub(crate) fn raw<'a>(request: &'a Object, name: &str) -> Option<&'a RawValue> {
    request.read::<&RawValue>(name).ok().flatten()
}

/// A member that no format reads: left out with a warning, or refused if the answer's shape depends on it.
pub(crate) fn other(name: &str, value: &[u8], warnings: &mut Warnings) -> Result<(), Failure> {
    let place = Place::new(name);
    match name {
        "audio" => Err(place.unsupported("it has no audio")),
        "modalities" if !is_text_only(value) => Err(place.unsupported("it gives text only")),
        "web_search_options" => Err(place.unsupported("it does not search the web")),
        // Without any bearing on what is answered.
        "modalities"
        | "user"
        | "safety_identifier"
        | "metadata"
        | "store"
        | "prompt_cache_key"
        | "prompt_cache_options"
        | "prompt_cache_retention" => Ok(()),
        "frequency_penalty" | "presence_penalty" | "top_logprobs" if is_zero(value) => Ok(()),
        "logit_bias" if value == b"{}" => Ok(()),
        "logprobs" if value == b"false" => Ok(()),
        "verbosity" if value == b"\"medium\"" => Ok(()),
        "service_tier" if matches!(value, b"\"auto\"" | b"\"default\"") => Ok(()),
        "logit_bias" | "prediction" | "verbosity" | "moderation" | "service_tier" | "top_logprobs" => {
            warnings.dropped(name, "unsupported")
        }
        _ => warnings.dropped(name, "unknown"),
    }
}

pub(crate) fn is_zero(value: &[u8]) -> bool {
    serde_json::from_slice::<f64>(value).is_ok_and(|value| value == 0.0)
}

pub(crate) fn is_text_only(value: &[u8]) -> bool {
    serde_json::from_slice::<Vec<String>>(value).is_ok_and(|list| list.iter().all(|modality| modality == "text"))
}

/// `max_completion_tokens`, or `max_tokens`.
pub(crate) fn max_tokens(request: &Object) -> Result<Option<u64>, Failure> {
    match ChatRequest::new(request).max_tokens()? {
        Some(0) => Err(Place::new("max_tokens").invalid("it must be at least 1")),
        tokens => Ok(tokens),
    }
}

/// `n`, of a provider that is asked once for each choice.
pub(crate) fn copies(request: &Object) -> Result<u32, Failure> {
    match ChatRequest::new(request).choices()? {
        0 => Err(Place::new("n").invalid("it must be at least 1")),
        n => exchange::copies(n),
    }
}

/// `stop`: a string or a list of them. Empty ones stop nothing.
pub(crate) fn stops(request: &Object) -> Result<Vec<String>, Failure> {
    let place = Place::new("stop");
    let Some(raw) = raw(request, "stop") else { return Ok(Vec::new()) };
    let mut stops: Vec<String> = match raw.get().starts_with('"') {
        true => vec![place.read(raw, "a string or a list of strings")?],
        false => place.read(raw, "a string or a list of strings")?,
    };
    stops.retain(|stop| !stop.is_empty());
    Ok(stops)
}

/// A number within the range that OpenAI's API gives it, and how it is written.
pub(crate) fn number<'a>(
    request: &'a Object,
    name: &str,
    range: RangeInclusive<f64>,
) -> Result<Option<(f64, &'a RawValue)>, Failure> {
    let place = Place::new(name);
    let Some(raw) = raw(request, name) else { return Ok(None) };
    let value: f64 = place.read(raw, "a number")?;
    if range.contains(&value) { Ok(Some((value, raw))) } else { Err(place.invalid("it is out of range")) }
}

/// What an answer is bound to by `response_format`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound<'a> {
    Text,
    Json,
    Schema(&'a RawValue),
}

impl<'a> Bound<'a> {
    pub(crate) fn read(request: &'a Object) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct ResponseFormat<'a> {
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
        let Some(raw) = raw(request, "response_format") else { return Ok(Self::Text) };
        let place = Place::new("response_format");
        let format: ResponseFormat<'a> = place.members(raw)?;
        match format.kind.as_deref() {
            Some("text") => Ok(Self::Text),
            Some("json_object") => Ok(Self::Json),
            Some("json_schema") => {
                let place = place.member("json_schema");
                let described: JsonSchema<'a> = place.members(format.json_schema.ok_or_else(|| place.missing())?)?;
                match described.schema {
                    Some(schema) if schema.get().starts_with('{') => Ok(Self::Schema(schema)),
                    Some(_) => Err(place.member("schema").expected("an object")),
                    None => Ok(Self::Json),
                }
            }
            _ => Err(place.member("type").invalid("it is none of text, json_object and json_schema")),
        }
    }
}

/// How much a model is to think, by `reasoning_effort`, or by `reasoning` as clients of `OpenRouter` send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    None,
    /// To most the same as low.
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

/// What was asked for: a level, or a budget of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reasoning {
    Effort(Effort),
    Budget(u64),
}

impl Reasoning {
    pub(crate) fn read(request: &Object) -> Result<Option<Self>, Failure> {
        #[derive(Default, Deserialize)]
        struct Members {
            effort: Option<String>,
            max_tokens: Option<u64>,
            enabled: Option<bool>,
        }
        if let Some(word) = request.read::<String>("reasoning_effort")? {
            return Effort::of(&word, &Place::new("reasoning_effort")).map(Self::Effort).map(Some);
        }
        let members: Members = request.read("reasoning")?.unwrap_or_default();
        Ok(match (members.effort, members.max_tokens, members.enabled) {
            (_, _, Some(false)) => Some(Self::Effort(Effort::None)),
            (Some(word), ..) => {
                let place = Place::new("reasoning");
                Some(Self::Effort(Effort::of(&word, &place.member("effort"))?))
            }
            (None, Some(budget), _) => Some(Self::Budget(budget)),
            (None, None, Some(true)) => Some(Self::Effort(Effort::Medium)),
            (None, None, None) => None,
        })
    }
}

impl Effort {
    fn of(word: &str, place: &Place<'_>) -> Result<Self, Failure> {
        Ok(match word {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::XHigh,
            "max" => Self::Max,
            _ => return Err(place.invalid("it is none of none, minimal, low, medium, high, xhigh and max")),
        })
    }

    /// The least that takes as many tokens.
    pub(crate) fn of_budget(tokens: u64) -> Self {
        let within = |effort: &Self| tokens <= effort.budget();
        [Self::Low, Self::Medium, Self::High, Self::XHigh].into_iter().find(within).unwrap_or(Self::Max)
    }

    /// Tokens, by `LiteLLM`'s table, which many clients are tuned to.
    pub(crate) const fn budget(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal | Self::Low => 1024,
            Self::Medium => 2048,
            Self::High => 4096,
            Self::XHigh => 8192,
            Self::Max => 16384,
        }
    }
}
