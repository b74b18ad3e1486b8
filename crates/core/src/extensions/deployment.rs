use std::sync::Arc;

/// Which model at which provider is to answer. An extension of a request, put there by a router.
///
/// Cloning it costs a reference count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deployment(Arc<Inner>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Inner {
    name: Box<str>,
    provider: Box<str>,
    model: Box<str>,
}

impl Deployment {
    /// A deployment of this name, of a `model` by the id that its `provider` knows.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, provider: impl Into<Box<str>>, model: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Inner { name: name.into(), provider: provider.into(), model: model.into() }))
    }

    /// What it is called: in headers, metrics and breakers.
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
