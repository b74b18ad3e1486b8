//! A whole call, whatever it takes to answer it.

mod header;
mod layer;
mod service;

pub use self::{layer::DeadlineLayer, service::EnforceDeadline};
