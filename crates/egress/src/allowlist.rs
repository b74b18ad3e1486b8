//! The origins that may be reached.

use std::fmt;
use std::str::FromStr;

use http::Uri;

use crate::origin::{Host, Origin, OriginError, Scheme};

/// The origins that may be reached. One that is empty permits nothing.
///
/// | pattern | permits |
/// | --- | --- |
/// | `https://api.openai.com` | this host by `https` at port 443 |
/// | `api.openai.com` | the same: where no scheme is written, it is `https` |
/// | `https://gateway.example:8443` | this port only |
/// | `http://127.0.0.1:8000`, `http://[::1]:8000` | this address, however its IPv6 form is spelled |
/// | `*.openai.azure.com` | `x.openai.azure.com`, `x.y.openai.azure.com`; neither `openai.azure.com` nor `xopenai.azure.com` |
///
/// Scheme, host and port must all match; paths play no part. Names are compared without regard to case, as ASCII:
/// a name in another script is written in Punycode in both places. A URL whose host can be read in two ways
/// ([`OriginError`]) is never permitted.
///
/// A star stands for one label or more at the beginning, and two labels at least must follow it. Whether those two
/// are somebody's own name or a registry's (`*.co.uk`) is not known here: whoever writes a star vouches for
/// everybody who can get a name below it.
///
/// ```
/// use llm_layers_egress::Allowlist;
///
/// let allowed = Allowlist::parse(["https://api.openai.com", "*.openai.azure.com"])?;
/// assert!(allowed.permits(&"https://API.openai.com/v1/models".parse()?));
/// assert!(allowed.permits(&"https://team.openai.azure.com/openai/v1".parse()?));
/// assert!(!allowed.permits(&"http://api.openai.com/v1".parse()?), "not by plain HTTP");
/// assert!(!allowed.permits(&"https://api.openai.com.evil.example/v1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowlist {
    patterns: Vec<Pattern>,
}

/// One entry of an [`Allowlist`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// For a star, the origin of what follows it.
    origin: Origin,
    is_suffix: bool,
}

/// Why a text is not a pattern. It does not quote the text, in which there may be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// A path, a query or a fragment follows.
    Path,
    /// A star that is not the first label, or not a label of its own.
    Star,
    /// A star with fewer than two labels after it.
    WideStar,
    /// Without its star it is not an origin.
    Origin(OriginError),
}

impl Allowlist {
    /// A list of these patterns.
    #[must_use]
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        Self { patterns: patterns.into_iter().collect() }
    }

    /// Parses each text as a pattern.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse<'t>(patterns: impl IntoIterator<Item = &'t str>) -> Result<Self, PatternError> {
        let patterns = patterns.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Whether this URL's origin is on the list.
    #[must_use]
    pub fn permits(&self, uri: &Uri) -> bool {
        Origin::of(uri).is_ok_and(|origin| self.permits_origin(&origin))
    }

    pub(crate) fn permits_origin(&self, origin: &Origin) -> bool {
        self.patterns.iter().any(|pattern| pattern.permits(origin))
    }
}

impl Pattern {
    fn permits(&self, origin: &Origin) -> bool {
        if !self.is_suffix {
            return *origin == self.origin;
        }
        let same_door = (origin.scheme, origin.port) == (self.origin.scheme, self.origin.port);
        same_door && is_below(&origin.host, &self.origin.host)
    }
}

