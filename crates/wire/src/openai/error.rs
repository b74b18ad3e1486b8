use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// An error in OpenAI's shape: the content of `{"error": …}`.
///
/// All four members are always written, as OpenAI's schema requires. `code` is always a string or
/// `null`: a number breaks typed clients.
///
/// ```
/// use llm_layers_wire::openai::Error;
///
/// let error = Error::new("invalid_request_error", "no such model").with_code("model_not_found");
/// assert_eq!(
///     error.to_bytes(),
///     r#"{"error":{"message":"no such model","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Error {
    /// What is wrong, for a person.
    pub message: String,
    /// The class, such as `invalid_request_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The member of the request that is at fault.
    pub param: Option<String>,
    /// What is wrong, for a program.
    pub code: Option<String>,
    /// Further members, such as `provider` and `upstream_status`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Error {
    /// An error of this `type` and with this message.
    #[must_use]
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: kind.into(), param: None, code: None, more: Map::new() }
    }

    /// Sets what is wrong, for a program.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the member of the request that is at fault.
    #[must_use]
    pub fn with_param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    /// Reads an error out of whatever a provider has answered; `None` when it holds no message.
    ///
    /// Understood are `{"error":{…}}` (OpenAI, Anthropic and most others), the same in a list
    /// (Gemini), `{"error":"…"}`, `{"message":"…"}`, and `{"detail":…}` (`FastAPI`). Members that
    /// are no part of OpenAI's shape are not taken over.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let value = value.get(0).unwrap_or(&value);
        let inner = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        let text = |name: &str| match inner.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let message = match (inner, text("message")) {
            (Value::String(message), _) => message.clone(),
            (_, Some(message)) => message,
            _ => match value.get("detail")? {
                Value::String(detail) => detail.clone(),
                detail => detail.to_string(),
            },
        };
        Some(Self {
            message,
            kind: text("type").unwrap_or_default(),
            param: text("param"),
            code: text("code"),
            more: Map::new(),
        })
    }

    /// The error as the body of an answer, or as the data of an event.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a Error,
        }
        // Strings and JSON values only: writing them cannot fail.
        Bytes::from(serde_json::to_vec(&Body { error: self }).unwrap_or_default())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_providers_answer() {
        let read = |body: &str| Error::parse(body.as_bytes()).map(|error| (error.message, error.kind, error.code));
        let is =
            |message: &str, kind: &str, code: Option<&str>| Some((message.into(), kind.into(), code.map(Into::into)));
        assert_eq!(read(r#"{"error":{"message":"m","type":"t","code":"c"}}"#), is("m", "t", Some("c")));
        assert_eq!(read(r#"{"error":{"message":"m","code":503}}"#), is("m", "", Some("503")));
        assert_eq!(
            read(r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#),
            is("m", "overloaded_error", None)
        );
        assert_eq!(read(r#"[{"error":{"code":400,"message":"m","status":"X"}}]"#), is("m", "", Some("400")));
        assert_eq!(read(r#"{"error":"m"}"#), is("m", "", None));
        assert_eq!(
            read(r#"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#),
            is("m", "BadRequestError", Some("400"))
        );
        assert_eq!(read(r#"{"detail":"Not Found"}"#), is("Not Found", "", None));
        assert_eq!(read(r#"{"detail":[{"loc":["body"]}]}"#), is(r#"[{"loc":["body"]}]"#, "", None));
        assert_eq!(read("<html>"), None);
        assert_eq!(read("{}"), None);
        assert_eq!(read("[]"), None);
    }
}
