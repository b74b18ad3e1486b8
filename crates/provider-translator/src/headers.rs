//! Which headers go through, and which stay on their side.

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE},
};
use llm_layers_core::{Operation, encoding, head};

use crate::Dialect;

/// The caller's credentials, and what tells who and where the caller is: none of the provider's business.
///
/// Asked of each header of each call: the first letter, or the last one, tells most names to be none of these.
fn is_of_the_caller(name: &str) -> bool {
    let begins = match name.as_bytes().first() {
        Some(b'x') => is_an_x_of_the_caller(name),
        Some(b'c') => matches!(name, "cookie" | "cf-connecting-ip") || name.starts_with("cf-access-"),
        _ => matches!(
            name,
            "authorization"
                | "forwarded"
                | "host"
                | "origin"
                | "referer"
                | "via"
                | "api-key"
                | "openai-organization"
                | "openai-project"
                | "true-client-ip"
                | "fly-client-ip"
                | "ocp-apim-subscription-key"
        ),
    };
    // Whatever a proxy in front has added to say who is calling.
    begins
        || match name.as_bytes().last() {
            Some(b'n') => name.ends_with("-token") || name.ends_with("-assertion"),
            Some(b't') => name.ends_with("-jwt") || name.ends_with("-secret"),
            Some(b'y') => name.ends_with("-api-key") || name.ends_with("-apikey"),
            _ => false,
        }
}

fn is_an_x_of_the_caller(name: &str) -> bool {
    matches!(
        name,
        "x-api-key"
            | "x-goog-api-key"
            | "x-real-ip"
            | "x-request-id"
            | "x-client-ip"
            | "x-goog-user-project"
            | "x-original-url"
            | "x-rewrite-url"
            | "x-http-method-override"
    ) || ["x-llm-", "x-stainless-", "x-forwarded-", "x-amz-", "x-goog-iap-", "x-amzn-oidc-", "x-ms-client-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The provider's cookies, what tells whose account is used there, and what would lead a client elsewhere.
fn is_of_the_provider(name: &str) -> bool {
    matches!(
        name,
        "set-cookie"
            | "alt-svc"
            | "strict-transport-security"
            | "openai-organization"
            | "openai-project"
            | "anthropic-organization-id"
            | "location"
            | "refresh"
            | "clear-site-data"
            | "www-authenticate"
            | "link"
            | "x-sendfile"
            | "x-goog-upload-url"
    ) || ["x-llm-", "x-accel-", "access-control-"].iter().any(|prefix| name.starts_with(prefix))
}

/// The provider's own id of the call, under the name that both dialects' answers leave with.
static UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-llm-layers-upstream-request-id");
/// The names by which it comes. What a gateway on the way may have added comes first, and so does not last.
static REQUEST_IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-amzn-requestid"),
];

/// A call that is read on its way, and so is its answer.
pub(crate) fn clean_request(headers: &mut HeaderMap, dialect: Dialect) {
    // Versions and betas of another dialect's mean nothing to this one.
    let is_foreign = |name: &str| dialect != Dialect::Anthropic && name.starts_with("anthropic-");
    head::remove_hop_by_hop_and(headers, |name| is_of_the_caller(name) || is_foreign(name));
    headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
}

/// A call in its provider's own words: versions and betas belong to it.
pub(crate) fn clean_native_request(headers: &mut HeaderMap) {
    head::remove_hop_by_hop_and(headers, is_of_the_caller);
}

pub(crate) fn clean_response(headers: &mut HeaderMap) {
    head::remove_hop_by_hop_and(headers, is_of_the_provider);
    if headers.keys().any(|name| REQUEST_IDS.contains(name)) {
        for name in &REQUEST_IDS {
            if let Some(id) = headers.remove(name) {
                headers.insert(UPSTREAM_REQUEST_ID.clone(), id);
            }
        }
    }
}

/// What an error that is written anew keeps of the provider's headers. When to try again is said anew, in one way.
pub(crate) fn keep_of_failed(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        let kept = *name == UPSTREAM_REQUEST_ID || name == "x-should-retry" || name.as_str().contains("ratelimit");
        if kept {
            to.append(name.clone(), value.clone());
        }
    }
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
    fn of_several_ids_the_providers_own_is_told() {
        let ids = [("x-request-id", "gateway"), ("request-id", "anthropic"), ("x-amzn-requestid", "aws")];
        for (most, expected) in [(1, "gateway"), (2, "anthropic"), (3, "aws")] {
            for order in [ids, [ids[2], ids[1], ids[0]], [ids[1], ids[0], ids[2]]] {
                let known = order.into_iter().filter(|id| ids[..most].contains(id));
                let mut headers = known.map(|(name, id)| (name.parse().unwrap(), id.parse().unwrap())).collect();
                clean_response(&mut headers);
                assert_eq!(headers, HeaderMap::from_iter([(UPSTREAM_REQUEST_ID.clone(), expected.parse().unwrap())]));
            }
        }
    }

    #[test]
    fn the_callers_names_are_known_one_by_one() {
        let whole = "authorization cookie forwarded host origin referer via x-api-key api-key x-goog-api-key \
                     openai-organization openai-project x-real-ip x-request-id cf-connecting-ip true-client-ip \
                     x-client-ip fly-client-ip x-goog-user-project x-original-url x-rewrite-url \
                     x-http-method-override ocp-apim-subscription-key";
        let begun = "x-llm-timeout x-stainless-os x-forwarded-for x-amz-date cf-access-client-id \
                     x-goog-iap-id x-amzn-oidc-data x-ms-client-principal";
        let ended = "a-token x-b-token my-jwt c-assertion d-secret x-my-api-key my-apikey cf-token content-secret";
        for name in [whole, begun, ended].into_iter().flat_map(str::split_whitespace) {
            assert!(is_of_the_caller(name), "{name}");
        }
        let kept = "x x- y c token jwt x-llm cf-ray accept content-type content-length user-agent x-apikeys hosts";
        for name in kept.split_whitespace().chain([""]) {
            assert!(!is_of_the_caller(name), "{name}");
        }
    }

    #[test]
    fn nothing_of_the_caller_leaves() {
        let mut headers = HeaderMap::new();
        for name in [
            "authorization",
            "x-api-key",
            "cookie",
            "x-stainless-os",
            "x-forwarded-for",
            "x-llm-timeout",
            "x-amz-date",
            "te",
        ] {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        headers.insert("x-custom", HeaderValue::from_static("kept"));
        headers.insert("anthropic-beta", HeaderValue::from_static("b1"));
        let mut anthropic = headers.clone();
        clean_request(&mut anthropic, Dialect::Anthropic);
        assert_eq!(anthropic["anthropic-beta"], "b1");
        clean_request(&mut headers, Dialect::OpenAi);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept-encoding", "x-custom"]);
    }
}
