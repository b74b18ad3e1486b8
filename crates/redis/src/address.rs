use std::fmt;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};

/// Where Redis is: one server, or several nodes of a cluster.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) nodes: Vec<ConnectionInfo>,
    pub(crate) is_cluster: bool,
    /// Host and port, for metrics and messages: nothing secret.
    pub(crate) name: String,
}

/// A URL that leads to no Redis. It does not repeat the URL, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError(&'static str);

const SCHEMES: [&str; 4] = ["redis://", "rediss://", "valkey://", "valkeys://"];

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, UrlError> {
        let nodes = split(url);
        let is_cluster = nodes.len() > 1;
        Self::new(nodes, is_cluster)
    }

    pub(crate) fn new<'a>(urls: impl IntoIterator<Item = &'a str>, is_cluster: bool) -> Result<Self, UrlError> {
        let nodes = urls.into_iter().map(node).collect::<Result<Vec<_>, _>>()?;
        let name = match nodes.first().map(ConnectionInfo::addr) {
            Some(ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. }) => {
                format!("{host}:{port}")
            }
            _ => return Err(UrlError("a cluster needs at least one node")),
        };
        if is_cluster && cfg!(not(feature = "cluster")) {
            return Err(UrlError("clusters need the feature `cluster` of llm-layers-redis"));
        }
        Ok(Self { nodes, is_cluster, name })
    }
}

/// The URLs between commas. A password may hold commas: what does not begin with a scheme is no URL.
fn split(urls: &str) -> Vec<&str> {
    let starts_url = |text: &str| SCHEMES.iter().any(|scheme| text.trim_start().starts_with(scheme));
    let mut parts = Vec::new();
    let mut rest = urls;
    while let Some((comma, _)) = rest.match_indices(',').find(|(at, _)| rest.get(at + 1..).is_some_and(starts_url)) {
        let (first, after) = rest.split_at(comma);
        parts.push(first.trim());
        rest = after.strip_prefix(',').unwrap_or_default();
    }
    parts.push(rest.trim());
    parts
}

fn node(url: &str) -> Result<ConnectionInfo, UrlError> {
    let scheme = SCHEMES.iter().find(|scheme| url.starts_with(**scheme));
    let scheme = scheme.ok_or(UrlError("begins with none of `redis://`, `rediss://`, `valkey://`, `valkeys://`"))?;
    let is_tls = matches!(*scheme, "rediss://" | "valkeys://");
    if is_tls && cfg!(not(feature = "tls")) {
        return Err(UrlError("TLS needs the feature `tls` of llm-layers-redis"));
    }
    if url.contains('#') {
        // The client below takes `#insecure` as leave not to verify certificates.
        return Err(UrlError("no fragment is allowed, and certificates are always verified"));
    }
    // Its errors could hold parts of the URL.
    url.into_connection_info().map_err(|_| UrlError("not a URL of the form redis://USER:PASSWORD@HOST:PORT/DATABASE"))
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the URL of Redis: {}", self.0)
    }
}

impl std::error::Error for UrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_apart() {
        assert_eq!(split("redis://a:1"), ["redis://a:1"]);
        assert_eq!(split("redis://a:1, rediss://b:2,valkey://c"), ["redis://a:1", "rediss://b:2", "valkey://c"]);
        assert_eq!(split("redis://:p,w@a:1,redis://b"), ["redis://:p,w@a:1", "redis://b"]);
    }

    #[test]
    fn the_name_holds_no_secret() {
        let name = |url| Address::parse(url).map(|address| address.name);
        assert_eq!(name("redis://user:secret@a.example:1/2").as_deref(), Ok("a.example:1"));
        assert_eq!(name("valkey://a.example").as_deref(), Ok("a.example:6379"));
    }

    #[test]
    fn bad_urls_are_told_without_being_repeated() {
        for url in [
            "",
            "secret",
            "http://secret@a",
            "redis://:secret@",
            "redis://:secret@a:b",
            "redis://:secret@a/x",
            "rediss://:secret@a/#insecure",
            "redis+unix:///secret",
        ] {
            let error = Address::parse(url).err().unwrap_or_else(|| panic!("{url}"));
            assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error}");
        }
    }
}
