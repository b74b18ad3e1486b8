//! `temperature` and the like, within the ranges that Cohere has.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{params, place::Place, warnings::Warnings};

/// Numbers as they are sent: spelled as the client has, unless they were moved into their range.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sampling<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<Cow<'a, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
}

impl<'a> Sampling<'a> {
    pub(super) fn read(request: &'a Object, warnings: &mut Warnings) -> Result<Self, Failure> {
        let mut within = |name, given: Option<(f64, &'a RawValue)>, least: f64, most: f64| {
            given.map(|(value, raw)| within(name, value, raw, least, most, warnings)).transpose()
        };
        let penalty = |name| params::number(request, name, -2.0..=2.0);
        let top_p = params::number(request, "top_p", 0.0..=1.0)?;
        // No restriction, which many clients send with every call: the nearest thing to it is not worth a warning.
        let p = match top_p {
            Some((value, _)) if value >= 1.0 => number(0.99),
            given => within("top_p", given, 0.01, 0.99)?,
        };
        let seed = request.read::<i64>("seed").map_err(|_| Place::new("seed").expected("an integer"))?;
        Ok(Self {
            temperature: within("temperature", params::number(request, "temperature", 0.0..=2.0)?, 0.0, 1.0)?,
            p,
            k: within("top_k", params::number(request, "top_k", 0.0..=f64::MAX)?, 0.0, 500.0)?,
            frequency_penalty: within("frequency_penalty", penalty("frequency_penalty")?, 0.0, 1.0)?,
            presence_penalty: within("presence_penalty", penalty("presence_penalty")?, 0.0, 1.0)?,
            seed,
        })
    }
}

fn within<'a>(
    name: &'static str,
    value: f64,
    raw: &'a RawValue,
    least: f64,
    most: f64,
    warnings: &mut Warnings,
) -> Result<Cow<'a, RawValue>, Failure> {
    let nearest = value.clamp(least, most);
    if (least..=most).contains(&value) {
        return Ok(Cow::Borrowed(raw));
    }
    warnings.clamped(name, value, nearest)?;
    Ok(number(nearest).unwrap_or(Cow::Borrowed(raw)))
}

fn number(value: f64) -> Option<Cow<'static, RawValue>> {
    RawValue::from_string(value.to_string()).ok().map(Cow::Owned)
}
