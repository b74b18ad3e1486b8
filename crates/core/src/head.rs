//! Headers that must change when a message is forwarded or its body replaced.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING},
};
use http_body::Body as HttpBody;

use crate::{Body, encoding};

/// Whether a header belongs to one connection (RFC 9110, section 7.6.1) or to a proxy.
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
            | "proxy-connection"
    )
}

/// Whether a header describes the bytes of a body, and is wrong once these have changed.
fn is_of_the_bytes(name: &str) -> bool {
    matches!(
        name,
        "content-encoding"
            | "content-range"
            | "accept-ranges"
            | "etag"
            | "content-md5"
            | "digest"
            | "content-digest"
            | "repr-digest"
    )
}

/// Whether the client sends its body only when it is told to (`expect`, RFC 9110, section 10.1.1). To be asked before
/// [`remove_hop_by_hop`].
#[must_use]
pub fn awaits_continue(headers: &HeaderMap) -> bool {
    headers.contains_key(EXPECT)
}

/// Whether the body is of this media type (`type/subtype`), whatever its parameters.
#[must_use]
pub fn is_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    names_type(content_type(headers), media_type)
}

/// What a head says of the type of its body.
pub(crate) fn content_type(headers: &HeaderMap) -> &[u8] {
    headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default().trim_ascii_start()
}

/// Whether a `content-type` names this media type.
pub(crate) fn names_type(content_type: &[u8], media_type: &str) -> bool {
    // Asked several times for each answer: not a byte is looked at twice.
    content_type.split_at_checked(media_type.len()).is_some_and(|(essence, rest)| {
        let is_all = matches!(rest.trim_ascii_start(), [] | [b';', ..]);
        is_all && essence.eq_ignore_ascii_case(media_type.as_bytes())
    })
}

/// Whether the body is JSON that can be read: not compressed.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    is_media_type(headers, "application/json") && !encoding::is_encoded(headers)
}

/// Whether the body is a stream of server-sent events that can be read: not a compressed one.
#[must_use]
pub fn is_event_stream(headers: &HeaderMap) -> bool {
    is_media_type(headers, "text/event-stream") && !encoding::is_encoded(headers)
}

/// Removes what must not be forwarded: hop-by-hop headers, and those that any `connection` line names.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    remove_hop_by_hop_and(headers, |_| false);
}

/// Removes what must not be forwarded, and all other headers whose names, in lower case, are unwanted, in one walk.
pub fn remove_hop_by_hop_and(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    for name in names_where(headers, |name| is_hop_by_hop(name) || unwanted(name)) {
        if name == CONNECTION {
            remove_named(headers);
        } else if name == TRANSFER_ENCODING {
            // A length beside it is a lie, or an attack (RFC 9112, section 6.3).
            headers.remove(CONTENT_LENGTH);
        }
        headers.remove(name);
    }
}

/// Removes the headers that any `connection` line names.
fn remove_named(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        // Most lines say `keep-alive` and name nothing that is there.
        .filter(|name| headers.contains_key(*name))
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        // Framing is the server's and the client's own affair; a peer cannot have it dropped.
        .filter(|name| name != CONTENT_LENGTH && name != TRANSFER_ENCODING)
        .collect();
    for name in named {
        headers.remove(name);
    }
}

/// Removes all headers whose names, in lower case, are unwanted.
///
/// One walk over the headers that are there costs a fraction of asking for each name that might be.
pub fn remove_where(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    for name in names_where(headers, unwanted) {
        headers.remove(name);
    }
}

/// The names that are unwanted. Where there are none, as in most answers, nothing is allocated.
fn names_where(headers: &HeaderMap, unwanted: impl Fn(&str) -> bool) -> Vec<HeaderName> {
    let mut names = Vec::new();
    for name in headers.keys() {
        if unwanted(name.as_str()) {
            names.push(name.clone());
        }
    }
    names
}

/// Makes the headers right for a body that has taken the place of another.
///
/// `content-length` is set where the new length is known and removed where it is not: left as it was,
/// it makes hyper's HTTP/1 client cut the body without a word, and its server write beyond the
/// answer's end. Digests, tags, ranges and encodings of the old bytes go.
pub fn body_replaced(headers: &mut HeaderMap, body: &Body) {
    remove_where(headers, |name| is_of_the_bytes(name) || name == "transfer-encoding");
    put_content_length(headers, body.size_hint().exact());
}

/// Sets `content-length`, or removes it, and with it any `transfer-encoding`.
pub fn set_content_length(headers: &mut HeaderMap, length: Option<u64>) {
    headers.remove(TRANSFER_ENCODING);
    put_content_length(headers, length);
}

/// A number as a header says it. By way of a string it takes one allocation, and two by `HeaderValue::from`.
#[must_use]
pub fn number(number: u64) -> HeaderValue {
    HeaderValue::try_from(number.to_string()).unwrap_or_else(|_| HeaderValue::from(number))
}

fn put_content_length(headers: &mut HeaderMap, length: Option<u64>) {
    match length {
        Some(length) => {
            headers.insert(CONTENT_LENGTH, number(length));
        }
        None => {
            headers.remove(CONTENT_LENGTH);
        }
    }
}

