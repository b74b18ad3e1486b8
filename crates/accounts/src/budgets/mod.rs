//! Budgets: how much money a caller, or an alias, may use in a time.
//!
//! ```
//! use llm_layers_accounts::budgets::{Budget, Budgets, Limit, Per};
//! use rust_decimal::Decimal;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let day = Limit::new(Decimal::from(20), Per::Day).soft_share(Decimal::new(8, 1));
//! let budgets = Budgets::new().budget(Budget::per_caller().limit(day));
//!
//! let call = budgets.reserve(Some("team-a"), Some("cheap-fast"), Some(Decimal::new(2, 2))).await?;
//! // … the call is made, and its end tells what it really cost:
//! call.settle(Decimal::new(13, 3));
//! let spent = budgets.spent(Some("team-a"), None).await;
//! assert_eq!(spent[0].spent, Decimal::new(13, 3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rule
//!
//! A call is let through while what is spent and what is reserved are together *below* the limit; then its estimate is
//! reserved. So the last call is the only one that can go beyond, and however many run at once, spent and reserved
//! money together exceed the limit by less than one call's estimate. (What a call costs above its own estimate comes
//! on top: estimate by the bound of the answer.) A limit of 0 lets nothing through.
//!
//! The other rule, to refuse what might not fit, would leave the end of each budget to nobody: estimates are bounds,
//! and several times what calls cost.
//!
//! # Time
//!
//! Hours, days and months are those of UTC's calendar. A call counts in the one in which it began.
//!
//! # Amounts
//!
//! Inside, money is whole billionths of a dollar (a tenth of a cent for a million tokens), costs rounded up and limits
//! down, at most some nine million dollars: Lua's doubles are exact up to there.
//!
//! # Cancellation
//!
//! A [`Reservation`] that is dropped settles with what it was told of by [`Reservation::seen`], nothing at first: a
//! client that hangs up leaves no money reserved.
//!
//! # Metrics
//!
//! `llm_budgets_refusals_total` (`budget`, `reason`: `used_up`, `unpriced`), `llm_budgets_unpriced_total`,
//! `llm_budgets_store_failures_total` (`action`), `llm_budgets_settlements_lost_total`.

mod amount;
mod budget;
mod config;
mod handle;
mod limit;
mod observe;
mod refused;
mod reservation;
mod spending;
mod store;
mod window;

pub use budget::Budget;
pub use config::{BudgetConfig, Soft};
pub use handle::{Budgets, Spent, UnknownCost};
pub use limit::{Limit, Status};
pub use llm_layers_core::OnStoreFailure;
pub use refused::Refused;
pub use reservation::Reservation;
#[cfg(feature = "redis")]
pub use store::RedisStore;
pub use store::{Claim, Lease, Store, Taken, Taking, Unavailable};
pub use window::{Per, Window};
