//! The head of a request: headers and the query hold people, too.

use std::fmt::Write;

use http::{Uri, request::Parts, uri::PathAndQuery};
use llm_layers_pii::Text;

use super::visitor::Visitor;

/// Takes out of the head what must not leave: a header in which anything is found goes as a whole, and what is found in
/// the query is replaced. The path stays, unless the call is refused for it.
pub(super) fn redact(head: &mut Parts, visitor: &mut Visitor<'_>) {
    let mut found = Vec::new();
    for (name, value) in &head.headers {
        if is_protocol(name.as_str()) {
            continue;
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        if visitor.elsewhere(&Text { text: &text, member: name.as_str() }).is_some() {
            found.push(name.clone());
        }
    }
    for name in found {
        head.headers.remove(name);
    }
    // Nobody would find the resource by another path.
    visitor.unchanged(&Text::from(head.uri.path()));
    let Some(query) = head.uri.query() else { return };
    let redacted = visitor.elsewhere(&Text::from(query));
    if let Some(uri) = redacted.and_then(|query| with_query(&head.uri, &query)) {
        head.uri = uri;
    }
}

/// Whether a header cannot hold anything, or says who is calling: a credential is for whoever is called, and is theirs to
/// replace.
fn is_protocol(name: &str) -> bool {
    matches!(
        name,
        "accept"
            | "accept-encoding"
            | "connection"
            | "content-encoding"
            | "content-length"
            | "content-type"
            | "date"
            | "expect"
            | "host"
            | "keep-alive"
            | "range"
            | "te"
            | "trailer"
            | "traceparent"
            | "tracestate"
            | "transfer-encoding"
            | "upgrade"
            | "authorization"
            | "proxy-authorization"
            | "api-key"
            | "x-api-key"
            | "x-goog-api-key"
    )
}

/// The same URI with another query, of which what no query may hold is escaped. Nothing of a query that cannot be
/// written is kept.
fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let mut text = uri.path().to_owned();
    text.push('?');
    for byte in query.bytes() {
        match byte {
            b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']'..=b'_' | b'a'..=b'z' | b'~' if byte != b'#' => {
                text.push(char::from(byte));
            }
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(text).or_else(|_| PathAndQuery::try_from(uri.path())).ok();
    Uri::from_parts(parts).ok()
}
