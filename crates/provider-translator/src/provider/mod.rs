//! Somebody who serves models.

mod auth;
#[cfg(feature = "bedrock")]
mod aws;
mod base;
#[cfg(feature = "bedrock")]
mod bedrock;
mod compatible;
mod dialect;
mod google;
pub(crate) mod keys;

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::AUTHORIZATION};
use llm_layers_core::{Operation, Secret};

#[cfg(feature = "vertex")]
pub use self::google::GoogleTokens;
use self::keys::Keys;
pub(crate) use self::{auth::Auth, base::Base, compatible::Compatible, dialect::ApiVersion};
pub use self::{
    auth::{TokenFuture, TokenSource},
    dialect::Dialect,
};
use crate::{anthropic::Anthropic, cohere::Cohere, format::Format, observe, ollama::Ollama};

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
    base: Base,
    wire: Wire,
    auth: Auth,
    /// What goes with every call beside that.
    headers: Vec<(HeaderName, HeaderValue)>,
    strict: bool,
    /// AWS's, which is part of a signature.
    #[cfg(feature = "bedrock")]
    region: Option<Arc<str>>,
    answers: observe::Answers,
}

/// What a provider's calls are turned into.
#[derive(Clone)]
pub(crate) enum Wire {
    /// OpenAI's own format, more or less.
    Compatible(Arc<Compatible>),
    /// Another one.
    Other(Arc<dyn Format>),
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
    /// Of several keys one is there twice, or weighs nothing, or there is none. Says which.
    Keys(&'static str),
    /// No provider of this name is in the [`catalogue`](crate::catalogue).
    Unknown,
    /// The name of a region holds what none does.
    #[cfg(feature = "bedrock")]
    Region,
    /// A project, a location or a version of Google's that no URL may hold, or a service account that is none. Says which.
    Name(&'static str),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl(why) => write!(f, "invalid base URL: {why}"),
            Self::Key => f.write_str("the key holds characters that no header may hold"),
            Self::Keys(why) => write!(f, "invalid list of keys: {why}"),
            Self::Unknown => f.write_str("no provider of this name is known"),
            #[cfg(feature = "bedrock")]
            Self::Region => f.write_str("it is no name of a region"),
            Self::Name(what) => write!(f, "invalid {what}"),
        }
    }
}

impl std::error::Error for ProviderError {}

