//! Where the state of limits is kept.

mod claim;
pub(crate) mod memory;
#[cfg(feature = "redis")]
mod shared;

use std::{pin::Pin, time::Duration};

use llm_layers_core::Eventually;
pub use llm_layers_core::Unavailable;

pub use claim::Claim;
pub(crate) use claim::{Id, Place};
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use shared::RedisStore;

/// Keeps what each key has used. [`MemoryStore`] is one process's own; `RedisStore` is shared by replicas.
pub trait Store: Send + Sync + 'static {
    /// Takes what all claims of a call ask for, or nothing.
    fn take<'a>(&'a self, claims: &'a mut [Claim]) -> Taking<'a>;

    /// A call is over that was taken: it used so many tokens in place of those that were claimed, and runs no more.
    ///
    /// It is called where nothing can be awaited, and must not block.
    fn settle(&self, claims: &[Claim], used: u64);

    /// Sends what [`settle`](Self::settle) has left to be sent.
    fn flush(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// What has become of claims, at once or when somebody else was asked.
pub type Taking<'a> = Eventually<'a, Result<Taken, Unavailable>>;

/// What became of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All was there.
    All,
    /// Something was not, and nothing was taken.
    Refused(Refusal),
}

/// Which claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its place among the claims.
    pub claim: usize,
    /// What there is too little of.
    pub kind: Kind,
    /// How long until there is enough, where that can be told.
    pub wait: Option<Duration>,
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Requests in a time.
    Requests,
    /// Tokens in a time.
    Tokens,
    /// Calls at once.
    Concurrent,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Concurrent => "concurrent",
        }
    }
}
