//! Which addresses may be connected to.

mod kind;
mod network;
mod policy;

pub use kind::Kind;
pub use network::{Network, NetworkError};
pub use policy::AddressPolicy;
