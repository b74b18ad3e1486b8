//! Providers that speak OpenAI's dialect, more or less.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Uri, header::AUTHORIZATION};
use llm_layers_core::Operation;

use super::{Base, Dialect, OPERATIONS, Provider, ProviderError, Wire};
use crate::openai::{
    azure,
    catalogue::{self, Known},
    quirks::Quirks,
};

/// Where a provider has each operation, and in what it differs from OpenAI.
#[derive(Clone, Debug)]
pub(crate) struct Compatible {
    /// Made once.
    uris: [Uri; OPERATIONS.len()],
    quirks: &'static Quirks,
    /// Azure's version, where the model is part of the path.
    version: Option<Box<str>>,
}

impl Compatible {
    fn new(base: &Base, quirks: &'static Quirks, version: Option<&str>) -> Result<Self, ProviderError> {
        let mut uris: [Uri; OPERATIONS.len()] = Default::default();
        let query = version.map(|version| format!("?api-version={version}")).unwrap_or_default();
        for (made, (_, path)) in uris.iter_mut().zip(OPERATIONS) {
            *made = base.join(&format!("{path}{query}")).ok_or(ProviderError::BaseUrl("its path is none"))?;
        }
        Ok(Self { uris, quirks, version: version.map(Into::into) })
    }

    pub(crate) const fn quirks(&self) -> &'static Quirks {
        self.quirks
    }

    /// Where an operation goes. `tail` is what follows it in the path, and the query.
    pub(super) fn uri(&self, base: &Base, operation: Operation, tail: &str) -> Option<Uri> {
        let (_, path) = OPERATIONS.iter().find(|(known, _)| *known == operation)?;
        match &self.version {
            _ if tail.is_empty() => self.uris.get(operation.index()).cloned(),
            None => base.join(&format!("{path}{tail}")),
            Some(version) => {
                let tail = tail.split('?').next().unwrap_or_default();
                base.join(&format!("{path}{tail}?api-version={version}"))
            }
        }
    }

    /// Where an operation goes whose path names the model; `None` where none does.
    pub(super) fn uri_of_model(&self, base: &Base, operation: Operation, model: &str) -> Option<Uri> {
        let version = self.version.as_deref()?;
        let (_, name) = OPERATIONS.iter().find(|(known, _)| *known == operation)?;
        let path = azure::path(operation, name, model)?;
        base.join(&format!("{path}?api-version={version}"))
    }
}

