//! What a provider says of a failure, in whatever shape.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::errors::{Class, duration};

/// Longer texts that are no JSON are pages, not messages.
const LONGEST: usize = 512;

/// What an error says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    /// Novita's code, beside a `code` that is the status.
    pub(super) reason: Option<String>,
    pub(super) param: Option<String>,
    /// What OpenAI has no place for, and a client may want to know: which filter, which provider.
    pub(super) native: Map<String, Value>,
    /// How long it will take a model to be there, in seconds: Hugging Face's.
    pub(super) estimated_time: Option<f64>,
}

impl Said {
    /// Reads an error: an object with an `error`, or whatever else stands for it. What a provider quotes of the request
    /// is not taken over.
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return Self::text(body) };
        // Google's layer wraps it in a list.
        let value = value.get(0).unwrap_or(&value);
        let inner = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        let of = |object: &Value, name: &str| match object.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let base = value.get("base_resp").unwrap_or(&Value::Null);
        let groq = value.get("x_groq").unwrap_or(&Value::Null);
        let message = (inner.as_str().map(str::to_owned))
            .or_else(|| of(inner, "message"))
            .or_else(|| detail(inner.get("message")?))
            .or_else(|| detail(value.get("detail")?))
            .or_else(|| of(base, "status_msg"))
            .or_else(|| of(groq, "error"))
            .or_else(|| of(value.get("fault")?, "faultstring"))
            .or_else(|| of(value, "title"));
        // xAI and TGI have them beside an `error` that is a text.
        let either = |name: &str| of(inner, name).or_else(|| of(value, name));
        Self {
            message: message.filter(|message| !message.trim().is_empty()),
            kind: either("type").or_else(|| either("error_type")).filter(|kind| kind != "error"),
            code: either("code").or_else(|| of(base, "status_code")).or_else(|| of(inner, "http_status_code")),
            reason: of(inner, "reason"),
            param: of(inner, "param"),
            native: native(inner),
            estimated_time: value.get("estimated_time").and_then(Value::as_f64),
        }
    }

    fn text(body: &[u8]) -> Self {
        let text = std::str::from_utf8(body).unwrap_or_default().trim();
        let is_message = !text.is_empty() && text.len() <= LONGEST && !text.starts_with(['<', '{', '[']);
        Self { message: is_message.then(|| text.to_owned()), ..Self::default() }
    }

    /// The status that stands in for one: some say it as a code.
    pub(super) fn status(&self) -> Option<u16> {
        self.code.as_ref()?.parse().ok().filter(|code| (400..600).contains(code))
    }

    /// When to try again, where the message says so: "retry after 6 seconds", "try again in 7.66s", and GitHub's
    /// "Please wait 9 seconds before retrying".
    pub(super) fn retry_after(&self, class: Class) -> Option<Duration> {
        if !class.is_retryable() {
            return None;
        }
        if let Some(wait) = self.estimated_time.and_then(|time| duration(&format!("{time}s"))) {
            return Some(wait);
        }
        let message = self.message.as_deref()?;
        let after = ["retry after ", "try again in ", "Please wait "].iter().find_map(|words| {
            let at = message.find(words)? + words.len();
            message.get(at..)
        })?;
        let mut words = after.split_whitespace();
        let (number, unit) = (words.next()?, words.next().unwrap_or_default());
        let unit = if unit.starts_with("second") { "s" } else { "" };
        duration(&format!("{}{unit}", number.trim_end_matches(['.', ','])))
    }
}

/// What a check of the request has found, by FastAPI's and Mistral's shapes: where, and what. Never the value there.
fn detail(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => object
            .get("detail")
            .or_else(|| object.get("error"))
            .or_else(|| object.get("message"))
            .and_then(self::detail),
        Value::Array(found) => {
            let one = |item: &Value| {
                let what = item.get("msg")?.as_str()?;
                let place = item.get("loc").and_then(Value::as_array).into_iter().flatten();
                let place: Vec<String> = place.map(|step| step.as_str().map_or(step.to_string(), Into::into)).collect();
                Some(if place.is_empty() { what.to_owned() } else { format!("{}: {what}", place.join(".")) })
            };
            let found: Vec<String> = found.iter().filter_map(one).take(8).collect();
            (!found.is_empty()).then(|| found.join("; "))
        }
        _ => None,
    }
}

/// Azure's filters, and which provider it was behind OpenRouter.
fn native(error: &Value) -> Map<String, Value> {
    let mut native = Map::new();
    for name in ["innererror", "content_filter_result"] {
        if let Some(value) = error.get(name).filter(|value| !value.is_null()) {
            native.insert(name.into(), value.clone());
        }
    }
    for name in ["provider_name", "reasons"] {
        if let Some(value) = error.get("metadata").and_then(|metadata| metadata.get(name)) {
            native.insert(name.into(), value.clone());
        }
    }
    native
}
