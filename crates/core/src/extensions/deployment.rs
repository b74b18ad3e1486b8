use std::sync::Arc;

/// Which model at which provider is to answer. An extension of a request, put there by a router; and of the answer, where
/// it says who has given it.
///
/// Cloning it costs a reference count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deployment(Arc<Inner>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Inner {
    name: Box<str>,
    /// Where it is another one than the name.
    label: Option<Box<str>>,
    provider: Box<str>,
    model: Box<str>,
}

impl Deployment {
    /// A deployment of this name, of a `model` by the id that its `provider` knows.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, provider: impl Into<Box<str>>, model: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Inner { name: name.into(), label: None, provider: provider.into(), model: model.into() }))
    }

    /// A deployment that nobody has configured: a client has named its model as `provider/model`.
    ///
    /// ```
    /// use llm_layers_core::Deployment;
    ///
    /// let named = Deployment::named_by_client("openai", "gpt-4o");
    /// assert_eq!((named.name(), named.label()), ("openai/gpt-4o", "openai/*"));
    /// assert!(!named.is_configured());
    /// ```
    #[must_use]
    pub fn named_by_client(provider: impl Into<Box<str>>, model: impl Into<Box<str>>) -> Self {
        let (provider, model) = (provider.into(), model.into());
        let (name, label) = (format!("{provider}/{model}").into(), Some(format!("{provider}/*").into()));
        Self(Arc::new(Inner { name, label, provider, model }))
    }

    /// Whether its name is no client's word.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.0.label.is_none()
    }

    /// What it is called where what was called once is kept for ever, as in metrics and ledgers: its name, if it is
    /// configured, or else `provider/*`, for of what clients think up there is no end.
    #[must_use]
    pub fn label(&self) -> &str {
        self.0.label.as_deref().unwrap_or(&self.0.name)
    }

    /// What it is called: in headers and breakers. See [`label`](Self::label) for metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.0.provider
    }

    /// The model's id at the provider.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.0.model
    }
}
