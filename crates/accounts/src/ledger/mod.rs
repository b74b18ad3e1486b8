mod json_lines;
mod lines;
mod memory;
mod row;
#[cfg(feature = "redis")]
mod shared;
mod totals;

use std::{future::ready, pin::Pin, sync::Arc};

pub use json_lines::JsonLines;
pub use lines::{Lines, ReadError};
use llm_layers_core::cut;
pub use memory::MemoryLedger;
#[cfg(feature = "redis")]
pub use shared::RedisLedger;
pub use totals::{Row, Totals};

use crate::Entry;

/// So many bytes of a name are written down: clients and providers choose some of them.
const MAX_NAME: usize = 1024;

fn name(name: &str) -> &str {
    cut(name, MAX_NAME)
}

/// A future of [`Ledger::flush`].
pub type Flushing<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where finished attempts are written down.
///
/// A tuple or a `Vec` of ledgers writes into each; `()` into none.
pub trait Ledger: Send + Sync + 'static {
    /// Writes an entry down. It is called where the last byte of an answer passes, and must not block for long: what
    /// takes time is put aside for [`flush`](Self::flush). It cannot fail the call.
    fn record(&self, entry: &Entry);

    /// Sends what was put aside.
    fn flush(&self) -> Flushing<'_> {
        Box::pin(ready(()))
    }
}

impl Ledger for () {
    fn record(&self, _: &Entry) {}
}

impl<L: Ledger + ?Sized> Ledger for Arc<L> {
    fn record(&self, entry: &Entry) {
        (**self).record(entry);
    }

    fn flush(&self) -> Flushing<'_> {
        (**self).flush()
    }
}

impl<L: Ledger + ?Sized> Ledger for Box<L> {
    fn record(&self, entry: &Entry) {
        (**self).record(entry);
    }

    fn flush(&self) -> Flushing<'_> {
        (**self).flush()
    }
}

impl<A: Ledger, B: Ledger> Ledger for (A, B) {
    fn record(&self, entry: &Entry) {
        self.0.record(entry);
        self.1.record(entry);
    }

    fn flush(&self) -> Flushing<'_> {
        Box::pin(async {
            self.0.flush().await;
            self.1.flush().await;
        })
    }
}

impl<A: Ledger, B: Ledger, C: Ledger> Ledger for (A, B, C) {
    fn record(&self, entry: &Entry) {
        self.0.record(entry);
        self.1.record(entry);
        self.2.record(entry);
    }

    fn flush(&self) -> Flushing<'_> {
        Box::pin(async {
            self.0.flush().await;
            self.1.flush().await;
            self.2.flush().await;
        })
    }
}

impl<L: Ledger> Ledger for Vec<L> {
    fn record(&self, entry: &Entry) {
        self.iter().for_each(|ledger| ledger.record(entry));
    }

    fn flush(&self) -> Flushing<'_> {
        Box::pin(async move {
            for ledger in self {
                ledger.flush().await;
            }
        })
    }
}
