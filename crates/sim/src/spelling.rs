//! JSON as providers spell it.

use serde_json::{Map, Value};

/// What providers say first of an answer, in this order; clients and proxies may profit from it. The rest is sorted,
/// as `serde_json` keeps it.
const FIRST: [&str; 6] = ["type", "id", "object", "created", "created_at", "model"];

/// The text of an answer or an event.
pub(crate) fn spell(value: &Value) -> String {
    match value {
        Value::Object(members) => object(members),
        _ => value.to_string(),
    }
}

fn object(members: &Map<String, Value>) -> String {
    let first = FIRST.iter().filter_map(|name| members.get_key_value(*name));
    let rest = members.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    let mut text = String::from("{");
    for (name, value) in first.chain(rest) {
        if text.len() > 1 {
            text.push(',');
        }
        text += &Value::from(name.as_str()).to_string();
        text.push(':');
        text += &value.to_string();
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::spell;

    #[test]
    fn what_tells_an_answer_apart_comes_first() {
        let answer = json!({"choices": [{"b": 1, "a": 2}], "model": "m\"", "id": 7, "usage": null});
        assert_eq!(spell(&answer), r#"{"id":7,"model":"m\"","choices":[{"a":2,"b":1}],"usage":null}"#);
        assert_eq!(spell(&json!({})), "{}");
        assert_eq!(spell(&json!({"error": {"type": "t", "code": 1}})), r#"{"error":{"code":1,"type":"t"}}"#);
        assert_eq!(spell(&json!([1])), "[1]");
    }
}
