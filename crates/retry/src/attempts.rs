use http::{HeaderName, HeaderValue, Response};
use llm_layers_core::{Attempts, Rejection};

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-llm-attempts");

/// Says how many attempts an answer took: to the client, and to the layers above.
pub(crate) fn set<B>(response: &mut Response<B>, attempts: u32) {
    let value = match attempts {
        // As with most calls: that needs no memory.
        1 => HeaderValue::from_static("1"),
        attempts => HeaderValue::from(attempts),
    };
    response.headers_mut().insert(HEADER, value);
    response.extensions_mut().insert(Attempts(attempts));
}

/// Says how many attempts an answer took by what is known of it, and so many others beside it.
pub(crate) fn count<B>(response: &mut Response<B>, others: u32) {
    let made = of(response).saturating_add(others);
    set(response, made);
}

/// How many attempts an answer took by what is known of it. For a refusal nobody was asked.
pub(crate) fn of<B>(response: &Response<B>) -> u32 {
    let told = response.extensions().get().map(|Attempts(attempts)| *attempts);
    told.unwrap_or_else(|| u32::from(!is_refusal(response)))
}

/// Whether a layer below answered by itself.
pub(crate) fn is_refusal<B>(response: &Response<B>) -> bool {
    response.extensions().get::<Rejection>().is_some()
}
