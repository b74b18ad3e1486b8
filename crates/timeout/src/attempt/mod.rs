//! One attempt at one provider.

mod layer;
mod service;

pub use self::{layer::TimeoutLayer, service::Timeout};