impl Provider {
    /// A provider that speaks OpenAI's dialect, by the base URL that OpenAI's SDK would be given: with its `/v1`.
    ///
    /// One that is found at the host of a provider that is [known](Self::known) is treated as that. To any other,
    /// requests go as they come, but for `model`.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn openai(base_url: &str) -> Result<Self, ProviderError> {
        let base = Base::parse(base_url)?;
        match catalogue::by_host(base.host()) {
            Some(known) => Self::of(Dialect::OpenAi, "openai", base, &known.quirks, None),
            None => Self::of(Dialect::OpenAi, "openai", base, &Quirks::NONE, None),
        }
    }

    /// A provider of the [`catalogue`](crate::catalogue), under its name and at its own base URL: `groq`, say.
    ///
    /// ```
    /// use llm_layers_provider_translator::Provider;
    ///
    /// let groq = Provider::known("groq")?;
    /// assert_eq!(groq.name(), "groq");
    /// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such provider.
    pub fn known(name: &str) -> Result<Self, ProviderError> {
        let known = catalogue::by_name(name).ok_or(ProviderError::Unknown)?;
        Self::known_at(name, known.base_url())
    }

    /// A provider of the catalogue at another base URL: a server of your own, or another region.
    ///
    /// ```
    /// use llm_layers_provider_translator::Provider;
    ///
    /// let vllm = Provider::known_at("vllm", "http://10.0.0.7:8000/v1")?.with_name("local");
    /// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
    /// ```
    ///
    /// # Errors
    /// There is no such provider, or the URL is not one that can be called.
    pub fn known_at(name: &str, base_url: &str) -> Result<Self, ProviderError> {
        let known: &'static Known = catalogue::by_name(name).ok_or(ProviderError::Unknown)?;
        Self::of(Dialect::OpenAi, known.name(), Base::parse(base_url)?, &known.quirks, None)
    }

    /// Azure OpenAI by its endpoint, `https://RESOURCE.openai.azure.com`. A model is the name of a deployment. It is asked
    /// by its v1 path, unless it is given a [version](Self::with_api_version) by its date.
    ///
    /// Its key goes in `api-key`; Entra's tokens come from a [`TokenSource`](crate::TokenSource) given to
    /// [`with_tokens`](Self::with_tokens).
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn azure(endpoint: &str) -> Result<Self, ProviderError> {
        let base = Base::parse(&format!("{}/openai/v1", azure_endpoint(endpoint)))?;
        Self::of(Dialect::Azure, "azure", base, azure::V1, None)
    }

    /// The same by a dated version of Azure's API.
    pub(super) fn dated(mut self, version: &str) -> Result<Self, ProviderError> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_version = !version.is_empty() && version.bytes().all(legal);
        if self.dialect != Dialect::Azure || !is_version {
            return Err(ProviderError::Name("version of the API"));
        }
        // There is none of the v1 path's below it.
        self.base = Base::parse(self.base_url().trim_end_matches("/v1"))?;
        self.wire = Wire::Compatible(Arc::new(Compatible::new(&self.base, azure::quirks(version), Some(version))?));
        Ok(self)
    }

    fn of(
        dialect: Dialect,
        name: &str,
        base: Base,
        quirks: &'static Quirks,
        version: Option<&str>,
    ) -> Result<Self, ProviderError> {
        let wire = Wire::Compatible(Arc::new(Compatible::new(&base, quirks, version)?));
        let mut made = Self::new(dialect, name, base, wire);
        for (name, value) in quirks.headers {
            made = made.with_header(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Ok(made)
    }

    /// The header of a key, and what stands before it there.
    pub(super) fn key_header(&self) -> (HeaderName, &'static str) {
        let own = match &self.wire {
            Wire::Compatible(compatible) => compatible.quirks.key_header,
            Wire::Other(_) => None,
        };
        own.map_or((AUTHORIZATION, "Bearer "), |name| (HeaderName::from_static(name), ""))
    }

    /// Where an operation goes whose path names the model; `None` where none does.
    pub(crate) fn model_uri(&self, operation: Operation, model: &str) -> Option<Uri> {
        match &self.wire {
            Wire::Compatible(compatible) => compatible.uri_of_model(&self.base, operation, model),
            Wire::Other(_) => None,
        }
    }
}

/// People copy more of it than is asked for.
fn azure_endpoint(endpoint: &str) -> &str {
    let endpoint = endpoint.trim_end_matches('/');
    let endpoint = endpoint.strip_suffix("/v1").unwrap_or(endpoint);
    endpoint.strip_suffix("/openai").unwrap_or(endpoint)
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Secret;

    use super::*;
    use crate::provider::Auth;

    fn uri(provider: &Provider, operation: Operation, tail: &str) -> String {
        provider.operation_uri(operation, tail).expect("a URI").to_string()
    }

    #[test]
    fn azure_is_joined_once_however_it_is_written() {
        for endpoint in ["", "/", "/openai", "/openai/", "/openai/v1", "/openai/v1/"] {
            let provider = Provider::azure(&format!("https://r.openai.azure.com{endpoint}")).expect("valid");
            let chat = uri(&provider, Operation::ChatCompletion, "");
            assert_eq!(chat, "https://r.openai.azure.com/openai/v1/chat/completions");
            assert!(provider.model_uri(Operation::ChatCompletion, "m").is_none());
        }
    }

    #[test]
    fn a_dated_version_has_the_deployment_in_its_path() {
        let in_version =
            |version| Provider::azure("https://r.openai.azure.com").and_then(|it| it.with_api_version(version));
        let provider = in_version("2024-10-21").expect("valid");
        let of_model = |operation| provider.model_uri(operation, "a/b").map(|uri| uri.to_string());
        let base = "https://r.openai.azure.com/openai";
        let chat = format!("{base}/deployments/a%2Fb/chat/completions?api-version=2024-10-21");
        assert_eq!(of_model(Operation::ChatCompletion), Some(chat));
        assert_eq!(of_model(Operation::Response), None);
        let responses = uri(&provider, Operation::Response, "");
        assert_eq!(responses, format!("{base}/responses?api-version=2024-10-21"));
        let model = uri(&provider, Operation::Models, "/m?api-version=theirs");
        assert_eq!(model, format!("{base}/models/m?api-version=2024-10-21"));
        assert_eq!(provider.base_url(), base);
        assert!(in_version("2024&x=1").is_err() && in_version("").is_err());
        assert!(Provider::known("groq").and_then(|groq| groq.with_api_version("2024-10-21")).is_err());
    }

    #[test]
    fn keys_go_in_the_header_that_a_provider_reads() {
        for (provider, header, value) in [
            (Provider::azure("https://r.example"), "api-key", "k"),
            (Provider::known("portkey"), "x-portkey-api-key", "k"),
            (Provider::known("groq"), "authorization", "Bearer k"),
            (Provider::openai("http://a.example/v1"), "authorization", "Bearer k"),
        ] {
            let auth = provider.and_then(|provider| provider.with_key(&Secret::new("k"))).expect(header).auth;
            let Auth::Keys(keys) = auth else { panic!("{header}") };
            let mut headers = http::HeaderMap::new();
            keys.put_only(&mut headers);
            assert_eq!(headers.get(header).expect(header), value);
        }
    }

    #[test]
    fn a_host_that_is_known_has_its_quirks() {
        let quirks = |url: &str| match Provider::openai(url).expect("valid").wire {
            Wire::Compatible(compatible) => compatible.quirks.no_nulls,
            Wire::Other(_) => false,
        };
        assert!(quirks("https://api.mistral.ai/v1") && quirks("https://codestral.mistral.ai/v1"));
        assert!(!quirks("https://api.mistral.ai.example/v1") && !quirks("http://127.0.0.1:8000/v1"));
        assert!(matches!(Provider::known("no such"), Err(ProviderError::Unknown)));
    }
}
