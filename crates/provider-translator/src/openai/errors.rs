//! Errors of OpenAI-compatible providers, in OpenAI's shape and with a status that its clients understand.

mod class;
mod read;

use http::StatusCode;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, openai};

use self::read::Said;
use crate::errors::Class;

/// Whether an error is as OpenAI would have said it, so that it can leave byte for byte.
pub(crate) fn is_normal(status: StatusCode, body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Body {
        error: Inner,
    }
    #[derive(serde::Deserialize)]
    struct Inner {
        message: String,
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "param", deserialize_with = "Option::deserialize")]
        _param: Option<String>,
        #[serde(deserialize_with = "Option::deserialize")]
        code: Option<String>,
    }
    let Ok(Body { error: Inner { message, kind, code, .. } }) = serde_json::from_slice(body) else { return false };
    if message.is_empty() || kind.is_empty() || Class::of_status(status.as_u16()).status() != status {
        return false;
    }
    // What has a word that clients look for must have been said by that word.
    let said = Said { message: Some(message), kind: Some(kind), code, ..Said::default() };
    let class = class::of(status.as_u16(), &said);
    let is_told_apart = class != Class::of_status(status.as_u16()) || class::is_of_a_model(class, &said);
    !is_told_apart || class.status() == status && said.code.as_deref() == class.code()
}

/// An error answer in its normal form. What the provider said of it is kept: message, type, code, parameter, status.
pub(crate) fn failure(status: StatusCode, body: &[u8], provider: &str) -> Failure {
    let said = Said::read(body);
    let class = class::of(status.as_u16(), &said);
    normal(class, Some(status.as_u16()), said, provider)
}

/// The kind of an error that leaves as it came.
pub(crate) fn class_of(status: StatusCode, body: &[u8]) -> Class {
    class::of(status.as_u16(), &Said::read(body))
}

/// An error that a provider reports inside a stream, or under a status of success, where it has no status but what its
/// members tell.
pub(crate) fn in_stream(data: &[u8], provider: &str) -> Failure {
    let said = Said::read(data);
    let class = class::without_status(&said);
    normal(class, said.status(), said, provider)
}

/// A choice that ended for want of capacity.
pub(super) fn overloaded(provider: &str) -> Failure {
    let message = "The provider had no capacity to finish its answer.".to_owned();
    normal(Class::Overloaded, None, Said { message: Some(message), ..Said::default() }, provider)
}

/// Whether a chunk or an answer that looks like a success is an error: `MiniMax` says so in `base_resp`, Groq in `x_groq`.
pub(super) fn is_hidden(object: &Object) -> bool {
    #[derive(serde::Deserialize)]
    struct Base {
        status_code: Option<i64>,
    }
    let base = || object.read::<Base>("base_resp").ok().flatten()?.status_code;
    let groq = || Object::parse(object.get_bytes("x_groq")?).ok().map(|groq| groq.text("error").is_some());
    base().is_some_and(|code| code != 0) || groq().unwrap_or(false)
}

/// Whether it is an error in a list, as Google's layer has it.
pub(super) fn is_listed(data: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Listed {
        #[serde(rename = "error")]
        _error: serde::de::IgnoredAny,
    }
    data.starts_with(b"[") && serde_json::from_slice::<Vec<Listed>>(data).is_ok_and(|list| !list.is_empty())
}

