//! Embeddings as OpenAI's API has them: what all formats read of a request, and how they answer it.
//!
//! Source: `openai.types.CreateEmbeddingResponse` and `EmbeddingCreateParams` of OpenAI's Python SDK 3.52.0, whose
//! client asks for base64 unless its caller says otherwise, and reads it as little-endian 32-bit floats.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{format::Call, place::Place, warnings::Warnings};

/// A request for embeddings.
#[derive(Debug)]
pub(crate) struct EmbeddingRequest<'a> {
    /// Never empty, nor is any of them.
    pub(crate) inputs: Vec<Cow<'a, str>>,
    pub(crate) dimensions: Option<u32>,
    pub(crate) encoding: Encoding,
}

/// How the client wants its vectors written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Float,
    /// Base64 of little-endian 32-bit floats.
    Base64,
}

/// The most inputs that OpenAI takes.
const MOST: usize = 2048;

/// Reads a request. Members beside OpenAI's own are left out with a warning, unless the format `knows` them.
///
/// # Errors
/// It is not what OpenAI's API takes, or its inputs are tokens, which mean something to OpenAI's own models only.
pub(crate) fn read<'a>(
    call: &Call<'a>,
    knows: &[&str],
    warnings: &mut Warnings,
) -> Result<EmbeddingRequest<'a>, Failure> {
    let object = call.object;
    for (name, _) in object.iter().filter(|(_, value)| *value != b"null") {
        match name.as_ref() {
            "model" | "input" | "dimensions" | "encoding_format" => {}
            // Whoever asks: without any bearing on what is answered.
            "user" | "safety_identifier" | "metadata" => {}
            name if knows.contains(&name) => {}
            name => warnings.dropped(name, "unknown")?,
        }
    }
    let dimensions: Option<u32> = object.read("dimensions")?;
    if dimensions == Some(0) {
        return Err(Place::new("dimensions").invalid("it must be at least 1"));
    }
    let encoding = match object.read::<String>("encoding_format")?.as_deref() {
        None | Some("float") => Encoding::Float,
        Some("base64") => Encoding::Base64,
        Some(_) => return Err(Place::new("encoding_format").invalid("it is neither float nor base64")),
    };
    Ok(EmbeddingRequest { inputs: inputs(object)?, dimensions, encoding })
}

/// Whether all inputs can be embedded.
///
/// # Errors
/// One of them cannot.
pub(crate) fn check(object: &Object) -> Result<(), Failure> {
    inputs(object).map(|_| ())
}

fn inputs(object: &Object) -> Result<Vec<Cow<'_, str>>, Failure> {
    let place = Place::new("input");
    let raw: &RawValue = object.read("input").ok().flatten().ok_or_else(|| place.missing())?;
    if !raw.get().starts_with('[') {
        return Ok(vec![input(raw, &place)?]);
    }
    let list = place.list(raw)?;
    match list.len() {
        0 => Err(place.invalid("it is empty")),
        1..=MOST => list.into_iter().enumerate().map(|(index, raw)| input(raw, &place.item(index))).collect(),
        _ => Err(place.invalid("it has more than 2048 items")),
    }
}

fn input<'a>(raw: &'a RawValue, place: &Place<'_>) -> Result<Cow<'a, str>, Failure> {
    if raw.get().starts_with(|first: char| first == '[' || first.is_ascii_digit()) {
        return Err(place.unsupported("it takes texts, and no tokens"));
    }
    let text = place.text(raw)?;
    if text.is_empty() { Err(place.invalid("it is empty")) } else { Ok(text) }
}

/// OpenAI's answer out of the vectors as the provider spells them: lists of numbers, in the order of the inputs.
/// Nothing if one of them is none.
pub(crate) fn answer(model: &str, vectors: &[&RawValue], tokens: u64, encoding: Encoding) -> Option<Bytes> {
    let mut data = Vec::with_capacity(vectors.len());
    for (index, raw) in vectors.iter().enumerate() {
        let numbers: Vec<f32> = serde_json::from_str(raw.get()).ok()?;
        let embedding = match encoding {
            Encoding::Float => Vector::Float(raw),
            Encoding::Base64 => Vector::Base64(base64(&numbers)),
        };
        data.push(Embedding { object: "embedding", index, embedding });
    }
    let usage = Usage { prompt_tokens: tokens, total_tokens: tokens };
    serde_json::to_vec(&Answer { object: "list", data, model, usage }).ok().map(Bytes::from)
}

