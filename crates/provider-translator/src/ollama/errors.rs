//! Ollama's errors, in OpenAI's shape and with a status that its clients understand.

use llm_layers_core::Failure;
use serde::Deserialize;

use crate::{
    errors::{Class, Report},
    format::Refusal,
};

/// An answer that is an error. What the server said of it is kept: message, status.
pub(super) fn failure(refusal: &Refusal<'_>) -> Failure {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        error: Option<String>,
    }
    let Refusal { status, body, provider, .. } = *refusal;
    let Body { error } = serde_json::from_slice(body).unwrap_or_default();
    normal(status.as_u16(), error, provider)
}

/// An error that is reported under a status of 200, in place of an answer or within it.
pub(super) fn in_answer(message: String, provider: &str) -> Failure {
    // The status that it would have had: words are all that there is to tell it by.
    let status = match () {
        () if says(&message, &["server busy", "maximum pending requests"]) => 503,
        () if says(&message, &TOO_LONG) => 400,
        () => 500,
    };
    normal(status, Some(message), provider)
}

const TOO_LONG: [&str; 3] = ["context length", "context window", "context size"];

fn says(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}

fn normal(status: u16, message: Option<String>, provider: &str) -> Failure {
    let says = |words: &[&str]| says(message.as_deref().unwrap_or_default(), words);
    let mut code = None;
    let class = match status {
        400 if says(&TOO_LONG) => Class::ContextLength,
        400 if says(&["does not support"]) => {
            code = Some("unsupported_parameter".to_owned());
            Class::BadRequest
        }
        // The cloud's limits of a day or a week; those of the moment pass.
        402 => Class::Quota,
        429 if says(&["usage limit", "upgrade"]) => Class::Quota,
        status => Class::of_status(status),
    };
    Report { message, code, ..Report::default() }.into_failure(class, status, provider)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    #[test]
    fn every_class_is_normal() {
        let bad = |code| (400, "invalid_request_error", code, false);
        let upstream = (502, "api_error", Some("upstream_error"), true);
        // What comes, and what a client sees: status, type, code, whether it is worth another try.
        let table = [
            (400, "\\\"x\\\" does not support tools", bad(Some("unsupported_parameter"))),
            (400, "the input length exceeds the context length", bad(Some("context_length_exceeded"))),
            (400, "invalid options", bad(None)),
            (401, "unauthorized", (401, "authentication_error", Some("invalid_api_key"), false)),
            (403, "subscription required", (403, "permission_error", None, false)),
            (404, "model 'x' not found", (404, "invalid_request_error", Some("model_not_found"), false)),
            (
                429,
                "you have reached your weekly usage limit",
                (429, "insufficient_quota", Some("insufficient_quota"), false),
            ),
            (429, "too many concurrent requests", (429, "rate_limit_error", Some("rate_limit_exceeded"), true)),
            (500, "llama runner process has terminated", upstream),
            (502, "upstream model is unreachable", upstream),
            (503, "server busy", (503, "service_unavailable_error", Some("server_is_overloaded"), true)),
        ];
        for (status, message, expected) in table {
            let body = format!(r#"{{"error":"{message}"}}"#);
            let failure = failure(&Refusal {
                status: StatusCode::from_u16(status).expect("a status"),
                headers: &HeaderMap::new(),
                body: body.as_bytes(),
                provider: "ollama",
            });
            let error = failure.error();
            let seen = (
                failure.status().as_u16(),
                error.kind.as_str(),
                error.code.as_deref(),
                error.more["retryable"] == true,
            );
            assert_eq!(seen, expected, "{status} {message}");
            assert_eq!(error.message, message.replace("\\\"", "\""));
        }
    }

    #[test]
    fn an_error_in_an_answer_has_the_status_that_its_words_stand_for() {
        for (message, status, code) in [
            ("server busy, please try again. maximum pending requests exceeded", 503, "server_is_overloaded"),
            ("the input exceeds the context length", 400, "context_length_exceeded"),
            ("llama runner process no longer running", 502, "upstream_error"),
        ] {
            let failure = in_answer(message.into(), "ollama");
            assert_eq!((failure.status().as_u16(), failure.error().code.as_deref()), (status, Some(code)), "{message}");
        }
    }

    #[test]
    fn what_is_no_error_of_ollamas_still_has_its_status() {
        for body in ["", "404 page not found", "[]", r#"{"error":{}}"#] {
            let headers = HeaderMap::new();
            let refusal =
                Refusal { status: StatusCode::NOT_FOUND, headers: &headers, body: body.as_bytes(), provider: "o" };
            assert_eq!(failure(&refusal).status(), 404, "{body}");
        }
    }
}