impl Provider {
    /// A provider that speaks Anthropic's dialect, by the base URL that Anthropic's SDK would be given: without `/v1`.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn anthropic(base_url: &str) -> Result<Self, ProviderError> {
        let version = ApiVersion::default();
        let made = Self::other(Dialect::Anthropic, "anthropic", base_url, Anthropic::new(version))?;
        made.with_api_version(version.as_str())
    }

    /// Cohere, by the base URL that its SDK would be given: without `/v2`. Its OpenAI-compatible API is another
    /// [`openai`](Self::openai) provider, which knows no documents, citations and budgets of reasoning.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn cohere(base_url: &str) -> Result<Self, ProviderError> {
        Self::other(Dialect::Cohere, "cohere", base_url, Cohere)
    }

    /// A server that speaks Ollama's own dialect, by the URL that Ollama's clients would be given: without `/api`.
    /// It may have a key or none. What `/v1` serves is another [`openai`](Self::openai) provider, which knows no
    /// `options`, `keep_alive` and `think`.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn ollama(base_url: &str) -> Result<Self, ProviderError> {
        Self::other(Dialect::Ollama, "ollama", base_url, Ollama)
    }

    fn other(dialect: Dialect, name: &str, base_url: &str, format: impl Format) -> Result<Self, ProviderError> {
        Ok(Self::new(dialect, name, Base::parse(base_url)?, Wire::Other(Arc::new(format))))
    }

    fn new(dialect: Dialect, name: &str, base: Base, wire: Wire) -> Self {
        let (headers, answers) = (Vec::new(), observe::Answers::default());
        Self {
            name: name.into(),
            dialect,
            base,
            wire,
            auth: Auth::None,
            headers,
            strict: false,
            #[cfg(feature = "bedrock")]
            region: None,
            answers,
        }
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
    pub fn with_key(self, key: &Secret) -> Result<Self, ProviderError> {
        self.with_keys([(key.clone(), 1)])
    }

    /// Sets several keys, each with its weight: calls are shared among them in these proportions. Calls that name the same
    /// `prompt_cache_key` go by the same key for as long as it is in use.
    ///
    /// A key that is not known, not paid for or not let in (401, 402, 403) is set aside, one that is used too much (429)
    /// rests for as long as the provider says, and the same call goes out with another at once. A key that was set aside is
    /// tried again after ten minutes, then twenty, and so on up to four hours, or when no other is left.
    ///
    /// ```
    /// use llm_layers_core::Secret;
    /// use llm_layers_provider_translator::Provider;
    ///
    /// let keys = [(Secret::new("sk-one"), 3), (Secret::new("sk-two"), 1)];
    /// let provider = Provider::openai("https://api.openai.com/v1")?.with_keys(keys)?;
    /// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
    /// ```
    ///
    /// # Errors
    /// There is no key, or one twice, or one of weight 0, or one holds characters that no header may hold.
    pub fn with_keys(mut self, keys: impl IntoIterator<Item = (Secret, u32)>) -> Result<Self, ProviderError> {
        let (name, prefix) = match self.dialect {
            Dialect::OpenAi | Dialect::Azure => self.key_header(),
            Dialect::Cohere | Dialect::Ollama => (AUTHORIZATION, "Bearer "),
            #[cfg(feature = "bedrock")]
            Dialect::Bedrock => (AUTHORIZATION, "Bearer "),
            Dialect::Anthropic => (HeaderName::from_static("x-api-key"), ""),
            Dialect::Gemini | Dialect::Vertex => (HeaderName::from_static("x-goog-api-key"), ""),
        };
        self.auth = Auth::Keys(Arc::new(Keys::new(name, prefix, keys)?));
        Ok(self)
    }

    /// Sets where bearer tokens come from, in place of a key that lasts.
    #[must_use]
    pub fn with_tokens(mut self, source: impl TokenSource + 'static) -> Self {
        self.auth = Auth::Token(Arc::new(source));
        self
    }

    /// Adds a header that goes with every call, such as `openai-organization`, whatever the client has sent. Only a call
    /// in Anthropic's own words keeps the version and the betas (`anthropic-version`, `anthropic-beta`) that it names.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    /// Sets the version of its API.
    ///
    /// | dialect | versions | default |
    /// | --- | --- | --- |
    /// | Anthropic | `2023-06-01`, and `2026-10-21`, which refuses `temperature`, `top_p` and `top_k` | `2023-06-01` |
    /// | Azure | a date, `2024-10-21` say: the path names the deployment, and what is not known yet is left out | v1 |
    /// | Gemini, Vertex | what the paths begin with: `v1`, `v1alpha`, `v1beta1` | `v1beta`, `v1` |
    ///
    /// # Errors
    /// It is no version that the dialect has, or the dialect has none.
    pub fn with_api_version(mut self, version: &str) -> Result<Self, ProviderError> {
        let format = match &self.wire {
            Wire::Compatible(_) => return self.dated(version),
            Wire::Other(format) => format.in_version(version),
        };
        self.wire = Wire::Other(format.ok_or(ProviderError::Name("version of the API"))?);
        match ApiVersion::of(version) {
            Some(version) if self.dialect == Dialect::Anthropic => {
                let (name, value) = Anthropic::header(version);
                Ok(self.with_header(name, value))
            }
            _ => Ok(self),
        }
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

    /// Its base URL, as it was understood: without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base.to_string()
    }

    /// Its dialect.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether it serves a model, by its id there, in Anthropic's own words: then a call of `/v1/messages` for it may go
    /// through as it came ([`InboundLayer::native`](crate::InboundLayer::native)). Anthropic does, and so do Vertex AI
    /// and Bedrock for Claude, unless that is called by Converse.
    #[must_use]
    pub fn takes_messages(&self, model: &str) -> bool {
        match &self.wire {
            Wire::Compatible(_) => false,
            Wire::Other(format) => format.takes_messages(model),
        }
    }

    pub(crate) const fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) const fn wire(&self) -> &Wire {
        &self.wire
    }

    pub(crate) const fn auth(&self) -> &Auth {
        &self.auth
    }

    pub(crate) const fn is_strict(&self) -> bool {
        self.strict
    }

    pub(crate) const fn answers(&self) -> &observe::Answers {
        &self.answers
    }

    /// Where a path below the base URL is. It begins with a slash, and may have a query.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        self.base.join(path)
    }

    /// Where an operation of OpenAI's goes, at a provider that is compatible with it. `tail` is what follows the operation in the path, and the query.
    pub(crate) fn operation_uri(&self, operation: Operation, tail: &str) -> Option<Uri> {
        match &self.wire {
            Wire::Compatible(compatible) => compatible.uri(&self.base, operation, tail),
            Wire::Other(_) => None,
        }
    }

    /// Adds the headers that go with every call, to one in the provider's own words: what version and which betas these
    /// are of is for the client to say.
    pub(crate) fn add_native_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if !(name.as_str().starts_with("anthropic-") && headers.contains_key(name)) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }

    /// Adds the headers that go with every call.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Without the key.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("dialect", &self.dialect)
            .field("base_url", &format_args!("{}", self.base))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_joined_to_the_base_url() {
        let provider = Provider::openai("https://a.example/v1/").expect("valid");
        for (operation, path) in OPERATIONS {
            let uri = provider.operation_uri(operation, "").expect("a URI");
            assert_eq!(uri.to_string(), format!("https://a.example/v1{path}"), "its row is at its index");
        }
        let uri = provider.operation_uri(Operation::Models, "/a?b=c").expect("a URI");
        assert_eq!(uri, "https://a.example/v1/models/a?b=c");
    }

    #[test]
    fn debug_shows_no_key() {
        let provider = Provider::openai("http://a.example/v1").expect("valid").with_key(&Secret::new("s3cret"));
        assert!(!format!("{provider:?}").contains("s3cret"));
    }
}
