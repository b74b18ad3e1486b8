//! Providers' errors, in OpenAI's shape and with a status that its clients understand.
//!
//! A format reads what its provider says into a [`Report`] and finds its [`Class`]; what a client is told of each
//! class is the same for all of them.

mod gateway;

use std::time::Duration;

use llm_layers_core::Failure;
use llm_layers_wire::openai;
use serde_json::{Map, Value};

pub(crate) use gateway::{broken_off, incomplete, not_an_answer, unreadable};
pub(crate) use llm_layers_core::{
    FailureKind as Class,
    retry_after::{duration, from_headers, rfc3339},
};

/// What a provider says of a failure, in its own words.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) message: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) code: Option<String>,
    /// The member of the request that is at fault.
    pub(crate) param: Option<String>,
    pub(crate) request_id: Option<String>,
    /// When to try again, where the body says so.
    pub(crate) retry_after: Option<Duration>,
}

impl Report {
    /// What a client is told. `status` is the provider's own.
    pub(crate) fn into_failure(self, class: Class, status: u16, provider: &str) -> Failure {
        let Self { message, kind, code, param, request_id, retry_after } = self;
        let message = message.filter(|message| !message.trim().is_empty());
        let message = message.unwrap_or_else(|| format!("The provider answered {status} without saying why."));
        let mut native = Map::new();
        for (name, value) in [("type", &kind), ("code", &code), ("request_id", &request_id)] {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                native.insert(name.into(), Value::String(value.clone()));
            }
        }
        let mut error = openai::Error::new(class.error_type(), message);
        error.code = class.code().map(Into::into).or(code);
        error.param = param;
        let error = error.with("provider", provider).with("upstream_status", status);
        let error = error.with("retryable", class.is_retryable());
        let error = if native.is_empty() { error } else { error.with("native", native) };
        let failure = Failure::new(class.status(), error).with_kind(class);
        match retry_after {
            Some(wait) => failure.with_retry_after(wait),
            None => failure,
        }
    }
}
