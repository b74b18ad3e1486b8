use std::sync::Arc;

/// The model that the client asked for, where a router chose what answers in its name. An extension of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alias(Arc<str>);

impl Alias {
    /// This name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name: what budgets and ledgers go by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}
