//! A base URL, taken apart once.

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};

use super::ProviderError;

/// Where a provider is: what its official SDK takes as its base URL.
#[derive(Clone)]
pub(crate) struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end.
    path: Box<str>,
}

impl Base {
    pub(crate) fn parse(url: &str) -> Result<Self, ProviderError> {
        let why = ProviderError::BaseUrl;
        if url.contains(['?', '#']) {
            return Err(why("it must hold no query and no fragment"));
        }
        let uri: Uri = url.parse().map_err(|_| why("it is not a URL"))?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let scheme = scheme.ok_or(why("it must begin with http:// or https://"))?;
        let authority = parts.authority.ok_or(why("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(why("it must hold no user or password"));
        }
        let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path).trim_end_matches('/').into();
        Ok(Self { scheme, authority, path })
    }

    /// The URI of a path below it, which begins with a slash and may have a query.
    pub(crate) fn join(&self, path: &str) -> Option<Uri> {
        let uri = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        uri.path_and_query(format!("{}{path}", self.path)).build().ok()
    }

    pub(crate) fn host(&self) -> &str {
        self.authority.host()
    }
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        let join = |base: &str, path: &str| Base::parse(base).expect(base).join(path).expect("a URI").to_string();
        assert_eq!(join("https://a.example/v1", "/chat"), "https://a.example/v1/chat");
        assert_eq!(join("http://[::1]:80/x/v1/", "/chat?a=b"), "http://[::1]:80/x/v1/chat?a=b");
        assert_eq!(join("http://a.example", "/chat"), "http://a.example/chat");
    }

    #[test]
    fn base_urls_that_cannot_be_called_are_refused() {
        for url in ["", "a.example", "/v1", "ftp://a.example", "https://u:p@a.example", "https://a/?x=1", "https://a b"]
        {
            assert!(Base::parse(url).is_err(), "{url}");
        }
    }
}
