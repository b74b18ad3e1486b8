use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use crate::Style;

/// The values that placeholders stand for: those of one request. They are overwritten when it is dropped, and cannot be
/// printed.
#[derive(Default)]
pub struct Vault {
    pub(crate) style: Style,
    pub(crate) entries: Vec<Entry>,
}

/// A value, and how its placeholder is told.
pub(crate) struct Entry {
    pub(crate) name: Arc<str>,
    pub(crate) tag: u128,
    pub(crate) value: Zeroizing<String>,
}

impl Vault {
    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to restore.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("values", &self.len()).finish_non_exhaustive()
    }
}
