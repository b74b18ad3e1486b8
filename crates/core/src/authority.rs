use std::borrow::Cow;

use http::{Request, header::HOST};

/// Who a request is sent to, by its URI or else by `host`: in lower case, so that it is a key, and without the user name
/// and password that may stand before it. Empty where neither tells.
///
/// It may be a stranger's to choose, and is cut after 256 bytes.
///
/// ```
/// use http::Request;
/// use llm_layers_core::authority;
///
/// let request = Request::get("http://user:secret@API.example:8080/v1/models").body(())?;
/// assert_eq!(authority(&request), "api.example:8080");
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn authority<B>(request: &Request<B>) -> Cow<'_, str> {
    const LONGEST: usize = 256;
    let of_uri = request.uri().authority().map(http::uri::Authority::as_str);
    let of_header = || request.headers().get(HOST)?.to_str().ok();
    let all = of_uri.or_else(of_header).unwrap_or_default();
    let host = all.rsplit('@').next().unwrap_or_default();
    // It is ASCII: there is no letter to be cut in two.
    let short = host.get(..LONGEST).unwrap_or(host);
    if short.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(short.to_ascii_lowercase())
    } else {
        Cow::Borrowed(short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str, host: &str) -> String {
        authority(&Request::post(uri).header(HOST, host).body(()).expect("a request")).into_owned()
    }

    #[test]
    fn it_is_one_in_every_spelling() {
        assert_eq!(of("http://API.example:80/x", "b.example"), "api.example:80");
        assert_eq!(of("http://user:secret@api.example/x", "b.example"), "api.example");
        assert_eq!(of("/x", "user:secret@B.example"), "b.example");
        assert_eq!(of("/x", ""), "");
        assert_eq!(authority(&Request::post("/x").body(()).expect("a request")), "");
        assert_eq!(of("/x", &"x".repeat(9999)).len(), 256);
    }
}
