//! Which headers go through, and which stay on their side.

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use llm_layers_core::{Operation, encoding, head};

/// The caller's credentials, and what tells who and where the caller is: none of the provider's business.
fn is_of_the_caller(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "cookie"
            | "forwarded"
            | "host"
            | "origin"
            | "referer"
            | "via"
            | "x-api-key"
            | "api-key"
            | "x-goog-api-key"
            | "openai-organization"
            | "openai-project"
            | "anthropic-version"
            | "x-real-ip"
            | "x-request-id"
            | "cf-connecting-ip"
            | "true-client-ip"
            | "x-client-ip"
            | "fly-client-ip"
    ) || ["x-llm-", "x-stainless-", "x-forwarded-"].iter().any(|prefix| name.starts_with(prefix))
}

/// The provider's cookies, and what tells whose account is used there.
fn is_of_the_provider(name: &str) -> bool {
    matches!(
        name,
        "set-cookie"
            | "alt-svc"
            | "strict-transport-security"
            | "openai-organization"
            | "openai-project"
            | "anthropic-organization-id"
    )
}

/// The provider's own id of the call, under the name that both dialects' answers leave with.
static UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-llm-layers-upstream-request-id");
static REQUEST_IDS: [HeaderName; 2] = [HeaderName::from_static("x-request-id"), HeaderName::from_static("request-id")];

pub(crate) fn clean_request(headers: &mut HeaderMap) {
    head::remove_hop_by_hop(headers);
    head::remove_where(headers, is_of_the_caller);
    headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
}

pub(crate) fn clean_response(headers: &mut HeaderMap) {
    head::remove_hop_by_hop(headers);
    head::remove_where(headers, is_of_the_provider);
    for name in &REQUEST_IDS {
        if let Some(id) = headers.remove(name) {
            headers.insert(UPSTREAM_REQUEST_ID.clone(), id);
        }
    }
}

/// What an error that is written anew keeps of the provider's headers.
pub(crate) fn keep_of_failed(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        let kept = name == RETRY_AFTER
            || name == UPSTREAM_REQUEST_ID
            || ["retry-after-ms", "x-should-retry"].contains(&name.as_str())
            || name.as_str().contains("ratelimit");
        if kept {
            to.append(name.clone(), value.clone());
        }
    }
}

pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    is(headers, b"text/event-stream")
}

pub(crate) fn is_html(headers: &HeaderMap) -> bool {
    is(headers, b"text/html")
}

fn is(headers: &HeaderMap, media_type: &[u8]) -> bool {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(media_type)
}

/// What a stream's head must say for proxies on the way not to hold it back.
pub(crate) fn set_event_stream(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
}

/// What follows the operation's name in a URI: a model's id after `/models`, and the query.
pub(crate) fn tail(uri: &Uri, operation: Operation) -> &str {
    let Some(path_and_query) = uri.path_and_query() else { return "" };
    let text = path_and_query.as_str();
    let from = match operation {
        Operation::Models => ["/v1/models", "/models"].iter().find_map(|name| Some(text.find(name)? + name.len())),
        _ => path_and_query.query().map(|query| text.len() - query.len() - 1),
    };
    from.and_then(|from| text.get(from..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_what_the_operation_leaves() {
        let tail = |uri: &str, operation| super::tail(&uri.parse().expect("a URI"), operation).to_owned();
        assert_eq!(tail("/v1/chat/completions", Operation::ChatCompletion), "");
        assert_eq!(tail("/v1/chat/completions?a=b", Operation::ChatCompletion), "?a=b");
        assert_eq!(tail("/v1/models/meta%2Fllama?x", Operation::Models), "/meta%2Fllama?x");
        assert_eq!(tail("http://h/v1/models", Operation::Models), "");
    }

    #[test]
    fn nothing_of_the_caller_leaves() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "x-api-key", "cookie", "x-stainless-os", "x-forwarded-for", "x-llm-timeout", "te"]
        {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        headers.insert("x-custom", HeaderValue::from_static("kept"));
        clean_request(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept-encoding", "x-custom"]);
    }

    #[test]
    fn the_media_type_is_read_without_its_parameters() {
        let is = |value| is_event_stream(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(is("text/event-stream"));
        assert!(is("Text/Event-Stream ; charset=utf-8"));
        assert!(!is("application/json"));
    }
}