/// Whether a path holds a segment that leads upwards, however it is written: somebody behind may resolve it, and what
/// looks like one resource is then another.
#[must_use]
pub fn climbs(path: &str) -> bool {
    let mut plain = path.to_ascii_lowercase();
    // Each round resolves at least one escape of an escape; paths are short.
    while let Some(decoded) = decoded_once(&plain) {
        plain = decoded;
    }
    plain.split(['/', '\\']).any(|segment| {
        // What follows a semicolon are parameters of the segment (RFC 3986, section 3.3), to some.
        let name = segment.split(';').next().unwrap_or_default();
        name == "." || name == ".."
    })
}

/// The path with its escapes of dots, slashes and percent signs resolved; nothing if it has none.
fn decoded_once(path: &str) -> Option<String> {
    let decoded = path.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%25", "%");
    (decoded != path).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_ENCODING, ETAG};

    use super::*;

    #[test]
    fn what_climbs_is_known_however_it_is_written() {
        for path in ["/a/../b", "/a/%2E%2e/b", "/a/..%2f..%5Cb", "/a\\..\\b", "/..;x=1/b", "/a/%252e%252e/b", "/./a"] {
            assert!(climbs(path), "{path}");
        }
        for path in ["/a/b", "/v1/models/meta%2Fllama", "/a..b/...", "/%20", "/100%25"] {
            assert!(!climbs(path), "{path}");
        }
    }

    #[test]
    fn a_media_type_is_known_whole_and_without_its_parameters() {
        let is = |value: &'static str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            is_media_type(&headers, "text/event-stream")
        };
        assert!(is("text/event-stream") && is("Text/Event-Stream ;charset=utf-8"));
        assert!(!is("text/event-streams") && !is("text/event") && !is(""));
        assert!(!is_media_type(&HeaderMap::new(), "text/event-stream"));
    }

    #[test]
    fn what_is_compressed_cannot_be_read() {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        assert!(is_json(&headers) && !is_event_stream(&headers));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert!(is_json(&headers));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!is_json(&headers));
    }

    #[test]
    fn every_connection_line_is_walked() {
        let mut headers = HeaderMap::new();
        headers.append("connection", HeaderValue::from_static("close, X-First"));
        headers.append("connection", HeaderValue::from_static("x-second , content-length"));
        for name in ["x-first", "x-second", "x-kept", "keep-alive", "te", "content-length"] {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        remove_hop_by_hop(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["content-length", "x-kept"]);

        headers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 1, "a length beside an encoding is none");
    }

    #[test]
    fn names_of_every_class_go_wherever_they_stand() {
        let kept = ["accept", "content-type", "user-agent", "x-kept", "x-kept-2", "a-name-of-somebodys-own"];
        let gone =
            ["te", "upgrade", "keep-alive", "x-unwanted", "x-unwanted-2", "cookie", "connection", "x-named", "etag"];
        for turn in 0..kept.len() + gone.len() {
            let mut names = [kept.as_slice(), &gone].concat();
            names.rotate_left(turn);
            let mut headers = HeaderMap::new();
            for (index, name) in names.iter().enumerate() {
                // Some of them twice or three times.
                for _ in 0..=(index + turn) % 3 {
                    headers.append(*name, HeaderValue::from_static("x-named"));
                }
            }
            let all = headers.clone();
            let unwanted = |name: &str| name.starts_with("x-unwanted") || matches!(name, "cookie" | "etag");
            remove_hop_by_hop_and(&mut headers, unwanted);
            let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
            left.sort_unstable();
            let mut expected = kept.to_vec();
            expected.sort_unstable();
            assert_eq!(left, expected, "{names:?}");
            for name in kept {
                assert!(headers.get_all(name).iter().eq(all.get_all(name)), "{name}");
            }
        }
    }

    #[test]
    fn however_many_are_unwanted_all_of_them_go() {
        let mut headers = HeaderMap::new();
        for number in 0..600 {
            headers.insert(HeaderName::try_from(format!("x-{number}")).unwrap(), HeaderValue::from(number));
        }
        let all = headers.clone();
        let is_third = |name: &str| name.trim_start_matches("x-").parse::<u32>().is_ok_and(|number| number % 3 == 0);
        remove_where(&mut headers, is_third);
        assert_eq!(headers.len(), 400);
        assert!(headers.iter().all(|(name, value)| !is_third(name.as_str()) && all[name] == value));
        remove_where(&mut headers, |_| true);
        assert!(headers.is_empty());
    }

    #[test]
    fn what_a_connection_line_names_goes_however_it_is_spelled() {
        let mut headers = HeaderMap::new();
        headers.insert("connection", HeaderValue::from_static("Keep-Alive,, not a name, X-NAMED ,Accept,connection"));
        for name in ["x-named", "accept", "x-kept"] {
            headers.append(name, HeaderValue::from_static("1"));
            headers.append(name, HeaderValue::from_static("2"));
        }
        remove_hop_by_hop(&mut headers);
        assert_eq!((headers.keys_len(), headers.len()), (1, 2));
        assert!(headers.contains_key("x-kept"));
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
