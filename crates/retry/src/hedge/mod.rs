//! A slow call sent a second time, and the faster answer taken.

mod after;
mod call;
mod layer;
mod race;
mod series;
mod service;
mod share;

pub use after::{After, NoAfter};
pub use layer::HedgeLayer;
pub use service::Hedge;
