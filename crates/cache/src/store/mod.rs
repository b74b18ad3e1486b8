//! Where entries are kept.

#[cfg(feature = "redis")]
mod codec;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod tiers;

use std::fmt;

use llm_layers_core::{Eventually, Unavailable};

use crate::{Entry, Key, Namespace, Tenant};

#[cfg(feature = "redis")]
pub use codec::Codec;
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use tiers::Tiers;

/// Keeps entries by their keys. One that is away, slow or broken has nothing: it never fails a call.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// The entry of this key, if there is one. Whether it is still fresh is for the caller to say.
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>>;

    /// Keeps an entry for its [life](Entry::life), if it can.
    fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()>;

    /// Forgets entries, and says how many, where that is known.
    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>>;

    /// What is in it, where that is known without asking anybody.
    fn size(&self) -> Option<Size>;
}

/// What is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// One entry.
    Key(Key),
    /// All of one tenant's in one namespace.
    Namespace(Tenant, Namespace),
    /// All of one tenant's.
    Tenant(Tenant),
    /// All.
    All,
}

impl Purge {
    /// Whether the entry of a key is meant.
    #[must_use]
    pub fn means(&self, key: &Key) -> bool {
        match self {
            Self::Key(one) => one == key,
            Self::Namespace(tenant, namespace) => key.tenant() == *tenant && key.namespace() == *namespace,
            Self::Tenant(tenant) => key.tenant() == *tenant,
            Self::All => true,
        }
    }
}

/// What a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How many entries.
    pub entries: u64,
    /// What they take, about, in bytes.
    pub bytes: u64,
}