fn base64(numbers: &[f32]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

#[derive(Serialize)]
struct Answer<'a> {
    object: &'static str,
    data: Vec<Embedding<'a>>,
    model: &'a str,
    usage: Usage,
}

#[derive(Serialize)]
struct Embedding<'a> {
    object: &'static str,
    index: usize,
    embedding: Vector<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Vector<'a> {
    Float(&'a RawValue),
    Base64(String),
}

/// What vectors have cost.
#[derive(Serialize)]
pub(crate) struct Usage {
    pub(crate) prompt_tokens: u64,
    pub(crate) total_tokens: u64,
}

#[cfg(test)]
mod tests {
    use llm_layers_core::{Clock, Operation, Rng};
    use serde_json::{Value, json};

    use super::*;

    fn with_request<T>(request: &Value, then: impl FnOnce(Result<EmbeddingRequest<'_>, Failure>, Warnings) -> T) -> T {
        let object = Object::parse(request.to_string()).expect("an object");
        let call = Call {
            operation: Operation::Embedding,
            object: &object,
            model: "m",
            provider: &"local".into(),
            strict: false,
            default_max_tokens: 1,
            clock: Clock::system(),
            rng: &Rng::seeded(1),
        };
        let mut warnings = Warnings::new(false);
        let request = read(&call, &["truncate"], &mut warnings);
        then(request, warnings)
    }

    #[test]
    fn inputs_are_one_text_or_many() {
        for (input, texts) in
            [(json!("a\n\"b\""), vec!["a\n\"b\""]), (json!(["a", "ä"]), vec!["a", "ä"]), (json!([" "]), vec![" "])]
        {
            with_request(&json!({"model": "m", "input": input}), |request, _| {
                assert_eq!(request.expect("it is read").inputs, texts);
            });
        }
    }

    #[test]
    fn what_cannot_be_embedded_is_refused_by_its_path() {
        for (members, param, code) in [
            (json!({}), "input", "missing_required_parameter"),
            (json!({"input": null}), "input", "missing_required_parameter"),
            (json!({"input": ""}), "input", "invalid_value"),
            (json!({"input": []}), "input", "invalid_value"),
            (json!({"input": vec!["a"; 2049]}), "input", "invalid_value"),
            (json!({"input": ["a", ""]}), "input[1]", "invalid_value"),
            (json!({"input": [1, 2]}), "input[0]", "unsupported_parameter"),
            (json!({"input": [[1, 2]]}), "input[0]", "unsupported_parameter"),
            (json!({"input": {}}), "input", "invalid_type"),
            (json!({"input": ["a", null]}), "input[1]", "invalid_type"),
            (json!({"input": "a", "dimensions": 0}), "dimensions", "invalid_value"),
            (json!({"input": "a", "encoding_format": "hex"}), "encoding_format", "invalid_value"),
        ] {
            with_request(&members, |request, _| {
                let failure = request.expect_err("it is refused");
                let error = failure.error();
                assert_eq!((error.param.as_deref(), error.code.as_deref()), (Some(param), Some(code)), "{members}");
            });
        }
    }

    #[test]
    fn only_what_nobody_knows_is_warned_of() {
        let members = json!({"input": "a", "user": "u", "truncate": "END", "x": 1, "y": null, "dimensions": 3});
        with_request(&members, |request, warnings| {
            assert_eq!(request.expect("it is read").dimensions, Some(3));
            assert_eq!(warnings.into_header().expect("a warning"), "dropped;param=x;reason=unknown");
        });
    }

    #[test]
    fn numbers_keep_their_spelling_and_base64_is_what_openais_sdk_reads() {
        let raw: Vec<&RawValue> = serde_json::from_str("[[1.0,-2.50e0],[0]]").expect("JSON");
        let float = answer("m", &raw, 7, Encoding::Float).expect("vectors");
        let text = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0,-2.50e0]},{"object":"embedding","index":1,"embedding":[0]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#;
        assert_eq!(float, text);
        let base64: Value =
            serde_json::from_slice(&answer("m", &raw, 7, Encoding::Base64).expect("vectors")).expect("JSON");
        // numpy.array([1.0, -2.5], dtype="<f4") in base64.
        assert_eq!(base64["data"][0]["embedding"], "AACAPwAAIMA=");
    }

    #[test]
    fn what_is_no_vector_is_no_answer() {
        for vector in ["{}", "[\"a\"]", "null", "[[1]]"] {
            let raw: &RawValue = serde_json::from_str(vector).expect("JSON");
            assert!(answer("m", &[raw], 0, Encoding::Float).is_none(), "{vector}");
        }
    }
}
