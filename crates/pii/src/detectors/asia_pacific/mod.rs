//! Asia and the Pacific.

pub(super) mod australia;
pub(super) mod east_asia;
pub(super) mod india;
pub(super) mod south_east_asia;