fn normal(class: Class, status: Option<u16>, said: Said, provider: &str) -> Failure {
    let shown = status.unwrap_or(class.status().as_u16());
    let retry_after = said.retry_after(class);
    let is_of_a_model = class::is_of_a_model(class, &said);
    let Said { message, kind, code, param, mut native, .. } = said;
    let message = message.unwrap_or_else(|| format!("The provider answered {shown} without saying why."));
    let mut error = openai::Error::new(class.error_type(), message);
    error.param = param;
    // Of what providers say, clients know OpenAI's words: a class that has been told apart, or has another status than the
    // provider's, has one. What it stands for is kept beside.
    let is_status = class == Class::of_status(shown) && class.status() == shown;
    let is_own = is_status && class != Class::Quota && !is_of_a_model;
    let is_number = |code: &String| code.bytes().all(|byte| byte.is_ascii_digit());
    // Azure's word for a model that is not there.
    let theirs = code.filter(|code| !is_number(code) && code != "DeploymentNotFound");
    error.code = match class.code() {
        Some(ours) if !is_own => Some(ours.into()),
        ours => theirs.clone().or_else(|| ours.map(Into::into)),
    };
    if let Some(kind) = kind.clone().filter(|_| is_own) {
        error.kind = kind;
    }
    let said = [("type", kind, Some(&error.kind)), ("code", theirs, error.code.as_ref())];
    for (name, said, told) in said {
        if let Some(said) = said.filter(|said| Some(said) != told) {
            native.insert(name.into(), said.into());
        }
    }
    let error = error.with("provider", provider).with("upstream_status", shown);
    let error = error.with("retryable", class.is_retryable());
    let error = if native.is_empty() { error } else { error.with("native", native) };
    let failure = Failure::new(class.status(), error).with_kind(class);
    retry_after.into_iter().fold(failure, Failure::with_retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, body: &str) -> (u16, String, Option<String>, String) {
        let failure = failure(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), "p");
        let error = failure.error().clone();
        assert_eq!(error.more["upstream_status"], status);
        (failure.status().as_u16(), error.kind, error.code, error.message)
    }

    #[test]
    fn what_the_provider_said_is_kept() {
        let body = r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"slow_down"}}"#;
        assert_eq!(seen(429, body), (429, "requests".into(), Some("slow_down".into()), "slow down".into()));
    }

    #[test]
    fn statuses_that_clients_do_not_know_are_mapped() {
        let status = |status| seen(status, "").0;
        assert_eq!([400, 422, 402, 529, 503, 500, 520].map(status), [400, 400, 429, 503, 503, 502, 502]);
        assert_eq!(seen(402, "").1, "insufficient_quota");
    }

    #[test]
    fn a_number_is_no_code() {
        let (_, kind, code, message) = seen(400, r#"{"message":"m","type":"BadRequestError","code":400}"#);
        assert_eq!((kind.as_str(), code, message.as_str()), ("BadRequestError", None, "m"));
    }

    #[test]
    fn only_openais_own_shape_is_left_alone() {
        let ok = |status, body: &str| is_normal(StatusCode::from_u16(status).expect("a status"), body.as_bytes());
        let whole = r#"{"error":{"message":"m","type":"t","param":null,"code":null}}"#;
        assert!(ok(429, whole) && ok(400, whole));
        assert!(!ok(500, whole), "500 leaves as 502");
        assert!(!ok(400, r#"{"error":{"message":"m","type":"t","param":null,"code":400}}"#));
        assert!(!ok(400, r#"{"error":{"message":"m","type":"t","param":null}}"#));
        assert!(!ok(400, "<html>"));
    }

    #[test]
    fn a_model_that_is_not_there_has_its_code() {
        let error = |message: &str| {
            format!(r#"{{"error":{{"message":"{message}","type":"invalid_request_error","param":null,"code":null}}}}"#)
        };
        for message in ["The model `x` does not exist", "Unknown model: x", "Model not found, x", "No such model"] {
            let body = error(message);
            assert!(!is_normal(StatusCode::NOT_FOUND, body.as_bytes()), "{message}");
            let code = Some("model_not_found".to_owned());
            assert_eq!(seen(404, &body), (404, "invalid_request_error".into(), code, message.into()));
        }
        for message in ["Invalid URL (POST /v1/x)", "No such file object: x"] {
            assert!(is_normal(StatusCode::NOT_FOUND, error(message).as_bytes()), "{message}");
        }
    }

    #[test]
    fn an_account_that_is_not_active_is_no_matter_of_waiting() {
        let body = r#"{"error":{"message":"m","type":"billing_not_active","param":null,"code":"billing_not_active"}}"#;
        assert!(!is_normal(StatusCode::TOO_MANY_REQUESTS, body.as_bytes()));
        assert_eq!(class_of(StatusCode::TOO_MANY_REQUESTS, body.as_bytes()), Class::Quota);
        assert_eq!(seen(429, body).2.as_deref(), Some("insufficient_quota"));
    }

    #[test]
    fn errors_in_streams_find_their_status() {
        let status = |body: &str| in_stream(body.as_bytes(), "p").status().as_u16();
        assert_eq!(status(r#"{"error":{"message":"m","code":429}}"#), 429);
        assert_eq!(status(r#"{"error":{"message":"m","type":"overloaded_error"}}"#), 503);
        assert_eq!(status(r#"{"error":{"message":"m"}}"#), 502);
    }
}
