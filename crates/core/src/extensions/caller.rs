use std::sync::Arc;

/// Who is calling: the name of a virtual key, never the key. An extension of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(Arc<str>);

impl Caller {
    /// A caller of this name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name: what limits, budgets, caches and logs go by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}
