//! Scheme, host and port, in the one spelling by which they are compared.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// The longest name that DNS can hold (RFC 1035, section 2.3.4).
const MAX_NAME: usize = 253;

/// A scheme, a host and a port: what two URLs share that lead to the same server (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    /// In lower case, without a dot at its end.
    Name(Box<str>),
    Ip(IpAddr),
}

/// Why a URL has no origin that can be compared safely.
///
/// Each of these is a spelling that two programs may read as two different hosts, so none is guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// Neither `http` nor `https`.
    Scheme,
    /// There is no host.
    NoHost,
    /// A name or a password stands before the host.
    UserInfo,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The name ends with a dot: the same host to DNS, another to TLS and to HTTP.
    TrailingDot,
    /// An IPv4 address in another notation than four decimal numbers, such as `0x7f.1` or `2130706433`.
    OddIpv4,
    /// Brackets without an IPv6 address in them; one with a zone (`fe80::1%eth0`) is none.
    Ipv6,
    /// The name has an empty label, is too long, or has characters that no host's name has. Names in other scripts
    /// are written in Punycode (`xn--…`).
    Name,
}

impl Origin {
    /// The origin of a URL.
    ///
    /// # Errors
    /// Where the URL has none, or one of the spellings that [`OriginError`] names.
    pub fn of(uri: &Uri) -> Result<Self, OriginError> {
        let scheme = uri.scheme_str().and_then(Scheme::read).ok_or(OriginError::Scheme)?;
        let authority = uri.authority().ok_or(OriginError::NoHost)?.as_str();
        Self::read(scheme, authority)
    }

    /// Reads `host` or `host:port`.
    pub(crate) fn read(scheme: Scheme, authority: &str) -> Result<Self, OriginError> {
        if authority.contains('@') {
            return Err(OriginError::UserInfo);
        }
        let (host, port) = split(authority);
        let port = match port {
            None => scheme.default_port(),
            // `u16::from_str` takes a plus sign.
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.parse().unwrap_or(0),
            Some(_) => 0,
        };
        if port == 0 {
            return Err(OriginError::Port);
        }
        Ok(Self { scheme, host: Host::read(host)?, port })
    }
}

/// Parts the host from the port; brackets stay with the host.
fn split(authority: &str) -> (&str, Option<&str>) {
    let end_of_host = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(end_of_host).unwrap_or((authority, ""));
    match rest {
        "" => (host, None),
        // What follows a bracket and is no port is none that any check lets pass.
        rest => (host, Some(rest.strip_prefix(':').unwrap_or("not a port"))),
    }
}

impl Scheme {
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("https") {
            Some(Self::Https)
        } else if text.eq_ignore_ascii_case("http") {
            Some(Self::Http)
        } else {
            None
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Host {
    /// Reads a host as it stands in a URL.
    pub(crate) fn read(text: &str) -> Result<Self, OriginError> {
        if text.is_empty() {
            return Err(OriginError::NoHost);
        }
        if let Some(inner) = text.strip_prefix('[') {
            let address: Ipv6Addr =
                inner.strip_suffix(']').and_then(|inner| inner.parse().ok()).ok_or(OriginError::Ipv6)?;
            return Ok(Self::Ip(address.into()));
        }
        if text.ends_with('.') {
            return Err(OriginError::TrailingDot);
        }
        if ends_in_number(text) {
            let address: Ipv4Addr = text.parse().map_err(|_| OriginError::OddIpv4)?;
            return Ok(Self::Ip(address.into()));
        }
        if text.len() > MAX_NAME || !text.split('.').all(is_label) {
            return Err(OriginError::Name);
        }
        Ok(Self::Name(text.to_ascii_lowercase().into()))
    }

    /// Whether this is a name that stands for the machine itself (RFC 6761, section 6.3).
    pub(crate) fn is_localhost(&self) -> bool {
        matches!(self, Self::Name(name) if &**name == "localhost" || name.ends_with(".localhost"))
    }
}

/// Whether resolvers take this for an IPv4 address, in whatever notation: the rule of the URL standard ("ends in a
/// number"), which is that of `inet_aton`.
fn ends_in_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Letters, digits and hyphens as DNS has them, and the underscore that some internal names have.
pub(crate) fn is_label(label: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(is_right)
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() {
            return Ok(());
        }
        write!(out, ":{}", self.port)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::Ip(IpAddr::V4(address)) => address.fmt(out),
            Self::Ip(IpAddr::V6(address)) => write!(out, "[{address}]"),
        }
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Scheme => "the scheme is neither `http` nor `https`",
            Self::NoHost => "there is no host",
            Self::UserInfo => "something stands before the host, with an `@`",
            Self::Port => "the port is not a number from 1 to 65535",
            Self::TrailingDot => "the host ends with a dot",
            Self::OddIpv4 => "the host is an IPv4 address that is not written as four decimal numbers",
            Self::Ipv6 => "what is in brackets is not an IPv6 address; a zone cannot be given",
            Self::Name => "the host is not a name of ASCII letters, digits, `-` and `_` (other scripts: in Punycode)",
        })
    }
}

