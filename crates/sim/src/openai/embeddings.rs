//! `POST /v1/embeddings`: vectors in which texts that share words are close to each other.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::error::invalid;
use super::usage;
use crate::call::Call;
use crate::ids;
use crate::reply::Reply;

const DIMENSIONS: u64 = 1536;
const MAX_DIMENSIONS: u64 = 4096;
const MAX_INPUTS: usize = 2048;
/// Words past these do not move a vector: bounds the work.
const MAX_WORDS: usize = 512;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    let inputs = inputs(&body["input"])?;
    let dimensions = match &body["dimensions"] {
        Value::Null => DIMENSIONS,
        value => value.as_u64().filter(|n| (1..=MAX_DIMENSIONS).contains(n)).ok_or_else(|| {
            let text = format!("Invalid value for 'dimensions': must be between 1 and {MAX_DIMENSIONS}.");
            invalid(&text, Some("dimensions"), Some("invalid_value"))
        })?,
    };
    let dimensions = usize::try_from(dimensions).unwrap_or(1);
    let base64 = match body["encoding_format"].as_str() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            let text = format!("Invalid value: '{other}'. Supported values are: 'float' and 'base64'.");
            return Err(invalid(&text, Some("encoding_format"), Some("invalid_value")));
        }
    };
    let tokens: u64 = inputs.iter().map(usage::words).sum();
    // By hand: a `Value` would turn each f32 into an f64 and print twice the digits.
    let mut out = String::from("{\"object\":\"list\",\"data\":[");
    for (index, input) in inputs.iter().enumerate() {
        let vector = vector(input, dimensions);
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(out, "{comma}{{\"object\":\"embedding\",\"index\":{index},\"embedding\":");
        if base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            let _ = write!(out, "\"{}\"", STANDARD.encode(bytes));
        } else {
            out.push('[');
            for (at, value) in vector.iter().enumerate() {
                let _ = write!(out, "{}{value}", if at == 0 { "" } else { "," });
            }
            out.push(']');
        }
        out.push('}');
    }
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    let _ = write!(out, "],\"model\":{},\"usage\":{usage}}}", json!(call.model()));
    Ok(Reply::raw(StatusCode::OK, "application/json", Bytes::from(out)))
}

fn inputs(input: &Value) -> Result<Vec<Value>, Reply> {
    let bad = |text: &str| Err(invalid(text, Some("input"), Some("invalid_value")));
    let inputs = match input {
        Value::Null => {
            let code = Some("missing_required_parameter");
            return Err(invalid("Missing required parameter: 'input'.", Some("input"), code));
        }
        Value::Array(items) if items.first().is_some_and(Value::is_number) => vec![input.clone()],
        Value::Array(items) if items.len() <= MAX_INPUTS => items.clone(),
        Value::Array(_) => return bad("'input' array is too long: at most 2048 inputs."),
        other => vec![other.clone()],
    };
    let legal = |input: &Value| match input {
        Value::String(text) => !text.is_empty(),
        Value::Array(tokens) => !tokens.is_empty() && tokens.iter().all(Value::is_u64),
        _ => false,
    };
    if inputs.is_empty() || !inputs.iter().all(legal) {
        return bad(
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
        );
    }
    Ok(inputs)
}

/// The sum of a pseudo-random vector for each word, of length one.
pub(crate) fn vector(input: &Value, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f32; dimensions];
    let mut add = |word: &str| {
        let mut state = ids::hash(word.to_lowercase().as_bytes());
        for slot in &mut sum {
            state = ids::derive(state, 1);
            // The upper 16 bits as a number between -1 and 1: exact in an f32.
            let unit = u16::try_from(state >> 48).unwrap_or(0);
            *slot += f32::from(unit) / 32768.0 - 1.0;
        }
    };
    match input {
        Value::String(text) => {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.take(MAX_WORDS).for_each(&mut add);
        }
        Value::Array(tokens) => tokens.iter().take(MAX_WORDS).for_each(|token| add(&token.to_string())),
        _ => {}
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        sum.iter_mut().for_each(|value| *value /= length);
    } else if let Some(first) = sum.first_mut() {
        *first = 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_words_are_close() {
        let vector = |text: &str| vector(&json!(text), 256);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (a, b, c) =
            (vector("What is the capital of France?"), vector("what is the capital of france"), vector("bake bread"));
        assert!(dot(&a, &b) > 0.999);
        assert!(dot(&a, &c) < 0.4);
        assert_eq!(vector("...")[0], 1.0);
    }
}
