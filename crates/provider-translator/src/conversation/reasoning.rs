//! Reasoning that a client hands back, in any of the shapes that gateways have taught it.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Reasoning, Seal, message};
use crate::place::Place;

#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    index: Option<i64>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    signature: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

/// Reads `reasoning_details`, or `thinking_blocks` as `LiteLLM` has them: the first that is there.
///
/// Text without a seal is left out: no provider takes it back.
pub(super) fn read<'a>(members: &message::Members<'a>, place: &Place<'_>) -> Result<Vec<Reasoning<'a>>, Failure> {
    #[derive(Deserialize)]
    struct Specific<'a> {
        #[serde(borrow)]
        thinking_blocks: Option<&'a RawValue>,
    }
    if let Some(raw) = members.reasoning_details {
        return details(raw, &place.member("reasoning_details"));
    }
    if let Some(raw) = members.thinking_blocks {
        return blocks(raw, &place.member("thinking_blocks"));
    }
    if let Some(raw) = members.provider_specific_fields {
        let place = place.member("provider_specific_fields");
        let specific: Specific<'a> = place.members(raw)?;
        if let Some(raw) = specific.thinking_blocks {
            return blocks(raw, &place.member("thinking_blocks"));
        }
    }
    Ok(Vec::new())
}

fn details<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Vec<Reasoning<'a>>, Failure> {
    let mut found = Vec::new();
    // Clients that append what they get, and do not join it, send a block in several items of one index.
    let mut begun: Option<(Option<i64>, Cow<'a, str>)> = None;
    for (at, raw) in place.list(raw)?.into_iter().enumerate() {
        let place = place.item(at);
        let detail: Detail<'a> = place.members(raw)?;
        let format = detail.format.map(|raw| place.member("format").text(raw)).transpose()?;
        match detail.kind.as_deref() {
            Some("reasoning.text") => {
                let text = optional(detail.text, &place.member("text"))?;
                let text = match begun.take() {
                    Some((index, earlier)) if index == detail.index && !earlier.is_empty() => earlier + text,
                    _ => text,
                };
                let signature = optional(detail.signature, &place.member("signature"))?;
                if signature.is_empty() {
                    begun = Some((detail.index, text));
                } else {
                    found.push(Reasoning { seal: Seal::Signed { text, signature }, format });
                }
            }
            Some("reasoning.encrypted") => {
                begun = None;
                let data = optional(detail.data, &place.member("data"))?;
                found.push(Reasoning { seal: Seal::Encrypted(data), format });
            }
            _ => begun = None,
        }
    }
    Ok(found)
}

fn blocks<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Vec<Reasoning<'a>>, Failure> {
    let mut found = Vec::new();
    for (at, raw) in place.list(raw)?.into_iter().enumerate() {
        found.extend(block(raw, &place.item(at))?);
    }
    Ok(found)
}

/// A block in Anthropic's own shape.
pub(super) fn block<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Option<Reasoning<'a>>, Failure> {
    let block: Detail<'a> = place.members(raw)?;
    let seal = match block.kind.as_deref() {
        Some("redacted_thinking") => Seal::Encrypted(optional(block.data, &place.member("data"))?),
        Some("thinking") => {
            let signature = optional(block.signature, &place.member("signature"))?;
            if signature.is_empty() {
                return Ok(None);
            }
            Seal::Signed { text: optional(block.thinking, &place.member("thinking"))?, signature }
        }
        _ => return Ok(None),
    };
    Ok(Some(Reasoning { seal, format: None }))
}

fn optional<'a>(raw: Option<&'a RawValue>, place: &Place<'_>) -> Result<Cow<'a, str>, Failure> {
    raw.map_or(Ok(Cow::Borrowed("")), |raw| place.text(raw))
}
