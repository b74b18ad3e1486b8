//! Answers that point elsewhere.

mod service;

pub use service::{Answering, RefuseRedirects};

use std::fmt;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode, Uri};

use crate::origin::Origin;

/// An answer that asks the client to go elsewhere.
///
/// hyper's client follows none. That is not all: an answer passed on with its `location` is followed by the caller's
/// client, which may send along what it sent here. So a program that passes answers on looks for a redirect first, or has
/// [`RefuseRedirects`] do so:
///
/// ```
/// use http::{HeaderMap, StatusCode, Uri, header::LOCATION};
/// use llm_layers_egress::Redirect;
///
/// let asked = Uri::from_static("https://api.example.com/v1/chat/completions");
/// let headers = HeaderMap::from_iter([(LOCATION, "https://evil.example/?key=1".parse()?)]);
/// let redirect = Redirect::of(&asked, StatusCode::TEMPORARY_REDIRECT, &headers).ok_or("none")?;
/// assert!(redirect.crosses_origins());
/// assert_eq!(redirect.to_string(), "307 Temporary Redirect to another origin, https://evil.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    status: StatusCode,
    target: Target,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// A status that promises a `location`, and none that came.
    Nowhere,
    Same,
    Other(Origin),
    /// Not to be told: read as another origin.
    Unclear,
}

impl Redirect {
    /// Whether an answer to a request for `asked` is a redirect: any status from 300 to 399 but 304, or a
    /// `location` beside 304.
    #[must_use]
    pub fn of(asked: &Uri, status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        if !status.is_redirection() {
            return None;
        }
        let mut locations = headers.get_all(LOCATION).iter();
        let target = match (locations.next(), locations.next()) {
            (None, _) if status == StatusCode::NOT_MODIFIED => return None,
            (None, _) => Target::Nowhere,
            // Which of several is followed differs from client to client.
            (Some(_), Some(_)) => Target::Unclear,
            (Some(location), None) => location.to_str().map_or(Target::Unclear, |location| target(asked, location)),
        };
        Some(Self { status, target })
    }

    /// Whether it leads to another scheme, host or port, or may do so: what two programs may read in two ways counts
    /// as another origin.
    #[must_use]
    pub fn crosses_origins(&self) -> bool {
        matches!(self.target, Target::Other(_) | Target::Unclear)
    }
}

fn target(asked: &Uri, location: &str) -> Target {
    // Browsers read a backslash as a slash and drop line breaks and tabs.
    if location.bytes().any(|byte| byte == b'\\' || byte.is_ascii_control()) || location.trim() != location {
        return Target::Unclear;
    }
    let is_path = location.starts_with('/') && !location.starts_with("//");
    let before_path = location.split(['/', '?', '#']).next().unwrap_or_default();
    if is_path || (!before_path.contains(':') && !location.starts_with("//")) {
        return Target::Same;
    }
    let absolute = match (location.starts_with("//"), asked.scheme_str()) {
        (true, Some(scheme)) => format!("{scheme}:{location}"),
        _ => location.to_owned(),
    };
    let origin = absolute.parse().ok().and_then(|uri: Uri| Origin::of(&uri).ok());
    match origin {
        Some(origin) if Origin::of(asked).as_ref() == Ok(&origin) => Target::Same,
        Some(origin) => Target::Other(origin),
        None => Target::Unclear,
    }
}

/// Names the origin and leaves out path and query, in which there may be a token.
impl fmt::Display for Redirect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status.fmt(out)?;
        match &self.target {
            Target::Nowhere => out.write_str(" without a target"),
            Target::Same => out.write_str(" within the same origin"),
            Target::Other(origin) => write!(out, " to another origin, {origin}"),
            Target::Unclear => out.write_str(" to a target that cannot be read safely"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(location: &[u8]) -> Redirect {
        let asked = Uri::from_static("https://api.example.com/v1/models");
        let headers = HeaderMap::from_iter([(LOCATION, location.try_into().unwrap())]);
        Redirect::of(&asked, StatusCode::TEMPORARY_REDIRECT, &headers).unwrap()
    }

    #[test]
    fn tells_the_same_origin_from_another() {
        for location in [
            "",
            "/v2/models",
            "models",
            "?page=2",
            "#x",
            "./a:b",
            "https://api.example.com/v2",
            "HTTPS://API.example.com:443/v2",
            "//api.example.com/v2",
            "?to=https://evil.example",
        ] {
            assert_eq!(redirect(location.as_bytes()).target, Target::Same, "{location}");
        }
        for (location, origin) in [
            ("https://evil.example/a?key=1", "https://evil.example"),
            ("http://api.example.com/v2", "http://api.example.com"),
            ("https://api.example.com:8443/v2", "https://api.example.com:8443"),
            ("//evil.example/", "https://evil.example"),
            ("https://169.254.169.254/latest/", "https://169.254.169.254"),
        ] {
            let redirect = redirect(location.as_bytes());
            assert!(redirect.crosses_origins(), "{location}");
            let text = format!("307 Temporary Redirect to another origin, {origin}");
            assert_eq!(redirect.to_string(), text, "{location}");
        }
    }

    #[test]
    fn what_cannot_be_read_safely_counts_as_another() {
        for location in [
            &b"/\\evil.example"[..],
            b"\\\\evil.example",
            b"/\t/evil.example",
            b"https://api.example.com@evil.example/",
            b"https://api.example.com./",
            b"https:/evil.example",
            b"https:evil.example",
            b"///evil.example",
            b"javascript:alert(1)",
            b"https://b\xfccher.example/",
            b"https://ev il.example/",
        ] {
            let redirect = redirect(location);
            assert_eq!(redirect.target, Target::Unclear, "{}", location.escape_ascii());
            assert!(redirect.crosses_origins());
        }
        let asked = Uri::from_static("https://api.example.com/");
        let mut both = HeaderMap::new();
        both.append(LOCATION, "/a".parse().unwrap());
        both.append(LOCATION, "https://evil.example".parse().unwrap());
        assert_eq!(Redirect::of(&asked, StatusCode::FOUND, &both).unwrap().target, Target::Unclear);
    }

    #[test]
    fn which_answers_are_redirects() {
        let asked = Uri::from_static("https://api.example.com/");
        let none = HeaderMap::new();
        let location = HeaderMap::from_iter([(LOCATION, "/a".parse().unwrap())]);
        for status in [300, 301, 302, 303, 305, 307, 308, 399] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(Redirect::of(&asked, status, &none).is_some_and(|redirect| !redirect.crosses_origins()));
            assert!(Redirect::of(&asked, status, &location).is_some());
        }
        assert!(Redirect::of(&asked, StatusCode::NOT_MODIFIED, &none).is_none());
        assert!(Redirect::of(&asked, StatusCode::NOT_MODIFIED, &location).is_some());
        for status in [200, 201, 202, 404, 500] {
            assert!(Redirect::of(&asked, StatusCode::from_u16(status).unwrap(), &location).is_none());
        }
    }
}
