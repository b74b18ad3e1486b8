//! What stands in a value's place: how it is spelled, and how it is known again.

mod brackets;
mod mint;
mod name;
pub(crate) mod own;
mod style;
mod taken;

pub(crate) use brackets::Brackets;
pub(crate) use mint::Mint;
pub(crate) use name::name_of;
pub(crate) use own::{Seen, blanked};
pub use style::{Style, StyleError};
pub(crate) use taken::{Taken, hexadecimal};
