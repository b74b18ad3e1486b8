//! `temperature`, `top_p` and `top_k`: by the version of the API, the model, and whether it thinks.

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use super::models::Model;
use crate::{ApiVersion, place::Place, warnings::Warnings};

/// Numbers as they were spelled, but for those that are clamped.
#[derive(Debug, Default)]
pub(crate) struct Sampling {
    pub(crate) temperature: Option<Box<RawValue>>,
    pub(crate) top_p: Option<Box<RawValue>>,
    pub(crate) top_k: Option<Box<RawValue>>,
}

impl Sampling {
    pub(crate) fn read(
        request: &Object,
        version: ApiVersion,
        model: Model,
        thinks: bool,
        warnings: &mut Warnings,
    ) -> Result<Self, Failure> {
        let temperature = number(request, "temperature", 2.0)?;
        let top_p = number(request, "top_p", 1.0)?;
        let top_k = number(request, "top_k", f64::MAX)?;
        let mut sampling = Self::default();
        if version == ApiVersion::V2026_10_21 || !model.is_sampled() {
            for (name, value) in [("temperature", &temperature), ("top_p", &top_p), ("top_k", &top_k)] {
                if value.is_some() {
                    warnings.dropped(name, "unsupported")?;
                }
            }
            return Ok(sampling);
        }
        if let Some((value, raw)) = temperature {
            if thinks {
                // 1 is what it is when a model thinks.
                if !is_one(value) {
                    warnings.dropped("temperature", "reasoning")?;
                }
            } else if value > 1.0 {
                // Not scaled: 1 means the same to both, and what lies below would change its meaning.
                warnings.clamped("temperature", value, 1.0)?;
                sampling.temperature = RawValue::from_string("1".into()).ok();
            } else {
                sampling.temperature = Some(raw.to_owned());
            }
        }
        if let Some((value, raw)) = top_p {
            if thinks && value < 0.95 {
                warnings.dropped("top_p", "reasoning")?;
            } else if sampling.temperature.is_some() && !model.is_sampled_twice() {
                // 1 is no restriction, and many clients send it with every call.
                if !is_one(value) {
                    warnings.dropped("top_p", "not_with_temperature")?;
                }
            } else {
                sampling.top_p = Some(raw.to_owned());
            }
        }
        if let Some((_, raw)) = top_k {
            if thinks {
                warnings.dropped("top_k", "reasoning")?;
            } else {
                sampling.top_k = Some(raw.to_owned());
            }
        }
        Ok(sampling)
    }
}

fn is_one(value: f64) -> bool {
    (value - 1.0).abs() < f64::EPSILON
}

fn number<'a>(request: &'a Object, name: &'static str, most: f64) -> Result<Option<(f64, &'a RawValue)>, Failure> {
    let place = Place::new(name);
    let Some(raw) = request.read::<&RawValue>(name).ok().flatten() else { return Ok(None) };
    let value: f64 = place.read(raw, "a number")?;
    if (0.0..=most).contains(&value) { Ok(Some((value, raw))) } else { Err(place.invalid("it is out of range")) }
}
