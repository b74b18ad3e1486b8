//! How a model is to sample and to think: what Converse has members for, and what only the model knows.

use std::{borrow::Cow, collections::BTreeMap};

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use super::model::{Family, Model};
use crate::{
    ApiVersion,
    anthropic::{sampling::Sampling, thinking::Thinking},
    params::{self, Effort, Reasoning},
    place::Place,
    warnings::Warnings,
};

/// `additionalModelRequestFields`: what the model itself looks at.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// What is sent of it.
#[derive(Debug, Default)]
pub(super) struct Settings<'a> {
    pub(super) temperature: Option<Box<RawValue>>,
    pub(super) top_p: Option<Box<RawValue>>,
    /// `outputConfig.effort`.
    pub(super) effort: Option<&'static str>,
    /// Tokens that thinking takes, which must fit into the answer's.
    pub(super) budget: u64,
    pub(super) fields: Fields<'a>,
}

/// What a call has that thinking depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) max_tokens: Option<u64>,
    pub(super) forces_call: bool,
    pub(super) lacks_reasoning: bool,
}

impl<'a> Settings<'a> {
    pub(super) fn read(
        request: &'a Object,
        model: Model<'_>,
        around: Around,
        warnings: &mut Warnings,
    ) -> Result<(Self, bool), Failure> {
        if model.is_claude() {
            return Self::claude(request, model, around, warnings);
        }
        let mut settings = Self::default();
        settings.sampling(request, model, warnings)?;
        if let Some(reasoning) = Reasoning::read(request)? {
            settings.reasoning(reasoning, model, warnings)?;
        }
        if params::raw(request, "thinking").is_some() {
            warnings.dropped("thinking", "unsupported_by_model")?;
        }
        Ok((settings, false))
    }

    /// As Anthropic's own API has it, in the field that it has it in. Says also whether it thinks.
    fn claude(
        request: &'a Object,
        model: Model<'_>,
        around: Around,
        warnings: &mut Warnings,
    ) -> Result<(Self, bool), Failure> {
        let claude = model.claude();
        let mut thinking = Thinking::read(request, claude, around.max_tokens, warnings)?;
        if thinking.is_on && around.forces_call {
            thinking.give_up("forced_tool_choice", warnings)?;
        }
        if thinking.is_budgeted() && around.lacks_reasoning {
            thinking.give_up("reasoning_not_in_messages", warnings)?;
        }
        let sampling = Sampling::read(request, ApiVersion::V2023_06_01, claude, thinking.is_on, warnings)?;
        let mut settings = Self {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            effort: thinking.effort,
            budget: thinking.budget,
            fields: Fields::new(),
        };
        let betas = params::raw(request, "anthropic_beta").map(Cow::Borrowed);
        let fields =
            [("thinking", thinking.thinking), ("top_k", sampling.top_k.map(Cow::Owned)), ("anthropic_beta", betas)];
        for (name, value) in fields {
            settings.fields.extend(value.map(|value| (name.into(), value)));
        }
        Ok((settings, thinking.is_on))
    }

    fn sampling(&mut self, request: &'a Object, model: Model<'_>, warnings: &mut Warnings) -> Result<(), Failure> {
        if let Some((value, raw)) = params::number(request, "temperature", 0.0..=2.0)? {
            // Not scaled: 1 means the same to both, and what lies below would change its meaning.
            self.temperature = if value > 1.0 {
                warnings.clamped("temperature", value, 1.0)?;
                RawValue::from_string("1".into()).ok()
            } else {
                Some(raw.to_owned())
            };
        }
        self.top_p = params::number(request, "top_p", 0.0..=1.0)?.map(|(_, raw)| raw.to_owned());
        if let Some((_, raw)) = params::number(request, "top_k", 0.0..=f64::MAX)? {
            match model.family() {
                Family::Nova => self.field("inferenceConfig", &TopK { top_k: raw }),
                _ => warnings.dropped("top_k", "unsupported_by_model")?,
            }
        }
        if params::raw(request, "anthropic_beta").is_some() {
            warnings.dropped("anthropic_beta", "unsupported_by_model")?;
        }
        Ok(())
    }

    /// By the words that the model's vendor has for it.
    fn reasoning(&mut self, asked: Reasoning, model: Model<'_>, warnings: &mut Warnings) -> Result<(), Failure> {
        let effort = match asked {
            Reasoning::Effort(effort) => effort,
            Reasoning::Budget(tokens) if tokens <= Effort::Low.budget() => Effort::Low,
            Reasoning::Budget(tokens) if tokens <= Effort::Medium.budget() => Effort::Medium,
            Reasoning::Budget(_) => Effort::High,
        };
        let word = match effort {
            Effort::None => None,
            Effort::Minimal | Effort::Low => Some("low"),
            Effort::Medium => Some("medium"),
            Effort::High | Effort::XHigh | Effort::Max => Some("high"),
        };
        match (model.family(), word) {
            (Family::Nova, _) if model.is_nova_2() => {
                let kind = if word.is_some() { "enabled" } else { "disabled" };
                self.field("reasoningConfig", &NovaReasoning { kind, effort: word });
            }
            (Family::GptOss, Some(word)) => self.field("reasoning_effort", &word),
            (Family::OpenAi, word) => self.field("reasoning", &OpenAiReasoning { effort: word.unwrap_or("none") }),
            // It cannot be told not to think, or does not think in the first place.
            (Family::GptOss, None) | (_, Some(_)) => warnings.dropped("reasoning_effort", "unsupported_by_model")?,
            (_, None) => {}
        }
        Ok(())
    }

    /// Sets a field of the model's. Words and numbers: writing them cannot fail.
    pub(super) fn field(&mut self, name: &'static str, value: &impl Serialize) {
        let value = serde_json::value::to_raw_value(value).unwrap_or_default();
        self.fields.insert(name.into(), Cow::Owned(value));
    }

    /// Takes over what the client says itself; it means it.
    pub(super) fn overwrite(&mut self, request: &'a Object) -> Result<(), Failure> {
        let Some(raw) = params::raw(request, "additionalModelRequestFields") else { return Ok(()) };
        let given: BTreeMap<Cow<'a, str>, &'a RawValue> = Place::new("additionalModelRequestFields").members(raw)?;
        self.fields.extend(given.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))));
        Ok(())
    }
}

#[derive(Serialize)]
struct TopK<'a> {
    #[serde(rename = "topK")]
    top_k: &'a RawValue,
}

#[derive(Serialize)]
struct NovaReasoning {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "maxReasoningEffort", skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
}

#[derive(Serialize)]
struct OpenAiReasoning {
    effort: &'static str,
}
