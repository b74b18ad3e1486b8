//! Headers that must change when a message is forwarded or its body replaced.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        ACCEPT_RANGES, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, EXPECT, PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
};
use http_body::Body as HttpBody;

use crate::Body;

/// Headers that belong to one connection (RFC 9110, section 7.6.1) and to proxies.
static HOP_BY_HOP: [HeaderName; 11] = [
    CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authentication-info"),
];

/// Headers that describe the bytes of a body, and are wrong once these have changed.
static OF_THE_BYTES: [HeaderName; 8] = [
    CONTENT_ENCODING,
    CONTENT_RANGE,
    ACCEPT_RANGES,
    ETAG,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// Removes what must not be forwarded: hop-by-hop headers, and those that any `connection` line names.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
            // Framing is the server's and the client's own affair; a peer cannot have it dropped.
            .filter(|name| name != CONTENT_LENGTH)
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Makes the headers right for a body that has taken the place of another.
///
/// `content-length` is set where the new length is known and removed where it is not: left as it was,
/// it makes hyper's HTTP/1 client cut the body without a word, and its server write beyond the
/// answer's end. Digests, tags, ranges and encodings of the old bytes go.
pub fn body_replaced(headers: &mut HeaderMap, body: &Body) {
    for name in &OF_THE_BYTES {
        headers.remove(name);
    }
    set_content_length(headers, body.size_hint().exact());
}

/// Sets `content-length`, or removes it, and with it any `transfer-encoding`.
pub fn set_content_length(headers: &mut HeaderMap, length: Option<u64>) {
    headers.remove(TRANSFER_ENCODING);
    match length {
        Some(length) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        None => {
            headers.remove(CONTENT_LENGTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_line_is_walked() {
        let mut headers = HeaderMap::new();
        headers.append("connection", HeaderValue::from_static("close, X-First"));
        headers.append("connection", HeaderValue::from_static("x-second , content-length"));
        for name in ["x-first", "x-second", "x-kept", "keep-alive", "te", "transfer-encoding", "content-length"] {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        remove_hop_by_hop(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["content-length", "x-kept"]);
    }

    #[test]
    fn a_replaced_body_gets_its_own_length() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("5"));
        headers.insert(ETAG, HeaderValue::from_static("\"old\""));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        body_replaced(&mut headers, &Body::from("twenty-one bytes long"));
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[CONTENT_LENGTH], "21");

        let events = Body::from("data: x\n\n").into_events(Default::default());
        body_replaced(&mut headers, &events.into());
        assert!(headers.is_empty());
    }
}
