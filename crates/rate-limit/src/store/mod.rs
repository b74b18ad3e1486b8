//! Where the state of limits is kept.

mod claim;
pub(crate) mod memory;
#[cfg(feature = "redis")]
mod shared;

use std::{fmt, pin::Pin, time::Duration};

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

/// An answer that is there, or that comes.
pub enum Taking<'a> {
    /// It is there.
    Now(Result<Taken, Unavailable>),
    /// It comes.
    Later(Pin<Box<dyn Future<Output = Result<Taken, Unavailable>> + Send + 'a>>),
}

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

/// The store cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Concurrent => "concurrent",
        }
    }
}

impl fmt::Debug for Taking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(taken) => f.debug_tuple("Now").field(taken).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of the limits cannot be asked")
    }
}

impl std::error::Error for Unavailable {}
