//! Failures inside a stream that has begun: the status has gone out, so the last event tells of it.

use llm_layers_wire::{openai, sse::Event};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Failure;
use crate::{FailureKind, Operation};

impl Failure {
    /// The failure as the last event of a stream, in the shape that clients of this operation read.
    ///
    /// `Message` and `Response` have shapes of their own, and name their events; all others have OpenAI's
    /// `data: {"error": …}`. Nothing may follow it, least of all `[DONE]`.
    ///
    /// ```
    /// use llm_layers_core::{Failure, Operation};
    ///
    /// let failure = Failure::timed_out("The provider fell silent.");
    /// assert_eq!(
    ///     failure.to_event(Operation::ChatCompletion).data(),
    ///     Some(&br#"{"error":{"message":"The provider fell silent.","type":"timeout_error","param":null,"code":"upstream_timeout"}}"#[..])
    /// );
    /// assert_eq!(failure.to_event(Operation::Message).name(), Some(&b"error"[..]));
    /// ```
    #[must_use]
    pub fn to_event(&self, operation: Operation) -> Event {
        self.to_event_after(operation, 0)
    }

    /// As [`to_event`](Self::to_event), behind so many events: those of [`Operation::Response`] are numbered from 0.
    #[must_use]
    pub fn to_event_after(&self, operation: Operation, events: u64) -> Event {
        let data = match operation {
            Operation::Message => self.as_message_error(),
            Operation::Response => written(&ResponseError::new(&self.error, events)),
            _ => return Event::new(self.error.to_bytes()),
        };
        Event::new(data).with_name("error")
    }

