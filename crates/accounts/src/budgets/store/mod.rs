//! Where it is counted what is spent.

mod claim;
mod memory;
#[cfg(feature = "redis")]
mod shared;

use std::pin::Pin;

pub use claim::Claim;
pub(super) use claim::{Id, Names};
use llm_layers_core::Eventually;
pub use llm_layers_core::Unavailable;
pub(super) use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use shared::RedisStore;

/// Keeps what is spent and reserved of each budget where replicas share them. `RedisStore` is one.
pub trait Store: Send + Sync + 'static {
    /// Reserves so many billionths of a dollar in all budgets of a call, or in none; and [tells](Claim::tell) the
    /// claims what is spent and reserved there.
    ///
    /// A budget refuses when what is spent and reserved has reached the [limit](Claim::limit).
    fn reserve<'a>(&'a self, claims: &'a mut [Claim], amount: u64) -> Taking<'a>;

    /// Tells the claims what is spent and reserved, and reserves nothing.
    fn look<'a>(&'a self, claims: &'a mut [Claim]) -> Taking<'a>;

    /// A call is over: it cost `cost`, and the reserved `amount` is free. Without a lease nothing was reserved there.
    ///
    /// It is called where nothing can be awaited, and must not block.
    fn settle(&self, claims: &[Claim], lease: Option<Lease>, amount: u64, cost: u64);

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
    /// All was there; a shared store knows the reservation by a lease.
    All(Option<Lease>),
    /// The budget of this claim, by its place among them, is used up.
    Refused(usize),
}

/// By what a shared store knows a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease(pub u64);
