use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::AUTHORIZATION,
    uri::{Authority, PathAndQuery, Scheme},
};
use llm_layers_core::{Operation, Secret};

use crate::observe;

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's API, and the many that are compatible with it.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
}

/// The version of Anthropic's API that a provider is asked by, in `anthropic-version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `2023-06-01`: knows `temperature`, `top_p` and `top_k`.
    #[default]
    V2023_06_01,
    /// `2026-10-21`: refuses them, even at their defaults.
    V2026_10_21,
}

impl ApiVersion {
    /// As it is written in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2023_06_01 => "2023-06-01",
            Self::V2026_10_21 => "2026-10-21",
        }
    }
}

/// Somebody who serves models: a dialect, a base URL, a key.
///
/// ```
/// use llm_layers_core::Secret;
/// use llm_layers_provider_translator::Provider;
///
/// let local = Provider::openai("http://127.0.0.1:8000/v1")?.with_name("local");
/// let claude = Provider::anthropic("https://api.anthropic.com")?.with_key(&Secret::new("sk-ant-…1"))?;
/// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
/// ```
#[derive(Clone)]
pub struct Provider {
    name: Arc<str>,
    dialect: Dialect,
    scheme: Scheme,
    authority: Authority,
    /// The path of the base URL, without a slash at its end.
    path: Box<str>,
    /// Where each operation goes, made once.
    uris: [Uri; OPERATIONS.len()],
    key: Option<HeaderValue>,
    api_version: ApiVersion,
    strict: bool,
    answers: observe::Answers,
}

const OPERATIONS: [(Operation, &str); Operation::COUNT] = [
    (Operation::ChatCompletion, "/chat/completions"),
    (Operation::Completion, "/completions"),
    (Operation::Embedding, "/embeddings"),
    (Operation::Response, "/responses"),
    (Operation::Message, "/messages"),
    (Operation::Models, "/models"),
];

/// A provider that cannot be as it is described.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProviderError {
    /// The base URL is no `http` or `https` URL, or holds a user, a query or a fragment. Says which.
    BaseUrl(&'static str),
    /// The key holds characters that no header may hold.
    Key,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl(why) => write!(f, "invalid base URL: {why}"),
            Self::Key => f.write_str("the key holds characters that no header may hold"),
        }
    }
}

impl std::error::Error for ProviderError {}

