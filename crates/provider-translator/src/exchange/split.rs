//! One request of the client's as several to the provider: texts to embed in batches, and choices by a seed each.

use llm_layers_core::Failure;
use llm_layers_wire::json::{Array, Limits, Object};

use crate::embeddings;

/// The most calls that one request for embeddings may take: all that OpenAI's API takes at once, at providers that take
/// 32 texts or more.
const MOST_CALLS: usize = 64;

/// Parts of a body that has been read within its limits are within them.
pub(super) const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX);

/// The batches of a request for embeddings, of so many texts each, in the texts' order. Nothing where one is enough.
///
/// # Errors
/// One of the texts cannot be embedded, or they take too many calls.
pub(super) fn batches(request: &Object, most: usize) -> Result<Vec<Object>, Failure> {
    let texts = request.get_bytes("input").and_then(|raw| Array::parse_with(raw, &LIMITS).ok());
    let Some(texts) = texts.filter(|texts| texts.len() > most) else { return Ok(Vec::new()) };
    // What is wrong with one of them is told by its place among all.
    embeddings::check(request)?;
    if texts.len().div_ceil(most) > MOST_CALLS {
        let message = format!(
            "`input` must have at most {} items for this provider: {MOST_CALLS} calls of {most}.",
            MOST_CALLS * most
        );
        return Err(Failure::bad_request(message).with_param("input").with_code("unsupported_parameter"));
    }
    let texts: Vec<_> = texts.iter().collect();
    let batch = |texts: &[_]| {
        let mut batch = request.clone();
        // They were read as JSON.
        let _ = batch.set_raw("input", [b"[".as_slice(), &texts.join(&b','), b"]"].concat());
        batch
    };
    Ok(texts.chunks(most).map(batch).collect())
}

/// The names that a seed goes by.
const SEEDS: [&str; 2] = ["seed", "random_seed"];

/// The request for a further choice: with a seed of its own, for with the same one all choices would be alike.
pub(super) fn copy(request: &Object, choice: u32) -> Object {
    let mut copy = request.clone();
    for name in SEEDS {
        if let Ok(Some(seed)) = request.read::<i64>(name) {
            copy.set(name, &seed.wrapping_add(i64::from(choice)));
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: &Value) -> Object {
        Object::parse(value.to_string()).expect("an object")
    }

    fn inputs(request: &Value, most: usize) -> Result<Vec<Value>, Option<String>> {
        let batches = batches(&object(request), most).map_err(|failure| failure.error().param.clone())?;
        Ok(batches.iter().map(|batch| batch.read("input").expect("JSON").expect("inputs")).collect())
    }

    #[test]
    fn texts_are_cut_into_batches_in_their_order() {
        let request = json!({"model": "m", "input": ["a", "b, [", "c\"", "d", "e"], "dimensions": 3});
        let expected = vec![json!(["a", "b, ["]), json!(["c\"", "d"]), json!(["e"])];
        assert_eq!(inputs(&request, 2), Ok(expected));
        assert_eq!(inputs(&request, 5), Ok(Vec::new()));
        assert_eq!(inputs(&json!({"input": "one"}), 1), Ok(Vec::new()));
        let batch = batches(&object(&request), 2).expect("batches").remove(0);
        assert_eq!(batch.to_bytes(), r#"{"dimensions":3,"input":["a","b, ["],"model":"m"}"#);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place_and_there_is_an_end_to_it() {
        assert_eq!(inputs(&json!({"input": ["a", "b", ""]}), 1), Err(Some("input[2]".into())));
        assert_eq!(inputs(&json!({"input": [1, 2]}), 1), Err(Some("input[0]".into())));
        assert_eq!(inputs(&json!({"input": vec!["a"; 65]}), 1), Err(Some("input".into())));
        assert_eq!(inputs(&json!({"input": vec!["a"; 64]}), 1).map(|batches| batches.len()), Ok(64));
        assert_eq!(inputs(&json!({"input": vec!["a"; 2049]}), 96), Err(Some("input".into())));
        assert_eq!(inputs(&json!({"input": vec!["a"; 2048]}), 96).map(|batches| batches.len()), Ok(22));
    }

    #[test]
    fn each_choice_has_a_seed_of_its_own() {
        for (request, choice, expected) in [
            (json!({"seed": 7, "x": 1}), 2, json!({"seed": 9, "x": 1})),
            (json!({"random_seed": -1}), 1, json!({"random_seed": 0})),
            (json!({"seed": i64::MAX}), 1, json!({"seed": i64::MIN})),
            (json!({"seed": null}), 1, json!({"seed": null})),
            (json!({"seed": "7"}), 1, json!({"seed": "7"})),
            (json!({}), 1, json!({})),
        ] {
            let copy = copy(&object(&request), choice);
            assert_eq!(serde_json::from_slice::<Value>(&copy.to_bytes()).expect("JSON"), expected, "{request}");
        }
    }
}
