//! The algorithm: numbers in, decisions out. No network, no clock.
//!
//! GCRA keeps one number for each limit of each key: the *theoretical arrival time*, at which all that may be used at
//! once would be there again. Each unit used moves it on by the time that a unit takes to come back; a use that would
//! move it further ahead of now than the burst is refused.

mod cell;
mod requests;

pub(crate) use cell::Cell;
#[cfg(feature = "redis")]
pub(crate) use cell::MAX_DEBT;
pub(crate) use requests::take_request;
