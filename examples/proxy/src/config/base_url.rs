//! The rules for a provider's base URL.

use http::Uri;

/// Why a URL cannot be a base URL, and what to write instead. Neither quotes the URL, which may hold
/// a password.
pub(super) type Refusal = (&'static str, &'static str);

/// Reads `http://` or `https://`, a host, and perhaps a port and a path. A slash at the end is cut
/// off, so that joining a path is plain concatenation.
pub(super) fn parse(text: &str) -> Result<Uri, Refusal> {
    // `http::Uri` drops a fragment without a word, hence the check on the text.
    if text.contains('#') {
        return Err(("a base URL has no fragment", "leave out the `#` and what follows it"));
    }
    let lower = text.to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return Err((
            "a base URL begins with `http://` or `https://`",
            "write it as in `\"https://api.example.com/v1\"`",
        ));
    }
    let not_a_url = ("not a URL", "write it as in `\"https://api.example.com/v1\"`");
    let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| not_a_url)?;
    let authority = uri.authority().ok_or(not_a_url)?;
    if authority.as_str().contains('@') {
        return Err(("a base URL holds no credentials", "move the key to `api_key`"));
    }
    if authority.host().is_empty() || authority.as_str().ends_with(':') {
        return Err(not_a_url);
    }
    // `http::Uri` lets any digits pass for a port and reads those above 65535 as none.
    let names_port = authority.as_str() != authority.host();
    if names_port && matches!(authority.port_u16(), None | Some(0)) {
        return Err(("not a port", "write a port from 1 to 65535"));
    }
    if uri.query().is_some() {
        return Err(("a base URL has no query", "leave out the `?` and what follows it"));
    }
    if ["/chat/completions", "/messages", "/embeddings"].iter().any(|end| uri.path().ends_with(end)) {
        return Err((
            "a base URL ends before the path of the call",
            "leave out what follows the version, as in `\"https://api.example.com/v1\"`",
        ));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn takes_base_urls() {
        for (text, uri) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
            ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), uri);
        }
    }

    #[test]
    fn refuses_the_rest() {
        for (text, message) in [
            ("api.openai.com/v1", "a base URL begins with `http://` or `https://`"),
            ("ftp://host/", "a base URL begins with `http://` or `https://`"),
            ("https://", "not a URL"),
            ("https:///v1", "not a URL"),
            ("https://host:/v1", "not a URL"),
            ("https://ho st/v1", "not a URL"),
            ("https://me:secret@host/v1", "a base URL holds no credentials"),
            ("https://host:99999/v1", "not a port"),
            ("https://host/v1?key=1", "a base URL has no query"),
            ("https://host/v1#x", "a base URL has no fragment"),
            ("https://host/v1/chat/completions", "a base URL ends before the path of the call"),
        ] {
            assert_eq!(parse(text).unwrap_err().0, message, "{text}");
        }
    }
}