    /// Whether an event is the last word of a stream that has failed, in any of the shapes of
    /// [`to_event`](Self::to_event). The JSON is not parsed: errors lead with what they are.
    #[must_use]
    pub fn is_told_by(event: &Event) -> bool {
        matches!(event.name(), Some(b"error" | b"response.failed"))
            || event.data().is_some_and(|data| {
                (data.starts_with(br#"{"error""#) && !tells_none(data))
                    || data.starts_with(br#"{"type":"error""#)
                    || data.starts_with(br#"{"type": "error""#)
            })
    }

    /// Anthropic's shape: its pages on streaming ("Error events") and on errors, as of November 2026.
    fn as_message_error(&self) -> Vec<u8> {
        let openai::Error { message, param, code, more, .. } = &*self.error;
        let mut details = more.clone();
        let request_id = details.remove("request_id");
        for (name, value) in [("error_code", code), ("param", param)] {
            if let Some(value) = value {
                details.insert(name.into(), Value::String(value.clone()));
            }
        }
        let error = MessageErrorDetail { kind: self.message_error_type(), message, details };
        written(&MessageError { kind: "error", error, request_id: request_id.as_ref().and_then(Value::as_str) })
    }

    fn message_error_type(&self) -> &'static str {
        let kind = self.kind.or_else(|| FailureKind::of_error(&self.error));
        match kind.unwrap_or_else(|| FailureKind::of_status(self.status.as_u16())) {
            FailureKind::BadRequest | FailureKind::ContextLength | FailureKind::ContentFilter => {
                "invalid_request_error"
            }
            FailureKind::Unauthenticated => "authentication_error",
            FailureKind::Quota => "billing_error",
            FailureKind::Forbidden => "permission_error",
            FailureKind::NotFound => "not_found_error",
            FailureKind::Timeout => "timeout_error",
            FailureKind::Conflict => "conflict_error",
            FailureKind::TooLarge => "request_too_large",
            FailureKind::RateLimit => "rate_limit_error",
            FailureKind::Overloaded => "overloaded_error",
            FailureKind::Unreachable | FailureKind::Upstream | FailureKind::Malformed => "api_error",
        }
    }
}

#[derive(Serialize)]
struct MessageError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: MessageErrorDetail<'a>,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageErrorDetail<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    /// What there is besides, and Anthropic's shape has no other place for.
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: Map<String, Value>,
}

/// The `error` event of OpenAI's Responses API: `ResponseErrorEvent` of openai-python 3.52.0.
#[derive(Serialize)]
struct ResponseError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    code: Option<&'a str>,
    message: &'a str,
    param: Option<&'a str>,
    sequence_number: u64,
}

impl<'a> ResponseError<'a> {
    fn new(error: &'a openai::Error, sequence_number: u64) -> Self {
        let openai::Error { message, param, code, .. } = error;
        Self { kind: "error", code: code.as_deref(), message, param: param.as_deref(), sequence_number }
    }
}

/// Whether an `error` that leads an event is `null`: some providers write it into every chunk.
fn tells_none(data: &[u8]) -> bool {
    data.starts_with(br#"{"error":null"#) || data.starts_with(br#"{"error": null"#)
}

/// Strings and numbers: writing them cannot fail.
fn written(data: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn text(event: &Event) -> String {
        String::from_utf8(event.to_bytes().to_vec()).expect("text")
    }

    #[test]
    fn each_operation_has_its_shape() {
        let failure = Failure::timed_out("Nothing \"came\".").with_param("p");
        let openai = "data: {\"error\":{\"message\":\"Nothing \\\"came\\\".\",\"type\":\"timeout_error\",\"param\":\"p\",\
             \"code\":\"upstream_timeout\"}}\n\n";
        for operation in [Operation::ChatCompletion, Operation::Completion, Operation::Embedding, Operation::Models] {
            assert_eq!(text(&failure.to_event(operation)), openai, "{operation:?}");
        }
        assert_eq!(
            text(&failure.to_event(Operation::Message)),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\
             \"message\":\"Nothing \\\"came\\\".\",\"details\":{\"error_code\":\"upstream_timeout\",\"param\":\"p\"}},\
             \"request_id\":null}\n\n"
        );
        assert_eq!(
            text(&failure.to_event_after(Operation::Response, 7)),
            "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_timeout\",\
             \"message\":\"Nothing \\\"came\\\".\",\"param\":\"p\",\"sequence_number\":7}\n\n"
        );
    }

    #[test]
    fn a_message_error_has_anthropics_type() {
        let type_of = |failure: Failure| {
            let event = failure.to_event(Operation::Message);
            let data: Value = serde_json::from_slice(event.data().expect("data")).expect("JSON");
            data["error"]["type"].as_str().expect("a type").to_owned()
        };
        for (kind, expected) in [
            (FailureKind::Overloaded, "overloaded_error"),
            (FailureKind::Quota, "billing_error"),
            (FailureKind::RateLimit, "rate_limit_error"),
            (FailureKind::Malformed, "api_error"),
            (FailureKind::ContextLength, "invalid_request_error"),
        ] {
            let error = openai::Error::new(kind.error_type(), "m");
            assert_eq!(type_of(Failure::new(kind.status(), error).with_kind(kind)), expected, "{kind:?}");
        }
        let by_code = openai::Error::new("api_error", "m").with_code("server_is_overloaded");
        assert_eq!(type_of(Failure::new(StatusCode::OK, by_code)), "overloaded_error");
        let by_status = openai::Error::new("what_nobody_knows", "m");
        assert_eq!(type_of(Failure::new(StatusCode::FORBIDDEN, by_status)), "permission_error");
    }

    #[test]
    fn a_request_id_stands_where_anthropics_clients_look_for_it() {
        let error = openai::Error::new("api_error", "m").with("request_id", "req_1").with("provider", "p");
        let event = Failure::new(StatusCode::BAD_GATEWAY, error).to_event(Operation::Message);
        let data: Value = serde_json::from_slice(event.data().expect("data")).expect("JSON");
        assert_eq!(data["request_id"], "req_1");
        assert_eq!(data["error"]["details"], serde_json::json!({"provider": "p"}));
    }

    #[test]
    fn an_error_is_known_in_every_shape() {
        let failure = Failure::bad_gateway("m");
        for operation in [Operation::ChatCompletion, Operation::Message, Operation::Response] {
            let event = failure.to_event(operation);
            assert!(Failure::is_told_by(&event), "{operation:?}");
            // Some gateways leave the name away.
            let nameless = Event::new(event.data_bytes().expect("data"));
            assert!(Failure::is_told_by(&nameless), "{operation:?}");
        }
        assert!(Failure::is_told_by(&Event::new("{}").with_name("response.failed")));
        for other in [
            r#"{"id":"c","error":null}"#,
            r#"{"error":null,"id":"c"}"#,
            r#"{"error": null}"#,
            "[DONE]",
            r#"{"type":"error_free"}"#,
            "",
        ] {
            assert!(!Failure::is_told_by(&Event::new(Bytes::from_static(other.as_bytes()))), "{other}");
        }
    }
}