/// Whether a name has labels before those of `parent`. An address has no labels.
fn is_below(host: &Host, parent: &Host) -> bool {
    let (Host::Name(name), Host::Name(parent)) = (host, parent) else { return false };
    name.strip_suffix(&**parent).is_some_and(|labels| labels.ends_with('.'))
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Scheme::read(scheme).ok_or(PatternError::Origin(OriginError::Scheme))?, rest),
            None => (Scheme::Https, text),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(PatternError::Path);
        }
        let (is_suffix, authority) = match authority.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, authority),
        };
        if authority.contains('*') {
            return Err(PatternError::Star);
        }
        let origin = Origin::read(scheme, authority).map_err(PatternError::Origin)?;
        match &origin.host {
            Host::Ip(_) if is_suffix => Err(PatternError::Star),
            Host::Name(parent) if is_suffix && !parent.contains('.') => Err(PatternError::WideStar),
            _ => Ok(Self { origin, is_suffix }),
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => out.write_str("an origin ends after its host and port: no path, query or fragment"),
            Self::Star => {
                out.write_str("a star stands for whole labels at the beginning of a name, as in `*.host.com`")
            }
            Self::WideStar => out.write_str("two labels at least follow a star, as in `*.host.com`"),
            Self::Origin(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_what_is_listed_and_nothing_beside_it() {
        let exact = "https://api.example.com";
        let star = "*.example.com";
        for (pattern, url, permitted) in [
            (exact, "https://api.example.com/v1/chat/completions?x#y", true),
            (exact, "https://api.example.com:443", true),
            (exact, "HTTPS://API.EXAMPLE.COM/", true),
            ("API.Example.Com/", "https://api.example.com/", true),
            (exact, "http://api.example.com/", false),
            (exact, "http://api.example.com:443/", false),
            (exact, "https://api.example.com:8443/", false),
            (exact, "https://api.example.com./", false),
            (exact, "https://api.example.com.evil.example/", false),
            (exact, "https://evil-api.example.com/", false),
            (exact, "https://example.com/", false),
            (exact, "https://api.example.com@evil.example/", false),
            (exact, "https://evil.example@api.example.com/", false),
            (exact, "/v1/models", false),
            ("https://gw.example:8443", "https://gw.example:8443/v1", true),
            ("https://gw.example:8443", "https://gw.example/v1", false),
            ("http://gw.example", "http://gw.example:80/v1", true),
            (star, "https://a.example.com/", true),
            (star, "https://A.b.Example.com/", true),
            (star, "https://example.com/", false),
            (star, "https://badexample.com/", false),
            (star, "https://a.example.com.evil.example/", false),
            (star, "https://a.example.com:8443/", false),
            (star, "http://a.example.com/", false),
            ("https://*.example.com:8443", "https://a.example.com:8443/", true),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/", true),
            ("http://127.0.0.1:8000", "http://2130706433:8000/", false),
            ("http://127.0.0.1:8000", "http://127.1:8000/", false),
            ("http://127.0.0.1:8000", "http://[::ffff:127.0.0.1]:8000/", false),
            ("http://[::1]:80", "http://[0::0:1]/", true),
            ("xn--bcher-kva.example", "https://XN--bcher-kva.example/", true),
        ] {
            let list = Allowlist::parse([pattern]).unwrap();
            assert_eq!(list.permits(&url.parse().unwrap()), permitted, "{pattern} {url}");
        }
    }

    #[test]
    fn an_empty_list_permits_nothing() {
        assert!(!Allowlist::default().permits(&"https://api.example.com".parse().unwrap()));
    }

    #[test]
    fn refuses_patterns_that_say_something_else_than_they_seem_to() {
        use PatternError::{Origin, Path, Star, WideStar};
        for (pattern, error) in [
            ("https://api.example.com/v1", Path),
            ("https://api.example.com?x", Path),
            ("https://api.example.com#x", Path),
            ("https://evil.example#@api.example.com", Path),
            ("*", Star),
            ("https://*", Star),
            ("*:443", Star),
            ("api.*.com", Star),
            ("api*.example.com", Star),
            ("*example.com", Star),
            ("*.*.example.com", Star),
            ("*.127.0.0.1", Star),
            ("*.com", WideStar),
            ("*.localhost", WideStar),
            ("*.", Origin(OriginError::NoHost)),
            ("", Origin(OriginError::NoHost)),
            ("https://", Origin(OriginError::NoHost)),
            ("ftp://host", Origin(OriginError::Scheme)),
            ("://host", Origin(OriginError::Scheme)),
            ("https://user:secret@host", Origin(OriginError::UserInfo)),
            ("https://host:99999", Origin(OriginError::Port)),
            ("https://host.", Origin(OriginError::TrailingDot)),
            ("https://0x7f.1", Origin(OriginError::OddIpv4)),
            ("https://[fe80::1%eth0]", Origin(OriginError::Ipv6)),
            ("https://bücher.example", Origin(OriginError::Name)),
            (" api.example.com", Origin(OriginError::Name)),
        ] {
            assert_eq!(pattern.parse::<Pattern>(), Err(error), "{pattern:?}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
