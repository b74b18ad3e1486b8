//! What an open proxy asks of a call: that it comes from a program on this machine, and not from a page that a browser
//! on this machine has opened.
//!
//! Any page may send a request to a loopback address, and by a name of its own that it points there (DNS rebinding) it
//! may read the answer too. The keys that would pay for it are the user's.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{HOST, ORIGIN},
};
use llm_layers_core::{Failure, Rejection};
use llm_layers_wire::openai;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A browser says where a page is from (`origin`) with whatever changes something, and with what it asks of another
/// site. What it asks of the page's own site it does not, and so a name that was pointed here shows in `host` alone.
pub(super) fn check(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let host = !reads || headers.get(HOST).is_none_or(|host| text(host).is_some_and(|host| is_local(&host)));
    let origin = headers.get(ORIGIN).is_none_or(|origin| {
        let origin = text(origin).and_then(|origin| origin.parse::<Uri>().ok());
        origin.and_then(|origin| Some(is_local(origin.authority()?.as_str()))).unwrap_or_default()
    });
    let across = headers.get(&SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
    if host && origin && !across {
        return Ok(());
    }
    let message = "A proxy without [keys] answers programs on its own machine only, and no web pages.";
    let error = openai::Error::new("permission_error", message).with_code("not_local");
    Err(Failure::new(StatusCode::FORBIDDEN, error).with_rejection(Rejection::Unauthenticated))
}

/// Whether an authority is this machine, by a name that nobody else can point there.
fn is_local(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: std::net::IpAddr| address.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (http::HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers = headers.iter().map(pair).collect();
        check(&Method::GET, &headers).is_ok()
    }

    #[test]
    fn programs_may_and_pages_may_not() {
        assert!(may(&[]));
        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST", "app.localhost:3000", "127.8.8.8"] {
            assert!(may(&[("host", host)]), "{host}");
        }
        for host in ["evil.example:8080", "localhost.evil.example", "10.0.0.1", "169.254.169.254", "", "a@b"] {
            assert!(!may(&[("host", host)]), "{host}");
        }
        assert!(may(&[("host", "localhost"), ("origin", "http://localhost:3000")]));
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            assert!(!may(&[("host", "localhost"), ("origin", origin)]), "{origin}");
        }
        assert!(!may(&[("host", "localhost"), ("sec-fetch-site", "cross-site")]));
        let elsewhere = HeaderMap::from_iter([(HOST, HeaderValue::from_static("evil.example"))]);
        assert!(check(&Method::POST, &elsewhere).is_ok(), "programs may say what they like");
        assert!(may(&[("host", "localhost"), ("sec-fetch-site", "same-origin")]));
    }
}
