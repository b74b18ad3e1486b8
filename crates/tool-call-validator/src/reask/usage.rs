//! What several answers have used, in one `usage`.

use bytes::Bytes;
use serde_json::{Map, Number, Value};

/// Adds up two `usage` objects, number by number, at any depth; what only one of them tells stays. Of what is no number
/// the second's stays: it is that of the answer that the client reads.
pub(crate) fn sum(one: &[u8], other: &[u8]) -> Bytes {
    let parse = |text| serde_json::from_slice::<Map<String, Value>>(text).ok();
    let (one, other) = match (parse(one), parse(other)) {
        (Some(one), Some(other)) => (one, other),
        (Some(_), None) => return Bytes::copy_from_slice(one),
        (None, _) => return Bytes::copy_from_slice(other),
    };
    let sum = serde_json::to_vec(&add_maps(one, other)).unwrap_or_else(|_| b"null".to_vec());
    Bytes::from(sum)
}

/// As [`sum`], where either may not have been told.
pub(crate) fn sum_known(one: Option<Bytes>, other: Option<Bytes>) -> Option<Bytes> {
    match (one, other) {
        (Some(one), Some(other)) => Some(sum(&one, &other)),
        (one, other) => one.or(other),
    }
}

fn add_maps(mut one: Map<String, Value>, other: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in other {
        let sum = match one.remove(&name) {
            Some(mine) => add(mine, value),
            None => value,
        };
        one.insert(name, sum);
    }
    one
}

fn add(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Value::Number(add_numbers(&one, &other)),
        (Value::Object(one), Value::Object(other)) => Value::Object(add_maps(one, other)),
        (one, Value::Null) => one,
        (_, other) => other,
    }
}

fn add_numbers(one: &Number, other: &Number) -> Number {
    if let (Some(one), Some(other)) = (one.as_u64(), other.as_u64()) {
        return one.saturating_add(other).into();
    }
    let sum = one.as_f64().unwrap_or_default() + other.as_f64().unwrap_or_default();
    Number::from_f64(sum).unwrap_or_else(|| other.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_at_any_depth() {
        let cases = [
            (
                r#"{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":2}}"#,
                r#"{"prompt_tokens":20,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":4}}"#,
                r#"{"completion_tokens":3,"prompt_tokens":29,"prompt_tokens_details":{"audio_tokens":4,"cached_tokens":3}}"#,
            ),
            (
                r#"{"a":1,"service_tier":"default"}"#,
                r#"{"a":null,"service_tier":"flex"}"#,
                r#"{"a":1,"service_tier":"flex"}"#,
            ),
            (r#"{"cost":0.5}"#, r#"{"cost":0.25}"#, r#"{"cost":0.75}"#),
            (r#"{"a":18446744073709551615}"#, r#"{"a":1}"#, r#"{"a":18446744073709551615}"#),
            (r#"{"a":1}"#, "null", r#"{"a":1}"#),
            ("null", r#"{"a":1}"#, r#"{"a":1}"#),
        ];
        for (one, other, expected) in cases {
            let sum: Value = serde_json::from_slice(&sum(one.as_bytes(), other.as_bytes())).expect("JSON");
            assert_eq!(sum, serde_json::from_str::<Value>(expected).expect("JSON"), "{one} {other}");
        }
    }
}
