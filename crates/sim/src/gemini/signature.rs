//! Thought signatures: made so that one that was lost, changed or moved to another part is found out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::ids;

const PREFIX: &str = "sim-thought-signature-v1:";
/// The values that Google documents for histories which no Gemini has written.
const BYPASSES: [&str; 2] = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

/// The signature of a call. The order of its arguments and the spelling of numbers may change on the way.
pub(super) fn of_call(name: &str, args: &Value) -> String {
    let mut said = format!("{name}\n");
    canonical(args, &mut said);
    encode(&said)
}

/// The signature of a text.
pub(super) fn of_text(text: &str) -> String {
    encode(text)
}

fn encode(said: &str) -> String {
    STANDARD.encode(format!("{PREFIX}{:016x}", ids::hash(said.as_bytes())))
}

pub(super) fn fits_call(signature: &str, name: &str, args: &Value) -> bool {
    signature == of_call(name, args) || is_bypass(signature)
}

/// Whether the signature is one of this simulation's, for whatever part it was made. Texts may be cut and joined,
/// so that nothing more is asked of theirs.
pub(super) fn is_ours(signature: &str) -> bool {
    let decoded = STANDARD.decode(signature).unwrap_or_default();
    decoded.starts_with(PREFIX.as_bytes()) || is_bypass(signature)
}

/// As it is (it happens to be legal base64) or encoded.
fn is_bypass(signature: &str) -> bool {
    BYPASSES.iter().any(|bypass| signature == *bypass || signature == STANDARD.encode(bypass))
}

fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            for name in names {
                out.push_str(name);
                out.push('\u{1}');
                canonical(members.get(name).unwrap_or(&Value::Null), out);
            }
            out.push('\u{2}');
        }
        Value::Array(items) => {
            items.iter().for_each(|item| canonical(item, out));
            out.push('\u{3}');
        }
        // In a protocol buffer's struct every number is a double.
        Value::Number(number) => out.push_str(&number.as_f64().map(|number| number.to_string()).unwrap_or_default()),
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn belongs_to_one_call() {
        let signature = of_call("f", &json!({"a": 1, "b": [true]}));
        let reordered: Value = serde_json::from_str(r#"{"b":[true],"a":1.0}"#).unwrap();
        assert!(fits_call(&signature, "f", &reordered));
        assert!(!fits_call(&signature, "g", &reordered));
        assert!(!fits_call(&signature, "f", &json!({"a": 2, "b": [true]})));
        assert!(is_ours(&signature) && !is_ours("c29tZXRoaW5n"));
        assert!(fits_call("skip_thought_signature_validator", "f", &json!({})));
        assert!(fits_call(&STANDARD.encode("skip_thought_signature_validator"), "f", &json!({})));
    }
}