impl Provider {
    /// A provider that speaks OpenAI's dialect, by the base URL that OpenAI's SDK would be given: with its `/v1`.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn openai(base_url: &str) -> Result<Self, ProviderError> {
        Self::new(Dialect::OpenAi, "openai", base_url)
    }

    /// A provider that speaks Anthropic's dialect, by the base URL that Anthropic's SDK would be given: without `/v1`.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn anthropic(base_url: &str) -> Result<Self, ProviderError> {
        Self::new(Dialect::Anthropic, "anthropic", base_url)
    }

    fn new(dialect: Dialect, name: &str, base_url: &str) -> Result<Self, ProviderError> {
        let why = ProviderError::BaseUrl;
        if base_url.contains(['?', '#']) {
            return Err(why("it must hold no query and no fragment"));
        }
        let uri: Uri = base_url.parse().map_err(|_| why("it is not a URL"))?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let scheme = scheme.ok_or(why("it must begin with http:// or https://"))?;
        let authority = parts.authority.ok_or(why("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(why("it must hold no user or password"));
        }
        let base = parts.path_and_query.as_ref().map_or("", PathAndQuery::path).trim_end_matches('/');
        let path: Box<str> = match dialect {
            Dialect::OpenAi => base.into(),
            Dialect::Anthropic => format!("{base}/v1").into(),
        };
        let uri = |(_, operation): (Operation, &str)| {
            let uri = Uri::builder().scheme(scheme.clone()).authority(authority.clone());
            uri.path_and_query(format!("{path}{operation}")).build()
        };
        let mut uris: [Uri; OPERATIONS.len()] = Default::default();
        for (made, operation) in uris.iter_mut().zip(OPERATIONS) {
            *made = uri(operation).map_err(|_| why("its path is none"))?;
        }
        Ok(Self {
            name: name.into(),
            dialect,
            scheme,
            authority,
            path,
            uris,
            key: None,
            api_version: ApiVersion::default(),
            strict: false,
            answers: observe::Answers::default(),
        })
    }

    /// Sets its name, by which a [`Deployment`](llm_layers_core::Deployment) refers to it. Default: the dialect's.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the key. It is sent in the header that the dialect asks for, whatever the client has sent.
    ///
    /// # Errors
    /// The key holds characters that no header may hold.
    pub fn with_key(mut self, key: &Secret) -> Result<Self, ProviderError> {
        let prefix = match self.dialect {
            Dialect::OpenAi => "Bearer ",
            Dialect::Anthropic => "",
        };
        self.key = Some(key.to_header(prefix).map_err(|_| ProviderError::Key)?);
        Ok(self)
    }

    /// Sets the version of Anthropic's API. Other dialects have none.
    #[must_use]
    pub const fn with_api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// Refuses, by a 400 that names it, whatever the provider's dialect cannot express. By default it is left
    /// out and named in `x-llm-warning`, unless leaving it out would change the shape of the answer.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its dialect.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(crate) const fn api_version(&self) -> ApiVersion {
        self.api_version
    }

    pub(crate) const fn is_strict(&self) -> bool {
        self.strict
    }

    pub(crate) const fn answers(&self) -> &observe::Answers {
        &self.answers
    }

    /// Where an operation goes. `tail` is what follows the operation in the path, and the query.
    pub(crate) fn uri(&self, operation: Operation, tail: &str) -> Option<Uri> {
        let at = OPERATIONS.iter().position(|(known, _)| *known == operation)?;
        if tail.is_empty() {
            return self.uris.get(at).cloned();
        }
        let (_, name) = OPERATIONS.get(at)?;
        let uri = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        uri.path_and_query(format!("{}{name}{tail}", self.path)).build().ok()
    }

    /// Adds the provider's own headers.
    pub(crate) fn authenticate(&self, headers: &mut HeaderMap) {
        match self.dialect {
            Dialect::OpenAi => {
                if let Some(key) = &self.key {
                    headers.insert(AUTHORIZATION, key.clone());
                }
            }
            Dialect::Anthropic => {
                if let Some(key) = &self.key {
                    headers.insert(HeaderName::from_static("x-api-key"), key.clone());
                }
                let version = HeaderValue::from_static(self.api_version.as_str());
                headers.insert(HeaderName::from_static("anthropic-version"), version);
            }
        }
    }
}

/// Without the key.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("dialect", &self.dialect)
            .field("base_url", &format_args!("{}://{}{}", self.scheme, self.authority, self.path))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_joined_to_the_base_url() {
        let uri = |base: &str, tail: &str| {
            let provider = Provider::openai(base).expect(base);
            provider.uri(Operation::ChatCompletion, tail).expect("a URI").to_string()
        };
        assert_eq!(uri("https://a.example/v1", ""), "https://a.example/v1/chat/completions");
        assert_eq!(uri("http://[::1]:80/x/v1/", "?a=b"), "http://[::1]:80/x/v1/chat/completions?a=b");
        assert_eq!(uri("http://a.example", ""), "http://a.example/chat/completions");
        let claude = Provider::anthropic("https://a.example").expect("valid");
        assert_eq!(claude.uri(Operation::Message, "").expect("a URI"), "https://a.example/v1/messages");
    }

    #[test]
    fn base_urls_that_cannot_be_called_are_refused() {
        for url in [
            "",
            "a.example",
            "/v1",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example/?x=1",
            "https://a b",
        ] {
            assert!(Provider::openai(url).is_err(), "{url}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let provider = Provider::openai("http://a.example/v1").expect("valid").with_key(&Secret::new("s3cret"));
        assert!(!format!("{provider:?}").contains("s3cret"));
    }
}