impl std::error::Error for OriginError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<String, OriginError> {
        Origin::of(&url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))).map(|origin| origin.to_string())
    }

    #[test]
    fn one_spelling_for_each_origin() {
        for (url, origin) in [
            ("https://api.example.com/v1?x=1", "https://api.example.com"),
            ("HTTPS://API.Example.COM:443", "https://api.example.com"),
            ("https://api.example.com:0443/", "https://api.example.com"),
            ("http://api.example.com:443/", "http://api.example.com:443"),
            ("http://my_service.internal:80", "http://my_service.internal"),
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000"),
            ("http://[::1]/", "http://[::1]"),
            ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080"),
            ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(read(url).as_deref(), Ok(origin), "{url}");
        }
    }

    #[test]
    fn what_two_programs_may_read_in_two_ways_has_none() {
        for (url, error) in [
            ("/v1/models", OriginError::Scheme),
            ("ftp://host/", OriginError::Scheme),
            ("host:443", OriginError::Scheme),
            ("https://api.example.com@evil.example/", OriginError::UserInfo),
            ("https://user:pass@host/", OriginError::UserInfo),
            ("https://host:0/", OriginError::Port),
            ("https://host:65979/", OriginError::Port),
            ("https://host:/", OriginError::Port),
            ("https://host./", OriginError::TrailingDot),
            ("https://127.0.0.1./", OriginError::TrailingDot),
            ("https://host../", OriginError::TrailingDot),
            ("https://2130706433/", OriginError::OddIpv4),
            ("https://127.1/", OriginError::OddIpv4),
            ("https://0177.0.0.1/", OriginError::OddIpv4),
            ("https://127.0.0.01/", OriginError::OddIpv4),
            ("https://0x7f.0.0.1/", OriginError::OddIpv4),
            ("https://127.0.0.0x1/", OriginError::OddIpv4),
            ("https://0x7F000001/", OriginError::OddIpv4),
            ("https://a.b.0x/", OriginError::OddIpv4),
            ("https://1.2.3.4.5/", OriginError::OddIpv4),
            ("https://256.0.0.1/", OriginError::OddIpv4),
            ("https://a..b/", OriginError::Name),
            ("https://.host/", OriginError::Name),
            ("https://a,b/", OriginError::Name),
        ] {
            assert_eq!(read(url), Err(error), "{url}");
        }
        let long = format!("https://{}a.example/", "a".repeat(63));
        assert_eq!(read(&long), Err(OriginError::Name));
        let long = format!("https://{}example/", "a.".repeat(124));
        assert_eq!(read(&long), Err(OriginError::Name));
    }

    /// Where `http::Uri` refuses them first, they are read as the authority that they would be.
    #[test]
    fn hostile_authorities() {
        for (authority, error) in [
            ("[fe80::1%25eth0]", OriginError::Ipv6),
            ("[fe80::1%eth0]", OriginError::Ipv6),
            ("[::1", OriginError::Port),
            ("[]", OriginError::Ipv6),
            ("[127.0.0.1]", OriginError::Ipv6),
            ("[::1]x", OriginError::Port),
            ("[::1]:+80", OriginError::Port),
            ("::1", OriginError::Port),
            ("host:80:80", OriginError::Port),
            ("host:８０", OriginError::Port),
            ("", OriginError::NoHost),
            (":80", OriginError::NoHost),
            ("bücher.example", OriginError::Name),
            ("１２７.0.0.1", OriginError::OddIpv4),
            ("127。0。0。1", OriginError::Name),
            ("host\0.example", OriginError::Name),
            ("ho st", OriginError::Name),
            ("ho%73t", OriginError::Name),
            ("a\\b", OriginError::Name),
        ] {
            assert_eq!(Origin::read(Scheme::Https, authority), Err(error), "{authority:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_authority_is_read_or_refused_and_its_spelling_is_stable(authority in "\\PC{0,24}|[0-9a-fx.:@\\[\\]%]{0,24}") {
            if let Ok(origin) = Origin::read(Scheme::Https, &authority) {
                let again: Uri = origin.to_string().parse().unwrap();
                proptest::prop_assert_eq!(Origin::of(&again).unwrap(), origin);
            }
        }
    }
}
