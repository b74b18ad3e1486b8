//! A ledger beside a provider's bill, day by day.
//!
//! ```
//! use llm_layers_accounts::{Entry, reconcile::{Bill, Comparison}};
//! use rust_decimal::Decimal;
//!
//! let bill = Bill::read("date,amount\n2026-11-20,1.50\n2026-11-21,0.25\n")?;
//! let comparison = Comparison::new(&bill, Vec::<Entry>::new(), Decimal::new(1, 2));
//! assert!(!comparison.is_within(), "the ledger knows nothing of it");
//! # Ok::<(), llm_layers_accounts::reconcile::BillError>(())
//! ```
//!
//! Bills are CSV with a header, whose columns are known by their names:
//!
//! | bill | date | US dollars | source |
//! | --- | --- | --- | --- |
//! | OpenAI, export of costs | `start_time_iso` or `start_time` (seconds) | `amount_value`, `amount_currency` | heads of exported files in public repositories, November 2026 |
//! | Anthropic, Console's cost report | `usage_date_utc` | `cost_usd` | the same |
//! | any | `date` or `day` | `amount`, `amount_usd`, `cost`, `usd`, beside `currency` if there is one | |
//!
//! Days are UTC's, also as eight digits. Amounts may be `$1,234.50`, and `(1.50)` for what is given back; they are added
//! up over all rows of a day. An empty amount is nothing, and other currencies than US dollars are an error. A bill that
//! rounds each row may be off by half of the last digit of each: such a difference is never flagged.

mod bill;
mod comparison;
mod csv;

pub use bill::{Bill, BillError};
pub use comparison::{Comparison, Day};
