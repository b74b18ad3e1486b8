//! What models cost and can do: a catalogue of more than a thousand rows, with exact prices, and the cost of a call.
//!
//! No network, no clock, no runtime: quantities, a service tier and a time go in, an amount comes out.
//!
//! ```
//! use std::time::SystemTime;
//! use llm_layers_catalogue::{Catalogue, Capability, Quantities, Terms};
//!
//! // Also under a date, as `claude-sonnet-4-5@20250929`, and at Bedrock as `eu.anthropic.claude-…-v1:0`.
//! let model = Catalogue::builtin().find("anthropic", "claude-sonnet-4-5").ok_or("not there")?;
//! assert!(model.capabilities.is_some_and(|can| can.contains(Capability::Tools)));
//!
//! let price = model.price.as_ref().ok_or("not known")?;
//! let call = Quantities { input: 200, cached_input: 10_000, output: 500, ..Quantities::default() };
//! let bill = price.cost(&call, &Terms::standard(SystemTime::now()))?;
//! assert_eq!(bill.total.to_string(), "0.0111");
//! for line in &bill.lines {
//!     println!("{} × {} = {} USD", line.quantity, line.meter, line.amount);
//! }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! A model of one's own, and one that the catalogue has at another price:
//!
//! ```
//! use std::{sync::Arc, time::SystemTime};
//! use llm_layers_catalogue::{Capability, Catalogue, Meter, Model, Overrides, Price, Tier};
//!
//! let price = Price::of([(Meter::Input, "0.15".parse()?), (Meter::Output, "0.60".parse()?)])?;
//! let own = Model::new("local", "smollm2-135m")
//!     .with_price(price)
//!     .with_context_window(8_192)
//!     .with_capabilities([Capability::Tools])
//!     .with_tier(Tier::Small);
//!
//! let mut catalogue = Catalogue::builtin().clone();
//! catalogue.insert(Arc::new(own));
//!
//! let overrides: Overrides = toml::from_str("price = { discount = \"0.9\" }\nregion = \"eu\"")?;
//! let known = catalogue.find("openai", "gpt-4o").ok_or("not there")?;
//! let ours = Model::clone(known).overridden_by(&overrides)?;
//! assert_eq!(ours.price.and_then(|price| price.usual(Meter::Input)), Some("2.25".parse()?));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Money
//!
//! No amount is ever a float. Rows have decimals within quotes; inside, a rate is an integer of 10^-15 USD for one token
//! (or character, millisecond, image, call), which nine decimals for a million tokens are exact in; a row that is finer
//! is refused. [`Price::cost`] and [`Price::femtos`] are the same sum: one as decimals with its lines, one as an integer
//! without an allocation, to compare deployments by. The largest quantities saturate, and neither panic nor wrap; a total
//! of more than 28 digits is rounded behind them.
//!
//! # What is not known
//!
//! `None` is not known, and never zero. A call with something of which the price is not known has no cost:
//! [`UnknownPrice`] says what it is. Some kinds have a stand-in, as providers bill them:
//!
//! | kind without a price | is billed as |
//! | --- | --- |
//! | cached input, cache writes, images that go in | input |
//! | cache writes of an hour | cache writes, else input |
//! | cached sound | sound that goes in |
//! | thoughts | output |
//! | calls | nothing |
//! | characters, seconds, images by the piece | nothing, where something else of the call has a price: they measure it once more |
//! | sound, images that come out | not known |
//!
//! # Which price holds
//!
//! 1. The [`ServiceTier`]'s own, where the row has one, else the standard one.
//! 2. Of that the first off-peak window that the time is in, by the clocks of its place. A window over midnight belongs
//!    to the day on which it begins.
//! 3. Of that the step that the prompt's length has passed ([`Quantities::prompt`]: cached and written tokens count).
//!    It holds for the whole call.
//!
//! What a narrower object does not name is as in the one around it.
//!
//! # Capacity
//!
//! Throughput that is paid for in advance is a [`Capacity`]: [`take`](Capacity::take) covers a call's tokens up to so many
//! in each minute of the clock, and returns the rest, which is what costs. A price may bring one
//! ([`Price::committed`]); its clones share it.
//!
//! # Cost of using it
//!
//! The rows are a part of the program, and are read on first use, which takes some milliseconds. After that nothing is
//! read or locked. `cargo bench -p llm-layers-benches --bench catalogue` measures a price (about 15 ns), one within a
//! window of hours (23), a look-up (65): on two cores under a load of 6, 21 November 2026.
//!
//! # Dependencies
//!
//! `jiff` for time zones, with their database built in, since a container may have none; `rust_decimal` for what is
//! shown; `serde`, `serde_json` and `serde_path_to_error` for rows, so that an error names the member.

mod capability;
mod capacity;
mod catalogue;
mod hours;
mod model;
mod names;
mod overrides;
mod price;
mod row;
mod rows;

pub use capability::{Capabilities, Capability};
pub use capacity::{Capacity, Committed};
pub use catalogue::Catalogue;
pub use hours::{Hours, HoursError};
pub use model::{Kind, Model, Tier};
pub use overrides::Overrides;
pub use price::{
    Bill, Line, Meter, Price, PriceError, Quantities, ServiceTier, Terms, TextQuantities, TextRates, UnknownPrice,
};
pub use row::RowError;
